/* SPDX-License-Identifier: MIT */
/* world.h: a person's store, and instances that come and go. */
#ifndef HK_TESTS_WORLD_H
#define HK_TESTS_WORLD_H

#include "place.h"

#include "store/store.h"
#include "x_server.h"

struct hk_test_world {
	struct hk_test_place *place;
	const char *store_path; /* place/home/.local/state/hakurei */
	const char *object;	/* place/home/object: gets an ACL entry from every instance */
	struct hk_store store;
	struct hk_test_x_server server; /* place/home/X5: every instance is let in */
	struct hk_config config;
	struct hk_err err;
};

/* Setup and teardown for cmocka: a place, and a world in it; the state is the world. The store
 * is open, and has its lock file; an X server runs. */
int hk_test_world_setup(void **state);
int hk_test_world_teardown(void **state);

/* A plan with every kind of operation, for instance number n of the target; perm on object. Its
 * last operation is the ACL entry on object. */
struct hk_plan hk_test_world_plan(
	struct hk_test_world *world, unsigned int n, uid_t target, uint32_t perm);

/* The first line of its entry, with fixed numbers. */
void hk_test_world_print_head(struct hk_test_world *world, const struct hk_plan *plan,
	const struct hk_config *config, const char *backend, struct hk_str *out);

int hk_test_world_begin(
	struct hk_test_world *world, const struct hk_plan *plan, struct hk_store_entry *ret_entry);

/* As if its monitor had been killed: the lock is gone, nothing is reverted. */
void hk_test_world_kill(struct hk_store_entry *entry);

/* Ends with everything reverted. */
void hk_test_world_assert_end(struct hk_test_world *world, struct hk_store_entry *entry);

/* Recovers, and nothing is left over. */
void hk_test_world_assert_recovers(struct hk_test_world *world);

/* The place is as tree says (hk_test_tree). share and the directories in it may be there. */
void hk_test_world_assert_is(struct hk_test_world *world, const char *tree);

/* What the tree is without the directories that stay on purpose, and who may connect to the X
 * server. The caller frees it. */
char *hk_test_world_tree(struct hk_test_world *world);

#define HK_WORLD_TEST(function)                                                                    \
	cmocka_unit_test_setup_teardown(function, hk_test_world_setup, hk_test_world_teardown)

#endif
