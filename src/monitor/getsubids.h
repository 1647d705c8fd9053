/* SPDX-License-Identifier: MIT */
/*
 * getsubids.h: subordinate ids that a name service knows. Where /etc/nsswitch.conf has a line
 * `subid: NAME` and NAME is not "files", newuidmap and newgidmap ask that service and do not look
 * at /etc/subuid and /etc/subgid; `getsubids` tells what it answers. It speaks to the person only:
 * what it says decides which ids are asked for, not which ones are given.
 */
#ifndef HK_MONITOR_GETSUBIDS_H
#define HK_MONITOR_GETSUBIDS_H

#include <stdbool.h>
#include <stddef.h>

#include "monitor/subid.h"

#define HK_GETSUBIDS_SWITCH	"/etc/nsswitch.conf"
#define HK_GETSUBIDS_SWITCH_MAX (1024 * 1024) /* bytes */

/* Does this text of nsswitch.conf name another service than the files? */
bool hk_getsubids_is_asked(const char *text, size_t size);

/* Its output: lines "INDEX: OWNER FIRST COUNT"; others are passed over. */
int hk_getsubids_parse(
	struct hk_arena *arena, const char *text, size_t size, struct hk_subids *ret_subids);

/* The ranges of this owner (a user name or a uid), of gids or of uids. Returns 1; or 0 and nothing
 * where the files decide, or where there is no such tool. */
int hk_getsubids_read(struct hk_arena *arena, const char *owner, bool groups,
	struct hk_subids *ret_subids, struct hk_err *err);

#endif
