/* SPDX-License-Identifier: MIT */
/* An X server that many want something of, that forgets, refuses, hangs or goes. */
#include "store/servers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

#include "base/auto.h"
#include "sys/sys.h"
#include "tree.h"

#define T	  HK_TEST_TARGET
#define PROCESSES 4
#define ROUNDS	  40
#define SECOND	  UINT64_C(1000000000)

/* Without the operation in the server. */
static struct hk_plan plan_without(struct hk_test_world *world, unsigned int n) {
	struct hk_plan plan = hk_test_world_plan(world, n, T, HK_ACL_R);
	for (size_t i = 0; i < plan.host.count; i++) {
		if (plan.host.items[i].kind == HK_HOST_X11) {
			plan.host.items[i] = plan.host.items[--plan.host.count];
		}
	}
	return plan;
}

static int begin(struct hk_test_world *world, unsigned int n, struct hk_store_entry *ret_entry) {
	const struct hk_plan plan = hk_test_world_plan(world, n, T, HK_ACL_R);
	return hk_test_world_begin(world, &plan, ret_entry);
}

static void assert_entries(struct hk_test_world *world, size_t count) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_strs names = {0};
	assert_int_equal(hk_sys_list(&arena, world->store_path, &names), 0);
	assert_int_equal(names.count, 1 + count); /* and the lock */
}

/* -- one entry for all ---------------------------------------------------------------------- */

static void it_is_there_from_the_first_to_the_last(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entries[3];
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(begin(world, i, &entries[i]), 0);
		assert_true(hk_test_x_has(&world->server, T));
	}
	hk_test_world_assert_end(world, &entries[1]);
	assert_true(hk_test_x_has(&world->server, T));
	hk_test_world_kill(&entries[0]);
	hk_test_world_assert_recovers(world);
	assert_true(hk_test_x_has(&world->server, T));
	hk_test_world_assert_end(world, &entries[2]);
	assert_int_equal(world->server.state->count, 0);
	assert_entries(world, 0);
}

static void what_the_person_has_put_there_stays(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entries[2];
	hk_test_x_add(&world->server, T);
	assert_int_equal(begin(world, 0, &entries[0]), 0);
	assert_int_equal(begin(world, 1, &entries[1]), 0);
	hk_test_world_kill(&entries[0]);
	hk_test_world_assert_end(world, &entries[1]);
	hk_test_world_assert_recovers(world);
	assert_true(hk_test_x_has(&world->server, T));
}

static void what_a_dead_one_has_put_there_is_not_the_person_s(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entry;
	assert_int_equal(begin(world, 0, &entry), 0);
	hk_test_world_kill(&entry);
	assert_int_equal(begin(world, 1, &entry), 0);
	hk_test_world_assert_end(world, &entry);
	assert_int_equal(world->server.state->count, 0);
	assert_entries(world, 0);
}

/* One process of many that start and end as fast as they can. */
static void come_and_go(struct hk_test_world *world, unsigned int process) {
	for (unsigned int round = 0; round < ROUNDS; round++) {
		struct hk_store_entry entry;
		if (begin(world, process * ROUNDS + round, &entry) < 0) {
			dprintf(2, "%s\n", world->err.text);
			_exit(2);
		}
		for (int i = 0; i < 3; i++) {
			if (!hk_test_x_has(&world->server, T)) {
				_exit(3);
			}
			usleep((process * 7 + round) % 5 * 300);
		}
		if (round % 8 == 7) {
			hk_test_world_kill(&entry);
		} else if (hk_store_end(&world->store, &entry, NULL) != 0) {
			_exit(4);
		}
	}
	_exit(0);
}

static void nobody_is_locked_out_by_another_s_end(void **state) {
	struct hk_test_world *world = *state;
	pid_t pids[PROCESSES];
	for (unsigned int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0) {
			come_and_go(world, i);
		}
	}
	for (unsigned int i = 0; i < PROCESSES; i++) {
		int status = 0;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	hk_test_world_assert_recovers(world);
	assert_int_equal(world->server.state->count, 0);
	assert_entries(world, 0);
}

/* -- servers that do not do what they should -------------------------------------------------- */

static void a_server_that_refuses_leaves_nothing(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entry;
	char *before = hk_test_world_tree(world);
	world->server.state->fault = HK_TEST_X_DENIES;
	assert_int_equal(begin(world, 0, &entry), -EACCES);
	assert_non_null(strstr(world->err.text, "does not let us change"));
	hk_test_world_assert_is(world, before);
	assert_entries(world, 0);
	free(before);
}

static void a_server_that_is_not_there_is_an_error_of_begin(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entry;
	hk_test_x_stop(&world->server);
	assert_int_equal(begin(world, 0, &entry), -ECONNREFUSED);
	assert_non_null(strstr(world->err.text, "no server listens on"));
	assert_int_equal(unlink(world->server.path), 0);
	assert_int_equal(begin(world, 0, &entry), -ECONNREFUSED);
	assert_entries(world, 0);
}

static void a_server_that_is_gone_has_nothing_left(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entries[2];
	assert_int_equal(begin(world, 0, &entries[0]), 0);
	assert_int_equal(begin(world, 1, &entries[1]), 0);
	hk_test_world_kill(&entries[0]);
	hk_test_x_stop(&world->server);
	hk_test_world_assert_end(world, &entries[1]);
	hk_test_world_assert_recovers(world);
	assert_entries(world, 0);
}

/* A server on the same path is another one: what is in it was never ours. */
static void a_server_that_was_started_anew_is_another_one(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry old;
	struct hk_store_entry live;
	struct hk_store_entry entry;
	assert_int_equal(begin(world, 0, &old), 0);
	assert_int_equal(begin(world, 1, &live), 0);
	hk_test_world_kill(&old);
	hk_test_x_stop(&world->server);
	/* A number that was just given back might be given out again. */
	assert_int_equal(rename(world->server.path, hk_test_path(world->place, "home/old")), 0);
	world->server = hk_test_x_start(world->server.path);
	hk_test_x_add(&world->server, T);
	hk_test_world_assert_recovers(world);
	assert_true(hk_test_x_has(&world->server, T));
	assert_entries(world, 1);
	assert_int_equal(begin(world, 2, &entry), 0);
	hk_test_world_assert_end(world, &entry);
	assert_true(hk_test_x_has(&world->server, T)); /* it was there before */
	hk_test_world_assert_end(world, &live);
	assert_true(hk_test_x_has(&world->server, T));
	assert_entries(world, 0);
}

/* Is left by one that is still alive, but not in this server. */
static void one_that_lives_in_an_older_server_keeps_nothing_in_this_one(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry old;
	struct hk_store_entry entry;
	assert_int_equal(begin(world, 0, &old), 0);
	hk_test_x_stop(&world->server);
	assert_int_equal(rename(world->server.path, hk_test_path(world->place, "home/old")), 0);
	world->server = hk_test_x_start(world->server.path);
	assert_int_equal(begin(world, 1, &entry), 0);
	assert_true(hk_test_x_has(&world->server, T));
	hk_test_world_assert_end(world, &entry);
	assert_false(hk_test_x_has(&world->server, T));
	hk_test_world_assert_end(world, &old);
}

/* -- a server that hangs -------------------------------------------------------------------- */

static pid_t begin_elsewhere(struct hk_test_world *world, int result) {
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct hk_store_entry entry;
		_exit(begin(world, 9, &entry) == result ? 0 : 1);
	}
	return pid;
}

static void assert_others_are_not_delayed(struct hk_test_world *world) {
	const struct hk_plan plan = plan_without(world, 5);
	struct hk_store_entry entry;
	struct hk_store_instances instances = {0};
	HK_AUTO(arena) struct hk_arena arena = {0};
	uint64_t start = hk_sys_monotonic_ns();
	assert_int_equal(hk_test_world_begin(world, &plan, &entry), 0);
	assert_int_equal(
		hk_store_list(&world->store, &arena, &world->place->log, &instances, &world->err),
		0);
	assert_true(instances.count >= 1);
	assert_int_equal(hk_store_end(&world->store, &entry, &world->place->log), 0);
	assert_true(hk_sys_monotonic_ns() - start < 3 * SECOND / 2);
}

static void assert_ends_well(pid_t pid) {
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_server_that_hangs_from_the_start_is_given_up(void **state) {
	struct hk_test_world *world = *state;
	hk_test_x_hang(&world->server);
	uint64_t start = hk_sys_monotonic_ns();
	pid_t pid = begin_elsewhere(world, -ETIMEDOUT);
	usleep(100000);
	assert_others_are_not_delayed(world);
	assert_ends_well(pid);
	uint64_t took = hk_sys_monotonic_ns() - start;
	assert_true(took > 5 * SECOND && took < 7 * SECOND);
	assert_entries(world, 0);
}

/* It does what it was asked when nobody expects it any more. */
static void a_server_that_hangs_when_it_is_asked_is_recovered(void **state) {
	struct hk_test_world *world = *state;
	char *before = hk_test_world_tree(world);
	world->server.state->fault = HK_TEST_X_HANGS_ON_CHANGE;
	pid_t pid = begin_elsewhere(world, -ETIMEDOUT);
	usleep(300000);
	assert_int_equal(world->server.state->fault, HK_TEST_X_HANGS);
	assert_others_are_not_delayed(world);
	assert_ends_well(pid);
	assert_entries(world, 1);
	assert_others_are_not_delayed(world);
	world->server.state->fault = HK_TEST_X_WELL;
	hk_test_world_assert_recovers(world);
	hk_test_world_assert_is(world, before);
	assert_entries(world, 0);
	free(before);
}

static void what_cannot_be_taken_out_is_left_alone_in_the_entry(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entry;
	assert_int_equal(begin(world, 0, &entry), 0);
	hk_test_x_hang(&world->server);
	assert_int_equal(hk_store_end(&world->store, &entry, &world->place->log), 1);
	assert_non_null(strstr(world->place->log.kept.text, "does not answer"));
	assert_entries(world, 1);
	assert_false(hk_test_exists(world->place->run_dir));
	world->server.state->fault = HK_TEST_X_WELL;
	struct hk_store_recovered recovered = {0};
	assert_int_equal(
		hk_store_recover(&world->store, &world->place->log, &recovered, &world->err), 0);
	assert_int_equal(recovered.entries, 1);
	assert_int_equal(recovered.operations, 1);
	assert_int_equal(recovered.left, 0);
	assert_int_equal(world->server.state->count, 0);
	assert_entries(world, 0);
}

/* What it has taken back before it talks to the server is no longer needed by anybody: another
 * one that ends meanwhile must not leave that to it. */
static void an_end_that_waits_for_a_server_keeps_nothing_from_another_end(void **state) {
	struct hk_test_world *world = *state;
	char *before = hk_test_world_tree(world);
	const struct hk_plan plan = plan_without(world, 1);
	struct hk_store_entry slow;
	struct hk_store_entry quick;
	assert_int_equal(begin(world, 0, &slow), 0);
	assert_int_equal(hk_test_world_begin(world, &plan, &quick), 0);
	world->server.state->fault = HK_TEST_X_HANGS_ON_CHANGE;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		_exit(hk_store_end(&world->store, &slow, NULL) == 0 ? 0 : 1);
	}
	while (world->server.state->fault != HK_TEST_X_HANGS) {
		usleep(1000);
	}
	assert_int_equal(hk_store_end(&world->store, &quick, NULL), 0);
	world->server.state->fault = HK_TEST_X_WELL;
	assert_ends_well(pid);
	hk_test_world_kill(&slow); /* our copy of it */
	assert_entries(world, 0);
	hk_test_world_assert_is(world, before);
	free(before);
}

/* Another one of the same target lives: nothing has to be asked of the server. */
static void an_end_beside_another_asks_nothing_of_a_server_that_hangs(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entries[2];
	assert_int_equal(begin(world, 0, &entries[0]), 0);
	assert_int_equal(begin(world, 1, &entries[1]), 0);
	hk_test_x_hang(&world->server);
	assert_int_equal(hk_store_end(&world->store, &entries[0], &world->place->log), 0);
	world->server.state->fault = HK_TEST_X_WELL;
	assert_true(hk_test_x_has(&world->server, T));
	hk_test_world_assert_end(world, &entries[1]);
}

/* -- what is in an entry -------------------------------------------------------------------- */

static void an_operation_for_somebody_else_is_refused(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entry;
	static const uid_t others[] = {0, HK_TEST_PERSON, HK_TEST_BOB};
	for (size_t i = 0; i < 3; i++) {
		struct hk_plan plan = hk_test_world_plan(world, 1, T, HK_ACL_R);
		for (size_t at = 0; at < plan.host.count; at++) {
			struct hk_host_op *op = &plan.host.items[at];
			op->target = op->kind == HK_HOST_X11 ? others[i] : op->target;
		}
		assert_int_equal(hk_test_world_begin(world, &plan, &entry), -EPERM);
		assert_int_equal(world->server.state->connections, 0);
	}
	assert_entries(world, 0);
}

static void the_lock_of_one_server_is_not_that_of_another(void **state) {
	struct hk_test_world *world = *state;
	int first;
	int second;
	int same;
	int whole;
	assert_int_equal(hk_store_lock_server(&world->store, 100, false, &first, &world->err), 0);
	assert_int_equal(hk_store_lock_server(&world->store, 101, false, &second, &world->err), 0);
	assert_int_equal(
		hk_store_lock_server(&world->store, 100, false, &same, &world->err), -EAGAIN);
	assert_int_equal(hk_store_lock(&world->store, &whole, &world->err), 0);
	hk_store_unlock(&first);
	assert_int_equal(hk_store_lock_server(&world->store, 100, false, &same, &world->err), 0);
	hk_store_unlock(&same);
	hk_store_unlock(&second);
	hk_store_unlock(&whole);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		HK_WORLD_TEST(it_is_there_from_the_first_to_the_last),
		HK_WORLD_TEST(what_the_person_has_put_there_stays),
		HK_WORLD_TEST(what_a_dead_one_has_put_there_is_not_the_person_s),
		HK_WORLD_TEST(nobody_is_locked_out_by_another_s_end),
		HK_WORLD_TEST(a_server_that_refuses_leaves_nothing),
		HK_WORLD_TEST(a_server_that_is_not_there_is_an_error_of_begin),
		HK_WORLD_TEST(a_server_that_is_gone_has_nothing_left),
		HK_WORLD_TEST(a_server_that_was_started_anew_is_another_one),
		HK_WORLD_TEST(one_that_lives_in_an_older_server_keeps_nothing_in_this_one),
		HK_WORLD_TEST(a_server_that_hangs_from_the_start_is_given_up),
		HK_WORLD_TEST(a_server_that_hangs_when_it_is_asked_is_recovered),
		HK_WORLD_TEST(what_cannot_be_taken_out_is_left_alone_in_the_entry),
		HK_WORLD_TEST(an_end_beside_another_asks_nothing_of_a_server_that_hangs),
		HK_WORLD_TEST(an_end_that_waits_for_a_server_keeps_nothing_from_another_end),
		HK_WORLD_TEST(an_operation_for_somebody_else_is_refused),
		HK_WORLD_TEST(the_lock_of_one_server_is_not_that_of_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
