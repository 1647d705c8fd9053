/* SPDX-License-Identifier: MIT */
/* Every call to the kernel fails once, or is where we are killed: nothing may be left over. */
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

#include "fail_sys.h"
#include "tree.h"

#define T     HK_TEST_TARGET
#define CALLS 2000 /* more than any of it makes */

static const char *const lists[] = {
	"u::rwx,g::r-x,o::---",
	"u::rwx,u:1010000:r--,u:1234:r--,g::r-x,m::r-x,o::---",
};

static const int errors[] = {EIO, ENOSPC, EMFILE, EACCES};

/* What runs with call n failing. Returns what begin or end returned. */
struct run {
	struct hk_test_world *world;
	const struct hk_plan *plan;
	bool at_end; /* it is end that fails, not begin */
};

static int run_it(
	const struct run *run, enum hk_fail_how how, unsigned int n, int error, bool *ret_reached) {
	struct hk_store_entry entry = {.fd = -1};
	if (run->at_end) {
		assert_int_equal(hk_test_world_begin(run->world, run->plan, &entry), 0);
		hk_fail_arm(how, n, error);
		int r = hk_store_end(&run->world->store, &entry, &run->world->place->log);
		*ret_reached = hk_fail_disarm();
		return r;
	}
	hk_fail_arm(how, n, error);
	int r = hk_test_world_begin(run->world, run->plan, &entry);
	*ret_reached = hk_fail_disarm();
	hk_test_world_kill(&entry);
	return r;
}

/* One error on the way of begin is taken back by begin itself. */
static void one_failure_of_begin_leaves_nothing(void **state) {
	struct hk_test_world *world = *state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		hk_test_acl_set(world->object, lists[i]);
		const struct hk_plan plan = hk_test_world_plan(world, 1, T, HK_ACL_R | HK_ACL_W);
		const struct run run = {.world = world, .plan = &plan};
		char *before = hk_test_tree(world->place->path);
		unsigned int failures = 0;
		bool reached = true;
		for (unsigned int n = 1; reached && n < CALLS; n++) {
			int error = errors[n % 4];
			int r = run_it(&run, HK_FAIL_ONCE, n, error, &reached);
			if (r < 0) {
				failures++;
				assert_true(world->err.text[0] != '\0');
				char *after = hk_test_tree(world->place->path);
				assert_string_equal(before, after);
				free(after);
			} else {
				/* Not needed, or never reached: it started, and was killed. */
				hk_test_world_assert_recovers(world);
				assert_int_equal(
					rmdir(hk_test_path(world->place, "tmp/hakurei.0/runtime")),
					0);
				assert_int_equal(rmdir(world->place->share), 0);
			}
		}
		assert_false(reached);
		assert_true(failures > 50);
		free(before);
	}
}

static void sweep(struct hk_test_world *world, bool at_end, enum hk_fail_how how) {
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		hk_test_acl_set(world->object, lists[i]);
		const struct hk_plan plan = hk_test_world_plan(world, 1, T, HK_ACL_R | HK_ACL_W);
		const struct run run = {.world = world, .plan = &plan, .at_end = at_end};
		char *before = hk_test_world_tree(world);
		bool reached = true;
		for (unsigned int n = 1; reached && n < CALLS; n++) {
			(void)run_it(&run, how, n, errors[n % 4], &reached);
			hk_test_world_assert_recovers(world);
			hk_test_world_assert_is(world, before);
		}
		assert_false(reached);
		free(before);
	}
}

static void whatever_fails_for_good_in_begin_is_recovered(void **state) {
	sweep(*state, false, HK_FAIL_FROM);
}

static void one_failure_of_end_is_recovered(void **state) {
	sweep(*state, true, HK_FAIL_ONCE);
}

static void whatever_fails_for_good_in_end_is_recovered(void **state) {
	sweep(*state, true, HK_FAIL_FROM);
}

/* Another instance lives meanwhile. If its entry cannot be read just now, that must not be taken
 * for there being none. */
static void one_failure_beside_another(struct hk_test_world *world, bool at_end) {
	struct hk_store_entry entry = {.fd = -1};
	const struct hk_plan other = hk_test_world_plan(world, 7, T, HK_ACL_R | HK_ACL_X);
	assert_int_equal(hk_test_world_begin(world, &other, &entry), 0);
	const struct hk_plan plan = hk_test_world_plan(world, 1, T, HK_ACL_R | HK_ACL_W);
	const struct run run = {.world = world, .plan = &plan, .at_end = at_end};
	char *before = hk_test_world_tree(world);
	static const int passing[] = {EIO, EMFILE, ENFILE, ENOMEM};
	for (unsigned int e = 0; e < 4; e++) {
		bool reached = true;
		for (unsigned int n = 1; reached && n < CALLS; n++) {
			(void)run_it(&run, HK_FAIL_ONCE, n, passing[e], &reached);
			hk_test_world_assert_recovers(world);
			hk_test_world_assert_is(world, before);
		}
		assert_false(reached);
	}
	hk_test_world_assert_end(world, &entry);
	free(before);
}

static void one_failure_of_begin_takes_nothing_from_another(void **state) {
	one_failure_beside_another(*state, false);
}

static void one_failure_of_end_takes_nothing_from_another(void **state) {
	one_failure_beside_another(*state, true);
}

/* Runs in a process of its own, which is killed at call n. Was it? */
static bool killed_at(const struct run *run, unsigned int n) {
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		bool reached;
		(void)run_it(run, HK_FAIL_DIE, n, 1, &reached);
		_exit(0);
	}
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == HK_FAIL_DIED;
}

/* peer: another instance, of the same target and on the same objects, lives all the time. */
static void kill_sweep(struct hk_test_world *world, bool at_end, bool peer) {
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		hk_test_acl_set(world->object, lists[i]);
		char *alone = hk_test_world_tree(world);
		struct hk_store_entry entry = {.fd = -1};
		const struct hk_plan other = hk_test_world_plan(world, 7, T, HK_ACL_R | HK_ACL_X);
		if (peer) {
			assert_int_equal(hk_test_world_begin(world, &other, &entry), 0);
		}
		char *before = hk_test_world_tree(world);
		const struct hk_plan plan = hk_test_world_plan(world, 1, T, HK_ACL_R | HK_ACL_W);
		const struct run run = {.world = world, .plan = &plan, .at_end = at_end};
		unsigned int n = 1;
		while (killed_at(&run, n)) {
			hk_test_world_assert_recovers(world);
			hk_test_world_assert_is(world, before);
			n++;
		}
		assert_true(n > 25);
		hk_test_world_assert_recovers(world);
		if (peer) {
			hk_test_world_assert_end(world, &entry);
		}
		hk_test_world_assert_is(world, alone);
		free(before);
		free(alone);
	}
}

static void killed_at_any_point_of_begin_is_recovered(void **state) {
	kill_sweep(*state, false, false);
}

static void killed_at_any_point_of_begin_beside_another_is_recovered(void **state) {
	kill_sweep(*state, false, true);
}

static void killed_at_any_point_of_end_is_recovered(void **state) {
	kill_sweep(*state, true, false);
}

static void killed_at_any_point_of_end_beside_another_is_recovered(void **state) {
	kill_sweep(*state, true, true);
}

/* A recovery that is killed itself is finished by the next one. */
static void killed_at_any_point_of_recovery_is_recovered(void **state) {
	struct hk_test_world *world = *state;
	hk_test_acl_set(world->object, lists[1]);
	char *before = hk_test_world_tree(world);
	const struct hk_plan plan = hk_test_world_plan(world, 1, T, HK_ACL_R | HK_ACL_W);
	bool killed = true;
	for (unsigned int n = 1; killed && n < CALLS; n++) {
		struct hk_store_entry entry = {.fd = -1};
		assert_int_equal(hk_test_world_begin(world, &plan, &entry), 0);
		hk_test_world_kill(&entry);
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			struct hk_store_recovered recovered;
			hk_fail_arm(HK_FAIL_DIE, n, 1);
			(void)hk_store_recover(
				&world->store, &world->place->log, &recovered, &world->err);
			_exit(0);
		}
		int status = 0;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		killed = WEXITSTATUS(status) == HK_FAIL_DIED;
		hk_test_world_assert_recovers(world);
		hk_test_world_assert_is(world, before);
	}
	assert_false(killed);
	free(before);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		HK_WORLD_TEST(one_failure_of_begin_leaves_nothing),
		HK_WORLD_TEST(whatever_fails_for_good_in_begin_is_recovered),
		HK_WORLD_TEST(one_failure_of_end_is_recovered),
		HK_WORLD_TEST(whatever_fails_for_good_in_end_is_recovered),
		HK_WORLD_TEST(one_failure_of_begin_takes_nothing_from_another),
		HK_WORLD_TEST(one_failure_of_end_takes_nothing_from_another),
		HK_WORLD_TEST(killed_at_any_point_of_begin_is_recovered),
		HK_WORLD_TEST(killed_at_any_point_of_begin_beside_another_is_recovered),
		HK_WORLD_TEST(killed_at_any_point_of_end_is_recovered),
		HK_WORLD_TEST(killed_at_any_point_of_end_beside_another_is_recovered),
		HK_WORLD_TEST(killed_at_any_point_of_recovery_is_recovered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
