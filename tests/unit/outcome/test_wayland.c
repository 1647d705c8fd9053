/* SPDX-License-Identifier: MIT */
#include "world.h"

#define RUNTIME	 "/run/user/1000"
#define INSTANCE RUNTIME "/hakurei/" TEST_ID
#define INNER	 "/.hakurei/wayland-0"

static int setup(void **state) {
	int r = world_setup(state);
	struct world *world = *state;
	world->config.id = "org.example.App";
	world->config.enablements.wayland = true;
	fake_socket(RUNTIME "/wayland-0", 0755, 1000);
	return r;
}

static void the_compositor_makes_a_socket_in_the_instance_directory(void **state) {
	struct world *world = *state;
	world_finalise(world);
	const struct hk_host_op *op = world_host(world, HK_HOST_WAYLAND, INSTANCE "/wayland");
	assert_non_null(op);
	assert_string_equal(op->source, RUNTIME "/wayland-0");
	assert_string_equal(op->text, "org.example.App");
	assert_int_equal(op->target, 10000);
	/* The operation opens the socket that it makes; the person's own stays closed. */
	assert_null(world_host(world, HK_HOST_ACL, INSTANCE "/wayland"));
	assert_null(world_host(world, HK_HOST_ACL, RUNTIME "/wayland-0"));
	assert_int_equal(world->plan.warnings.count, 0);
}

static void the_socket_is_bound_where_no_other_instance_can_reach_it(void **state) {
	struct world *world = *state;
	world_finalise(world);
	const struct hk_mount_op *bind = world_mount(world, HK_MOUNT_BIND, INNER);
	assert_string_equal(bind->source, "wayland"); /* in the instance directory */
	assert_int_equal(bind->flags, 0);
	assert_string_equal(world_env(world, "WAYLAND_DISPLAY"), INNER);
	assert_string_equal(world_env(world, "XDG_SESSION_TYPE"), "wayland");
}

static void programs_that_ignore_the_variable_find_a_link_in_a_private_runtime_directory(
	void **state) {
	struct world *world = *state;
	world_finalise(world);
	const struct hk_mount_op *link =
		world_mount(world, HK_MOUNT_LINK, "/run/user/65534/wayland-0");
	assert_string_equal(link->text, INNER);
	world->container.share_runtime = HK_TRUE;
	world_finalise(world);
	assert_int_equal(world_mount_index(world, HK_MOUNT_LINK, "/run/user/65534/wayland-0"), -1);
}

static void an_application_without_an_id_is_named_by_its_instance(void **state) {
	struct world *world = *state;
	static const char *const none[] = {NULL, ""};
	for (size_t i = 0; i < 2; i++) {
		world->config.id = none[i];
		world_finalise(world);
		assert_string_equal(world_host(world, HK_HOST_WAYLAND, INSTANCE "/wayland")->text,
			"app.hakurei." TEST_ID);
	}
}

static void the_display_may_be_named_in_any_of_the_ways_that_libwayland_knows(void **state) {
	struct world *world = *state;
	static const char *const forms[][2] = {
		{NULL, RUNTIME "/wayland-0"},
		{"", RUNTIME "/wayland-0"},
		{"wayland-7", RUNTIME "/wayland-7"},
		{"nested/a", RUNTIME "/nested/a"},
		{"/srv//display/../wayland", "/srv/wayland"},
	};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		fake_env("WAYLAND_DISPLAY", forms[i][0]);
		fake_socket(forms[i][1], 0700, 1000);
		world_finalise(world);
		assert_string_equal(world_host(world, HK_HOST_WAYLAND, INSTANCE "/wayland")->source,
			forms[i][1]);
	}
}

static void a_compositor_that_is_not_there_is_named(void **state) {
	struct world *world = *state;
	fake_env("WAYLAND_DISPLAY", "wayland-1");
	world_refuse(world, -ENOENT,
		"cannot find the Wayland compositor: there is no '/run/user/1000/wayland-1'");
	fake_file(RUNTIME "/wayland-1", 0600, 1000);
	world_refuse(world, -ENOTSOCK,
		"cannot find the Wayland compositor: '/run/user/1000/wayland-1' is not a socket");
	fake_closed("/closed");
	fake_env("WAYLAND_DISPLAY", "/closed/wayland-0");
	world_refuse(world, -EACCES,
		"cannot find the Wayland compositor: look at '/closed/wayland-0': Permission "
		"denied");
}

static void direct_wayland_links_the_socket_and_warns(void **state) {
	struct world *world = *state;
	world->config.direct_wayland = true;
	world_finalise(world);
	const struct hk_host_op *op = world_host(world, HK_HOST_HARDLINK, INSTANCE "/wayland");
	assert_non_null(op);
	assert_string_equal(op->source, RUNTIME "/wayland-0");
	const struct hk_host_op *acl = world_host(world, HK_HOST_ACL, INSTANCE "/wayland");
	assert_non_null(acl);
	assert_int_equal(acl->perm, HK_ACL_R | HK_ACL_W);
	assert_true(acl > op); /* the name has to be there first */
	assert_null(world_host(world, HK_HOST_WAYLAND, INSTANCE "/wayland"));
	assert_string_equal(world_mount(world, HK_MOUNT_BIND, INNER)->source, "wayland");
	assert_true(world_warns(world, "direct_wayland: "));
	assert_int_equal(world->plan.warnings.count, 1);
}

static void a_socket_that_is_open_to_all_needs_no_acl(void **state) {
	struct world *world = *state;
	world->config.direct_wayland = true;
	fake_socket(RUNTIME "/wayland-0", 0777, 1000);
	world_finalise(world);
	assert_non_null(world_host(world, HK_HOST_HARDLINK, INSTANCE "/wayland"));
	assert_null(world_host(world, HK_HOST_ACL, INSTANCE "/wayland"));
}

static void what_is_not_enabled_is_not_looked_for(void **state) {
	struct world *world = *state;
	world->config.enablements.wayland = false;
	world->config.direct_wayland = true;
	fake_env("WAYLAND_DISPLAY", "/nowhere");
	world_finalise(world);
	assert_null(world_env(world, "WAYLAND_DISPLAY"));
	assert_int_equal(world_mount_index(world, HK_MOUNT_BIND, INNER), -1);
	assert_int_equal(world->plan.warnings.count, 1); /* that direct_wayland does nothing */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(the_compositor_makes_a_socket_in_the_instance_directory),
		TEST(the_socket_is_bound_where_no_other_instance_can_reach_it),
		TEST(programs_that_ignore_the_variable_find_a_link_in_a_private_runtime_directory),
		TEST(an_application_without_an_id_is_named_by_its_instance),
		TEST(the_display_may_be_named_in_any_of_the_ways_that_libwayland_knows),
		TEST(a_compositor_that_is_not_there_is_named),
		TEST(direct_wayland_links_the_socket_and_warns),
		TEST(a_socket_that_is_open_to_all_needs_no_acl),
		TEST(what_is_not_enabled_is_not_looked_for),
	};
	return cmocka_run_group_tests_name("outcome/wayland", tests, NULL, NULL);
}
