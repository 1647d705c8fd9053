/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

#include "base/auto.h"
#include "tree.h"

static int open_store(struct hk_test_world *world) {
	struct hk_store store = {.dir = -1};
	int r = hk_store_open(world->store_path, &world->place->scope, &store, &world->err);
	hk_store_close(&store);
	return r;
}

static int recover(struct hk_test_world *world) {
	struct hk_store_recovered recovered;
	return hk_store_recover(&world->store, &world->place->log, &recovered, &world->err);
}

static void assert_says(const struct hk_test_world *world, const char *words) {
	if (!strstr(world->err.text, words)) {
		fail_msg("'%s' does not say '%s'", world->err.text, words);
	}
}

static void it_is_made_with_its_parents_and_closed(void **state) {
	struct hk_test_world *world = *state;
	assert_int_equal(hk_test_mode(hk_test_path(world->place, "home/.local")), 0700);
	assert_int_equal(hk_test_mode(hk_test_path(world->place, "home/.local/state")), 0700);
	assert_int_equal(hk_test_mode(world->store_path), 0700);
	assert_int_equal(
		hk_test_mode(hk_test_path(world->place, "home/.local/state/hakurei/lock")), 0600);
	assert_int_equal(open_store(world), 0);
}

static void one_that_is_open_to_others_is_refused(void **state) {
	struct hk_test_world *world = *state;
	static const mode_t modes[] = {0701, 0710, 0755, 0777, 0500};
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		assert_int_equal(chmod(world->store_path, modes[i]), 0);
		assert_int_equal(open_store(world), -EPERM);
		assert_says(world, "state/hakurei' has mode");
		assert_int_equal(hk_test_mode(world->store_path), modes[i]);
	}
	assert_int_equal(chmod(world->store_path, 0700), 0); /* or teardown cannot remove it */
}

static void one_with_an_acl_is_refused(void **state) {
	struct hk_test_world *world = *state;
	hk_test_acl_set(world->store_path, "u::rwx,u:1234:rwx,g::---,m::---,o::---");
	assert_int_equal(open_store(world), -EPERM);
	assert_says(world, "state/hakurei' has an ACL");
	hk_test_acl_set(world->store_path, "u::rwx,g::---,o::---");
	assert_int_equal(open_store(world), 0);
	hk_test_acl_set_default(world->store_path, "u::rwx,g::---,o::---");
	assert_int_equal(open_store(world), -EPERM);
	assert_says(world, "state/hakurei' has an ACL");
}

static void a_directory_above_that_others_may_write_to_is_refused(void **state) {
	struct hk_test_world *world = *state;
	static const char *const names[] = {"home", "home/.local", "home/.local/state"};
	for (size_t i = 0; i < 3; i++) {
		const char *path = hk_test_path(world->place, names[i]);
		assert_int_equal(chmod(path, 0770), 0);
		assert_int_equal(open_store(world), -EPERM);
		assert_says(world, path);
		assert_says(world, "can be written to by others");
		assert_int_equal(chmod(path, 01777), 0);
		assert_int_equal(open_store(world), 0);
		assert_int_equal(chmod(path, 0700), 0);
	}
}

static void a_link_on_the_way_is_refused(void **state) {
	struct hk_test_world *world = *state;
	const char *local = hk_test_path(world->place, "home/.local");
	const char *moved = hk_test_path(world->place, "home/moved");
	assert_int_equal(rename(local, moved), 0);
	assert_int_equal(symlink(moved, local), 0);
	assert_int_equal(open_store(world), -ELOOP);
	assert_says(world, "home/.local' is a symbolic link");
}

static void somebody_elses_is_refused(void **state) {
	struct hk_test_world *world = *state;
	if (hk_test_lacks_root()) {
		skip();
	}
	const char *tmp = hk_test_path(world->place, "tmp/state");
	hk_test_become(HK_TEST_EVIL);
	assert_int_equal(mkdir(tmp, 0700), 0);
	hk_test_become(world->place->scope.person);
	world->store_path = tmp;
	assert_int_equal(open_store(world), -EPERM);
	assert_says(world, "tmp/state' belongs to uid 40001");
}

static void a_lock_that_is_not_ours_alone_is_refused(void **state) {
	struct hk_test_world *world = *state;
	const char *lock = hk_test_path(world->place, "home/.local/state/hakurei/lock");
	assert_int_equal(chmod(lock, 0644), 0);
	assert_int_equal(recover(world), -EPERM);
	assert_int_equal(chmod(lock, 0600), 0);
	assert_int_equal(link(lock, hk_test_path(world->place, "home/second")), 0);
	assert_int_equal(recover(world), -EPERM);
	assert_int_equal(unlink(lock), 0);
	assert_int_equal(symlink(hk_test_path(world->place, "home/second"), lock), 0);
	assert_int_equal(recover(world), -ELOOP);
	assert_int_equal(unlink(lock), 0);
	assert_int_equal(mkfifo(lock, 0600), 0);
	assert_int_equal(recover(world), -EPERM);
	assert_says(world, "state directory: 'lock' is not a plain file");
}

static void the_lock_comes_back_when_the_person_removes_it(void **state) {
	struct hk_test_world *world = *state;
	const char *lock = hk_test_path(world->place, "home/.local/state/hakurei/lock");
	assert_int_equal(unlink(lock), 0);
	(void)umask(0777);
	int r = recover(world);
	(void)umask(022);
	assert_int_equal(r, 0);
	assert_int_equal(hk_test_mode(lock), 0600);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		HK_WORLD_TEST(it_is_made_with_its_parents_and_closed),
		HK_WORLD_TEST(one_that_is_open_to_others_is_refused),
		HK_WORLD_TEST(one_with_an_acl_is_refused),
		HK_WORLD_TEST(a_directory_above_that_others_may_write_to_is_refused),
		HK_WORLD_TEST(a_link_on_the_way_is_refused),
		HK_WORLD_TEST(somebody_elses_is_refused),
		HK_WORLD_TEST(a_lock_that_is_not_ours_alone_is_refused),
		HK_WORLD_TEST(the_lock_comes_back_when_the_person_removes_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
