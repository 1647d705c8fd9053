/* SPDX-License-Identifier: MIT */
/* ranges.h: which of the person's subordinate ids are the identities'. */
#ifndef HK_MONITOR_RANGES_H
#define HK_MONITOR_RANGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "config/config.h"

#define HK_RANGES_COUNT (HK_IDENTITY_MAX + 1) /* one for each identity */

/* uids first_uid..first_uid+9999, gids likewise; none of them 0 or the highest number. */
struct hk_ranges {
	uint32_t first_uid;
	uint32_t first_gid;
};

/* The first id of one half. ret_repair: with an error, the command for root that repairs what that
 * says; untouched where there is none. */
int hk_ranges_find_first(struct hk_arena *arena, bool groups, uint32_t *ret_first,
	const char **ret_repair, struct hk_err *err);

/* The ends of the person's last ranges that are long enough. Errors: there is none, with the
 * command that adds one; somebody else has it too, with the line that says so. */
int hk_ranges_find(struct hk_arena *arena, struct hk_ranges *ret_ranges, struct hk_err *err);

#endif
