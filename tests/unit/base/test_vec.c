/* SPDX-License-Identifier: MIT */
#include "base/vec.h"

#include <errno.h>
#include <stdlib.h>

#include "cmocka_all.h"
#include "no_memory.h"

struct pair {
	long a;
	long b;
};
struct pairs HK_VEC(struct pair);

static int memory_back(void **state) {
	(void)state;
	hk_test_memory_back();
	return 0;
}

static struct pair *add(struct hk_arena *arena, struct pairs *pairs) {
	struct pair *pair = hk_vec_add(arena, pairs);
	if (!pair) {
		abort(); /* not an assertion: the compiler has to see that it ends here */
	}
	return pair;
}

static void items_keep_their_order_and_start_as_zero(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	struct pairs pairs = {0};
	for (long i = 0; i < 1000; i++) {
		struct pair *pair = add(&arena, &pairs);
		assert_ptr_equal(pair, &pairs.items[i]);
		assert_int_equal(pair->a, 0);
		assert_int_equal(pair->b, 0);
		*pair = (struct pair){.a = i, .b = -i};
	}
	assert_int_equal(pairs.count, 1000);
	for (long i = 0; i < 1000; i++) {
		assert_int_equal(pairs.items[i].a, i);
		assert_int_equal(pairs.items[i].b, -i);
	}
	hk_arena_finish(&arena);
}

static void a_place_used_before_is_zero_again(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	struct pairs pairs = {0};
	struct pair *pair = add(&arena, &pairs);
	pair->a = 7;
	pairs.count--;
	pair = add(&arena, &pairs);
	assert_int_equal(pair->a, 0);
	hk_arena_finish(&arena);
}

static void texts_are_copied_unless_borrowed(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	struct hk_strs strs = {0};
	char text[] = "text";
	assert_int_equal(hk_strs_add(&arena, &strs, text), 0);
	assert_int_equal(hk_strs_add_borrowed(&arena, &strs, text), 0);
	text[0] = 'n';
	assert_string_equal(strs.items[0], "text");
	assert_ptr_equal(strs.items[1], text);
	assert_int_equal(strs.count, 2);
	hk_arena_finish(&arena);
}

static void running_out_of_memory_leaves_the_list_as_it_was(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	struct hk_strs strs = {0};
	hk_test_memory_runs_out_after(1);
	int r = 0;
	size_t added = 0;
	while (added < 100000 && (r = hk_strs_add(&arena, &strs, "text")) == 0) {
		added++;
	}
	assert_int_equal(r, -ENOMEM);
	assert_int_equal(strs.count, added);
	assert_true(added > 0);
	assert_string_equal(strs.items[added - 1], "text");
	hk_test_memory_back();
	assert_int_equal(hk_strs_add(&arena, &strs, "more"), 0);
	assert_string_equal(strs.items[added], "more");
	hk_arena_finish(&arena);
}

static void an_impossible_size_is_refused(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	size_t room = SIZE_MAX / 4;
	assert_null(hk_vec_grow(&arena, NULL, room, &room, 16));
	assert_int_equal(room, SIZE_MAX / 4);
	hk_arena_finish(&arena);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_keep_their_order_and_start_as_zero),
		cmocka_unit_test(a_place_used_before_is_zero_again),
		cmocka_unit_test(texts_are_copied_unless_borrowed),
		cmocka_unit_test_teardown(
			running_out_of_memory_leaves_the_list_as_it_was, memory_back),
		cmocka_unit_test(an_impossible_size_is_refused),
	};
	return cmocka_run_group_tests_name("base/vec", tests, NULL, NULL);
}
