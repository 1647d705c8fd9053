/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With the address sanitizer, what has not been given out of a block is out of bounds, and there is
 * some of that behind each piece: else a piece would end where nobody notices. */
#ifdef __SANITIZE_ADDRESS__ /* gcc */
#define WATCHED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) /* clang */
#define WATCHED
#endif
#endif
#ifdef WATCHED
#include <sanitizer/asan_interface.h>
#define GUARD(arena)	((arena)->fixed ? 0 : 16)
#define CLOSE(at, size) __asan_poison_memory_region(memset(at, 0, size), size) /* gcc: unset */
#define OPEN(at, size)	__asan_unpoison_memory_region(at, size)
#else
#define GUARD(arena)	0
#define CLOSE(at, size) ((void)0)
#define OPEN(at, size)	((void)0)
#endif

#define BLOCK_SIZE 4064 /* one page with malloc's own header */

struct hk_arena_block {
	struct hk_arena_block *next;
	size_t used;
	size_t size;
	_Alignas(max_align_t) unsigned char data[];
};

void hk_arena_init_fixed(struct hk_arena *arena, void *memory, size_t size) {
	struct hk_arena_block *block = memory;
	block->size = size - sizeof(*block);
	*arena = (struct hk_arena){.blocks = block, .fixed = true};
}

size_t hk_arena_used_fixed(const struct hk_arena *arena) {
	return sizeof(*arena->blocks) + arena->blocks->used;
}

void *hk_arena_alloc(struct hk_arena *arena, size_t size) {
	const size_t align = _Alignof(max_align_t);
	if (size > SIZE_MAX / 2) {
		return NULL;
	}
	const size_t takes = (size + align - 1) / align * align + GUARD(arena);
	struct hk_arena_block *block = arena->blocks;
	if (!block || block->size - block->used < takes) {
		if (arena->fixed) {
			return NULL;
		}
		size_t room = BLOCK_SIZE - sizeof(*block);
		if (takes > room) {
			room = takes;
		}
		block = malloc(sizeof(*block) + room);
		if (!block) {
			return NULL;
		}
		*block = (struct hk_arena_block){.next = arena->blocks, .size = room};
		arena->blocks = block;
		CLOSE(block->data, room);
	}
	void *memory = block->data + block->used;
	block->used += takes;
	if (arena->fixed) {
		return memory; /* zero already, and may be too much to touch for nothing */
	}
	OPEN(memory, size);
	return memset(memory, 0, size);
}

char *hk_arena_strndup(struct hk_arena *arena, const char *text, size_t length) {
	char *copy = hk_arena_alloc(arena, length + 1);
	if (copy) {
		memcpy(copy, text, length);
	}
	return copy;
}

char *hk_arena_strdup(struct hk_arena *arena, const char *text) {
	return hk_arena_strndup(arena, text, strlen(text));
}

char *hk_arena_printf(struct hk_arena *arena, const char *fmt, ...) {
	va_list args;
	va_start(args, fmt);
	int length = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (length < 0) {
		return NULL;
	}
	char *text = hk_arena_alloc(arena, (size_t)length + 1);
	if (text) {
		va_start(args, fmt);
		(void)vsnprintf(text, (size_t)length + 1, fmt, args);
		va_end(args);
	}
	return text;
}

void hk_arena_finish(struct hk_arena *arena) {
	while (!arena->fixed && arena->blocks) {
		struct hk_arena_block *block = arena->blocks;
		arena->blocks = block->next;
		free(block);
	}
	*arena = (struct hk_arena){0};
}
