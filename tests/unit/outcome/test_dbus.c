/* SPDX-License-Identifier: MIT */
#include "world.h"

#include "base/vec.h"
#include "outcome/bus_policy.h"

#define RUNTIME	  "/run/user/1000"
#define SOCKETS	  RUNTIME "/hakurei/" TEST_ID "/bus.d"
#define SESSION	  "DBUS_SESSION_BUS_ADDRESS"
#define SYSTEM	  "DBUS_SYSTEM_BUS_ADDRESS"
#define WARNED_OF "which starts programs as you"

static int setup(void **state) {
	int r = world_setup(state);
	struct world *world = *state;
	world->config.enablements.dbus = true;
	world->container.map_real_uid = true;
	fake_socket(RUNTIME "/bus", 0666, 1000);
	fake_socket("/run/dbus/system_bus_socket", 0666, 0);
	fake_file("/usr/bin/xdg-dbus-proxy", 0755, 0);
	return r;
}

static struct hk_bus_policy *policy_of(struct world *world, const char *talk) {
	struct hk_bus_policy *policy = hk_arena_alloc(&world->arena, sizeof(*policy));
	assert_non_null(policy);
	policy->filter = true;
	assert_int_equal(hk_strs_add_borrowed(&world->arena, &policy->talk, talk), 0);
	return policy;
}

static const struct hk_host_op *proxy(struct world *world) {
	const struct hk_host_op *op = world_host(world, HK_HOST_DBUS, SOCKETS);
	assert_non_null(op);
	return op;
}

static void check_strs(const struct hk_strs *strs, const char *const expected[]) {
	size_t count = 0;
	while (expected[count]) {
		assert_true(count < strs->count);
		assert_string_equal(strs->items[count], expected[count]);
		count++;
	}
	assert_int_equal(strs->count, count);
}

/* -- the plan ---------------------------------------------------------------------------------- */

static void without_a_policy_the_session_bus_has_the_built_in_one(void **state) {
	struct world *world = *state;
	world->config.id = "org.example.App";
	world_finalise(world);
	const struct hk_host_op *op = proxy(world);
	static const char *const expected[] = {"unix:path=" RUNTIME "/bus", SOCKETS "/session",
		"--filter", "--talk=org.freedesktop.DBus", "--talk=org.freedesktop.Notifications",
		"--own=org.example.App.*", "--call=org.freedesktop.portal.*=*",
		"--broadcast=org.freedesktop.portal.*=@/org/freedesktop/portal/*", NULL};
	check_strs(&op->args, expected);
	assert_string_equal(op->source, "/usr/bin/xdg-dbus-proxy");
	assert_int_equal(op->target, 10000);
	assert_int_equal(world->plan.warnings.count, 0);
}

static void without_an_id_nothing_may_be_owned(void **state) {
	struct world *world = *state;
	world_finalise(world);
	const struct hk_strs *args = &proxy(world)->args;
	for (size_t i = 0; i < args->count; i++) {
		assert_false(hk_str_starts(args->items[i], "--own"));
	}
}

static void a_media_player_may_own_its_names(void **state) {
	struct world *world = *state;
	struct hk_bus_policy *policy;
	assert_int_equal(hk_outcome_builtin_policy(
				 &world->arena, "org.example.App", true, &policy, &world->err),
		0);
	static const char *const expected[] = {
		"org.example.App.*", "org.mpris.MediaPlayer2.org.example.App.*", NULL};
	check_strs(&policy->own, expected);
}

static void an_id_that_is_no_bus_name_is_refused(void **state) {
	struct world *world = *state;
	world->config.id = "editor";
	world_refuse(world, -EINVAL,
		"bad interface string \"editor.*\" in session bus configuration: the id needs a "
		"dot to be a bus name");
}

static void every_part_of_a_policy_reaches_the_proxy_in_order(void **state) {
	struct world *world = *state;
	struct hk_bus_policy *policy = policy_of(world, "a.talk");
	struct hk_pair call = {"a.call", "x.*@/y"};
	struct hk_pair broadcast = {"a.cast", "@/z"};
	struct hk_pair twice[] = {call, {"b.call", "*"}};
	policy->call = (struct hk_pairs){.items = twice, .count = 2};
	policy->broadcast = (struct hk_pairs){.items = &broadcast, .count = 1};
	assert_int_equal(hk_strs_add_borrowed(&world->arena, &policy->see, "a.see"), 0);
	assert_int_equal(hk_strs_add_borrowed(&world->arena, &policy->own, "a.own.*"), 0);
	policy->log = true;
	world->config.session_bus = policy;
	world->config.system_bus = policy_of(world, "b.talk");
	world_finalise(world);
	static const char *const expected[] = {"unix:path=" RUNTIME "/bus", SOCKETS "/session",
		"--filter", "--see=a.see", "--talk=a.talk", "--own=a.own.*", "--call=a.call=x.*@/y",
		"--call=b.call=*", "--broadcast=a.cast=@/z", "--log",
		"unix:path=/run/dbus/system_bus_socket", SOCKETS "/system", "--filter",
		"--talk=b.talk", NULL};
	check_strs(&proxy(world)->args, expected);
}

static void the_sockets_have_a_directory_that_only_the_target_passes_through(void **state) {
	struct world *world = *state;
	world_finalise(world);
	const struct hk_host_op *directory = world_host(world, HK_HOST_DIRECTORY, SOCKETS);
	const struct hk_host_op *acl = world_host(world, HK_HOST_ACL, SOCKETS);
	assert_non_null(directory);
	assert_non_null(acl);
	assert_int_equal(directory->mode, 0700);
	assert_false(directory->stays);
	assert_int_equal(acl->perm, HK_ACL_X);
	/* In this order: the proxy needs the directory, and is gone before it. */
	assert_true(directory < acl && acl < proxy(world));
}

static void the_container_has_the_buses_that_were_asked_for(void **state) {
	struct world *world = *state;
	world_finalise(world);
	const struct hk_mount_op *bind = world_mount(world, HK_MOUNT_BIND, "/.hakurei/bus");
	assert_string_equal(bind->source, "bus.d/session");
	assert_int_equal(bind->flags, 0);
	assert_string_equal(world_env(world, SESSION), "unix:path=/.hakurei/bus");
	assert_null(world_env(world, SYSTEM));
	assert_int_equal(
		world_mount_index(world, HK_MOUNT_BIND, "/.hakurei/system_bus_socket"), -1);
	world->plan = (struct hk_plan){0};
	world->config.system_bus = policy_of(world, "a.b");
	world_finalise(world);
	bind = world_mount(world, HK_MOUNT_BIND, "/.hakurei/system_bus_socket");
	assert_string_equal(bind->source, "bus.d/system");
	assert_string_equal(world_env(world, SYSTEM), "unix:path=/.hakurei/system_bus_socket");
}

static void a_private_runtime_directory_has_a_link_to_the_bus(void **state) {
	struct world *world = *state;
	world_finalise(world);
	const struct hk_mount_op *link = world_mount(world, HK_MOUNT_LINK, RUNTIME "/bus");
	assert_string_equal(link->text, "/.hakurei/bus");
	world->plan = (struct hk_plan){0};
	world->container.share_runtime = HK_TRUE;
	world_finalise(world);
	assert_int_equal(world_mount_index(world, HK_MOUNT_LINK, RUNTIME "/bus"), -1);
}

static void who_is_not_seen_as_the_person_gets_a_hint(void **state) {
	struct world *world = *state;
	world_finalise(world);
	assert_int_equal(world->plan.hints.count, 0);
	world->plan = (struct hk_plan){0};
	world->container.map_real_uid = false;
	world_finalise(world);
	assert_int_equal(world->plan.hints.count, 1);
	assert_non_null(strstr(world->plan.hints.items[0], "map_real_uid"));
	assert_int_equal(world->plan.warnings.count, 0);
}

/* -- addresses --------------------------------------------------------------------------------- */

static void the_first_entry_that_can_be_used_is_what_the_proxy_gets(void **state) {
	struct world *world = *state;
	fake_link("/home/alice/bus", "../../run/user/1000/bus");
	fake_socket("/srv/my bus", 0666, 1000);
	static const struct {
		const char *value;
		const char *address;
	} rows[] = {
		{"", "unix:path=" RUNTIME "/bus"},
		{"unix:path=" RUNTIME "/bus,guid=12", "unix:path=" RUNTIME "/bus"},
		{"unix:path=/home/alice/bus", "unix:path=" RUNTIME "/bus"},
		{"unix:path=/srv//my%20bus", "unix:path=/srv/my%20bus"},
		{"autolaunch:;unix:path=/gone;unix:path=/srv/my%20bus;tcp:host=h,port=1",
			"unix:path=/srv/my%20bus"},
		{"unix:path=/gone;unix:abstract=name,guid=1", "unix:abstract=name,guid=1"},
		{"tcp:host=h,port=1", "tcp:host=h,port=1"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fake_env(SESSION, rows[i].value);
		world->plan = (struct hk_plan){0};
		world_finalise(world);
		assert_string_equal(proxy(world)->args.items[0], rows[i].address);
	}
}

static void a_bus_that_is_not_there_is_an_error_that_says_where_it_was_looked_for(void **state) {
	struct world *world = *state;
	fake_ids(1001, 1001);
	world_refuse(world, -ENOENT,
		"no session bus: '/run/user/1001/bus' does not exist (DBUS_SESSION_BUS_ADDRESS is "
		"not set)");
	fake_ids(1000, 1000);
	fake_env(SESSION, "unix:path=/gone;unix:path=/etc;autolaunch:");
	world_refuse(world, -ENOENT,
		"no session bus: '/gone' does not exist; '/etc' is not a socket; 'autolaunch' is "
		"not a method that the proxy can use (DBUS_SESSION_BUS_ADDRESS is "
		"'unix:path=/gone;unix:path=/etc;autolaunch:')");
	fake_env(SESSION, NULL);
	world->config.system_bus = policy_of(world, "a.b");
	fake_env(SYSTEM, "unix:path=/gone");
	world_refuse(world, -ENOENT,
		"no system bus: '/gone' does not exist (DBUS_SYSTEM_BUS_ADDRESS is "
		"'unix:path=/gone')");
}

static void a_malformed_address_is_an_error_that_names_the_variable(void **state) {
	struct world *world = *state;
	fake_env(SESSION, "unix:path=/a;unix");
	world_refuse(world, -EINVAL,
		"DBUS_SESSION_BUS_ADDRESS: entry 2: 'unix' has no ':' behind its method");
	fake_env(SESSION, NULL);
	fake_env(SYSTEM, "nonsense");
	world_finalise(world); /* nobody asked for it */
	world->plan = (struct hk_plan){0};
	world->config.system_bus = policy_of(world, "a.b");
	world_refuse(world, -EINVAL,
		"DBUS_SYSTEM_BUS_ADDRESS: entry 1: 'nonsense' has no ':' behind its method");
}

static void a_proxy_that_is_not_installed_is_an_error(void **state) {
	struct world *world = *state;
	fake_env("PATH", "/usr/local/bin:relative");
	world_refuse(world, -ENOENT,
		"no D-Bus without xdg-dbus-proxy, a package of its own: cannot look up executable "
		"file 'xdg-dbus-proxy': No such file or directory");
}

static void the_proxy_is_known_by_its_real_name(void **state) {
	struct world *world = *state;
	fake_file("/nix/store/x/bin/xdg-dbus-proxy", 0755, 0);
	fake_link("/usr/local/bin/xdg-dbus-proxy", "/nix/store/x/bin/xdg-dbus-proxy");
	world_finalise(world);
	assert_string_equal(proxy(world)->source, "/nix/store/x/bin/xdg-dbus-proxy");
}

/* -- hiding ------------------------------------------------------------------------------------ */

static void an_unusual_place_of_the_system_bus_is_hidden_too(void **state) {
	struct world *world = *state;
	world_add(world, &(const struct hk_fs){.type = HK_FS_BIND, .src = "/", .dst = "/host"});
	fake_directory("/srv/bus", 0755, 0);
	fake_env(SYSTEM, "unix:path=/srv/bus/socket;unix:path=/home/alice/bus;unix:path=/tmp/bus;"
			 "unix:path=/run/bus;unix:path=/bus;tcp:host=h,port=1");
	world_finalise(world);
	assert_true(world_hides(world, "/host/srv/bus"));
	assert_true(world_hides(world, "/host/run/dbus"));
	/* These hold more than a bus. */
	assert_false(world_hides(world, "/host/home/alice"));
	assert_false(world_hides(world, "/host/tmp"));
	assert_false(world_hides(world, "/host/run"));
	assert_false(world_hides(world, "/host"));
}

/* -- warnings ---------------------------------------------------------------------------------- */

static size_t warnings_about(struct world *world, struct hk_bus_policy *policy) {
	world->plan = (struct hk_plan){0};
	world->config.session_bus = policy;
	world_finalise(world);
	return world->plan.warnings.count;
}

static void a_policy_that_names_a_manager_of_the_host_gives_one_warning(void **state) {
	struct world *world = *state;
	static const char *const names[] = {
		"org.freedesktop.systemd1", "org.freedesktop.systemd1.*"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(warnings_about(world, policy_of(world, names[i])), 1);
		assert_true(world_warns(world,
			"the session bus policy lets the program call org.freedesktop.systemd1, "
			"which starts programs as you"));
		struct hk_bus_policy *own = policy_of(world, "a.b");
		assert_int_equal(hk_strs_add(&world->arena, &own->own, names[i]), 0);
		assert_int_equal(warnings_about(world, own), 1);
		struct hk_pair pair = {names[i], "*"};
		struct hk_bus_policy *call = policy_of(world, "a.b");
		call->call = (struct hk_pairs){.items = &pair, .count = 1};
		assert_int_equal(warnings_about(world, call), 1);
	}
	/* What covers many of them gives a line for each. */
	assert_true(warnings_about(world, policy_of(world, "org.freedesktop.*")) > 3);
	assert_true(world_warns(world, WARNED_OF));
}

static void a_policy_without_a_manager_gives_no_warning(void **state) {
	struct world *world = *state;
	static const char *const names[] = {"org.freedesktop.systemd",
		"org.freedesktop.systemd12.*", "org.freedesktop.portal.*",
		"org.freedesktop.systemd1.Manager", "org.gnome.Shell2", "org.gnome.She.*",
		"org.example.App.*"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(warnings_about(world, policy_of(world, names[i])), 0);
	}
	struct hk_bus_policy *see = policy_of(world, "a.b");
	assert_int_equal(
		hk_strs_add_borrowed(&world->arena, &see->see, "org.freedesktop.systemd1"), 0);
	assert_int_equal(warnings_about(world, see), 0);
}

static void a_bus_without_a_filter_is_warned_about(void **state) {
	struct world *world = *state;
	struct hk_bus_policy *policy = policy_of(world, "org.freedesktop.systemd1");
	policy->filter = false;
	assert_int_equal(warnings_about(world, policy), 1);
	assert_true(world_warns(world, "the session bus is not filtered"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(without_a_policy_the_session_bus_has_the_built_in_one),
		TEST(without_an_id_nothing_may_be_owned),
		TEST(a_media_player_may_own_its_names),
		TEST(an_id_that_is_no_bus_name_is_refused),
		TEST(every_part_of_a_policy_reaches_the_proxy_in_order),
		TEST(the_sockets_have_a_directory_that_only_the_target_passes_through),
		TEST(the_container_has_the_buses_that_were_asked_for),
		TEST(a_private_runtime_directory_has_a_link_to_the_bus),
		TEST(who_is_not_seen_as_the_person_gets_a_hint),
		TEST(the_first_entry_that_can_be_used_is_what_the_proxy_gets),
		TEST(a_bus_that_is_not_there_is_an_error_that_says_where_it_was_looked_for),
		TEST(a_malformed_address_is_an_error_that_names_the_variable),
		TEST(a_proxy_that_is_not_installed_is_an_error),
		TEST(the_proxy_is_known_by_its_real_name),
		TEST(an_unusual_place_of_the_system_bus_is_hidden_too),
		TEST(a_policy_that_names_a_manager_of_the_host_gives_one_warning),
		TEST(a_policy_without_a_manager_gives_no_warning),
		TEST(a_bus_without_a_filter_is_warned_about),
	};
	return cmocka_run_group_tests_name("outcome/dbus", tests, NULL, NULL);
}
