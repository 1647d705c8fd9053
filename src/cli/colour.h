/* SPDX-License-Identifier: MIT */
/* colour.h: where colours are wanted: on a terminal that knows them, unless NO_COLOR says not. */
#ifndef HK_CLI_COLOUR_H
#define HK_CLI_COLOUR_H

#include <stdbool.h>

#include "base/str.h"

/* Adds the text, for standard output: the head of a table, a section's name. */
void hk_colour_add_head(struct hk_str *out, const char *text);

/* Adds the text, for standard output: what is wrong. */
void hk_colour_add_bad(struct hk_str *out, const char *text);

/* For struct hk_log. */
bool hk_colour_of_errors(void);

#endif
