/* SPDX-License-Identifier: MIT */
#include "world.h"

#define RUNTIME	 "/run/user/1000"
#define INSTANCE RUNTIME "/hakurei/" TEST_ID
#define INNER	 "/.hakurei/pulse"
#define COOKIE	 "/.hakurei/pulse-cookie"

static int setup(void **state) {
	int r = world_setup(state);
	struct world *world = *state;
	world->config.enablements.pulse = true;
	fake_env("HOME", "/home/alice");
	fake_socket(RUNTIME "/pulse/native", 0777, 1000);
	return r;
}

static void add_cookie(const char *path, const char *content) {
	fake_file(path, 0600, 1000);
	fake_content(path, content, strlen(content));
}

/* The cookie that the container gets, or that it gets none. */
static void check_cookie(struct world *world, const char *content) {
	world_finalise(world);
	if (!content) {
		assert_int_equal(world_mount_index(world, HK_MOUNT_FILE, COOKIE), -1);
		assert_null(world_env(world, "PULSE_COOKIE"));
		return;
	}
	const struct hk_mount_op *file = world_mount(world, HK_MOUNT_FILE, COOKIE);
	assert_null(file->text);
	assert_int_equal(file->secret.size, strlen(content));
	assert_memory_equal(file->secret.bytes, content, strlen(content));
	assert_int_equal(file->mode, 0400);
	assert_string_equal(world_env(world, "PULSE_COOKIE"), COOKIE);
}

static void the_servers_socket_gets_a_name_in_the_instance_directory(void **state) {
	struct world *world = *state;
	world_finalise(world);
	const struct hk_host_op *op = world_host(world, HK_HOST_HARDLINK, INSTANCE "/pulse");
	assert_non_null(op);
	assert_string_equal(op->source, RUNTIME "/pulse/native");
	assert_null(world_host(world, HK_HOST_ACL, INSTANCE "/pulse")); /* open to all */
	const struct hk_mount_op *bind = world_mount(world, HK_MOUNT_BIND, INNER);
	assert_string_equal(bind->source, "pulse");
	assert_int_equal(bind->flags, 0);
	assert_string_equal(world_env(world, "PULSE_SERVER"), "unix:" INNER);
}

static void whoever_can_play_can_load_modules_and_a_warning_says_so(void **state) {
	struct world *world = *state;
	world_finalise(world);
	assert_true(world_warns(world, "whoever can play can record too"));
	assert_true(world_warns(world, "have the sound server load modules"));
	assert_int_equal(world->plan.warnings.count, 1);
}

static void a_closed_socket_is_opened_to_the_target(void **state) {
	struct world *world = *state;
	fake_socket(RUNTIME "/pulse/native", 0775, 1000);
	world_finalise(world);
	const struct hk_host_op *acl = world_host(world, HK_HOST_ACL, INSTANCE "/pulse");
	assert_non_null(acl);
	assert_int_equal(acl->perm, HK_ACL_R | HK_ACL_W);
	assert_int_equal(acl->target, 10000);
	assert_true(acl > world_host(world, HK_HOST_HARDLINK, INSTANCE "/pulse"));
}

static void programs_that_ignore_the_variable_find_a_link_in_a_private_runtime_directory(
	void **state) {
	struct world *world = *state;
	world_finalise(world);
	int directory = world_mount_index(world, HK_MOUNT_MKDIR, "/run/user/65534/pulse");
	int link = world_mount_index(world, HK_MOUNT_LINK, "/run/user/65534/pulse/native");
	assert_true(directory > 0 && link > directory);
	assert_int_equal(world->plan.container.mounts.items[directory].mode, 0700);
	assert_string_equal(world->plan.container.mounts.items[link].text, INNER);
	world->container.share_runtime = HK_TRUE;
	world_finalise(world);
	assert_int_equal(world_mount_index(world, HK_MOUNT_MKDIR, "/run/user/65534/pulse"), -1);
	assert_int_equal(
		world_mount_index(world, HK_MOUNT_LINK, "/run/user/65534/pulse/native"), -1);
}

static void a_sound_server_that_is_not_there_is_named(void **state) {
	struct world *world = *state;
	fake_env("XDG_RUNTIME_DIR", "/run/other");
	world_refuse(world, -ENOENT,
		"cannot find the sound server: there is no '/run/other/pulse/native'");
	fake_directory("/run/other/pulse/native", 0700, 1000);
	world_refuse(world, -ENOTSOCK,
		"cannot find the sound server: '/run/other/pulse/native' is not a socket");
}

static void the_cookie_is_looked_for_where_libpulse_looks_in_its_order(void **state) {
	struct world *world = *state;
	check_cookie(world, NULL);
	add_cookie("/home/alice/.config/pulse/cookie", "four");
	check_cookie(world, "four");
	fake_env("XDG_CONFIG_HOME", "/home/alice/settings");
	check_cookie(world, NULL); /* the variable says where, and there is none */
	add_cookie("/home/alice/settings/pulse/cookie", "three");
	check_cookie(world, "three");
	add_cookie("/home/alice/.pulse-cookie", "two");
	check_cookie(world, "two");
	add_cookie("/srv/cookie", "one");
	fake_env("PULSE_COOKIE", "/srv/cookie");
	check_cookie(world, "one");
}

static void places_that_no_absolute_path_names_are_passed_over(void **state) {
	struct world *world = *state;
	add_cookie("/home/alice/.config/pulse/cookie", "four");
	fake_env("PULSE_COOKIE", "cookie");
	fake_env("XDG_CONFIG_HOME", "settings");
	check_cookie(world, "four");
	fake_env("HOME", NULL);
	check_cookie(world, NULL);
}

static void a_cookie_may_hold_any_bytes_and_256_of_them_and_no_more(void **state) {
	struct world *world = *state;
	char bytes[257];
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (char)i;
	}
	fake_file("/home/alice/.pulse-cookie", 0600, 1000);
	fake_content("/home/alice/.pulse-cookie", bytes, 256);
	world_finalise(world);
	const struct hk_mount_op *file = world_mount(world, HK_MOUNT_FILE, COOKIE);
	assert_int_equal(file->secret.size, 256);
	assert_memory_equal(file->secret.bytes, bytes, 256);
	fake_content("/home/alice/.pulse-cookie", bytes, 257);
	world_refuse(world, -EFBIG,
		"PulseAudio cookie '/home/alice/.pulse-cookie' is larger than 256 bytes");
}

static void a_cookie_that_cannot_be_read_is_named(void **state) {
	struct world *world = *state;
	fake_directory("/home/alice/.config/pulse/cookie", 0700, 1000);
	world_refuse(world, -EINVAL,
		"PulseAudio cookie '/home/alice/.config/pulse/cookie' is not a regular file");
	fake_file("/home/alice/.pulse-cookie", 0600, 0);
	world_refuse(world, -EACCES,
		"cannot read the PulseAudio cookie '/home/alice/.pulse-cookie': Permission denied");
	fake_env("PULSE_COOKIE", "/nowhere");
	world_refuse(world, -ENOENT,
		"cannot read the PulseAudio cookie '/nowhere': No such file or directory");
}

static void the_cookie_does_not_show_in_the_plan(void **state) {
	struct world *world = *state;
	add_cookie("/home/alice/.pulse-cookie", "sesame");
	world_finalise(world);
	struct hk_str texts[2] = {{0}, {0}};
	hk_plan_print(&world->plan, &texts[0]);
	assert_int_equal(hk_plan_print_json(&world->plan, &texts[1], &world->err), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_non_null(strstr(texts[i].text, COOKIE));
		assert_null(strstr(texts[i].text, "sesame"));
		hk_str_finish(&texts[i]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(the_servers_socket_gets_a_name_in_the_instance_directory),
		TEST(whoever_can_play_can_load_modules_and_a_warning_says_so),
		TEST(a_closed_socket_is_opened_to_the_target),
		TEST(programs_that_ignore_the_variable_find_a_link_in_a_private_runtime_directory),
		TEST(a_sound_server_that_is_not_there_is_named),
		TEST(the_cookie_is_looked_for_where_libpulse_looks_in_its_order),
		TEST(places_that_no_absolute_path_names_are_passed_over),
		TEST(a_cookie_may_hold_any_bytes_and_256_of_them_and_no_more),
		TEST(a_cookie_that_cannot_be_read_is_named),
		TEST(the_cookie_does_not_show_in_the_plan),
	};
	return cmocka_run_group_tests_name("outcome/pulse", tests, NULL, NULL);
}
