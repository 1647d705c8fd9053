/* SPDX-License-Identifier: MIT */
#include "base/near.h"

#include <string.h>

size_t hk_near_edits(const char *a, const char *b) {
	size_t a_length = strnlen(a, HK_NEAR_MAX);
	size_t b_length = strnlen(b, HK_NEAR_MAX);
	size_t row[HK_NEAR_MAX + 1]; /* row[j]: from the first i bytes of a to j bytes of b */
	for (size_t j = 0; j <= b_length; j++) {
		row[j] = j;
	}
	for (size_t i = 1; i <= a_length; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			best = row[j] + 1 < best ? row[j] + 1 : best;
			row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
		}
	}
	return row[b_length];
}
