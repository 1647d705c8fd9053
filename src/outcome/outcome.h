/* SPDX-License-Identifier: MIT */
/*
 * outcome.h: finalise, the step from a configuration to a plan. It looks at the system (the
 * first part of sys/sys.h and nothing else) and changes nothing.
 */
#ifndef HK_OUTCOME_OUTCOME_H
#define HK_OUTCOME_OUTCOME_H

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "config/config.h"
#include "plan/plan.h"

/* What finalise is told besides the configuration. */
struct hk_outcome_input {
	const struct hk_config *config; /* validated; not changed */
	struct hk_id id;
	uid_t target;		/* from the credential backend */
	const char *share_name; /* "hakurei.USERID" or "hakurei.uUID" */
	const char *store;	/* hk_outcome_store's path */
};

/*
 * The plan, in the arena; borrows from the configuration, so that must outlive it. Errors: one
 * line as CONFIG and PLAN state them; nothing has been applied.
 */
int hk_outcome_finalise(const struct hk_outcome_input *input, struct hk_arena *arena,
	struct hk_plan *ret_plan, struct hk_err *err);

/* What of the plan's container is certain before there is a target. A configuration without a
 * container gets the permissive one's. */
int hk_outcome_spaces(
	const struct hk_config *config, struct hk_container_spaces *ret_spaces, struct hk_err *err);

/*
 * Fills in what a configuration without a container leaves open: shell, path and the permissive
 * container (docs/configuration.md), which the caller may then change. Done by finalise, with a
 * warning, where it has not been done before. Error: `cannot look up executable file 'X': ...`.
 */
int hk_outcome_permissive(struct hk_arena *arena, struct hk_config *config, struct hk_err *err);

/* The executable file of a name: looked up in PATH if it has no slash. Error: `cannot look up
 * executable file 'X': ...`. */
int hk_outcome_find_program(
	struct hk_arena *arena, const char *name, const char **ret_path, struct hk_err *err);

/*
 * The policy of the session bus for a program of which nothing else is known: notifications and
 * the portals. With an id (NULL: none) it may own the names below it; with mpris, those of a
 * media player, too. Error: an id that is no bus name.
 */
int hk_outcome_builtin_policy(struct hk_arena *arena, const char *id, bool mpris,
	struct hk_bus_policy **ret_policy, struct hk_err *err);

/* The gids of the configuration's groups, for the credential backend, which starts before
 * finalise. Error: `unknown group "NAME"`. */
struct hk_gids HK_VEC(gid_t);
int hk_outcome_groups(const struct hk_config *config, struct hk_arena *arena,
	struct hk_gids *ret_gids, struct hk_err *err);

/* Adds the directories on the host that hold what is ours, run dir and share, for a backend's
 * share name. */
int hk_outcome_find_roots(
	struct hk_arena *arena, const char *share_name, struct hk_strs *roots, struct hk_err *err);

/* Where the person's state entries are: .local/state/hakurei in the home that the passwd
 * database names, never by environment. */
int hk_outcome_store(struct hk_arena *arena, char **ret_path, struct hk_err *err);

#endif
