/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdint.h>
#include <string.h>

#include "cmocka_all.h"
#include "no_memory.h"

#define MANY 1000

static int memory_back(void **state) {
	(void)state;
	hk_test_memory_back();
	return 0;
}

static void memory_is_zeroed_and_aligned_for_any_type(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	for (size_t size = 1; size < 300; size++) {
		unsigned char *memory = hk_arena_alloc(&arena, size);
		assert_non_null(memory);
		assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++) {
			assert_int_equal(memory[i], 0);
		}
		memset(memory, 0xff, size);
	}
	hk_arena_finish(&arena);
}

static void allocations_do_not_overlap(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	size_t *items[MANY];
	for (size_t i = 0; i < MANY; i++) {
		/* from one word to more than a block holds */
		size_t count = 1 + i % 7 * 130;
		items[i] = hk_arena_alloc(&arena, count * sizeof(size_t));
		assert_non_null(items[i]);
		for (size_t n = 0; n < count; n++) {
			items[i][n] = i;
		}
	}
	for (size_t i = 0; i < MANY; i++) {
		for (size_t n = 0; n < 1 + i % 7 * 130; n++) {
			assert_int_equal(items[i][n], i);
		}
	}
	hk_arena_finish(&arena);
}

static void an_allocation_of_nothing_is_not_a_failure(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	assert_non_null(hk_arena_alloc(&arena, 0));
	hk_arena_finish(&arena);
}

static void an_impossible_size_is_refused(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	assert_null(hk_arena_alloc(&arena, SIZE_MAX));
	assert_null(hk_arena_alloc(&arena, SIZE_MAX / 2 + 1));
	assert_null(arena.blocks);
}

static void a_finished_arena_can_be_used_again(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	hk_arena_finish(&arena);
	assert_non_null(hk_arena_alloc(&arena, 10));
	hk_arena_finish(&arena);
	assert_null(arena.blocks);
	assert_non_null(hk_arena_alloc(&arena, 10));
	hk_arena_finish(&arena);
}

static void texts_are_copied_and_terminated(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	char text[] = "text";
	char *copy = hk_arena_strdup(&arena, text);
	text[0] = 'n';
	assert_string_equal(copy, "text");
	assert_string_equal(hk_arena_strndup(&arena, "abcdef", 3), "abc");
	assert_string_equal(hk_arena_strdup(&arena, ""), "");
	assert_string_equal(hk_arena_printf(&arena, "%s-%d", "a", 7), "a-7");
	assert_string_equal(hk_arena_printf(&arena, "%s", ""), "");
	char *wide = hk_arena_printf(&arena, "%9000d", 1);
	assert_int_equal(strlen(wide), 9000);
	hk_arena_finish(&arena);
}

static void running_out_of_memory_yields_null_and_keeps_what_was_there(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	hk_test_memory_runs_out_after(1);
	char *kept = hk_arena_strdup(&arena, "kept");
	assert_non_null(kept);
	assert_null(hk_arena_alloc(&arena, 100000));
	assert_null(hk_arena_printf(&arena, "%99999d", 1));
	assert_string_equal(kept, "kept");
	hk_test_memory_back();
	assert_non_null(hk_arena_alloc(&arena, 100000));
	hk_arena_finish(&arena);
}

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>

/* Else the sanitizer would see nothing wrong in a piece that is too short. */
static void what_lies_behind_a_piece_is_out_of_bounds(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	for (size_t size = 0; size < 40; size++) {
		char *piece = hk_arena_alloc(&arena, size);
		assert_null(__asan_region_is_poisoned(piece, size));
		assert_ptr_equal(__asan_region_is_poisoned(piece, size + 1), piece + size);
	}
	hk_arena_finish(&arena);
}
#endif

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned_for_any_type),
		cmocka_unit_test(allocations_do_not_overlap),
		cmocka_unit_test(an_allocation_of_nothing_is_not_a_failure),
		cmocka_unit_test(an_impossible_size_is_refused),
		cmocka_unit_test(a_finished_arena_can_be_used_again),
		cmocka_unit_test(texts_are_copied_and_terminated),
		cmocka_unit_test_teardown(
			running_out_of_memory_yields_null_and_keeps_what_was_there, memory_back),
#ifdef __SANITIZE_ADDRESS__
		cmocka_unit_test(what_lies_behind_a_piece_is_out_of_bounds),
#endif
	};
	return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
