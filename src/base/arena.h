/* SPDX-License-Identifier: MIT */
/*
 * arena.h: memory that is given back all at once. A configuration, a plan, a state entry each
 * own one; everything they point to lies in it, so none of them needs a destructor a field.
 */
#ifndef HK_BASE_ARENA_H
#define HK_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct hk_arena {
	struct hk_arena_block *blocks; /* newest first; NULL: nothing allocated yet */
	bool fixed;		       /* the one block that it was given is all there is */
};

/* An arena in memory of the caller's, all zero, aligned for any type and larger than a few words;
 * it must stay. What does not fit there is not allocated. */
void hk_arena_init_fixed(struct hk_arena *arena, void *memory, size_t size);

/* How many bytes of it are in use, from its start. */
size_t hk_arena_used_fixed(const struct hk_arena *arena);

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
