/* SPDX-License-Identifier: MIT */
/* reader_lists.h: values that are lists, and objects with names of their own; and what reader.c has
 * in common with them. */
#ifndef HK_CONFIG_READER_LISTS_H
#define HK_CONFIG_READER_LISTS_H

#include <jansson.h>

#include "base/arena.h"
#include "config/config.h"
#include "config/fields.h"
#include "config/report.h"

struct hk_config_reader {
	struct hk_arena *arena;
	struct hk_config *config;
	bool nested; /* the layout: the section "program" is in the container */
	const struct hk_config_report *report;
};

/* Puts a JSON value of the right type, and not null, into the member at target. */
typedef int hk_config_read_fn(struct hk_config_reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target);

/* -- reader_lists.c -- */

hk_config_read_fn hk_config_reader_read_texts;
hk_config_read_fn hk_config_reader_read_pairs;
hk_config_read_fn hk_config_reader_read_perms;
hk_config_read_fn hk_config_reader_read_mounts;

/* -- reader.c -- */

/* Ends the reading of what is at place. Returns 0 if it goes on with what comes next. */
int hk_config_reader_keep(struct hk_config_reader *reader, const struct hk_place *place, int r);

int hk_config_reader_refuse_type(struct hk_config_reader *reader, const struct hk_place *place,
	const char *expected, const json_t *json);

/* Strings hold no NUL byte: the JSON parser refuses them. NULL: memory ran out. */
const char *hk_config_reader_copy(struct hk_config_reader *reader, const json_t *json);

/* Likewise. Paths are cleaned. One that is not absolute stays as it is, for the validator to
 * refuse. */
const char *hk_config_reader_copy_path(struct hk_config_reader *reader, const json_t *json);

/* The members of an object of these sections, into the struct at base. */
int hk_config_reader_read_members(struct hk_config_reader *reader, const struct hk_place *place,
	json_t *object, unsigned int sections, void *base);

#endif
