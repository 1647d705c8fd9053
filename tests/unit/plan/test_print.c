/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "../base/cmocka_all.h"
#include "../base/no_memory.h"
#include "plan/names.h"
#include "sample.h"

static void every_kind_of_host_operation_has_a_name_that_reads_back(void **state) {
	(void)state;
	for (unsigned int i = 0; i < HK_HOST_KINDS; i++) {
		enum hk_host_kind kind = HK_HOST_KINDS;
		assert_true(hk_host_kind_parse(hk_host_kind_name((enum hk_host_kind)i), &kind));
		assert_int_equal(kind, i);
	}
	enum hk_host_kind kind = HK_HOST_ACL;
	assert_false(hk_host_kind_parse("unknown", &kind));
	assert_false(hk_host_kind_parse("", &kind));
	assert_false(hk_host_kind_parse(NULL, &kind));
	assert_int_equal(kind, HK_HOST_ACL);
}

static void every_kind_of_mount_has_a_name_of_its_own(void **state) {
	(void)state;
	for (unsigned int i = 0; i <= HK_MOUNT_KINDS; i++) {
		const char *name = hk_plan_mount_kind_name((enum hk_mount_kind)i);
		assert_non_null(name);
		assert_int_equal(strcmp(name, "unknown") == 0, i == HK_MOUNT_KINDS);
		for (unsigned int j = 0; j < i; j++) {
			assert_string_not_equal(
				name, hk_plan_mount_kind_name((enum hk_mount_kind)j));
		}
	}
}

static void check_flags(const struct hk_plan_flag *flags, size_t count, uint32_t all) {
	uint32_t seen = 0;
	for (size_t i = 0; i < count; i++) {
		assert_non_null(flags[i].name);
		assert_int_equal(seen & flags[i].bit, 0);
		seen |= flags[i].bit;
	}
	assert_int_equal(seen, all);
}

static void every_flag_has_a_name(void **state) {
	(void)state;
	check_flags(hk_plan_mount_flags, HK_PLAN_MOUNT_FLAGS, 2 * HK_MOUNT_CONSOLE - 1);
	check_flags(hk_plan_filter_flags, HK_PLAN_FILTER_FLAGS, HK_FILTER_PRESETS - 1);
}

static void a_plan_is_one_line_for_each_operation(void **state) {
	(void)state;
	struct sample sample;
	sample_make(&sample);
	struct hk_str out = {0};
	hk_plan_print(&sample.plan, &out);
	assert_false(out.failed);
	assert_string_equal(out.text,
		"instance\n"
		"    id              00000000000000010000000000000002\n"
		"    identity        9\n"
		"    target          10009\n"
		"    share           /tmp/h.0\n"
		"    run_dir         /run/u/h\n"
		"    instance_dir    /run/u/h/i\n"
		"\n"
		"host\n"
		"    directory       /run/u/h mode 0711 stays\n"
		"    acl             /run/u/\\x1b r-x for 10009\n"
		"\n"
		"container\n"
		"    uid             1000\n"
		"    gid             100\n"
		"    hostname        box\n"
		"    userns          no\n"
		"    host_net        yes\n"
		"    host_abstract   no\n"
		"    keep_session    yes\n"
		"    filter          strict, but for compat bluetooth\n"
		"    path            /bin/app\n"
		"    argument        app\n"
		"    argument        a\\x0ab\n"
		"    directory       /home\n"
		"    umask           0027\n"
		"    forward_cancel  yes\n"
		"    wait_delay      1.5 s\n"
		"    adopt_delay     -0.000000001 s\n"
		"\n"
		"mounts\n"
		"    bind            /a from /b write ensure mode 1777\n"
		"    overlay         /o lower /low/1 lower /low/2 upper /up work /work size 7\n"
		"    remount         / console secret of 3 bytes text x y\n"
		"\n"
		"environment\n"
		"    A=\n"
		"    B=\xc3\xa4\n"
		"\n"
		"warnings\n"
		"    look out\n");
	hk_str_finish(&out);
}

static json_t *parse(const struct hk_str *text) {
	json_error_t error;
	json_t *json = json_loadb(text->text, text->length, JSON_REJECT_DUPLICATES, &error);
	if (!json) {
		fail_msg("%s", error.text);
	}
	return json;
}

static void check_text(const json_t *object, const char *name, const char *expected) {
	assert_string_equal(json_string_value(json_object_get(object, name)), expected);
}

static void the_json_says_what_the_text_says(void **state) {
	(void)state;
	struct sample sample;
	sample_make(&sample);
	struct hk_str out = {0};
	struct hk_err err;
	assert_int_equal(hk_plan_print_json(&sample.plan, &out, &err), 0);
	json_t *json = parse(&out);
	check_text(json, "id", "00000000000000010000000000000002");
	check_text(json, "share", "/tmp/h.0");
	check_text(json, "instance_dir", "/run/u/h/i");
	const json_t *acl = json_array_get(json_object_get(json, "host"), 1);
	check_text(acl, "kind", "acl");
	check_text(acl, "path", "/run/u/\x1b");
	check_text(acl, "perm", "r-x");
	assert_int_equal(json_integer_value(json_object_get(acl, "target")), 10009);
	const json_t *container = json_object_get(json, "container");
	check_text(container, "hostname", "box");
	assert_true(json_is_true(json_object_get(container, "host_net")));
	assert_true(json_is_false(json_object_get(container, "userns")));
	assert_int_equal(json_integer_value(json_object_get(container, "wait_delay")), 1500000000);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(container, "filter"), 1)),
		"bluetooth");
	const json_t *mount = json_array_get(json_object_get(container, "mounts"), 1);
	check_text(mount, "kind", "overlay");
	check_text(mount, "target", "/o");
	assert_true(json_is_null(json_object_get(mount, "source")));
	assert_int_equal(json_array_size(json_object_get(mount, "lower")), 2);
	assert_true(json_is_null(json_object_get(mount, "secret")));
	mount = json_array_get(json_object_get(container, "mounts"), 2);
	assert_int_equal(json_integer_value(json_object_get(mount, "secret")), 3);
	json_decref(json);
	hk_str_finish(&out);
}

static void a_text_that_is_not_utf_8_has_no_json(void **state) {
	(void)state;
	struct sample sample;
	sample_make(&sample);
	sample.env[1] = "B=\xff";
	struct hk_str out = {0};
	struct hk_err err;
	assert_int_equal(hk_plan_print_json(&sample.plan, &out, &err), -EILSEQ);
	assert_int_equal(out.length, 0);
	hk_str_finish(&out);
}

/* Called through a pointer by the JSON library, so that its allocations fail as well. */
static void *allocate(size_t size) {
	return malloc(size);
}

static void json_is_whole_or_refused_whatever_does_not_fit(void **state) {
	(void)state;
	json_set_alloc_funcs(allocate, free);
	struct sample sample;
	sample_make(&sample);
	struct hk_str whole = {0};
	struct hk_err err;
	assert_int_equal(hk_plan_print_json(&sample.plan, &whole, &err), 0);
	unsigned int failures = 0;
	for (unsigned int allowed = 0; allowed < failures + 10; allowed++) {
		struct hk_str out = {0};
		hk_test_memory_fails_once_after(allowed);
		int r = hk_plan_print_json(&sample.plan, &out, &err);
		hk_test_memory_back();
		failures += r < 0;
		if (r >= 0) {
			assert_string_equal(out.text, whole.text);
		}
		hk_str_finish(&out);
	}
	assert_true(failures > 100);
	hk_str_finish(&whole);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_host_operation_has_a_name_that_reads_back),
		cmocka_unit_test(every_kind_of_mount_has_a_name_of_its_own),
		cmocka_unit_test(every_flag_has_a_name),
		cmocka_unit_test(a_plan_is_one_line_for_each_operation),
		cmocka_unit_test(the_json_says_what_the_text_says),
		cmocka_unit_test(a_text_that_is_not_utf_8_has_no_json),
		cmocka_unit_test(json_is_whole_or_refused_whatever_does_not_fit),
	};
	return cmocka_run_group_tests_name("plan/print", tests, NULL, NULL);
}
