/* SPDX-License-Identifier: MIT */
/* document.h: the text of a configuration as a JSON document, before its keys are looked at. */
#ifndef HK_CONFIG_DOCUMENT_H
#define HK_CONFIG_DOCUMENT_H

#include <jansson.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/* Parses text[0..size) strictly. The caller gives the document back. Errors name line and column,
 * and not the file. */
int hk_config_document_load(struct hk_arena *arena, const char *text, size_t size,
	json_t **ret_root, struct hk_err *err);

/* Likewise, but the last of several keys of one name counts, line and column are only in *ret_error
 * (0 where there is none), and the error is what is wrong there. */
int hk_config_document_look(struct hk_arena *arena, const char *text, size_t size,
	json_t **ret_root, json_error_t *ret_error, struct hk_err *err);

/* json: a document, or NULL. */
static inline void hk_auto_json(json_t **json) {
	json_decref(*json);
}

#endif
