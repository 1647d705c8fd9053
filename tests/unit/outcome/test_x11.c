/* SPDX-License-Identifier: MIT */
#include "plan/wire.h"
#include "world.h"

#define SOCKET "/tmp/.X11-unix/X5"
#define SHARED "/tmp/hakurei.0/tmpdir/0/user"

static int setup(void **state) {
	int r = world_setup(state);
	struct world *world = *state;
	world->config.enablements.x11 = true;
	fake_directory("/tmp/.X11-unix", 01777, 0);
	fake_socket(SOCKET, 0777, 1000);
	fake_env("DISPLAY", ":5");
	fake_env("HOME", "/home/alice");
	return r;
}

static void the_target_is_let_in_by_its_uid(void **state) {
	struct world *world = *state;
	world_finalise(world);
	const struct hk_host_op *op = world_host(world, HK_HOST_X11, SOCKET);
	assert_non_null(op);
	assert_int_equal(op->target, 10000);
	assert_string_equal(op->text, "5");
	assert_null(op->source);
	assert_null(world_host(world, HK_HOST_ACL, SOCKET)); /* it is open to all */
	assert_true(world_warns(world,
		"x11: every program on the display ':5' can see and type into all of the others"));
}

static void a_closed_socket_is_opened_to_the_target(void **state) {
	struct world *world = *state;
	static const struct {
		mode_t mode;
		bool asked;
	} cases[] = {{0700, true}, {0755, true}, {0775, true}, {0702, false}, {0777, false}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fake_socket(SOCKET, cases[i].mode, 1000);
		world_finalise(world);
		const struct hk_host_op *op = world_host(world, HK_HOST_ACL, SOCKET);
		assert_int_equal(op != NULL, cases[i].asked);
		assert_true(!op || op->perm == (HK_ACL_R | HK_ACL_W));
	}
}

static void nothing_but_the_socket_is_in_the_directory(void **state) {
	struct world *world = *state;
	world_finalise(world);
	int directory = world_mount_index(world, HK_MOUNT_TMPFS, "/tmp/.X11-unix");
	assert_int_equal(world_mount_index(world, HK_MOUNT_BIND, SOCKET), directory + 1);
	assert_true(directory > world_mount_index(world, HK_MOUNT_TMPFS, "/tmp"));
	const struct hk_mount_op *bind = world_mount(world, HK_MOUNT_BIND, SOCKET);
	assert_string_equal(bind->source, SOCKET);
	assert_int_equal(bind->flags, 0); /* read-only */
	assert_int_equal(world_mount_index(world, HK_MOUNT_BIND, "/tmp/.X11-unix"), -1);
	assert_string_equal(world_env(world, "DISPLAY"), ":5");
	assert_string_equal(world_env(world, "XDG_SESSION_TYPE"), "x11");
}

static void a_shared_directory_gets_a_place_for_it(void **state) {
	struct world *world = *state;
	world->container.share_tmpdir = HK_TRUE;
	world_finalise(world);
	const struct hk_mount_op *place = world_mount(world, HK_MOUNT_BIND, "/tmp/.X11-unix");
	assert_string_equal(place->source, SHARED "/.X11-unix");
	assert_int_equal(place->flags, HK_MOUNT_WRITE | HK_MOUNT_ENSURE);
	assert_true(world_mount_index(world, HK_MOUNT_BIND, "/tmp/.X11-unix") <
		    world_mount_index(world, HK_MOUNT_TMPFS, "/tmp/.X11-unix"));
	/* Without a display as well: who has no mount there could remove the directory, and with it
	 * the mounts of others. */
	world->config.enablements.x11 = false;
	world_finalise(world);
	assert_non_null(world_mount(world, HK_MOUNT_BIND, "/tmp/.X11-unix"));
	assert_int_equal(world_mount_index(world, HK_MOUNT_TMPFS, "/tmp/.X11-unix"), -1);
}

static void a_mount_over_it_is_warned_about(void **state) {
	struct world *world = *state;
	fake_directory("/srv", 0755, 0);
	world_add_bind(world, "/srv", "/tmp/.X11-unix");
	world_finalise(world);
	assert_true(world_warns(world, "/tmp/.X11-unix"));
}

static void the_screen_stays_if_it_is_not_the_first(void **state) {
	struct world *world = *state;
	fake_env("DISPLAY", ":5.0");
	world_finalise(world);
	assert_string_equal(world_env(world, "DISPLAY"), ":5");
	fake_env("DISPLAY", ":5.2");
	world_finalise(world);
	assert_string_equal(world_env(world, "DISPLAY"), ":5.2");
	fake_env("DISPLAY", SOCKET ".2");
	world_finalise(world);
	assert_string_equal(world_env(world, "DISPLAY"), ":5.2");
	fake_socket(SOCKET ".2", 0777, 1000);
	world_finalise(world);
	assert_non_null(world_host(world, HK_HOST_X11, SOCKET ".2"));
	assert_string_equal(world_env(world, "DISPLAY"), ":5");
}

static void the_authority_file_is_for_the_monitor_alone(void **state) {
	struct world *world = *state;
	fake_file("/home/alice/.Xauthority", 0600, 1000);
	world_finalise(world);
	assert_string_equal(
		world_host(world, HK_HOST_X11, SOCKET)->source, "/home/alice/.Xauthority");
	fake_file("/run/user/1000/auth", 0600, 1000);
	fake_env("XAUTHORITY", "/run/user//1000/auth");
	world_finalise(world);
	assert_string_equal(world_host(world, HK_HOST_X11, SOCKET)->source, "/run/user/1000/auth");
	assert_null(world_env(world, "XAUTHORITY"));
	struct hk_str text = {0};
	hk_wire_write(&world->plan.container, &text);
	assert_null(memmem(text.text, text.length, "auth", 4)); /* what the shim is told */
	hk_str_finish(&text);
	fake_env("XAUTHORITY", "/run/user/1000/missing");
	world_finalise(world);
	assert_null(world_host(world, HK_HOST_X11, SOCKET)->source);
	fake_env("XAUTHORITY", "auth"); /* relative to where? */
	world_finalise(world);
	assert_null(world_host(world, HK_HOST_X11, SOCKET)->source);
}

static void a_socket_in_the_runtime_directory_gets_another_name(void **state) {
	struct world *world = *state;
	fake_socket("/run/user/1000/X7", 0700, 1000);
	fake_env("DISPLAY", "unix:/run/user/1000/X7");
	world_finalise(world);
	const char *link = "/run/user/1000/hakurei/" TEST_ID "/x11";
	assert_string_equal(world_host(world, HK_HOST_HARDLINK, link)->source, "/run/user/1000/X7");
	assert_non_null(world_host(world, HK_HOST_ACL, link));
	assert_non_null(world_host(world, HK_HOST_X11, "/run/user/1000/X7"));
	assert_string_equal(world_mount(world, HK_MOUNT_BIND, "/tmp/.X11-unix/X7")->source, "x11");
	assert_string_equal(world_env(world, "DISPLAY"), ":7");
}

static void the_number_changes_only_where_abstract_sockets_are_in_sight_and_closed(void **state) {
	struct world *world = *state;
	static const char table[] = "x @/tmp/.X11-unix/X5\nx @/tmp/.X11-unix/X100\n";
	static const struct {
		bool net;
		bool abstract;
		const char *name;
	} cases[] = {{false, false, ":5"}, {false, true, ":5"}, {true, true, ":5"},
		{true, false, ":101"}};
	fake_file("/proc/net/unix", 0444, 0);
	fake_content("/proc/net/unix", table, sizeof(table) - 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		world->container.host_net = cases[i].net;
		world->container.host_abstract = cases[i].abstract;
		world_finalise(world);
		assert_string_equal(world_env(world, "DISPLAY"), cases[i].name);
	}
	assert_string_equal(
		world_mount(world, HK_MOUNT_BIND, "/tmp/.X11-unix/X101")->source, SOCKET);
}

static void what_is_not_there_is_named(void **state) {
	struct world *world = *state;
	fake_file("/etc/file", 0644, 0);
	static const struct {
		const char *display;
		int error;
		const char *text;
	} cases[] = {
		{NULL, -ENOENT, "DISPLAY is not set"},
		{"", -ENOENT, "DISPLAY is not set"},
		{"five", -EINVAL, "invalid DISPLAY 'five'"},
		{":6", -ENOENT,
			"cannot find the X server of DISPLAY ':6': there is no "
			"'/tmp/.X11-unix/X6'"},
		{"/etc/file", -ENOTSOCK,
			"cannot find the X server of DISPLAY '/etc/file': '/etc/file' is not a "
			"socket"},
		{"box:0", -EOPNOTSUPP,
			"DISPLAY 'box:0' is reached over the network, where the X server cannot "
			"tell one user from another: only local displays can be let through"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fake_env("DISPLAY", cases[i].display);
		world_refuse(world, cases[i].error, cases[i].text);
	}
}

static void without_x11_nothing_is_looked_for(void **state) {
	struct world *world = *state;
	world->config.enablements.x11 = false;
	fake_env("DISPLAY", "nonsense");
	world_finalise(world);
	assert_null(world_env(world, "DISPLAY"));
	assert_int_equal(world_mount_index(world, HK_MOUNT_TMPFS, "/tmp/.X11-unix"), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(the_target_is_let_in_by_its_uid),
		TEST(a_closed_socket_is_opened_to_the_target),
		TEST(nothing_but_the_socket_is_in_the_directory),
		TEST(a_shared_directory_gets_a_place_for_it),
		TEST(a_mount_over_it_is_warned_about),
		TEST(the_screen_stays_if_it_is_not_the_first),
		TEST(the_authority_file_is_for_the_monitor_alone),
		TEST(a_socket_in_the_runtime_directory_gets_another_name),
		TEST(the_number_changes_only_where_abstract_sockets_are_in_sight_and_closed),
		TEST(what_is_not_there_is_named),
		TEST(without_x11_nothing_is_looked_for),
	};
	return cmocka_run_group_tests_name("outcome/x11", tests, NULL, NULL);
}
