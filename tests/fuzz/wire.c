/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the container half of a plan as the shim reads it. What is accepted has one way to
 * be written only, so writing it again must yield the input, and every text in it can be used.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "plan/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
	if (!holds) {
		abort();
	}
}

static void check_params(const struct hk_container_params *params) {
	check(params->argv.count > 0);
	check(hk_path_is_clean(params->path) && hk_path_is_clean(params->directory));
	check(params->filter < HK_FILTER_PRESETS);
	for (size_t i = 0; i < params->mounts.count; i++) {
		const struct hk_mount_op *op = &params->mounts.items[i];
		check(op->kind < HK_MOUNT_KINDS);
		check(hk_path_is_clean(op->target));
		check(op->lower.count <= HK_MOUNT_LOWER_MAX);
	}
}

static void check_spaces(const uint8_t *data, size_t size) {
	struct hk_container_spaces spaces;
	struct hk_err err = {0};
	if (hk_wire_read_spaces(data, size, &spaces, &err) == 0) {
		struct hk_str again = {0};
		hk_wire_write_spaces(&spaces, &again);
		check(again.failed ||
			(again.length == size && memcmp(again.text, data, size) == 0));
		hk_str_finish(&again);
	} else {
		check(err.code < 0 && strncmp(err.text, "malformed namespaces: ", 22) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	check_spaces(data, size);
	struct hk_arena arena = {0};
	struct hk_container_params params;
	struct hk_err err = {0};
	if (hk_wire_read(&arena, data, size, &params, &err) == 0) {
		struct hk_str again = {0};
		check_params(&params);
		hk_wire_write(&params, &again);
		check(again.failed ||
			(again.length == size && memcmp(again.text, data, size) == 0));
		hk_str_finish(&again);
	} else {
		check(err.code < 0 && strncmp(err.text, "malformed plan: ", 16) == 0);
	}
	hk_arena_finish(&arena);
	return 0;
}
