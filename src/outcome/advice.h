/* SPDX-License-Identifier: MIT */
/*
 * advice.h: what is legal in a configuration, but surely not meant: told where one is checked. A
 * start warns of some of it, in the same words, and of services that say by their names what they
 * are: those are meant.
 */
#ifndef HK_OUTCOME_ADVICE_H
#define HK_OUTCOME_ADVICE_H

#include "config/findings.h"

#define HK_OUTCOME_NO_CONTAINER                                                                    \
	"the configuration has no container: the program sees this system's files, network and "   \
	"terminal, and only its uid keeps it from yours"
#define HK_OUTCOME_DIRECT_WAYLAND                                                                  \
	"the compositor cannot tell the program from your own, and lets it do whatever they may"

/*
 * Adds what there is to say about a configuration as it was examined, possibly only half. Looks at
 * the databases of users and groups, for the person's home and the groups' names; at no file.
 */
int hk_outcome_advise(
	const struct hk_config *config, struct hk_config_findings *findings, struct hk_err *err);

/* -- shared with finalise ------------------------------------------------------------------- */

/* What being in the group gives, if it is more than the name says, or NULL (groups.c). */
const char *hk_outcome_group_gives(const char *name);

/* A service that does things on the host for whoever may call it. */
struct hk_outcome_manager {
	const char *name;
	const char *what; /* "starts programs as you" */
};

/* The next service, from *index on, that a name of a policy stands for, or NULL (bus_policy.c).
 * *index is behind it then. */
const struct hk_outcome_manager *hk_outcome_bus_manager(const char *pattern, size_t *index);

/* Does a name of a policy, perhaps one that ends in ".*", stand for this one? (bus_policy.c) */
bool hk_outcome_bus_covers(const char *pattern, const char *name);

/* A setting that does nothing because its service is not enabled. */
struct hk_outcome_unused {
	const char *setting;
	const char *service;
};

/* The next one, from *index on; false if there is none (finalise.c). */
bool hk_outcome_find_unused(
	const struct hk_config *config, size_t *index, struct hk_outcome_unused *ret_unused);

#endif
