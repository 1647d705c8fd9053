/* SPDX-License-Identifier: MIT */
/* reader.h: a parsed JSON document into the structs of a configuration. */
#ifndef HK_CONFIG_READER_H
#define HK_CONFIG_READER_H

#include <jansson.h>

#include "base/arena.h"
#include "config/config.h"
#include "config/report.h"

/*
 * Finds out the layout and fills the zeroed configuration in: keys and types are checked, limits
 * of lists too, values are not (hk_config_validate does). root is not kept. On failure the
 * configuration is half filled. *ret_nested: is the layout that one? Where the report has a list
 * this fails only for lack of memory.
 */
int hk_config_reader_run(struct hk_arena *arena, json_t *root,
	const struct hk_config_report *report, struct hk_config *config, bool *ret_nested);

/* Fills the zeroed policy in likewise. */
int hk_config_reader_run_policy(
	struct hk_arena *arena, json_t *root, struct hk_bus_policy *policy, struct hk_err *err);

#endif
