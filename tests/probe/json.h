/* SPDX-License-Identifier: MIT */
/* json.h: one JSON value after the other on standard output, commas put where they belong. */
#ifndef HK_PROBE_JSON_H
#define HK_PROBE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hk_json {
	bool comma; /* something stands before the next value in the same object or list */
};

/* key is NULL inside a list and at the top. */
void hk_json_object(struct hk_json *json, const char *key);
void hk_json_object_end(struct hk_json *json);
void hk_json_list(struct hk_json *json, const char *key);
void hk_json_list_end(struct hk_json *json);
/* NULL is null. A byte that is not valid UTF-8 becomes the lone surrogate U+DC00 + byte, which
 * Python's os.fsencode turns back into the byte. */
void hk_json_string(struct hk_json *json, const char *key, const char *text);
void hk_json_bytes(struct hk_json *json, const char *key, const char *bytes, size_t length);
void hk_json_number(struct hk_json *json, const char *key, int64_t number);
void hk_json_unsigned(struct hk_json *json, const char *key, uint64_t number);
void hk_json_bool(struct hk_json *json, const char *key, bool value);
void hk_json_null(struct hk_json *json, const char *key);
/* NAME of an errno, or null for 0. */
void hk_json_errno(struct hk_json *json, const char *key, int code);
/* Ends the line and hands everything to the kernel. */
void hk_json_line_end(struct hk_json *json);

#endif
