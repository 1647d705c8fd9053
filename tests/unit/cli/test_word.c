/* SPDX-License-Identifier: MIT */
#include "cli/word.h"

#include <string.h>

#include "../base/cmocka_all.h"

static void alternatives_come_one_by_one(void **state) {
	(void)state;
	const char *text = "FILE|builtin";
	struct hk_word word;
	assert_true(hk_word_next(&text, &word));
	assert_int_equal(word.kind, HK_WORD_FILE);
	assert_string_equal(word.text, "FILE");
	assert_true(hk_word_next(&text, &word));
	assert_int_equal(word.kind, HK_WORD_ITSELF);
	assert_string_equal(word.text, "builtin");
	assert_false(hk_word_next(&text, &word));
}

static void only_small_words_are_a_choice(void **state) {
	(void)state;
	assert_true(hk_word_is_choice("auto|hsu|subuid"));
	assert_true(hk_word_is_choice("one"));
	assert_false(hk_word_is_choice("FILE|builtin"));
	assert_false(hk_word_is_choice("FILE"));
	assert_false(hk_word_is_choice(""));
}

static void a_word_that_is_too_long_is_cut(void **state) {
	(void)state;
	const char *text = "AVERYLONGWORDAVERYLONGWORDAVERYLONGWORD|b";
	struct hk_word word;
	assert_true(hk_word_next(&text, &word));
	assert_int_equal(word.kind, HK_WORD_UNKNOWN);
	assert_int_equal(strlen(word.text), HK_WORD_MAX - 1);
	assert_true(hk_word_next(&text, &word));
	assert_string_equal(word.text, "b");
}

static void check_places(
	const char *arguments, const char *const *words, const bool *repeated, size_t count) {
	struct hk_argument argument;
	for (size_t i = 0; i < count; i++) {
		assert_true(hk_argument_next(&arguments, &argument));
		assert_string_equal(argument.words, words[i]);
		assert_int_equal(argument.repeated, repeated[i]);
	}
	assert_false(hk_argument_next(&arguments, &argument));
}

static void arguments_are_places_without_what_is_around_them(void **state) {
	(void)state;
	check_places("", NULL, NULL, 0);
	check_places("[options]", NULL, NULL, 0);
	check_places("[options] [--] [PROGRAM [ARGUMENT...]]",
		(const char *const[]){"PROGRAM", "ARGUMENT"}, (const bool[]){false, true}, 2);
	check_places("[options] NAME|FILE [ARGUMENT...]",
		(const char *const[]){"NAME|FILE", "ARGUMENT"}, (const bool[]){false, true}, 2);
	check_places("FILE...", (const char *const[]){"FILE"}, (const bool[]){true}, 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alternatives_come_one_by_one),
		cmocka_unit_test(only_small_words_are_a_choice),
		cmocka_unit_test(a_word_that_is_too_long_is_cut),
		cmocka_unit_test(arguments_are_places_without_what_is_around_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
