/* SPDX-License-Identifier: MIT */
#include "base/vec.h"

#include <errno.h>
#include <string.h>

void *hk_vec_grow(struct hk_arena *arena, void *items, size_t count, size_t *room, size_t size) {
	if (count < *room) {
		/* An item that was taken off the end may have left something here. */
		memset((char *)items + count * size, 0, size);
		return items;
	}
	size_t more = *room ? *room * 2 : 8;
	size_t bytes;
	if (__builtin_mul_overflow(more, size, &bytes)) {
		return NULL;
	}
	void *grown = hk_arena_alloc(arena, bytes);
	if (!grown) {
		return NULL;
	}
	if (count) {
		memcpy(grown, items, count * size);
	}
	*room = more;
	return grown;
}

int hk_strs_add_borrowed(struct hk_arena *arena, struct hk_strs *strs, const char *text) {
	const char **slot = hk_vec_add(arena, strs);
	if (!slot) {
		return -ENOMEM;
	}
	*slot = text;
	return 0;
}

int hk_strs_add(struct hk_arena *arena, struct hk_strs *strs, const char *text) {
	const char *copy = hk_arena_strdup(arena, text);
	return copy ? hk_strs_add_borrowed(arena, strs, copy) : -ENOMEM;
}
