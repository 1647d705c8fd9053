/* SPDX-License-Identifier: MIT */
#include "base/scan.h"

#include <string.h>

#define DIGITS_MAX 10 /* of 4294967295 */

bool hk_scan_number_n(const char *text, size_t length, uint32_t max, uint32_t *ret_value) {
	if (length < 1 || length > DIGITS_MAX || (length > 1 && text[0] == '0')) {
		return false;
	}
	uint64_t value = 0; /* ten digits fit */
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return false;
		}
		value = value * 10 + (uint64_t)(text[i] - '0');
	}
	if (value > max) {
		return false;
	}
	*ret_value = (uint32_t)value;
	return true;
}

bool hk_scan_number(const char *text, uint32_t max, uint32_t *ret_value) {
	return hk_scan_number_n(text, strlen(text), max, ret_value);
}
