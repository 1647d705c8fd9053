/* SPDX-License-Identifier: MIT */
/*
 * vec.h: growing arrays in an arena.
 *
 *	struct hk_strs args = {0};
 *	const char **slot = hk_vec_add(arena, &args);
 *	if (!slot) { return hk_err_oom(err); }
 *	*slot = "text";
 */
#ifndef HK_BASE_VEC_H
#define HK_BASE_VEC_H

#include "base/arena.h"

/* The body of a vector's struct: count items are valid, room fit. All zero is the empty one. */
#define HK_VEC(type)                                                                               \
	{                                                                                          \
		type *items;                                                                       \
		size_t count;                                                                      \
		size_t room;                                                                       \
	}

/* A list of strings; the strings are borrowed or lie in the same arena. */
struct hk_strs HK_VEC(const char *);

/* A new zeroed item at the end, or NULL when memory ran out. Moves the items. */
#define hk_vec_add(arena, vec)                                                                     \
	({                                                                                         \
		__typeof__((vec)->items) hk_items = hk_vec_grow(                                   \
			(arena), (vec)->items, (vec)->count, &(vec)->room, sizeof(*hk_items));     \
		if (hk_items) {                                                                    \
			(vec)->items = hk_items;                                                   \
			hk_items += (vec)->count;                                                  \
			(vec)->count++;                                                            \
		}                                                                                  \
		hk_items;                                                                          \
	})

/* What hk_vec_add is made of: the items with room for one more, the new ones zeroed. */
void *hk_vec_grow(struct hk_arena *arena, void *items, size_t count, size_t *room, size_t size);

/* Adds a copy of text. Returns 0 or -ENOMEM. */
int hk_strs_add(struct hk_arena *arena, struct hk_strs *strs, const char *text);

/* Adds the text as it is, borrowed. Returns 0 or -ENOMEM. */
int hk_strs_add_borrowed(struct hk_arena *arena, struct hk_strs *strs, const char *text);

#endif
