/* SPDX-License-Identifier: MIT */
#include "cli/near.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

#define WORD_MAX 32 /* no command or option is longer */

static size_t least(size_t a, size_t b) {
	return a < b ? a : b;
}

/* How many letters to add, leave out, replace or swap with their neighbour, to make b of a. */
static size_t count_slips(const char *a, const char *b) {
	size_t rows[3][WORD_MAX + 1]; /* of the table of all starts of a against those of b */
	size_t a_length = strlen(a);
	size_t b_length = strlen(b);
	for (size_t j = 0; j <= b_length; j++) {
		rows[0][j] = j;
	}
	for (size_t i = 1; i <= a_length; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i + 2) % 3];
		const size_t *two_above = rows[(i + 1) % 3];
		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			row[j] = least(above[j], row[j - 1]) + 1;
			row[j] = least(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
				row[j] = least(row[j], two_above[j - 2] + 1);
			}
		}
	}
	return rows[a_length % 3][b_length];
}

void hk_near_offer(struct hk_near *near, const char *known) {
	size_t length = strlen(near->word);
	if (length == 0 || length > WORD_MAX || strlen(known) > WORD_MAX) {
		return;
	}
	/* A single letter is one slip from each other single letter. */
	size_t limit = (length + 1) / 3;
	size_t distance;
	if (strcasecmp(near->word, known) == 0) {
		distance = 0;
	} else if (length > 1 && hk_str_starts(known, near->word)) {
		distance = 1;
	} else {
		distance = count_slips(near->word, known);
		if (distance > limit) {
			return;
		}
	}
	if (!near->best || distance < near->distance) {
		near->best = known;
		near->distance = distance;
	}
}
