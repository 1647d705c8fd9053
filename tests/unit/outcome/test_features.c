/* SPDX-License-Identifier: MIT */
/* The features that every container has: params, runtime, tmpdir, account. */
#include "outcome/feature.h"

#include "world.h"

#define RUN_DIR	     "/run/user/1000/hakurei"
#define INSTANCE_DIR RUN_DIR "/" TEST_ID

static void check_host_op(const struct world *world, size_t index, enum hk_host_kind kind,
	const char *path, uint32_t bits, bool stays) {
	assert_true(index < world->plan.host.count);
	const struct hk_host_op *op = &world->plan.host.items[index];
	assert_int_equal(op->kind, kind);
	assert_string_equal(op->path, path);
	assert_int_equal(kind == HK_HOST_ACL ? op->perm : op->mode, bits);
	assert_int_equal(op->target, kind == HK_HOST_ACL ? 10000 : 0);
	assert_int_equal(op->stays, stays);
}

/* -- params ----------------------------------------------------------------------------------- */

static void the_instance_directory_is_made_for_the_instance_and_opened_to_the_target(void **state) {
	struct world *world = *state;
	world_finalise(world);
	assert_int_equal(world->plan.host.count, 3);
	check_host_op(world, 0, HK_HOST_DIRECTORY, RUN_DIR, 0700, false);
	check_host_op(world, 1, HK_HOST_DIRECTORY, INSTANCE_DIR, 0700, false);
	check_host_op(world, 2, HK_HOST_ACL, INSTANCE_DIR, HK_ACL_X, false);
	assert_string_equal(world->plan.run_dir, RUN_DIR);
	assert_string_equal(world->plan.instance_dir, INSTANCE_DIR);
	assert_int_equal(world->plan.target, 10000);
	assert_string_equal(hk_id_format(&world->plan.id).text, TEST_ID);
}

static void the_runtime_directory_is_the_usual_one_where_no_variable_names_it(void **state) {
	struct world *world = *state;
	fake_env("XDG_RUNTIME_DIR", "relative");
	world_finalise(world);
	assert_string_equal(world->plan.run_dir, RUN_DIR);
}

static void a_runtime_directory_of_someone_else_is_not_used(void **state) {
	struct world *world = *state;
	fake_env("XDG_RUNTIME_DIR", NULL);
	fake_directory("/run/user/1000", 0700, 1001);
	fake_env("TMPDIR", "/var/tmp//x/");
	world_finalise(world);
	assert_string_equal(world->plan.run_dir, "/var/tmp/x/hakurei.0/run/hakurei");
	assert_int_equal(world->plan.host.count, 5);
	check_host_op(world, 0, HK_HOST_DIRECTORY, "/var/tmp/x/hakurei.0", 0711, true);
	check_host_op(world, 1, HK_HOST_DIRECTORY, "/var/tmp/x/hakurei.0/run", 0700, false);
	check_host_op(world, 2, HK_HOST_DIRECTORY, "/var/tmp/x/hakurei.0/run/hakurei", 0700, false);
}

static void the_root_is_built_in_its_order(void **state) {
	struct world *world = *state;
	world_add(world, &(const struct hk_fs){
				 .type = HK_FS_EPHEMERAL, .dst = "/", .size = 4096, .perm = 0700});
	world_add_bind(world, "/usr", "/usr");
	world_finalise(world);
	static const struct hk_mount_op expected[] = {
		{.kind = HK_MOUNT_TMPFS, .target = "/", .mode = 0700, .size = 4096},
		{.kind = HK_MOUNT_PROC, .target = "/proc"},
		{.kind = HK_MOUNT_TMPFS, .target = "/.hakurei", .mode = 0755, .size = 65536},
		{.kind = HK_MOUNT_DEV, .target = "/dev"},
		{.kind = HK_MOUNT_TMPFS,
			.target = "/dev/shm",
			.mode = 01777,
			.flags = HK_MOUNT_WRITE},
		{.kind = HK_MOUNT_TMPFS,
			.target = "/run/user/65534",
			.mode = 0700,
			.flags = HK_MOUNT_WRITE},
		{.kind = HK_MOUNT_TMPFS, .target = "/tmp", .mode = 01777, .flags = HK_MOUNT_WRITE},
		{.kind = HK_MOUNT_FILE, .target = "/etc/passwd", .mode = 0444},
		{.kind = HK_MOUNT_FILE, .target = "/etc/group", .mode = 0444},
		{.kind = HK_MOUNT_BIND, .target = "/usr"},
		{.kind = HK_MOUNT_TMPFS,
			.target = "/home/app",
			.mode = 0700,
			.flags = HK_MOUNT_MISSING | HK_MOUNT_WRITE},
		{.kind = HK_MOUNT_REMOUNT, .target = "/"},
	};
	const size_t count = sizeof(expected) / sizeof(expected[0]);
	assert_int_equal(world->plan.container.mounts.count, count);
	for (size_t i = 0; i < count; i++) {
		const struct hk_mount_op *op = &world->plan.container.mounts.items[i];
		assert_string_equal(op->target, expected[i].target);
		assert_int_equal(op->kind, expected[i].kind);
		assert_int_equal(op->flags, expected[i].flags);
		assert_int_equal(op->mode, expected[i].mode);
		assert_int_equal(op->size, expected[i].size);
	}
}

static void the_device_flag_brings_the_host_s_devices_but_not_its_shared_memory(void **state) {
	struct world *world = *state;
	world->container.device = true;
	world_finalise(world);
	const struct hk_mount_op *dev = world_mount(world, HK_MOUNT_BIND, "/dev");
	assert_string_equal(dev->source, "/dev");
	assert_int_equal(dev->flags, HK_MOUNT_WRITE | HK_MOUNT_DEVICES);
	assert_int_equal(world_mount_index(world, HK_MOUNT_DEV, "/dev"), -1);
	assert_int_equal(world_mount_index(world, HK_MOUNT_TMPFS, "/dev/shm"),
		world_mount_index(world, HK_MOUNT_BIND, "/dev") + 1);
}

static void nothing_is_put_on_a_shared_memory_directory_that_the_host_does_not_have(void **state) {
	struct world *world = *state;
	world->container.device = true;
	fake_file("/dev/shm", 0644, 0);
	world_finalise(world);
	assert_int_equal(world_mount_index(world, HK_MOUNT_TMPFS, "/dev/shm"), -1);
}

static void a_terminal_keeps_the_session_and_gets_a_console(void **state) {
	struct world *world = *state;
	world->container.tty = true;
	world_finalise(world);
	assert_true(world->plan.container.keep_session);
	assert_int_equal(world_mount(world, HK_MOUNT_DEV, "/dev")->flags, HK_MOUNT_CONSOLE);
}

static void each_flag_of_the_configuration_reaches_the_container(void **state) {
	struct world *world = *state;
	struct hk_config_container *container = &world->container;
	const struct {
		bool *asked;
		uint32_t filter;
		const bool *reached;
	} cases[] = {
		{&container->seccomp_compat, HK_FILTER_COMPAT, NULL},
		{&container->userns, HK_FILTER_USERNS, &world->plan.container.userns},
		{&container->tty, HK_FILTER_TTY, &world->plan.container.keep_session},
		{&container->devel, HK_FILTER_DEVEL, NULL},
		{&container->multiarch, HK_FILTER_MULTIARCH, NULL},
		{&container->host_net, 0, &world->plan.container.host_net},
		{&container->host_abstract, 0, &world->plan.container.host_abstract},
	};
	const size_t count = sizeof(cases) / sizeof(cases[0]);
	for (size_t i = 0; i < count; i++) {
		*cases[i].asked = true;
		world_finalise(world);
		*cases[i].asked = false;
		assert_int_equal(world->plan.container.filter, cases[i].filter);
		for (size_t j = 0; j < count; j++) {
			if (cases[j].reached) {
				assert_int_equal(*cases[j].reached, i == j);
			}
		}
	}
}

static void the_wait_delay_has_a_default_and_bounds(void **state) {
	struct world *world = *state;
	const int64_t second = 1000000000;
	const struct {
		int64_t configured;
		int64_t delay;
		bool forwarded;
	} cases[] = {
		{0, 5 * second, true},
		{1, 1, true},
		{30 * second, 30 * second, true},
		{30 * second + 1, 30 * second, true},
		{INT64_MAX, 30 * second, true},
		{-1, 0, false},
		{INT64_MIN, 0, false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world->container.wait_delay = cases[i].configured;
		world_finalise(world);
		assert_int_equal(world->plan.container.wait_delay, cases[i].delay);
		assert_int_equal(world->plan.container.forward_cancel, cases[i].forwarded);
		assert_int_equal(world->plan.container.adopt_delay, 5 * second);
	}
}

static void the_program_is_called_by_its_path_where_there_are_no_arguments(void **state) {
	struct world *world = *state;
	world->container.hostname = "box";
	world_finalise(world);
	const struct hk_container_params *params = &world->plan.container;
	assert_string_equal(params->path, "/bin/app");
	assert_int_equal(params->argv.count, 1);
	assert_string_equal(params->argv.items[0], "/bin/app");
	assert_int_equal(world->config.args.count, 0);
	assert_string_equal(params->hostname, "box");
	assert_int_equal(params->umask, 022);
	assert_string_equal(params->directory, "/home/app");
}

static void arguments_are_passed_as_they_are(void **state) {
	struct world *world = *state;
	assert_int_equal(hk_strs_add(&world->arena, &world->config.args, "-sh"), 0);
	assert_int_equal(hk_strs_add(&world->arena, &world->config.args, ""), 0);
	world_finalise(world);
	const struct hk_container_params *params = &world->plan.container;
	assert_int_equal(params->argv.count, 2);
	assert_string_equal(params->argv.items[0], "-sh");
	assert_string_equal(params->argv.items[1], "");
}

static void the_ids_inside_are_the_overflow_ids_or_the_person_s(void **state) {
	struct world *world = *state;
	fake_ids(1000, 100);
	fake_overflow_ids(60001, 60002);
	world_finalise(world);
	assert_int_equal(world->plan.container.uid, 60001);
	assert_int_equal(world->plan.container.gid, 60002);
	world->container.map_real_uid = true;
	world_finalise(world);
	assert_int_equal(world->plan.container.uid, 1000);
	assert_int_equal(world->plan.container.gid, 100);
	assert_string_equal(world_env(world, "XDG_RUNTIME_DIR"), "/run/user/1000");
}

/* -- the environment -------------------------------------------------------------------------- */

static void the_environment_is_sorted_and_features_win_with_a_warning(void **state) {
	struct world *world = *state;
	world_add_env(world, "ZED", "1");
	world_add_env(world, "HOME", "/elsewhere");
	world_add_env(world, "USER", "chronos");
	world_add_env(world, "EMPTY", NULL);
	world_add_env(world, "A", "=");
	world_finalise(world);
	static const char *const expected[] = {"A==", "EMPTY=", "HOME=/home/app", "SHELL=/bin/sh",
		"TERM=xterm", "USER=chronos", "XDG_RUNTIME_DIR=/run/user/65534",
		"XDG_SESSION_CLASS=user", "XDG_SESSION_TYPE=tty", "ZED=1"};
	const struct hk_strs *env = &world->plan.container.env;
	assert_int_equal(env->count, sizeof(expected) / sizeof(expected[0]));
	for (size_t i = 0; i < env->count; i++) {
		assert_string_equal(env->items[i], expected[i]);
	}
	assert_int_equal(world->plan.warnings.count, 1);
	assert_true(world_warns(world, "'HOME'"));
}

static void a_name_that_is_no_variable_is_refused(void **state) {
	struct world *world = *state;
	world_add_env(world, "A=B", "c");
	world_refuse(world, -EINVAL, "invalid environment variable \"A=B\"");
	world->container.env.items[0].name = "";
	world_refuse(world, -EINVAL, "invalid environment variable \"\"");
}

static void a_terminal_type_that_is_not_set_is_not_made_up(void **state) {
	struct world *world = *state;
	fake_env("TERM", NULL);
	world_finalise(world);
	assert_null(world_env(world, "TERM"));
}

/* -- runtime and tmpdir ----------------------------------------------------------------------- */

static void shared_directories_belong_to_the_identity(void **state) {
	struct world *world = *state;
	world->config.identity = 42;
	world->container.share_runtime = HK_TRUE;
	world->container.share_tmpdir = HK_TRUE;
	world_finalise(world);
	const char *share = "/tmp/hakurei.0";
	assert_int_equal(world->plan.host.count, 12);
	check_host_op(world, 3, HK_HOST_DIRECTORY, share, 0711, true);
	check_host_op(world, 4, HK_HOST_DIRECTORY, "/tmp/hakurei.0/runtime", 0700, true);
	check_host_op(world, 5, HK_HOST_ACL, "/tmp/hakurei.0/runtime", HK_ACL_X, false);
	check_host_op(world, 6, HK_HOST_DIRECTORY, "/tmp/hakurei.0/runtime/42", 0700, true);
	check_host_op(world, 7, HK_HOST_ACL, "/tmp/hakurei.0/runtime/42", 7, false);
	check_host_op(world, 8, HK_HOST_DIRECTORY, "/tmp/hakurei.0/tmpdir", 0700, true);
	check_host_op(world, 9, HK_HOST_ACL, "/tmp/hakurei.0/tmpdir", HK_ACL_X, false);
	check_host_op(world, 10, HK_HOST_DIRECTORY, "/tmp/hakurei.0/tmpdir/42", 0700, true);
	check_host_op(world, 11, HK_HOST_ACL, "/tmp/hakurei.0/tmpdir/42", 7, false);

	const struct hk_mount_op *runtime = world_mount(world, HK_MOUNT_BIND, "/run/user/65534");
	assert_string_equal(runtime->source, "/tmp/hakurei.0/runtime/42/user");
	assert_int_equal(runtime->flags, HK_MOUNT_WRITE | HK_MOUNT_ENSURE);
	assert_int_equal(runtime->mode, 0700);
	const struct hk_mount_op *tmp = world_mount(world, HK_MOUNT_BIND, "/tmp");
	assert_string_equal(tmp->source, "/tmp/hakurei.0/tmpdir/42/user");
	assert_int_equal(tmp->flags, HK_MOUNT_WRITE | HK_MOUNT_ENSURE);
	assert_int_equal(tmp->mode, 01777);
}

/* Where the runtime directory is with this root. */
static const char *runtime_with(struct world *world, const struct hk_fs *root) {
	world->container.filesystem = (struct hk_fss){0};
	world_add(world, root);
	world_finalise(world);
	return world_env(world, "XDG_RUNTIME_DIR");
}

static void the_runtime_directory_is_elsewhere_where_the_root_has_no_place_for_it(void **state) {
	struct world *world = *state;
	fake_directory("/srv/bare", 0755, 0);
	fake_directory("/srv/run/run/user", 0755, 0);
	fake_directory("/srv/full/run/user/65534", 0755, 0);
	fake_directory("/srv/link", 0755, 0);
	fake_link("/srv/link/run", "/srv/full/run"); /* inside it would lead somewhere else */
	fake_file("/srv/file/run/user/65534", 0644, 0);
	const char *usual = "/run/user/65534";
	const char *other = "/.hakurei/run";
	const struct {
		const char *src;
		const char *autoroot;
		const char *plain;
	} cases[] = {
		{"/srv/bare", usual, other},
		{"/srv/run", other, other},
		{"/srv/full", usual, usual},
		{"/srv/link", other, other},
		{"/srv/file", other, other},
		{"/", other, other},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hk_fs root = {
			.type = HK_FS_BIND, .src = cases[i].src, .dst = "/", .special = true};
		fake_directory("/srv/home", 0755, 0);
		world->config.home = "/.hakurei/home";
		assert_string_equal(runtime_with(world, &root), cases[i].autoroot);
		root.special = false;
		assert_string_equal(runtime_with(world, &root), cases[i].plain);
	}
}

static void an_overlay_root_has_what_one_of_its_layers_has(void **state) {
	struct world *world = *state;
	world->config.home = "/.hakurei/home";
	fake_directory("/srv/a", 0755, 0);
	fake_directory("/srv/b/run/user/65534", 0755, 0);
	struct hk_fs root = {.type = HK_FS_OVERLAY, .dst = "/"};
	assert_int_equal(hk_strs_add(&world->arena, &root.lower, "/srv/a"), 0);
	assert_string_equal(runtime_with(world, &root), "/.hakurei/run");
	assert_int_equal(hk_strs_add(&world->arena, &root.lower, "/srv/b"), 0);
	assert_string_equal(runtime_with(world, &root), "/run/user/65534");
	assert_int_equal(hk_strs_add(&world->arena, &root.lower, "/srv/a"), 0);
	assert_string_equal(runtime_with(world, &root), "/run/user/65534");
}

/* -- account ---------------------------------------------------------------------------------- */

static void the_account_is_one_line_of_passwd_and_one_of_group(void **state) {
	struct world *world = *state;
	world_finalise(world);
	assert_string_equal(world_mount(world, HK_MOUNT_FILE, "/etc/passwd")->text,
		"chronos:x:65534:65534:Hakurei:/home/app:/bin/sh\n");
	assert_string_equal(
		world_mount(world, HK_MOUNT_FILE, "/etc/group")->text, "hakurei:x:65534:\n");
	assert_string_equal(world_env(world, "USER"), "chronos");
	assert_string_equal(world_env(world, "SHELL"), "/bin/sh");
	world->config.username = "bob";
	world_finalise(world);
	assert_string_equal(world_env(world, "USER"), "bob");
}

static void an_account_that_would_break_the_line_is_refused(void **state) {
	struct world *world = *state;
	world->config.username = "a:b";
	world_refuse(world, -EINVAL, "invalid user name \"a:b\"");
	world->config.username = "";
	world_refuse(world, -EINVAL, "invalid user name \"\"");
	world->config.username = NULL;
	world->config.home = "/home/a\nb";
	world_refuse(world, -EINVAL, "invalid path to home directory");
	world->config.home = NULL;
	world_refuse(world, -EINVAL, "invalid path to home directory");
	world->config.home = "/home/app";
	world->config.shell = "/bin/sh:";
	world_refuse(world, -EINVAL, "invalid shell path");
	world->config.shell = NULL;
	world_refuse(world, -EINVAL, "invalid shell path");
}

/* -- the whole -------------------------------------------------------------------------------- */

static void what_the_system_knows_better_is_refused(void **state) {
	struct world *world = *state;
	world->config.identity = 10000;
	world_refuse(world, -EINVAL, "identity 10000 out of range");
	world->config.identity = -1;
	world_refuse(world, -EINVAL, "identity -1 out of range");
	world->config.identity = 9999;
	world->config.path = NULL;
	world_refuse(world, -EINVAL, "invalid program path");
}

static void the_features_stand_in_their_order(void **state) {
	(void)state;
	static const char *const order[] = {"params", "runtime", "tmpdir", "account", "wayland",
		"x11", "pulse", "dbus", "filesystem"};
	size_t at = 0;
	for (size_t i = 0; i < hk_outcome_feature_count; i++) {
		while (at < 9 && strcmp(order[at], hk_outcome_features[i]->name) != 0) {
			at++;
		}
		assert_true(at < 9);
	}
	assert_string_equal(hk_outcome_features[hk_outcome_feature_count - 1]->name, "filesystem");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(the_instance_directory_is_made_for_the_instance_and_opened_to_the_target),
		TEST(the_runtime_directory_is_the_usual_one_where_no_variable_names_it),
		TEST(a_runtime_directory_of_someone_else_is_not_used),
		TEST(the_root_is_built_in_its_order),
		TEST(the_device_flag_brings_the_host_s_devices_but_not_its_shared_memory),
		TEST(nothing_is_put_on_a_shared_memory_directory_that_the_host_does_not_have),
		TEST(a_terminal_keeps_the_session_and_gets_a_console),
		TEST(each_flag_of_the_configuration_reaches_the_container),
		TEST(the_wait_delay_has_a_default_and_bounds),
		TEST(the_program_is_called_by_its_path_where_there_are_no_arguments),
		TEST(arguments_are_passed_as_they_are),
		TEST(the_ids_inside_are_the_overflow_ids_or_the_person_s),
		TEST(the_environment_is_sorted_and_features_win_with_a_warning),
		TEST(a_name_that_is_no_variable_is_refused),
		TEST(a_terminal_type_that_is_not_set_is_not_made_up),
		TEST(shared_directories_belong_to_the_identity),
		TEST(the_runtime_directory_is_elsewhere_where_the_root_has_no_place_for_it),
		TEST(an_overlay_root_has_what_one_of_its_layers_has),
		TEST(the_account_is_one_line_of_passwd_and_one_of_group),
		TEST(an_account_that_would_break_the_line_is_refused),
		TEST(what_the_system_knows_better_is_refused),
		TEST(the_features_stand_in_their_order),
	};
	return cmocka_run_group_tests_name("outcome/features", tests, NULL, NULL);
}
