/* SPDX-License-Identifier: MIT */
/*
 * arena.h: memory that is given back all at once. A configuration, a plan, a state entry each
 * own one; everything they point to lies in it, so none of them needs a destructor a field.
 */
#ifndef HK_BASE_ARENA_H
#define HK_BASE_ARENA_H

#include <stddef.h>

struct hk_arena {
	struct hk_arena_block *blocks; /* newest first; NULL: nothing allocated yet */
};

/* Zeroed memory, aligned for any type, valid until hk_arena_finish. NULL: out of memory. */
void *hk_arena_alloc(struct hk_arena *arena, size_t size);
char *hk_arena_strdup(struct hk_arena *arena, const char *text);
char *hk_arena_strndup(struct hk_arena *arena, const char *text, size_t length);
char *hk_arena_printf(struct hk_arena *arena, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Gives everything back. The arena is empty afterwards and can be used again. */
void hk_arena_finish(struct hk_arena *arena);

static inline void hk_auto_arena(struct hk_arena *arena) {
	hk_arena_finish(arena);
}

#endif
