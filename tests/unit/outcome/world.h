/* SPDX-License-Identifier: MIT */
/* world.h: a usual desktop to finalise on, and short questions about the plan. */
#ifndef HK_TESTS_OUTCOME_WORLD_H
#define HK_TESTS_OUTCOME_WORLD_H

#include <errno.h>
#include <string.h>

#include "../base/cmocka_all.h"
#include "../fake_sys.h"
#include "outcome/outcome.h"

#define TEST_ID "0102030405060708090a0b0c0d0e0f10"
#define STORE	"/home/alice/.local/state/hakurei"

struct world {
	struct hk_arena arena;
	struct hk_config config;
	struct hk_config_container container;
	struct hk_outcome_input input;
	struct hk_plan plan;
	struct hk_err err;
};

/* cmocka's set-up and tear-down. *state is a struct world: alice, uid 1000, at her desktop; a
 * configuration with an empty root, home /home/app and program /bin/app. */
int world_setup(void **state);
int world_teardown(void **state);

/* One more configured mount; fs is copied. */
void world_add(struct world *world, const struct hk_fs *fs);
void world_add_bind(struct world *world, const char *src, const char *dst);
void world_add_env(struct world *world, const char *name, const char *value);
void world_add_perm(struct world *world, const struct hk_extra_perm *perm);

void world_finalise(struct world *world);
/* Expects finalise to fail, with this text. */
void world_refuse(struct world *world, int code, const char *text);

/* Which mount has this kind and target, from 0; -1 if there is none. */
int world_mount_index(const struct world *world, enum hk_mount_kind kind, const char *target);
/* The mount itself; fails the test if there is none. */
const struct hk_mount_op *world_mount(
	const struct world *world, enum hk_mount_kind kind, const char *target);
/* Is there a tmpfs that hides target? */
bool world_hides(const struct world *world, const char *target);
size_t world_hidden_count(const struct world *world);

/* The host operation, or NULL. */
const struct hk_host_op *world_host(
	const struct world *world, enum hk_host_kind kind, const char *path);

/* The program's variable, or NULL. */
const char *world_env(const struct world *world, const char *name);

/* Is there a warning with this text in it? */
bool world_warns(const struct world *world, const char *text);

#endif
