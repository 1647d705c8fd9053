/* SPDX-License-Identifier: MIT */
/* reader.h: a parsed JSON document into the structs of a configuration. */
#ifndef HK_CONFIG_READER_H
#define HK_CONFIG_READER_H

#include <jansson.h>

#include "base/arena.h"
#include "config/config.h"

/*
 * Finds out the layout and fills the zeroed configuration in: keys and types are checked, limits
 * of lists too, values are not (hk_config_validate does). root is not kept. On failure the
 * configuration is half filled.
 */
int hk_config_reader_run(
	struct hk_arena *arena, json_t *root, struct hk_config *config, struct hk_err *err);

/* Fills the zeroed policy in likewise. */
int hk_config_reader_run_policy(
	struct hk_arena *arena, json_t *root, struct hk_bus_policy *policy, struct hk_err *err);

#endif
