/* SPDX-License-Identifier: MIT */
/* test_validate.c: configurations that no file was read for. */
#include "config/config.h"

#include <string.h>

#include "../base/cmocka_all.h"
#include "support.h"

static void assert_refused(const struct hk_config *config, const char *text) {
	struct hk_err err = {.text = "accepted"};
	(void)hk_config_validate(config, &err);
	assert_string_equal(err.text, text);
}

static void a_home_is_enough_without_a_container(void **state) {
	(void)state;
	struct hk_err err;
	const struct hk_config config = {.home = "/.hakurei/home"};
	assert_int_equal(hk_config_validate(&config, &err), 0);
	assert_refused(&(struct hk_config){0}, "invalid path to home directory");
}

static void a_container_needs_a_shell_and_a_program(void **state) {
	(void)state;
	struct hk_err err;
	struct hk_config_container container = {.hostname = "h"};
	struct hk_config config = {.home = "/", .container = &container};
	assert_refused(&config, "invalid shell path");
	config.shell = "/bin/sh";
	assert_refused(&config, "invalid program path");
	config.path = "/bin/sh";
	assert_int_equal(hk_config_validate(&config, &err), 0);
}

static void values_are_checked_as_those_of_a_file(void **state) {
	(void)state;
	assert_refused(
		&(struct hk_config){.home = "/", .identity = 10000}, "identity 10000 out of range");
	assert_refused(
		&(struct hk_config){.home = "/", .username = "0"}, "invalid user name \"0\"");
	assert_refused(&(struct hk_config){.home = "/", .username = ""}, "invalid user name \"\"");
	assert_refused(&(struct hk_config){.home = "/", .id = "a/b"},
		"invalid id \"a/b\": only letters, digits, '.', '_' and '-' are allowed");
	assert_refused(&(struct hk_config){.home = "/a/"},
		"invalid path to home directory: contains an empty, '.' or '..' component");
	assert_refused(&(struct hk_config){.home = "/", .shell = "sh"},
		"invalid shell path: not an absolute path");
	struct hk_bus_policy policy = {.own = {.items = (const char *[]){"a"}, .count = 1}};
	assert_refused(&(struct hk_config){.home = "/", .session_bus = &policy},
		"bad interface string \"a\" in session bus configuration");
	struct hk_extra_perm perms[2] = {{.path = "/a"}, {.r = true}};
	assert_refused(
		&(struct hk_config){.home = "/", .extra_perms = {.items = perms, .count = 2}},
		"extra_perms[1]: path is missing");
}

static void mounts_are_checked_as_those_of_a_file(void **state) {
	(void)state;
	struct hk_fs mounts[2] = {
		{.type = HK_FS_EPHEMERAL, .dst = "/"},
		{.type = HK_FS_EPHEMERAL, .dst = "/tmp", .size = -1},
	};
	struct hk_config_container container = {.filesystem = {.items = mounts, .count = 2}};
	const struct hk_config config = {
		.home = "/", .shell = "/s", .path = "/p", .container = &container};
	assert_refused(&config, "container.filesystem[1].size: -1 out of range, expected 0 to"
				" 9223372036854775807");
	mounts[1] = (struct hk_fs){.type = HK_FS_BIND, .src = "/a", .dst = "/a/."};
	assert_refused(
		&config, "container.filesystem[1].dst: contains an empty, '.' or '..' component");
	mounts[1] = (struct hk_fs){.type = (enum hk_fs_type)9};
	assert_refused(&config, "container.filesystem[1].type: 9 is no type");
	mounts[1] = mounts[0];
	assert_refused(&config, "invalid filesystem at index 1: only the first mount can be on /");
}

static void a_path_is_as_long_as_the_kernel_takes_it(void **state) {
	(void)state;
	char path[HK_CONFIG_PATH_MAX + 2];
	for (size_t i = 0; i < sizeof(path); i++) {
		path[i] = i % 100 == 0 ? '/' : 'a';
	}
	path[HK_CONFIG_PATH_MAX] = '\0';
	struct hk_err err;
	const struct hk_config config = {.home = path};
	assert_int_equal(hk_config_validate(&config, &err), 0);
	path[HK_CONFIG_PATH_MAX] = 'a';
	path[HK_CONFIG_PATH_MAX + 1] = '\0';
	assert_refused(&config, "invalid path to home directory: longer than 4095 bytes");
}

static void lists_are_as_short_as_those_of_a_file(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	struct hk_config config = {.home = "/"};
	struct hk_err err;
	for (size_t i = 0; i < HK_CONFIG_LIST_MAX; i++) {
		assert_int_equal(hk_strs_add_borrowed(&arena, &config.args, "a"), 0);
	}
	assert_int_equal(hk_config_validate(&config, &err), 0);
	assert_int_equal(hk_strs_add_borrowed(&arena, &config.args, "a"), 0);
	assert_refused(&config, "args: more than 4096 entries");
	hk_arena_finish(&arena);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_home_is_enough_without_a_container),
		cmocka_unit_test(a_container_needs_a_shell_and_a_program),
		cmocka_unit_test(values_are_checked_as_those_of_a_file),
		cmocka_unit_test(mounts_are_checked_as_those_of_a_file),
		cmocka_unit_test(a_path_is_as_long_as_the_kernel_takes_it),
		cmocka_unit_test(lists_are_as_short_as_those_of_a_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
