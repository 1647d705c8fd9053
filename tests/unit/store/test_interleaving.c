/* SPDX-License-Identifier: MIT */
/* Three instances of two identities on one object, started, ended and killed in every order. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

#include "tree.h"

#define T     HK_TEST_TARGET
#define COUNT 3
#define STEPS (2 * COUNT)

static const struct {
	uid_t target;
	uint32_t perm;
} asks[COUNT] = {
	{T, HK_ACL_R},
	{T, HK_ACL_W | HK_ACL_X},
	{T + 1, HK_ACL_R | HK_ACL_X},
};

/* What was there before: as a text, what T had in it, and whether somebody else is named. */
static const struct {
	const char *list;
	const char *others; /* the text around our entries, mask apart */
	uint32_t had;
	bool had_mask;
	uint32_t base; /* what the mask is without us; without a mask, the group's bits */
} befores[] = {
	{"u::rwx,g::---,o::---", "u::rwx,%sg::---,%so::---", 0, false, 0},
	{"u::rwx,u:1234:r--,g::r-x,m::r-x,o::--x", "u::rwx,u:1234:r--,%sg::r-x,%so::--x", 0, true,
		HK_ACL_R | HK_ACL_X},
	{"u::rwx,u:1010000:rw-,g::---,m::r--,o::---", "u::rwx,%sg::---,%so::---",
		HK_ACL_R | HK_ACL_W, true, HK_ACL_R},
};

struct play {
	struct hk_test_world *world;
	size_t before;
	unsigned int killed; /* bits: which instances are killed instead of ended */
	bool live[COUNT];
	struct hk_store_entry entries[COUNT];
	struct hk_plan plans[COUNT];
};

static void add_perm(char *text, size_t size, const char *who, uint32_t perm) {
	size_t used = strlen(text);
	(void)snprintf(text + used, size - used, "%s%c%c%c,", who, perm & HK_ACL_R ? 'r' : '-',
		perm & HK_ACL_W ? 'w' : '-', perm & HK_ACL_X ? 'x' : '-');
}

/* The object has what the live ones ask, and nothing else. */
static void assert_object(const struct play *play) {
	uint32_t first = befores[play->before].had;
	uint32_t second = 0;
	uint32_t mask = befores[play->before].base;
	for (size_t i = 0; i < COUNT; i++) {
		if (play->live[i]) {
			*(asks[i].target == T ? &first : &second) |= asks[i].perm;
			mask |= asks[i].perm;
		}
	}
	char entries[100] = "";
	char mask_text[20] = "";
	if (first) {
		add_perm(entries, sizeof(entries), "u:1010000:", first);
	}
	if (second) {
		add_perm(entries, sizeof(entries), "u:1010001:", second);
	}
	if (first || second || befores[play->before].had_mask) {
		add_perm(mask_text, sizeof(mask_text), "m::", mask);
	}
	const char *format = befores[play->before].others;
	const char *group = strstr(format, "%s");
	const char *rest = strstr(group + 2, "%s");
	char *want =
		hk_arena_printf(&play->world->place->arena, "%.*s%s%.*s%s%s", (int)(group - format),
			format, entries, (int)(rest - group - 2), group + 2, mask_text, rest + 2);
	hk_test_assert_acl(play->world->object, want);
}

static void assert_directories(const struct play *play) {
	bool any = false;
	for (size_t i = 0; i < COUNT; i++) {
		any = any || play->live[i];
		assert_int_equal(hk_test_exists(play->plans[i].host.items[1].path), play->live[i]);
	}
	assert_int_equal(hk_test_exists(play->world->place->run_dir), any);
}

static void begin(struct play *play, size_t i) {
	if (hk_test_world_begin(play->world, &play->plans[i], &play->entries[i]) < 0) {
		fail_msg("%s", play->world->err.text);
	}
	play->live[i] = true;
}

static void end(struct play *play, size_t i) {
	play->live[i] = false;
	if (play->killed & 1U << i) {
		hk_test_world_kill(&play->entries[i]);
		hk_test_world_assert_recovers(play->world);
	} else {
		hk_test_world_assert_end(play->world, &play->entries[i]);
	}
}

/* The first time that an instance comes up it begins, the second time it ends. */
static void play_order(struct play *play, const unsigned int *order) {
	unsigned int done[COUNT] = {0};
	for (size_t step = 0; step < STEPS; step++) {
		size_t i = order[step];
		(done[i]++ == 0 ? begin : end)(play, i);
		assert_object(play);
		assert_directories(play);
	}
}

static unsigned int play_all(
	struct play *play, unsigned int *order, size_t step, unsigned int *used) {
	if (step == STEPS) {
		play_order(play, order);
		return 1;
	}
	unsigned int orders = 0;
	for (unsigned int i = 0; i < COUNT; i++) {
		if (used[i] < 2) {
			used[i]++;
			order[step] = i;
			orders += play_all(play, order, step + 1, used);
			used[i]--;
		}
	}
	return orders;
}

static void each_operation_stays_exactly_as_long_as_a_live_instance_lists_it(void **state) {
	struct hk_test_world *world = *state;
	for (size_t before = 0; before < sizeof(befores) / sizeof(*befores); before++) {
		hk_test_acl_set(world->object, befores[before].list);
		char *tree = hk_test_world_tree(world);
		for (unsigned int killed = 0; killed < 1U << COUNT; killed += 3) {
			struct play play = {.world = world, .before = before, .killed = killed};
			for (unsigned int i = 0; i < COUNT; i++) {
				play.plans[i] =
					hk_test_world_plan(world, i, asks[i].target, asks[i].perm);
			}
			unsigned int order[STEPS];
			unsigned int used[COUNT] = {0};
			assert_int_equal(play_all(&play, order, 0, used), 90);
			hk_test_world_assert_is(world, tree);
		}
		free(tree);
	}
}

/* All are killed before anybody looks: who recovers first must not matter. */
static void many_dead_at_once_are_recovered(void **state) {
	struct hk_test_world *world = *state;
	for (size_t before = 0; before < sizeof(befores) / sizeof(*befores); before++) {
		hk_test_acl_set(world->object, befores[before].list);
		char *tree = hk_test_world_tree(world);
		for (unsigned int mask = 0; mask < 1U << COUNT; mask++) {
			struct play play = {.world = world, .before = before};
			for (unsigned int i = 0; i < COUNT; i++) {
				play.plans[i] =
					hk_test_world_plan(world, i, asks[i].target, asks[i].perm);
				begin(&play, i);
			}
			for (unsigned int i = 0; i < COUNT; i++) {
				if (mask & 1U << i) {
					hk_test_world_kill(&play.entries[i]);
					play.live[i] = false;
				}
			}
			hk_test_world_assert_recovers(world);
			assert_object(&play);
			assert_directories(&play);
			for (unsigned int i = 0; i < COUNT; i++) {
				if (play.live[i]) {
					end(&play, i);
				}
			}
			hk_test_world_assert_is(world, tree);
		}
		free(tree);
	}
}

/* One of several processes that start, end and die as they like. */
static int run_at_random(struct hk_test_world *world, unsigned int number) {
	unsigned int seed = number;
	for (unsigned int i = 0; i < 40; i++) {
		const struct hk_plan plan =
			hk_test_world_plan(world, number * 1000 + i, T + number % 2, HK_ACL_R);
		struct hk_store_entry entry = {.fd = -1};
		if (hk_test_world_begin(world, &plan, &entry) < 0) {
			(void)fprintf(stderr, "%s\n", world->err.text);
			return 1;
		}
		if (!hk_test_exists(plan.host.items[1].path)) {
			return 2;
		}
		if (rand_r(&seed) % 3 == 0) {
			hk_test_world_kill(&entry);
		} else if (hk_store_end(&world->store, &entry, &world->place->log) != 0) {
			return 3;
		}
	}
	return 0;
}

static void many_at_the_same_time_leave_nothing(void **state) {
	struct hk_test_world *world = *state;
	char *tree = hk_test_world_tree(world);
	pid_t pids[4];
	for (unsigned int i = 0; i < 4; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0) {
			_exit(run_at_random(world, i + 1));
		}
	}
	for (size_t i = 0; i < 4; i++) {
		int status = 0;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	hk_test_world_assert_recovers(world);
	hk_test_world_assert_is(world, tree);
	free(tree);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		HK_WORLD_TEST(each_operation_stays_exactly_as_long_as_a_live_instance_lists_it),
		HK_WORLD_TEST(many_dead_at_once_are_recovered),
		HK_WORLD_TEST(many_at_the_same_time_leave_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
