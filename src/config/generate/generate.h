/* SPDX-License-Identifier: MIT */
/* generate.h: what is made of the table of keys while building: a JSON Schema, and the lists of
 * keys of the manual. Nothing of it is in the program that is installed. */
#ifndef HK_CONFIG_GENERATE_GENERATE_H
#define HK_CONFIG_GENERATE_GENERATE_H

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"
#include "config/fields.h"

/* A schema (draft 7) of all that a file may be, as far as one can say it: what a path is after it
 * was cleaned up it cannot. */
int hk_generate_schema(struct hk_str *out, struct hk_err *err);

/* What the mounts of a type must be besides what their keys are: a list for "allOf". NULL: no
 * memory. */
json_t *hk_generate_mount_rules(enum hk_fs_type type);

/* hakurei-config(5) in scdoc, of its template: a line "@SECTION@" there stands for its keys. */
int hk_generate_manual(const char *template, struct hk_str *out, struct hk_err *err);

#endif
