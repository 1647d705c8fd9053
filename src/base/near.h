/* SPDX-License-Identifier: MIT */
/* near.h: how far two words are from each other, to say what somebody may have meant. */
#ifndef HK_BASE_NEAR_H
#define HK_BASE_NEAR_H

#include <stddef.h>

/* A word longer than this is compared by its beginning: enough for a typing error, and the work
 * stays small whatever the word is. */
#define HK_NEAR_MAX 32

/* Insertions, deletions and replacements of one byte that lead from a to b. */
size_t hk_near_edits(const char *a, const char *b);

#endif
