/* SPDX-License-Identifier: MIT */
/* docs.c: what people are told of each row. An object of its own, and the program that is installed
 * has no use for it: starting costs nothing for texts that nobody reads then. */
#include "config/fields.h"

#define USUAL		.needed = false
#define NEEDED		.needed = true
#define NEEDED_OR(text) .needed_inside = true, .fallback = (text)
#define WORDS(text)	.fallback = (text)

#define HK_FIELD(in, name, kind, usual, doc, ...) {.text = (doc), usual},

const struct hk_field_doc hk_config_field_docs[] = {
#include "config/field_rows.h"
};
