/* SPDX-License-Identifier: MIT */
/* json.h: what commands print with --json. */
#ifndef HK_CLI_JSON_H
#define HK_CLI_JSON_H

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"

/* Adds the document, and a newline. Takes it over, on failure too; NULL: memory ran out when it was
 * made. */
int hk_cli_add_json(struct hk_str *out, json_t *document, struct hk_err *err);

#endif
