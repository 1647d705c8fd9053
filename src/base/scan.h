/* SPDX-License-Identifier: MIT */
/* scan.h: numbers read strictly. Used by hsu: libc's headers only, no memory, no locale. */
#ifndef HK_BASE_SCAN_H
#define HK_BASE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads a decimal number that is all of text[0..length): 1 to 10 digits and nothing else, no
 * sign, no space, no leading zero but in "0" itself, at most max. False leaves *ret_value
 * untouched.
 */
bool hk_scan_number_n(const char *text, size_t length, uint32_t max, uint32_t *ret_value);

/* The same for a whole string. */
bool hk_scan_number(const char *text, uint32_t max, uint32_t *ret_value);

#endif
