/* SPDX-License-Identifier: MIT */
/* near.h: which of the known words was meant by one that is not known. */
#ifndef HK_CLI_NEAR_H
#define HK_CLI_NEAR_H

#include <stddef.h>

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

/* Compares one more. Near are words with a slip or two (a letter too many, too few, another, or two
 * of them swapped), with other capitals, and those that the word is the start of. */
void hk_near_offer(struct hk_near *near, const char *known);

#endif
