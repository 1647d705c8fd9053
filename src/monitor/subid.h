/* SPDX-License-Identifier: MIT */
/*
 * subid.h: /etc/subuid and /etc/subgid: which ids newuidmap and newgidmap hand out to whom.
 * Lines are OWNER:FIRST:COUNT, where OWNER is a user name or a uid; others are passed over, as
 * those tools do. Source of the format: subuid(5).
 */
#ifndef HK_MONITOR_SUBID_H
#define HK_MONITOR_SUBID_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

#define HK_SUBID_UIDS	  "/etc/subuid"
#define HK_SUBID_GIDS	  "/etc/subgid"
#define HK_SUBID_LEAST	  100000	    /* where useradd starts */
#define HK_SUBID_FILE_MAX (4 * 1024 * 1024) /* bytes; some machines list very many users */

/* One line. */
struct hk_subid {
	const char *owner;
	uint32_t first;
	uint32_t count; /* first + count - 1 fits 32 bits */
	unsigned int line;
};
struct hk_subids HK_VEC(struct hk_subid);

/* The lines of the file; none if it does not exist. */
int hk_subid_read(
	struct hk_arena *arena, const char *path, struct hk_subids *ret_subids, struct hk_err *err);

/* The same from its text, size bytes. */
int hk_subid_parse(
	struct hk_arena *arena, const char *text, size_t size, struct hk_subids *ret_subids);

/* Sets first and count from two numbers in decimal; false, and nothing, if they are no range. */
bool hk_subid_set_range(struct hk_subid *subid, const char *first, size_t first_length,
	const char *count, size_t count_length);

/* A range of `count` ids behind all that are in the list; false if there is no room. */
bool hk_subid_find_free(const struct hk_subids *subids, uint32_t count, uint32_t *ret_first);

/* Is the line about this user? name may be NULL: a uid without passwd entry. */
bool hk_subid_is_of(const struct hk_subid *subid, uid_t uid, const char *name);

/* The last line of the user's with at least `least` ids, NULL if there is none: a second range
 * is likelier to be nobody else's, for container tools take the first. */
const struct hk_subid *hk_subid_find(
	const struct hk_subids *subids, uid_t uid, const char *name, uint32_t least);

/* The first line that gives somebody else one of the ids first..first+count-1, or NULL. */
const struct hk_subid *hk_subid_find_foreign(const struct hk_subids *subids, uid_t uid,
	const char *name, uint32_t first, uint32_t count);

#endif
