/* SPDX-License-Identifier: MIT */
/* A bus policy in a file of its own: as strict as where it is part of a configuration. */
#include <errno.h>
#include <string.h>

#include "../base/cmocka_all.h"
#include "base/auto.h"
#include "config/config.h"

static void every_key_is_read_in_order(void **state) {
	(void)state;
	HK_AUTO(arena) struct hk_arena arena = {0};
	static const char text[] =
		"{\"see\": [\"a.b\"], \"talk\": [\"c.d\", \"e.*\"], \"own\": null,"
		"\"call\": {\"z.y\": \"*\", \"a.a\": \"r\"},"
		"\"broadcast\": {\"b.b\": \"@/\"}, \"log\": true, \"filter\": true}";
	struct hk_bus_policy policy;
	struct hk_err err;
	assert_int_equal(
		hk_config_parse_policy(&arena, text, strlen(text), NULL, &policy, &err), 0);
	assert_int_equal(policy.see.count, 1);
	assert_int_equal(policy.talk.count, 2);
	assert_string_equal(policy.talk.items[1], "e.*");
	assert_int_equal(policy.own.count, 0);
	assert_int_equal(policy.call.count, 2);
	assert_string_equal(policy.call.items[0].name, "z.y");
	assert_string_equal(policy.broadcast.items[0].value, "@/");
	assert_true(policy.log && policy.filter);
}

static void what_is_not_a_policy_is_refused_with_its_place(void **state) {
	(void)state;
	static const struct {
		const char *text;
		const char *message;
	} rows[] = {
		{"", "f: empty, expected an object"},
		{"[]", "f: expected an object, found an array"},
		{"null", "f: expected an object, found null"},
		{"{} x", "f: line 1, column 4: end of file expected near 'x'"},
		{"{\"tlak\": []}", "f: tlak: unknown key, the nearest known one is \"talk\""},
		{"{\"session_bus\": {}}",
			"f: session_bus: unknown key, the nearest known one is \"see\""},
		{"{\"talk\": [1]}", "f: talk[0]: expected a string, found an integer"},
		{"{\"log\": null}", "f: log: expected true or false, found null"},
		{"{\"log\": true, \"log\": true}", "f: line 1, column 19: duplicate key \"log\""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		HK_AUTO(arena) struct hk_arena arena = {0};
		struct hk_bus_policy policy = {.log = true};
		struct hk_err err;
		assert_int_equal(hk_config_parse_policy(&arena, rows[i].text, strlen(rows[i].text),
					 "f", &policy, &err),
			-EINVAL);
		assert_string_equal(err.text, rows[i].message);
		assert_true(policy.log && !policy.filter); /* untouched */
	}
}

static void a_missing_file_is_named(void **state) {
	(void)state;
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_bus_policy policy;
	struct hk_err err;
	assert_int_equal(
		hk_config_read_policy(&arena, "/nonexistent/policy", &policy, &err), -ENOENT);
	assert_string_equal(err.text, "cannot open /nonexistent/policy: No such file or directory");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_read_in_order),
		cmocka_unit_test(what_is_not_a_policy_is_refused_with_its_place),
		cmocka_unit_test(a_missing_file_is_named),
	};
	return cmocka_run_group_tests_name("config/policy", tests, NULL, NULL);
}
