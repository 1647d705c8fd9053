/* SPDX-License-Identifier: MIT */
/* near.h: how far two words are from each other, to say what somebody may have meant. */
#ifndef HK_BASE_NEAR_H
#define HK_BASE_NEAR_H

#include <stddef.h>

/* A word longer than this is compared by its beginning: enough for a typing error, and the work
 * stays small whatever the word is. */
#define HK_NEAR_MAX 32

/* Insertions, deletions and replacements of one byte, and swaps of two neighbours, that lead from a
 * to b. */
size_t hk_near_edits(const char *a, const char *b);

/*
 *	struct hk_near near = {.word = typed};
 *	for (...) { hk_near_offer(&near, known[i]); }
 *	if (near.best) { ... did you mean near.best ... }
 */
struct hk_near {
	const char *word;
	const char *best; /* one of the offered, borrowed; NULL: none is near */
	size_t distance;
};

/* Compares one more. Near are words that a slip or two lead to, the same with other capitals, and
 * those that the word is the start of. */
void hk_near_offer(struct hk_near *near, const char *known);

#endif
