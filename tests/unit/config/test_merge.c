/* SPDX-License-Identifier: MIT */
/* test_merge.c: what becomes of one document that others change, and which of them did what. */
#include "config/merge.h"

#include <errno.h>
#include <string.h>

#include "../base/cmocka_all.h"
#include "base/auto.h"
#include "config/document.h"
#include "config/named.h"
#include "support.h"

/* The document, the origins of part 1. */
static void assert_merged(
	const char *base, const char *change, const char *expected, const char *expected_keys) {
	struct hk_err err;
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(merge) struct hk_config_merge merge = {0};
	HK_AUTO(json) json_t *first = json_loads(base, 0, NULL);
	HK_AUTO(json) json_t *second = json_loads(change, 0, NULL);
	assert_int_equal(hk_config_merge_start(&merge, first, &err), 0);
	assert_int_equal(hk_config_merge_add(&merge, &arena, second, 1, &err), 0);
	HK_AUTO(free) char *text = json_dumps(merge.document, JSON_COMPACT);
	assert_string_equal(text, expected);
	struct hk_strs keys;
	assert_int_equal(hk_config_merge_keys(&merge, 1, &arena, &keys, &err), 0);
	char joined[256] = "";
	for (size_t i = 0; i < keys.count; i++) {
		(void)strncat(joined, i ? " " : "", sizeof(joined) - strlen(joined) - 1);
		(void)strncat(joined, keys.items[i], sizeof(joined) - strlen(joined) - 1);
	}
	assert_string_equal(joined, expected_keys);
}

static void single_keys_are_changed(void **state) {
	(void)state;
	static const struct {
		const char *base;
		const char *change;
		const char *expected;
		const char *keys;
	} rows[] = {
		{"{\"id\":\"a\"}", "{}", "{\"id\":\"a\"}", ""},
		{"{\"id\":\"a\",\"home\":\"/\"}", "{\"id\":\"b\"}", "{\"id\":\"b\",\"home\":\"/\"}",
			"id"},
		{"{}", "{\"id\":\"b\"}", "{\"id\":\"b\"}", "id"},
		{"{\"id\":\"a\"}", "{\"id\":null}", "{}", "-id"},
		{"{}", "{\"id\":null}", "{}", ""},
		/* Deep, and made where it is not. */
		{"{\"container\":{\"tty\":true,\"env\":{\"A\":\"1\"}}}",
			"{\"container\":{\"env\":{\"A\":\"2\",\"B\":\"3\"}}}",
			"{\"container\":{\"tty\":true,\"env\":{\"A\":\"2\",\"B\":\"3\"}}}",
			"container.env.A container.env.B"},
		{"{\"container\":null}", "{\"container\":{\"env\":{\"A\":\"2\",\"B\":null}}}",
			"{\"container\":{\"env\":{\"A\":\"2\"}}}", "container.env.A"},
		{"{\"container\":{\"env\":{\"A\":\"1\"}}}", "{\"container\":null}", "{}",
			"-container"},
		/* Null says something in a base. */
		{"{\"container\":{\"env\":{\"A\":null}}}", "{}",
			"{\"container\":{\"env\":{\"A\":null}}}", ""},
		/* Lists. */
		{"{\"args\":[\"a\"]}", "{\"args\":[\"b\"]}", "{\"args\":[\"b\"]}", "args"},
		{"{\"args\":[\"a\"]}", "{\"args+\":[\"b\"]}", "{\"args\":[\"a\",\"b\"]}", "args+"},
		{"{}", "{\"args+\":[\"b\"]}", "{\"args\":[\"b\"]}", "args"},
		{"{\"args\":null}", "{\"args+\":[\"b\"]}", "{\"args\":[\"b\"]}", "args"},
		/* Not a list: a name like any other. */
		{"{\"container\":{\"env\":{\"A\":\"1\"}}}",
			"{\"container\":{\"env\":{\"A+\":\"2\"}}}",
			"{\"container\":{\"env\":{\"A\":\"1\",\"A+\":\"2\"}}}", "container.env.A+"},
		/* What the reader will refuse must get to it. */
		{"{}", "{\"idd\":null}", "{\"idd\":null}", ""},
		{"{\"container\":{}}", "{\"container\":{\"host_nett\":null}}",
			"{\"container\":{\"host_nett\":null}}", ""},
		{"{}", "{\"containr\":{\"host_net\":null}}", "{\"containr\":{}}", ""},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_merged(rows[i].base, rows[i].change, rows[i].expected, rows[i].keys);
	}
}

static void each_value_is_of_the_last_that_decided_it(void **state) {
	(void)state;
	static const char *const texts[] = {
		"{\"id\":\"a\",\"args\":[],\"home\":\"/\",\"groups\":[]}",
		"{\"id\":\"b\",\"args+\":[],\"home\":null,\"groups+\":[]}",
		"{\"id\":\"c\",\"args+\":[],\"home\":\"/\",\"groups\":[]}",
	};
	static const char *const expected[][4] = {
		{"args"}, {"args+"}, {"id", "args+", "home", "groups"}};
	struct hk_err err;
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(merge) struct hk_config_merge merge = {0};
	for (size_t i = 0; i < COUNT(texts); i++) {
		HK_AUTO(json) json_t *document = json_loads(texts[i], 0, NULL);
		int r = i ? hk_config_merge_add(&merge, &arena, document, i, &err)
			  : hk_config_merge_start(&merge, document, &err);
		assert_int_equal(r, 0);
	}
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct hk_strs keys;
		assert_int_equal(hk_config_merge_keys(&merge, i, &arena, &keys, &err), 0);
		for (size_t j = 0; j < COUNT(expected[i]) && expected[i][j]; j++) {
			assert_true(j < keys.count);
			assert_string_equal(keys.items[j], expected[i][j]);
		}
	}
}

static void nothing_is_added_to_what_is_no_list(void **state) {
	(void)state;
	struct hk_err err;
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(merge) struct hk_config_merge merge = {0};
	HK_AUTO(json) json_t *base = json_loads("{\"container\":{\"tty\":true}}", 0, NULL);
	HK_AUTO(json) json_t *change = json_loads("{\"container\":{\"tty+\":[]}}", 0, NULL);
	assert_int_equal(hk_config_merge_start(&merge, base, &err), 0);
	assert_int_equal(hk_config_merge_add(&merge, &arena, change, 1, &err), -EINVAL);
	assert_string_equal(err.text, "container.tty: no list that anything can be added to");
}

static void names_are_told_from_files(void **state) {
	(void)state;
	static const char *const names[] = {"firefox", "a", "7zip", "a.b", "json", ".json",
		"a.json.d", "bad name", ".hidden", "--", "1.5"};
	static const char *const files[] = {"-", "", "3", "0", "123456789012345678901234567890",
		"./a", "a/", "/a", "a.json", "-.json", "a b.json"};
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_true(hk_config_is_name(names[i]));
	}
	for (size_t i = 0; i < COUNT(files); i++) {
		assert_false(hk_config_is_name(files[i]));
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_keys_are_changed),
		cmocka_unit_test(each_value_is_of_the_last_that_decided_it),
		cmocka_unit_test(nothing_is_added_to_what_is_no_list),
		cmocka_unit_test(names_are_told_from_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
