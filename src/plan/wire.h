/* SPDX-License-Identifier: MIT */
/*
 * wire.h: the container half as bytes, from the monitor to the shim. Both ends are built
 * together and on one machine, so there is no version and no byte order to negotiate; lengths
 * and enums are checked all the same, because a reader that trusts is a bug waiting.
 * Writer and reader come from one field list (wire_fields.h), so they cannot differ.
 */
#ifndef HK_PLAN_WIRE_H
#define HK_PLAN_WIRE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "container/params.h"

#define HK_WIRE_MAX	 (16 * 1024 * 1024)
#define HK_WIRE_LIST_MAX 65536 /* items of one list; mounts and layers: container/params.h */

/* Adds the bytes to out. log is not sent. out->failed: no memory, or a text that no reader would
 * take. */
void hk_wire_write(const struct hk_container_params *params, struct hk_str *out);

/* Reads what write wrote. Borrows from bytes where it can, the rest lies in the arena. Text
 * must be NUL-terminated within its length. Errors name the field. */
int hk_wire_read(struct hk_arena *arena, const void *bytes, size_t size,
	struct hk_container_params *ret_params, struct hk_err *err);

/* The same for what the shim is told ahead of the plan, so that it need not wait for it. */
void hk_wire_write_spaces(const struct hk_container_spaces *spaces, struct hk_str *out);
int hk_wire_read_spaces(
	const void *bytes, size_t size, struct hk_container_spaces *ret_spaces, struct hk_err *err);

#endif
