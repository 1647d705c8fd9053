/* SPDX-License-Identifier: MIT */
/* hsu_uids.h: which uids are whose, as hsu sees it (docs/hsu.md). hsu stands alone, and has the
 * same numbers once more. */
#ifndef HK_MONITOR_HSU_UIDS_H
#define HK_MONITOR_HSU_UIDS_H

#include <stdint.h>
#include <sys/types.h>

#define HK_HSU_NUMBER_MAX 9999	 /* of a person, in the list of persons */
#define HK_HSU_PER_PERSON 100000 /* uids from one person's to the next one's */

/* The uid of identity 0 of the person with this number; the others follow. */
static inline uid_t hk_hsu_first(uint32_t number) {
	return number * HK_HSU_PER_PERSON + 10000;
}

#endif
