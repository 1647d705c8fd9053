/* SPDX-License-Identifier: MIT */
/* findings.h: all that is to be said about one configuration, for those who want to hear more than
 * the first error. */
#ifndef HK_CONFIG_FINDINGS_H
#define HK_CONFIG_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "config/config.h"

#define HK_CONFIG_FINDINGS_MAX 1000 /* of one file; what is over is dropped */

/* How a finding relates to others. */
enum hk_config_bearing {
	HK_CONFIG_APART,   /* not at all */
	HK_CONFIG_SPOILS,  /* the value is lost: what misses it is no news */
	HK_CONFIG_FOLLOWS, /* no news if something is spoilt at its place, below or above */
};

struct hk_config_finding {
	const char *place; /* "container.filesystem[3].dst", escaped; "": the whole */
	const char *text;  /* without the place */
	enum hk_config_bearing bearing;
	bool warning;	     /* legal, but surely not meant */
	unsigned int line;   /* from 1; 0: not known */
	unsigned int column; /* in characters, from 1 */
};
struct hk_config_finding_vec HK_VEC(struct hk_config_finding);

struct hk_config_findings {
	struct hk_arena *arena; /* of the list and the texts */
	struct hk_config_finding_vec list;
	bool more; /* some were dropped */
};

/* Adds a copy, or leaves it out: one that follows, or one too many. Returns 0 or -ENOMEM. */
int hk_config_findings_add(
	struct hk_config_findings *findings, const struct hk_config_finding *finding);

/* Is something spoilt at the place, below or above? */
bool hk_config_findings_spoilt(const struct hk_config_findings *findings, const char *place);

/*
 * Reads a configuration like hk_config_parse, by the same rules, and goes on after a problem: all
 * of them are added to findings. *ret_config has what could be read: what is needed may be missing
 * there. 0 even for a text that is no JSON at all; fails only for lack of memory.
 */
int hk_config_examine(const char *text, size_t size, struct hk_config *ret_config,
	struct hk_config_findings *findings, struct hk_err *err);

/*
 * Once, when all the others are on the list: adds keys that are there twice, and says of each
 * finding where its key, or its item of a list, begins in the text; of what is not there, where
 * that begins which should have it. Sorts them by line and column.
 */
int hk_config_findings_locate(
	struct hk_config_findings *findings, const char *text, size_t size, struct hk_err *err);

#endif
