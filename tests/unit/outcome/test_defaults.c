/* SPDX-License-Identifier: MIT */
/* Permissive defaults, the program's path, groups, and where the store is. */
#include "world.h"

static void set_args(struct world *world, const char *first) {
	world->config.args = (struct hk_strs){0};
	assert_int_equal(hk_strs_add(&world->arena, &world->config.args, first), 0);
}

/* The path that a configuration without a container and a path gets. */
static const char *path_of(struct world *world, const char *name) {
	struct hk_config config = {.home = "/home/app", .shell = "/bin/sh"};
	set_args(world, name);
	config.args = world->config.args;
	if (hk_outcome_permissive(&world->arena, &config, &world->err) < 0) {
		return NULL;
	}
	return config.path;
}

static void a_configuration_without_a_container_gets_a_permissive_one_and_a_warning(void **state) {
	struct world *world = *state;
	world->config = (struct hk_config){.home = "/home/alice"};
	world_finalise(world);
	const struct hk_container_params *params = &world->plan.container;
	assert_true(params->userns && params->host_net && params->host_abstract);
	assert_true(params->keep_session);
	assert_int_equal(params->filter, HK_FILTER_USERNS | HK_FILTER_TTY);
	assert_string_equal(params->path, "/usr/bin/bash");
	assert_int_equal(params->argv.count, 1);
	assert_string_equal(world_env(world, "SHELL"), "/usr/bin/bash");
	assert_true(world_warns(world, "no container"));
	assert_null(world->config.container); /* the caller's is as it was */
	assert_int_equal(world_mount(world, HK_MOUNT_ROOT, "/")->flags, HK_MOUNT_WRITE);
	assert_int_equal(world_mount_index(world, HK_MOUNT_BIND, "/dev/dri"), -1);
	assert_int_equal(world_mount(world, HK_MOUNT_BIND, "/dev/kvm")->flags,
		HK_MOUNT_WRITE | HK_MOUNT_DEVICES | HK_MOUNT_OPTIONAL);
	assert_true(world_mount_index(world, HK_MOUNT_BIND, "/dev/kvm") <
		    world_mount_index(world, HK_MOUNT_ETC, "/etc"));
	assert_non_null(world_host(world, HK_HOST_DIRECTORY, "/tmp/hakurei.0/runtime/0"));
	assert_non_null(world_host(world, HK_HOST_DIRECTORY, "/tmp/hakurei.0/tmpdir/0"));
}

static void whoever_asks_for_the_defaults_first_can_change_them_and_is_not_warned(void **state) {
	struct world *world = *state;
	world->config = (struct hk_config){.home = "/home/alice"};
	assert_int_equal(hk_outcome_permissive(&world->arena, &world->config, &world->err), 0);
	assert_non_null(world->config.container);
	assert_int_equal(world->config.container->share_runtime, HK_TRUE);
	world->config.container->share_runtime = HK_FALSE;
	world_finalise(world);
	assert_int_equal(world->plan.warnings.count, 0);
	assert_null(world_host(world, HK_HOST_DIRECTORY, "/tmp/hakurei.0/runtime/0"));
	assert_non_null(world_host(world, HK_HOST_DIRECTORY, "/tmp/hakurei.0/tmpdir/0"));
}

static void a_container_that_is_there_is_left_alone(void **state) {
	struct world *world = *state;
	const struct hk_config before = world->config;
	assert_int_equal(hk_outcome_permissive(&world->arena, &world->config, &world->err), 0);
	assert_memory_equal(&before, &world->config, sizeof(before));
}

static void settings_of_a_service_that_is_not_enabled_are_warned_about(void **state) {
	struct world *world = *state;
	struct hk_bus_policy policy = {.filter = true};
	world->config.session_bus = &policy;
	world->config.system_bus = &policy;
	world->config.direct_wayland = true;
	world_finalise(world);
	assert_true(world_warns(world, "session_bus is set, but dbus is not enabled"));
	assert_true(world_warns(world, "system_bus is set, but dbus is not enabled"));
	assert_true(world_warns(world, "direct_wayland is set, but wayland is not enabled"));
	world->config.session_bus = NULL;
	world->config.system_bus = NULL;
	world->config.direct_wayland = false;
	world_finalise(world);
	assert_false(world_warns(world, "is not enabled"));
}

static void display_devices_come_with_a_display(void **state) {
	struct world *world = *state;
	for (int i = 0; i < 2; i++) {
		struct hk_config config = {.home = "/home/alice"};
		config.enablements.wayland = i == 0;
		config.enablements.x11 = i == 1;
		assert_int_equal(hk_outcome_permissive(&world->arena, &config, &world->err), 0);
		const struct hk_fss *mounts = &config.container->filesystem;
		assert_int_equal(mounts->count, 4);
		assert_string_equal(mounts->items[1].dst, "/dev/dri");
		assert_true(mounts->items[1].dev && mounts->items[1].optional);
	}
}

static void a_shell_that_is_no_absolute_path_is_not_used(void **state) {
	struct world *world = *state;
	static const char *const shells[] = {NULL, "", "bash"};
	for (size_t i = 0; i < 3; i++) {
		struct hk_config config = {.home = "/home/alice"};
		fake_env("SHELL", shells[i]);
		assert_int_equal(hk_outcome_permissive(&world->arena, &config, &world->err), 0);
		assert_string_equal(config.shell, "/bin/sh");
		assert_string_equal(config.path, "/bin/sh");
	}
}

static void a_program_is_looked_up_in_the_person_s_path(void **state) {
	struct world *world = *state;
	fake_file("/usr/local/bin/tool", 0644, 0); /* not executable: the next one is taken */
	fake_file("/usr/bin/tool", 0755, 0);
	fake_directory("/usr/local/bin/bash", 0755, 0);
	fake_file("/here/prog", 0755, 1000);
	fake_working_directory("/here");
	fake_env("PATH", ":.:here:/usr/local/bin:/usr/bin");
	assert_string_equal(path_of(world, "tool"), "/usr/bin/tool");
	assert_string_equal(path_of(world, "bash"), "/usr/bin/bash");
	assert_null(path_of(world, "prog"));
	assert_string_equal(world->err.text,
		"cannot look up executable file 'prog': No such file or directory");
}

static void a_name_with_a_slash_is_taken_from_the_working_directory(void **state) {
	struct world *world = *state;
	fake_file("/here/bin/prog", 0755, 1000);
	fake_link("/here/bin/alias", "prog");
	fake_link("/link", "/here/bin");
	fake_working_directory("/here");
	assert_string_equal(path_of(world, "bin/prog"), "/here/bin/prog");
	assert_string_equal(path_of(world, "./bin/../bin/prog"), "/here/bin/prog");
	assert_string_equal(path_of(world, "/link/prog"), "/here/bin/prog");
	assert_string_equal(path_of(world, "bin/alias"), "/here/bin/alias");
}

static void a_program_that_cannot_be_executed_says_so(void **state) {
	struct world *world = *state;
	fake_file("/usr/bin/data", 0644, 0);
	assert_null(path_of(world, "data"));
	assert_string_equal(
		world->err.text, "cannot look up executable file 'data': Permission denied");
	assert_null(path_of(world, "/usr/bin"));
	assert_string_equal(
		world->err.text, "cannot look up executable file '/usr/bin': Permission denied");
	assert_null(path_of(world, ""));
	assert_string_equal(
		world->err.text, "cannot look up executable file '': No such file or directory");
	fake_env("PATH", NULL);
	assert_null(path_of(world, "bash"));
	assert_int_equal(world->err.code, -ENOENT);
}

static void groups_become_their_ids(void **state) {
	struct world *world = *state;
	struct hk_gids gids = {0};
	assert_int_equal(hk_strs_add(&world->arena, &world->config.groups, "video"), 0);
	assert_int_equal(hk_strs_add(&world->arena, &world->config.groups, "docker"), 0);
	assert_int_equal(hk_outcome_groups(&world->config, &world->arena, &gids, &world->err), 0);
	assert_int_equal(gids.count, 2);
	assert_int_equal(gids.items[0], 44);
	assert_int_equal(gids.items[1], 998);
	world_finalise(world);
	assert_true(world_warns(world, "'docker' is as good as root"));
}

static void an_unknown_group_is_refused_by_name(void **state) {
	struct world *world = *state;
	struct hk_gids gids = {0};
	assert_int_equal(hk_strs_add(&world->arena, &world->config.groups, "no\x1bne"), 0);
	assert_int_equal(
		hk_outcome_groups(&world->config, &world->arena, &gids, &world->err), -ENOENT);
	assert_string_equal(world->err.text, "unknown group \"no\\x1bne\"");
	world_refuse(world, -ENOENT, "unknown group \"no\\x1bne\"");
}

static void the_store_is_in_the_home_that_the_user_database_names(void **state) {
	struct world *world = *state;
	fake_env("HOME", "/elsewhere");
	fake_env("XDG_STATE_HOME", "/elsewhere");
	char *path = NULL;
	assert_int_equal(hk_outcome_store(&world->arena, &path, &world->err), 0);
	assert_string_equal(path, "/home/alice/.local/state/hakurei");
	fake_ids(1001, 1001);
	assert_int_equal(hk_outcome_store(&world->arena, &path, &world->err), -ENOENT);
	assert_string_equal(world->err.text,
		"cannot find uid 1001 in the user database: No such file or directory");
	fake_user(1001, "bob", "", "/bin/sh");
	assert_int_equal(hk_outcome_store(&world->arena, &path, &world->err), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(a_configuration_without_a_container_gets_a_permissive_one_and_a_warning),
		TEST(whoever_asks_for_the_defaults_first_can_change_them_and_is_not_warned),
		TEST(a_container_that_is_there_is_left_alone),
		TEST(settings_of_a_service_that_is_not_enabled_are_warned_about),
		TEST(display_devices_come_with_a_display),
		TEST(a_shell_that_is_no_absolute_path_is_not_used),
		TEST(a_program_is_looked_up_in_the_person_s_path),
		TEST(a_name_with_a_slash_is_taken_from_the_working_directory),
		TEST(a_program_that_cannot_be_executed_says_so),
		TEST(groups_become_their_ids),
		TEST(an_unknown_group_is_refused_by_name),
		TEST(the_store_is_in_the_home_that_the_user_database_names),
	};
	return cmocka_run_group_tests_name("outcome/defaults", tests, NULL, NULL);
}
