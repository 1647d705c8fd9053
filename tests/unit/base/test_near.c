/* SPDX-License-Identifier: MIT */
#include "base/near.h"

#include "cmocka_all.h"

static void each_edit_counts_one(void **state) {
	(void)state;
	static const struct {
		const char *a;
		const char *b;
		size_t edits;
	} rows[] = {
		{"", "", 0},
		{"show", "show", 0},
		{"", "show", 4},
		{"shw", "show", 1},
		{"shoow", "show", 1},
		{"shiw", "show", 1},
		{"hsow", "show", 2},
		{"kitten", "sitting", 3},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(hk_near_edits(rows[i].a, rows[i].b), rows[i].edits);
		assert_int_equal(hk_near_edits(rows[i].b, rows[i].a), rows[i].edits);
	}
}

static void a_long_word_is_compared_by_its_beginning(void **state) {
	(void)state;
	char word[4 * HK_NEAR_MAX + 1] = {0};
	for (size_t i = 0; i < sizeof(word) - 1; i++) {
		word[i] = i < HK_NEAR_MAX ? 'a' : 'b';
	}
	assert_int_equal(hk_near_edits(word, "aaa"), HK_NEAR_MAX - 3);
	assert_int_equal(hk_near_edits(word, word + 1), 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_edit_counts_one),
		cmocka_unit_test(a_long_word_is_compared_by_its_beginning),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
