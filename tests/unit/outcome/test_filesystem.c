/* SPDX-License-Identifier: MIT */
/* Configured mounts, what is hidden in them, the home directory, and extra permissions. */
#include <stdio.h>

#include "world.h"

/* -- mounts ------------------------------------------------------------------------------------ */

static void a_bind_has_the_flags_that_were_asked_for(void **state) {
	struct world *world = *state;
	const struct {
		struct hk_fs fs;
		uint32_t flags;
		uint32_t mode;
	} cases[] = {
		{{.dst = "/a"}, 0, 0},
		{{.dst = "/b", .write = true}, HK_MOUNT_WRITE, 0},
		{{.dst = "/c", .dev = true}, HK_MOUNT_WRITE | HK_MOUNT_DEVICES, 0},
		{{.dst = "/d", .optional = true}, HK_MOUNT_OPTIONAL, 0},
		{{.dst = "/e", .ensure = true}, HK_MOUNT_ENSURE, 0700},
	};
	const size_t count = sizeof(cases) / sizeof(cases[0]);
	for (size_t i = 0; i < count; i++) {
		struct hk_fs fs = cases[i].fs;
		fs.src = "/srv";
		world_add(world, &fs);
	}
	world_finalise(world);
	for (size_t i = 0; i < count; i++) {
		const struct hk_mount_op *op = world_mount(world, HK_MOUNT_BIND, cases[i].fs.dst);
		assert_string_equal(op->source, "/srv");
		assert_int_equal(op->flags, cases[i].flags);
		assert_int_equal(op->mode, cases[i].mode);
	}
}

static void the_other_types_become_their_operations(void **state) {
	struct world *world = *state;
	fake_link("/etc/alternatives/editor", "/usr/bin/vi");
	struct hk_fs overlay = {
		.type = HK_FS_OVERLAY, .dst = "/over", .upper = "/srv/up", .work = "/srv/work"};
	assert_int_equal(hk_strs_add(&world->arena, &overlay.lower, "/srv/low"), 0);
	const struct hk_fs others[] = {
		{.type = HK_FS_EPHEMERAL, .dst = "/eph", .write = true, .size = 123, .perm = 0710},
		{.type = HK_FS_LINK, .dst = "/link", .linkname = "some/where"},
		{.type = HK_FS_LINK,
			.dst = "/read",
			.linkname = "/etc/alternatives/editor",
			.dereference = true},
		{.type = HK_FS_BIND, .src = "/etc", .dst = "/etc", .special = true},
	};
	world_add(world, &overlay);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		world_add(world, &others[i]);
	}
	world_finalise(world);
	const struct hk_mount_op *op = world_mount(world, HK_MOUNT_OVERLAY, "/over");
	assert_string_equal(op->upper, "/srv/up");
	assert_string_equal(op->work, "/srv/work");
	assert_int_equal(op->lower.count, 1);
	assert_string_equal(op->lower.items[0], "/srv/low");
	assert_int_equal(op->flags, 0);
	op = world_mount(world, HK_MOUNT_TMPFS, "/eph");
	assert_int_equal(op->size, 123);
	assert_int_equal(op->mode, 0710);
	assert_int_equal(op->flags, HK_MOUNT_WRITE);
	assert_string_equal(world_mount(world, HK_MOUNT_LINK, "/link")->text, "some/where");
	op = world_mount(world, HK_MOUNT_LINK, "/read");
	assert_string_equal(op->text, "/usr/bin/vi");
	assert_int_equal(op->flags, 0);
	op = world_mount(world, HK_MOUNT_ETC, "/etc");
	assert_string_equal(op->text, TEST_ID);
	assert_string_equal(op->source, "/etc");
}

static void a_link_that_cannot_be_read_names_its_mount(void **state) {
	struct world *world = *state;
	world_add_bind(world, "/usr", "/usr");
	world_add(world, &(const struct hk_fs){.type = HK_FS_LINK,
				 .dst = "/x",
				 .linkname = "/etc/none",
				 .dereference = true});
	world_refuse(world, -ENOENT,
		"invalid filesystem at index 1: cannot read link '/etc/none': "
		"No such file or directory");
}

static void only_the_first_mount_can_be_the_root(void **state) {
	struct world *world = *state;
	world_add_bind(world, "/usr", "/usr");
	world_add_bind(world, "/", "/");
	world_refuse(world, -EINVAL,
		"invalid filesystem at index 1: only the first mount can be the root");
}

static void a_root_that_asks_to_be_written_is_refused_unless_it_is_made_of_entries(void **state) {
	struct world *world = *state;
	const char *refusal = "invalid filesystem at index 0: the root is always read-only";
	struct hk_fs cases[] = {
		{.type = HK_FS_BIND, .src = "/", .dst = "/", .write = true},
		{.type = HK_FS_BIND, .src = "/", .dst = "/", .dev = true},
		{.type = HK_FS_EPHEMERAL, .dst = "/", .write = true},
		{.type = HK_FS_OVERLAY, .dst = "/", .upper = "/srv", .work = "/srv"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world->container.filesystem = (struct hk_fss){0};
		world_add(world, &cases[i]);
		world_refuse(world, -EINVAL, refusal);
	}
	world->container.filesystem = (struct hk_fss){0};
	cases[0].special = true;
	world->config.home = "/.hakurei/home";
	world_add(world, &cases[0]);
	world_finalise(world);
	assert_int_equal(world_mount(world, HK_MOUNT_ROOT, "/")->flags, HK_MOUNT_WRITE);
}

static void a_mount_over_something_of_ours_is_allowed_and_warned_about(void **state) {
	struct world *world = *state;
	world_add_bind(world, "/srv", "/etc");
	world_add_bind(world, "/srv", "/run");
	world_add_bind(world, "/srv", "/.hakurei/x"); /* in it, but not over it */
	world_finalise(world);
	assert_true(world_warns(world, "the mount on '/etc' covers '/etc/passwd'"));
	assert_true(world_warns(world, "the mount on '/etc' covers '/etc/group'"));
	assert_true(world_warns(world, "the mount on '/run' covers '/run/user/65534'"));
	assert_int_equal(world->plan.warnings.count, 3);
}

/* -- what is hidden --------------------------------------------------------------------------- */

static void an_autoroot_hides_what_belongs_to_the_session(void **state) {
	struct world *world = *state;
	world->config.home = "/.hakurei/home";
	world_add(world,
		&(const struct hk_fs){.type = HK_FS_BIND, .src = "/", .dst = "/", .special = true});
	world_finalise(world);
	assert_true(world_hides(world, "/run/user/1000"));
	assert_true(world_hides(world, "/run/dbus"));
	assert_true(world_hides(world, "/run/nscd"));
	assert_true(world_hides(world, STORE));
	assert_false(world_hides(world, "/tmp/hakurei.0")); /* autoroot leaves /tmp out */
	/* Directly behind the mount that shows them. */
	assert_int_equal(world_mount_index(world, HK_MOUNT_PROC, "/proc"), 5);
}

static void a_root_that_is_bound_whole_hides_the_system_bus_and_the_store(void **state) {
	struct world *world = *state;
	world->config.home = "/.hakurei/home";
	world_add_bind(world, "/", "/");
	world_finalise(world);
	assert_true(world_hides(world, "/run/dbus"));
	assert_true(world_hides(world, STORE));
	assert_false(world_hides(world, "/run/user/1000"));
	assert_false(world_hides(world, "/run/nscd"));
}

static void what_is_hidden_is_found_behind_links_and_under_other_names(void **state) {
	struct world *world = *state;
	fake_link("/data", "/home");
	fake_link("/session", "/run/user");
	fake_env("XDG_RUNTIME_DIR", "/session/1000");
	world_add_bind(world, "/data/alice", "/a");
	world_add_bind(world, "/var", "/v"); /* holds only a link to /run */
	world_add_bind(world, "/run", "/r");
	world_add_bind(world, "/tmp", "/t");
	world_finalise(world);
	assert_true(world_hides(world, "/a/.local/state/hakurei"));
	assert_true(world_hides(world, "/r/user/1000"));
	assert_true(world_hides(world, "/r/nscd"));
	assert_true(world_hides(world, "/t/hakurei.0")); /* not made yet, but it will be */
	assert_false(world_hides(world, "/v/run/nscd"));
	assert_int_equal(world_mount_index(world, HK_MOUNT_TMPFS, "/a/.local/state/hakurei"),
		world_mount_index(world, HK_MOUNT_BIND, "/a") + 1);
}

static void what_was_asked_for_by_name_is_not_hidden(void **state) {
	struct world *world = *state;
	world_add_bind(world, "/run/dbus", "/run/dbus");
	world_add_bind(world, "/run/user/1000/app", "/x");
	world_finalise(world);
	assert_int_equal(world_hidden_count(world), 0);
}

static void what_is_not_there_is_not_hidden(void **state) {
	struct world *world = *state;
	fake_reset();
	fake_directory("/run/user/1000", 0700, 1000);
	world_add_bind(world, "/run", "/r");
	world_finalise(world);
	assert_true(world_hides(world, "/r/user/1000"));
	assert_false(world_hides(world, "/r/dbus"));
	assert_false(world_hides(world, "/r/nscd"));
}

static void layers_of_an_overlay_hide_too(void **state) {
	struct world *world = *state;
	struct hk_fs fs = {.type = HK_FS_OVERLAY, .dst = "/o"};
	assert_int_equal(hk_strs_add(&world->arena, &fs.lower, "/usr"), 0);
	assert_int_equal(hk_strs_add(&world->arena, &fs.lower, "/run"), 0);
	world_add(world, &fs);
	world_finalise(world);
	assert_true(world_hides(world, "/o/user/1000"));
}

static void the_runtime_directory_inside_is_never_hidden(void **state) {
	struct world *world = *state;
	world->container.map_real_uid = true;
	world->config.home = "/.hakurei/home";
	world_add(world,
		&(const struct hk_fs){.type = HK_FS_BIND, .src = "/", .dst = "/", .special = true});
	world_finalise(world);
	assert_string_equal(world_env(world, "XDG_RUNTIME_DIR"), "/run/user/1000");
	assert_false(world_hides(world, "/run/user/1000"));
	assert_true(world_hides(world, "/run/dbus"));

	world_add_bind(world, "/run", "/run");
	world_finalise(world);
	assert_false(world_hides(world, "/run/user/1000"));
	assert_true(world_warns(world, "covers '/run/user/1000'"));
}

static void a_directory_in_one_that_is_hidden_needs_no_cover_of_its_own(void **state) {
	struct world *world = *state;
	world->input.store = "/run/user/1000/store";
	world_add_bind(world, "/run", "/r");
	world_finalise(world);
	assert_true(world_hides(world, "/r/user/1000"));
	assert_int_equal(world_hidden_count(world), 3);
	fake_env("XDG_RUNTIME_DIR", "/run/user/1000/store/run");
	world_finalise(world);
	assert_true(world_hides(world, "/r/user/1000/store"));
	assert_int_equal(world_hidden_count(world), 3);
}

/* -- the home directory ----------------------------------------------------------------------- */

static void a_home_that_cannot_be_made_is_refused_by_name(void **state) {
	struct world *world = *state;
	char text[256];
	fake_directory("/srv/homes/app", 0755, 0);
	fake_directory("/srv/empty", 0755, 0);
	const struct {
		struct hk_fs fs;
		bool refused;
	} cases[] = {
		{{.src = "/home", .dst = "/home"}, true},
		{{.src = "/srv/homes", .dst = "/home"}, false},
		{{.src = "/srv/empty", .dst = "/home/app"}, false},
		{{.src = "/srv/new", .dst = "/home/app", .ensure = true}, false},
		{{.src = "/srv/new", .dst = "/home", .ensure = true}, true},
		{{.src = "/srv/new", .dst = "/home", .optional = true}, false},
		{{.src = "/srv/empty", .dst = "/home", .optional = true}, true},
		{{.src = "/srv/empty", .dst = "/", .special = true}, false},
		{{.src = "/srv/empty", .dst = "/"}, true},
		{{.src = "/", .dst = "/", .special = true}, true},
		{{.src = "/srv/empty", .dst = "/other"}, false},
		{{.type = HK_FS_EPHEMERAL, .dst = "/home"}, false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world->container.filesystem = (struct hk_fss){0};
		world_add(world, &cases[i].fs);
		if (cases[i].refused) {
			(void)snprintf(text, sizeof(text),
				"home directory '/home/app' does not exist in the container, and "
				"cannot "
				"be made in what is mounted on '%s'",
				cases[i].fs.dst);
			world_refuse(world, -ENOENT, text);
		} else {
			world_finalise(world);
		}
	}
}

static void a_home_that_an_extra_permission_makes_need_not_be_there(void **state) {
	struct world *world = *state;
	struct hk_extra_perm perm = {.path = "/srv/new", .ensure = true, .r = true, .x = true};
	world_add_bind(world, "/srv/new", "/home/app");
	world_add_perm(world, &perm);
	world_finalise(world);
	world->config.extra_perms.items[0].ensure = false;
	world_refuse(world, -ENOENT,
		"home directory '/home/app' does not exist in the container, and cannot be made "
		"in what is mounted on '/home/app'");
}

static void a_home_that_the_person_cannot_see_is_left_to_the_container(void **state) {
	struct world *world = *state;
	fake_closed("/srv/secret");
	world_add_bind(world, "/srv/secret/homes", "/home");
	world_finalise(world);
	const struct hk_mount_op *home = world_mount(world, HK_MOUNT_TMPFS, "/home/app");
	assert_int_equal(home->flags, HK_MOUNT_MISSING | HK_MOUNT_WRITE);
}

static void a_home_in_a_place_of_ours_can_be_made_over_any_root(void **state) {
	struct world *world = *state;
	static const char *const homes[] = {"/.hakurei/home", "/tmp/home", "/mnt/home"};
	fake_directory("/mnt", 0755, 0);
	for (size_t i = 0; i < 3; i++) {
		world->config.home = homes[i];
		world->container.filesystem = (struct hk_fss){0};
		world_add(world,
			&(const struct hk_fs){
				.type = HK_FS_BIND, .src = "/", .dst = "/", .special = true});
		world_finalise(world);
	}
	world->container.filesystem = (struct hk_fss){0};
	world_add_bind(world, "/", "/");
	world->config.home = "/tmp/home";
	world_finalise(world);
	world->config.home = "/mnt/home";
	world_refuse(world, -ENOENT,
		"home directory '/mnt/home' does not exist in the container, and cannot be made "
		"in what is mounted on '/'");
}

static void of_several_mounts_the_last_one_over_the_home_decides(void **state) {
	struct world *world = *state;
	world_add_bind(world, "/home", "/home");
	world_add(world, &(const struct hk_fs){.type = HK_FS_EPHEMERAL, .dst = "/home"});
	world_finalise(world);
}

/* -- extra permissions ------------------------------------------------------------------------ */

static void extra_permissions_come_last_and_make_what_is_to_be_ensured(void **state) {
	struct world *world = *state;
	fake_directory("/srv/there", 0755, 1000);
	const struct hk_extra_perm perms[] = {
		{.path = "/srv/new", .ensure = true, .x = true},
		{.path = "/srv/there", .ensure = true, .r = true, .w = true, .x = true},
		{.path = "/srv/plain", .r = true},
		{.path = "/srv/only", .ensure = true},
		{.path = "/srv/plain", .w = true},
	};
	for (size_t i = 0; i < sizeof(perms) / sizeof(perms[0]); i++) {
		world_add_perm(world, &perms[i]);
	}
	world_finalise(world);
	assert_int_equal(world->plan.host.count, 8);
	const struct hk_host_op *made = world_host(world, HK_HOST_DIRECTORY, "/srv/new");
	assert_non_null(made);
	assert_int_equal(made->mode, 0700);
	assert_true(made->stays);
	assert_true(made == &world->plan.host.items[3]);
	assert_int_equal(world_host(world, HK_HOST_ACL, "/srv/new")->perm, HK_ACL_X);
	assert_null(world_host(world, HK_HOST_DIRECTORY, "/srv/there"));
	assert_int_equal(world_host(world, HK_HOST_ACL, "/srv/there")->perm, 7);
	assert_int_equal(world_host(world, HK_HOST_ACL, "/srv/plain")->perm, HK_ACL_R | HK_ACL_W);
	assert_non_null(world_host(world, HK_HOST_DIRECTORY, "/srv/only"));
	assert_null(world_host(world, HK_HOST_ACL, "/srv/only"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(a_bind_has_the_flags_that_were_asked_for),
		TEST(the_other_types_become_their_operations),
		TEST(a_link_that_cannot_be_read_names_its_mount),
		TEST(only_the_first_mount_can_be_the_root),
		TEST(a_root_that_asks_to_be_written_is_refused_unless_it_is_made_of_entries),
		TEST(a_mount_over_something_of_ours_is_allowed_and_warned_about),
		TEST(an_autoroot_hides_what_belongs_to_the_session),
		TEST(a_root_that_is_bound_whole_hides_the_system_bus_and_the_store),
		TEST(what_is_hidden_is_found_behind_links_and_under_other_names),
		TEST(what_was_asked_for_by_name_is_not_hidden),
		TEST(what_is_not_there_is_not_hidden),
		TEST(layers_of_an_overlay_hide_too),
		TEST(the_runtime_directory_inside_is_never_hidden),
		TEST(a_directory_in_one_that_is_hidden_needs_no_cover_of_its_own),
		TEST(a_home_that_cannot_be_made_is_refused_by_name),
		TEST(a_home_that_an_extra_permission_makes_need_not_be_there),
		TEST(a_home_that_the_person_cannot_see_is_left_to_the_container),
		TEST(a_home_in_a_place_of_ours_can_be_made_over_any_root),
		TEST(of_several_mounts_the_last_one_over_the_home_decides),
		TEST(extra_permissions_come_last_and_make_what_is_to_be_ensured),
	};
	return cmocka_run_group_tests_name("outcome/filesystem", tests, NULL, NULL);
}
