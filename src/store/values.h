/* SPDX-License-Identifier: MIT */
/* values.h: what the values in a state entry may be, whichever way they were read. */
#ifndef HK_STORE_VALUES_H
#define HK_STORE_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* The numbers and names of a head as they stand there. The texts lie in the document's arena. */
struct hk_store_head_values {
	const char *id;
	int64_t identity;
	int64_t target;
	int64_t pid;
	int64_t shim_pid;
	int64_t time;
	const char *backend;
	struct hk_enablements enablements;
};

/* False: one of them is out of range; then *instance is untouched. */
bool hk_store_head_take(
	const struct hk_store_head_values *values, struct hk_store_instance *instance);

/* Likewise, of one host operation. */
struct hk_store_operation_values {
	enum hk_host_kind kind;
	const char *path;
	int64_t target;
	int64_t perm;
	int64_t mode;
	bool stays;
	const char *source; /* NULL: none; likewise text */
	const char *text;
};

bool hk_store_operation_take(const struct hk_store_operation_values *values, struct hk_host_op *op);

/* The fields of what an operation found, in the order in which they are written. */
enum hk_store_found_type {
	HK_STORE_FOUND_BOOL,
	HK_STORE_FOUND_PERM, /* bits of an ACL entry */
	HK_STORE_FOUND_U64,
};

struct hk_store_found_field {
	const char *name;
	const char *key; /* ,"name": as it is written; the first one without the comma */
	size_t key_length;
	size_t offset;
	enum hk_store_found_type type;
};

#define HK_STORE_FOUND_FIELDS 8
extern const struct hk_store_found_field hk_store_found_fields[HK_STORE_FOUND_FIELDS];

/* JSON's integers are signed here: of a U64 the bits are what counts. Setting yields false where
 * the value is out of range. */
int64_t hk_store_found_get(const struct hk_host_found *found, size_t field);
bool hk_store_found_set(struct hk_host_found *found, size_t field, int64_t value);

#endif
