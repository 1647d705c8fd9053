/* SPDX-License-Identifier: MIT */
/* ranges.h: which of the person's subordinate ids are the identities'. */
#ifndef HK_MONITOR_RANGES_H
#define HK_MONITOR_RANGES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define HK_RANGES_COUNT 10000 /* one for each identity */

/* uids first_uid..first_uid+9999, gids likewise; none of them 0 or the highest number. */
struct hk_ranges {
	uint32_t first_uid;
	uint32_t first_gid;
};

/* The ends of the person's last ranges that are long enough. Errors: there is none, with the
 * command that adds one; somebody else has it too, with the line that says so. */
int hk_ranges_find(struct hk_arena *arena, struct hk_ranges *ret_ranges, struct hk_err *err);

#endif
