/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <stdio.h>
#include <string.h>

#include "cmocka_all.h"
#include "no_memory.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int memory_back(void **state) {
	(void)state;
	hk_test_memory_back();
	return 0;
}

static const struct {
	const char *text;
	const char *escaped;
} escapes[] = {
	{"", ""},
	{"plain text, \"quoted\" \\ /path", "plain text, \"quoted\" \\ /path"},
	/* C0, DEL, C1 */
	{"a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd"},
	{"\x1b[31mred", "\\x1b[31mred"},
	{"\x01\x1f\x7f", "\\x01\\x1f\\x7f"},
	{"\xc2\x80\xc2\x9b\xc2\x9f", "\\u{0080}\\u{009b}\\u{009f}"},
	{"\xc2\xa0", "\xc2\xa0"},
	/* characters that turn the direction of the text, and line ends that are not control
	   characters */
	{"\xd8\x9c", "\\u{061c}"},
	{"\xe2\x80\x8e\xe2\x80\x8f", "\\u{200e}\\u{200f}"},
	{"\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}"},
	{"\xe2\x80\xaa\xe2\x80\xae", "\\u{202a}\\u{202e}"},
	{"\xef\xbb\xbf", "\\u{feff}"},
	{"\xe2\x81\xa6\xe2\x81\xa9", "\\u{2066}\\u{2069}"},
	{"\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf", "\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf"},
	/* valid text of two, three and four bytes stays */
	{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x8d\xb5", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x8d\xb5"},
	{"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"},
	/* invalid: stray continuation, overlong, surrogate, too large, cut off, never a lead byte
	 */
	{"\x80", "\\x80"},
	{"\xc0\xaf", "\\xc0\\xaf"},
	{"\xc1\x81", "\\xc1\\x81"},
	{"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
	{"\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf"},
	{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
	{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
	{"\xc3", "\\xc3"},
	{"\xe2\x82", "\\xe2\\x82"},
	{"\xf0\x9f\x8d", "\\xf0\\x9f\\x8d"},
	{"\xc3(", "\\xc3("},
	{"\xf5\xfe\xff", "\\xf5\\xfe\\xff"},
	/* an overlong form of a control character is two bytes, not that character */
	{"\xc0\x8a", "\\xc0\\x8a"},
};

static void what_a_terminal_would_act_on_is_escaped(void **state) {
	(void)state;
	for (size_t i = 0; i < COUNT(escapes); i++) {
		assert_string_equal(HK_ESC(escapes[i].text), escapes[i].escaped);
	}
	assert_string_equal(HK_ESC(NULL), "(null)");
}

static void a_buffer_escapes_in_the_same_way(void **state) {
	(void)state;
	for (size_t i = 0; i < COUNT(escapes); i++) {
		struct hk_str str = {0};
		hk_str_add(&str, "<");
		hk_str_add_escaped(&str, escapes[i].text);
		hk_str_add(&str, ">");
		char expected[100];
		(void)snprintf(expected, sizeof(expected), "<%s>", escapes[i].escaped);
		assert_string_equal(str.text, expected);
		hk_str_finish(&str);
	}
}

/* A text of length bytes, whose bytes differ near the end. */
static void fill(char *text, size_t length) {
	for (size_t i = 0; i < length; i++) {
		text[i] = (char)('a' + (length - 1 - i) % 26);
	}
	text[length] = '\0';
}

static void a_long_text_keeps_its_start_and_its_end(void **state) {
	(void)state;
	for (size_t length = 0; length < 3 * HK_ESCAPED_MAX; length++) {
		char text[3 * HK_ESCAPED_MAX];
		fill(text, length);
		const struct hk_escaped out = hk_escape(text);
		if (length < HK_ESCAPED_MAX) {
			assert_string_equal(out.text, text);
			continue;
		}
		assert_int_equal(strlen(out.text), HK_ESCAPED_MAX - 1);
		const char *gap = strstr(out.text, "...");
		assert_non_null(gap);
		size_t head = (size_t)(gap - out.text);
		assert_in_range(head, 300, 400);
		assert_memory_equal(out.text, text, head);
		size_t tail = strlen(gap + 3);
		assert_true(tail >= 150);
		assert_string_equal(gap + 3, text + length - tail);
	}
}

static void shortening_never_cuts_a_character_or_an_escape(void **state) {
	(void)state;
	static const char *const units[] = {
		"\xe2\x82\xac", "\xf0\x9f\x8d\xb5", "\n", "\xe2\x80\xae", "\xff", "\xc3\xa4"};
	static const char *const escaped[] = {
		"\xe2\x82\xac", "\xf0\x9f\x8d\xb5", "\\x0a", "\\u{202e}", "\\xff", "\xc3\xa4"};
	for (size_t unit = 0; unit < COUNT(units); unit++) {
		struct hk_str text = {0};
		for (size_t count = 0; count < 700; count++) {
			hk_str_add(&text, units[unit]);
			const struct hk_escaped out = hk_escape(text.text);
			assert_true(strlen(out.text) < HK_ESCAPED_MAX);
			bool gap = false;
			size_t size = strlen(escaped[unit]);
			for (const char *at = out.text; *at;) {
				if (hk_str_starts(at, "...")) {
					assert_false(gap);
					gap = true;
					at += 3;
				} else {
					assert_memory_equal(at, escaped[unit], size);
					at += size;
				}
			}
		}
		hk_str_finish(&text);
	}
}

static void a_buffer_grows_as_it_is_added_to(void **state) {
	(void)state;
	struct hk_str str = {0};
	for (unsigned int i = 0; i < 10000; i++) {
		hk_str_addf(&str, "%04u", i);
	}
	hk_str_add_bytes(&str, "a\0b", 3);
	hk_str_add(&str, "");
	assert_false(str.failed);
	assert_int_equal(str.length, 40003);
	assert_memory_equal(str.text + 4 * 1234, "12341235", 8);
	assert_memory_equal(str.text + 40000, "a\0b", 4);
	hk_str_finish(&str);
	assert_null(str.text);
	hk_str_addf(&str, "%s", "");
	assert_string_equal(str.text, "");
	hk_str_finish(&str);
}

static void a_failed_allocation_is_remembered(void **state) {
	(void)state;
	struct hk_str str = {0};
	hk_str_add(&str, "kept");
	char much[200] = "";
	hk_test_memory_runs_out_after(0);
	hk_str_add_bytes(&str, much, sizeof(much));
	hk_test_memory_back();
	assert_true(str.failed);
	hk_str_add(&str, "lost");
	hk_str_addf(&str, "%s", "lost");
	hk_str_add_escaped(&str, "lost");
	assert_string_equal(str.text, "kept");
	assert_int_equal(str.length, 4);
	hk_str_finish(&str);
	assert_false(str.failed);
}

static void an_impossible_length_fails_instead_of_wrapping_around(void **state) {
	(void)state;
	struct hk_str str = {0};
	hk_str_add(&str, "x");
	hk_str_add_bytes(&str, "y", SIZE_MAX);
	assert_true(str.failed);
	assert_string_equal(str.text, "x");
	hk_str_finish(&str);
}

static void comparing_treats_null_as_a_value_of_its_own(void **state) {
	(void)state;
	assert_true(hk_str_equal("a", "a"));
	assert_true(hk_str_equal(NULL, NULL));
	assert_false(hk_str_equal("a", "b"));
	assert_false(hk_str_equal("", NULL));
	assert_false(hk_str_equal(NULL, ""));
	assert_true(hk_str_starts("abc", "ab"));
	assert_true(hk_str_starts("abc", ""));
	assert_false(hk_str_starts("ab", "abc"));
}

static void json_says_the_same_without_what_a_terminal_would_act_on(void **state) {
	(void)state;
	struct hk_str str = {0};
	hk_str_add_json(&str, "{\n  \"a\": \"\\u001b \x7f \xc2\x9b \xe2\x80\xae \xe2\x82\xac\"\n}");
	assert_string_equal(
		str.text, "{\n  \"a\": \"\\u001b \\u007f \\u009b \\u202e \xe2\x82\xac\"\n}");
	hk_str_finish(&str);
}

static void one_of_some_texts_is_all_of_one(void **state) {
	(void)state;
	static const char *const texts[] = {"etc", "proc"};
	assert_true(hk_str_is_one_of("etc", 3, texts, 2));
	assert_true(hk_str_is_one_of("proc/self", 4, texts, 2));
	assert_false(hk_str_is_one_of("proc/self", 9, texts, 2));
	assert_false(hk_str_is_one_of("et", 2, texts, 2));
	assert_false(hk_str_is_one_of("etcetera", 8, texts, 2));
	assert_false(hk_str_is_one_of("proc", 4, texts, 1));
	assert_false(hk_str_is_one_of("", 0, texts, 2));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_terminal_would_act_on_is_escaped),
		cmocka_unit_test(a_buffer_escapes_in_the_same_way),
		cmocka_unit_test(json_says_the_same_without_what_a_terminal_would_act_on),
		cmocka_unit_test(a_long_text_keeps_its_start_and_its_end),
		cmocka_unit_test(shortening_never_cuts_a_character_or_an_escape),
		cmocka_unit_test(a_buffer_grows_as_it_is_added_to),
		cmocka_unit_test_teardown(a_failed_allocation_is_remembered, memory_back),
		cmocka_unit_test(an_impossible_length_fails_instead_of_wrapping_around),
		cmocka_unit_test(comparing_treats_null_as_a_value_of_its_own),
		cmocka_unit_test(one_of_some_texts_is_all_of_one),
	};
	return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
