/* SPDX-License-Identifier: MIT */
#include "plan/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/cmocka_all.h"
#include "base/auto.h"
#include "sample.h"

/* A copy of exactly the size, so that a sanitizer sees one byte too many. */
static int read_copy(struct hk_arena *arena, const void *bytes, size_t size, void **ret_copy,
	struct hk_container_params *ret_params, struct hk_err *err) {
	void *copy = malloc(size ? size : 1);
	if (!copy) {
		abort();
	}
	memcpy(copy, bytes, size);
	*ret_copy = copy;
	return hk_wire_read(arena, copy, size, ret_params, err);
}

static void check_refused(
	const struct hk_container_params *params, int code, const char *expected) {
	struct hk_str bytes = {0};
	struct hk_arena arena = {0};
	struct hk_err err = {0};
	struct hk_container_params read = {.umask = 0123};
	hk_wire_write(params, &bytes);
	assert_false(bytes.failed);
	assert_int_equal(hk_wire_read(&arena, bytes.text, bytes.length, &read, &err), code);
	assert_string_equal(err.text, expected);
	assert_int_equal(err.code, code);
	assert_int_equal(read.umask, 0123); /* untouched */
	hk_arena_finish(&arena);
	hk_str_finish(&bytes);
}

static void what_was_written_is_read(void **state) {
	(void)state;
	struct sample sample;
	sample_make(&sample);
	struct hk_str bytes = {0};
	struct hk_str again = {0};
	struct hk_arena arena = {0};
	struct hk_err err = {0};
	HK_AUTO(free) void *copy = NULL;
	struct hk_plan read = sample.plan;
	hk_wire_write(&sample.plan.container, &bytes);
	assert_int_equal(
		read_copy(&arena, bytes.text, bytes.length, &copy, &read.container, &err), 0);
	hk_wire_write(&read.container, &again);
	assert_int_equal(again.length, bytes.length);
	assert_memory_equal(again.text, bytes.text, bytes.length);

	struct hk_str before = {0};
	struct hk_str after = {0};
	hk_plan_print(&sample.plan, &before);
	hk_plan_print(&read, &after);
	assert_string_equal(after.text, before.text);
	assert_null(read.container.mounts.items[0].upper);
	const struct hk_secret *secret = &read.container.mounts.items[2].secret;
	assert_int_equal(secret->size, 3);
	assert_memory_equal(secret->bytes, "a\0\xff", 3);
	assert_null(read.container.mounts.items[0].secret.bytes);
	assert_null(read.container.log);
	hk_str_finish(&before);
	hk_str_finish(&after);
	hk_str_finish(&bytes);
	hk_str_finish(&again);
	hk_arena_finish(&arena);
}

static void an_empty_secret_is_not_the_same_as_none(void **state) {
	(void)state;
	struct sample sample;
	sample_make(&sample);
	sample.mounts[2].secret = (struct hk_secret){.bytes = ""};
	struct hk_str bytes = {0};
	struct hk_arena arena = {0};
	struct hk_container_params read;
	struct hk_err err = {0};
	hk_wire_write(&sample.plan.container, &bytes);
	assert_int_equal(hk_wire_read(&arena, bytes.text, bytes.length, &read, &err), 0);
	assert_non_null(read.mounts.items[2].secret.bytes);
	assert_int_equal(read.mounts.items[2].secret.size, 0);
	hk_arena_finish(&arena);
	hk_str_finish(&bytes);
}

static void a_message_that_is_cut_anywhere_is_refused(void **state) {
	(void)state;
	struct sample sample;
	sample_make(&sample);
	struct hk_str bytes = {0};
	hk_wire_write(&sample.plan.container, &bytes);
	for (size_t size = 0; size < bytes.length; size++) {
		struct hk_arena arena = {0};
		struct hk_container_params read;
		struct hk_err err = {0};
		HK_AUTO(free) void *copy = NULL;
		assert_int_equal(read_copy(&arena, bytes.text, size, &copy, &read, &err), -EBADMSG);
		assert_non_null(strstr(err.text, "malformed plan: "));
		hk_arena_finish(&arena);
	}
	hk_str_finish(&bytes);
}

static void a_message_that_goes_on_behind_its_end_is_refused(void **state) {
	(void)state;
	struct sample sample;
	sample_make(&sample);
	struct hk_str bytes = {0};
	struct hk_arena arena = {0};
	struct hk_container_params read;
	struct hk_err err = {0};
	HK_AUTO(free) void *copy = NULL;
	hk_wire_write(&sample.plan.container, &bytes);
	hk_str_add_bytes(&bytes, "", 1);
	assert_int_equal(read_copy(&arena, bytes.text, bytes.length, &copy, &read, &err), -EBADMSG);
	assert_string_equal(err.text, "malformed plan: bytes after the end");
	assert_int_equal(hk_wire_read(&arena, bytes.text, HK_WIRE_MAX + 1, &read, &err), -EMSGSIZE);
	hk_arena_finish(&arena);
	hk_str_finish(&bytes);
}

static void a_field_out_of_its_range_is_named(void **state) {
	(void)state;
	struct sample sample;
	struct hk_container_params *params = &sample.plan.container;

	sample_make(&sample);
	sample.mounts[2].kind = HK_MOUNT_KINDS;
	check_refused(params, -EBADMSG, "malformed plan: mounts: 2: kind: out of range");

	sample_make(&sample);
	sample.mounts[0].flags = 2 * HK_MOUNT_CONSOLE;
	check_refused(params, -EBADMSG, "malformed plan: mounts: 0: flags: out of range");

	sample_make(&sample);
	params->filter = HK_FILTER_PRESETS;
	check_refused(params, -EBADMSG, "malformed plan: filter: out of range");

	sample_make(&sample);
	params->argv.count = 0;
	check_refused(params, -EBADMSG, "malformed plan: argv: empty");

	sample_make(&sample);
	sample.argv[1] = NULL;
	check_refused(params, -EBADMSG, "malformed plan: argv: an item is missing");
}

static void a_path_that_the_container_relies_on_is_absolute_and_clean(void **state) {
	(void)state;
	static const char *const bad[] = {NULL, "", "a", "/a/../b", "/a/"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sample sample;
		sample_make(&sample);
		sample.mounts[1].target = bad[i];
		check_refused(&sample.plan.container, -EBADMSG,
			"malformed plan: mounts: 1: target: not an absolute and clean path");
		sample_make(&sample);
		sample.plan.container.path = bad[i];
		check_refused(&sample.plan.container, -EBADMSG,
			"malformed plan: path: not an absolute and clean path");
		sample_make(&sample);
		sample.plan.container.directory = bad[i];
		check_refused(&sample.plan.container, -EBADMSG,
			"malformed plan: directory: not an absolute and clean path");
	}
}

static void too_many_layers_are_refused(void **state) {
	(void)state;
	const char *layers[HK_MOUNT_LOWER_MAX + 1];
	for (size_t i = 0; i <= HK_MOUNT_LOWER_MAX; i++) {
		layers[i] = "/l";
	}
	struct sample sample;
	sample_make(&sample);
	sample.mounts[1].lower = (struct hk_strs){layers, HK_MOUNT_LOWER_MAX + 1, 0};
	check_refused(
		&sample.plan.container, -EBADMSG, "malformed plan: mounts: 1: lower: out of range");
}

/* Every single byte of a message changed: accepted or refused, never a step too far. A text has
 * to end where its length says, so most changes of one are seen. */
static void no_byte_can_do_harm(void **state) {
	(void)state;
	struct sample sample;
	sample_make(&sample);
	struct hk_str bytes = {0};
	hk_wire_write(&sample.plan.container, &bytes);
	for (size_t i = 0; i < bytes.length; i++) {
		static const char changes[] = {0, 1, 0x7f, -1};
		char before = bytes.text[i];
		for (size_t j = 0; j < sizeof(changes); j++) {
			struct hk_arena arena = {0};
			struct hk_container_params read;
			struct hk_err err = {0};
			HK_AUTO(free) void *copy = NULL;
			bytes.text[i] = changes[j];
			if (read_copy(&arena, bytes.text, bytes.length, &copy, &read, &err) == 0) {
				struct hk_str again = {0};
				hk_wire_write(&read, &again);
				assert_int_equal(again.length, bytes.length);
				assert_memory_equal(again.text, bytes.text, bytes.length);
				hk_str_finish(&again);
			}
			hk_arena_finish(&arena);
		}
		bytes.text[i] = before;
	}
	hk_str_finish(&bytes);
}

static void a_text_with_a_hole_is_refused(void **state) {
	(void)state;
	struct sample sample;
	sample_make(&sample);
	sample.plan.container.hostname = "left-right";
	struct hk_str bytes = {0};
	struct hk_arena arena = {0};
	struct hk_container_params read;
	struct hk_err err = {0};
	HK_AUTO(free) void *copy = NULL;
	hk_wire_write(&sample.plan.container, &bytes);
	char *dash = memchr(bytes.text, '-', bytes.length);
	assert_non_null(dash);
	*dash = '\0';
	assert_int_equal(read_copy(&arena, bytes.text, bytes.length, &copy, &read, &err), -EBADMSG);
	assert_string_equal(err.text, "malformed plan: hostname: not a text");
	hk_arena_finish(&arena);
	hk_str_finish(&bytes);
}

/* A seed that is refused at its first field leads a fuzzer nowhere. */
static void the_fuzzers_seeds_are_plans_of_today(void **state) {
	static const struct {
		const char *name;
		const char *expected; /* NULL: it is accepted */
	} rows[] = {
		{"least", NULL},
		{"whole", NULL},
		{"more", "malformed plan: bytes after the end"},
		{"long_secret", "malformed plan: mounts: 2: secret: cut short"},
		{"null_argument", "malformed plan: argv: an item is missing"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char path[4096];
		char bytes[4096];
		(void)snprintf(path, sizeof(path), "%s/%s", (const char *)*state, rows[i].name);
		FILE *file = fopen(path, "re");
		assert_non_null(file);
		size_t size = fread(bytes, 1, sizeof(bytes), file);
		assert_int_equal(fclose(file), 0);
		HK_AUTO(arena) struct hk_arena arena = {0};
		struct hk_container_params params;
		struct hk_err err = {0};
		int r = hk_wire_read(&arena, bytes, size, &params, &err);
		assert_int_equal(r, rows[i].expected ? -EBADMSG : 0);
		assert_string_equal(err.text, rows[i].expected ? rows[i].expected : "");
	}
}

int main(int argc, char **argv) {
	assert_int_equal(argc, 2);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(an_empty_secret_is_not_the_same_as_none),
		cmocka_unit_test(a_message_that_is_cut_anywhere_is_refused),
		cmocka_unit_test(a_message_that_goes_on_behind_its_end_is_refused),
		cmocka_unit_test(a_field_out_of_its_range_is_named),
		cmocka_unit_test(a_path_that_the_container_relies_on_is_absolute_and_clean),
		cmocka_unit_test(too_many_layers_are_refused),
		cmocka_unit_test(no_byte_can_do_harm),
		cmocka_unit_test(a_text_with_a_hole_is_refused),
		cmocka_unit_test_prestate(the_fuzzers_seeds_are_plans_of_today, argv[1]),
	};
	return cmocka_run_group_tests_name("plan/wire", tests, NULL, NULL);
}
