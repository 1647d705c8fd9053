/* SPDX-License-Identifier: MIT */
#include "base/near.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

static size_t least(size_t a, size_t b) {
	return a < b ? a : b;
}

size_t hk_near_edits(const char *a, const char *b) {
	size_t a_length = strnlen(a, HK_NEAR_MAX);
	size_t b_length = strnlen(b, HK_NEAR_MAX);
	/* Row i has, for each j, from i bytes of a to j bytes of b; the last three are kept. */
	size_t rows[3][HK_NEAR_MAX + 1];
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
	size_t length = strnlen(near->word, HK_NEAR_MAX);
	/* None in a single letter: it is one edit from each other single letter. */
	const size_t limit = (length + 1) / 3;
	if (length == 0) {
		return;
	}
	size_t distance = hk_near_edits(near->word, known);
	if (strcasecmp(near->word, known) == 0) {
		distance = 0;
	} else if (length > 1 && hk_str_starts(known, near->word)) {
		distance = 1;
	} else if (distance > limit) {
		return;
	}
	if (!near->best || distance < near->distance) {
		near->best = known;
		near->distance = distance;
	}
}
