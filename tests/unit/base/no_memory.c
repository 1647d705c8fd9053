/* SPDX-License-Identifier: MIT */
#include "no_memory.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>

/* The wrapped functions take no context. */
static unsigned int left = UINT_MAX;
static int once;

void *__real_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *memory, size_t size);

void hk_test_memory_runs_out_after(unsigned int allowed) {
	left = allowed;
	once = 0;
}

void hk_test_memory_fails_once_after(unsigned int allowed) {
	left = allowed;
	once = 1;
}

void hk_test_memory_back(void) {
	left = UINT_MAX;
}

static int take_one(void) {
	if (left == 0) {
		left = once ? UINT_MAX : 0;
		errno = ENOMEM;
		return 0;
	}
	if (left != UINT_MAX) {
		left--;
	}
	return 1;
}

void *__wrap_malloc(size_t size) {
	return take_one() ? __real_malloc(size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size) {
	return take_one() ? __real_realloc(memory, size) : NULL;
}
