/* SPDX-License-Identifier: MIT */
#include "cli/option.h"

#include <errno.h>
#include <stdbool.h>

#include "../base/cmocka_all.h"
#include "base/vec.h"

struct values {
	bool flag;
	const char *way;
	const char *file;
	struct hk_strs groups;
	int64_t number;
};

static const struct hk_option rows[] = {
	{"f", NULL, HK_OPTION_FLAG, offsetof(struct values, flag), "help"},
	{"way", "here|there", HK_OPTION_TEXT, offsetof(struct values, way), "help"},
	{"file", "FILE|none", HK_OPTION_TEXT, offsetof(struct values, file), "help"},
	{"g", "GROUP", HK_OPTION_LIST, offsetof(struct values, groups), "help"},
	{"n", "N", HK_OPTION_NUMBER, offsetof(struct values, number), "help"},
};
static const struct hk_options options = {rows, sizeof(rows) / sizeof(rows[0])};

struct common {
	bool verbose;
	bool shadowed;
};

static const struct hk_option common_rows[] = {
	{"v", NULL, HK_OPTION_FLAG, offsetof(struct common, verbose), "help"},
	{"f", NULL, HK_OPTION_FLAG, offsetof(struct common, shadowed), "help"},
};
static const struct hk_options common_options = {
	common_rows, sizeof(common_rows) / sizeof(common_rows[0])};

struct parsed {
	struct hk_arena arena;
	struct values values;
	struct common common;
	int used;
	struct hk_err err;
};

/* The words have a NULL behind them. */
static int parse(struct parsed *parsed, char *const words[]) {
	*parsed = (struct parsed){.used = -1};
	const struct hk_options_into tables[] = {
		{&options, &parsed->values},
		{&common_options, &parsed->common},
	};
	int count = 0;
	while (words[count]) {
		count++;
	}
	return hk_options_parse(
		tables, 2, "fly", &parsed->arena, count, words, &parsed->used, &parsed->err);
}

/* A word that may be written to, as those of main are. */
#define W(text) ((char[]){text})

#define PARSE(parsed, ...) parse((parsed), (char *const[]){__VA_ARGS__, NULL})

static void check_error(struct parsed *parsed, const char *text) {
	assert_string_equal(parsed->err.text, text);
	assert_int_equal(parsed->used, -1);
	hk_arena_finish(&parsed->arena);
}

static void each_table_gets_its_own_and_the_first_one_wins(void **state) {
	(void)state;
	struct parsed parsed;
	assert_int_equal(PARSE(&parsed, W("--v"), W("-f"), W("-way=there"), W("--g"), W("a"),
				 W("-g"), W("b"), W("-n"), W("7"), W("program"), W("-f")),
		0);
	assert_int_equal(parsed.used, 9);
	assert_true(parsed.values.flag && parsed.common.verbose && !parsed.common.shadowed);
	assert_string_equal(parsed.values.way, "there");
	assert_int_equal(parsed.values.groups.count, 2);
	assert_int_equal(parsed.values.number, 7);
	hk_arena_finish(&parsed.arena);
}

static void a_value_that_may_be_a_file_is_not_compared(void **state) {
	(void)state;
	struct parsed parsed;
	assert_int_equal(PARSE(&parsed, W("--file"), W("/x")), 0);
	assert_string_equal(parsed.values.file, "/x");
	assert_int_equal(PARSE(&parsed, W("--file="), W("--"), W("-f")), 0);
	assert_string_equal(parsed.values.file, "");
	assert_int_equal(parsed.used, 2);
}

static void what_is_not_known_is_answered_with_what_is_near(void **state) {
	(void)state;
	struct parsed parsed;
	assert_int_equal(PARSE(&parsed, W("-f"), W("--wya=here")), -EINVAL);
	check_error(&parsed, "fly has no option \"--wya=here\"; did you mean \"--way\"?");
	assert_int_equal(PARSE(&parsed, W("-V")), -EINVAL);
	check_error(&parsed, "fly has no option \"-V\"; did you mean \"-v\"?");
	assert_int_equal(PARSE(&parsed, W("--nothing-like-it")), -EINVAL);
	check_error(&parsed, "fly has no option \"--nothing-like-it\"; see `hakurei help fly`");
	assert_int_equal(PARSE(&parsed, W("--=x")), -EINVAL);
	check_error(&parsed, "fly has no option \"--=x\"; see `hakurei help fly`");
	assert_int_equal(PARSE(&parsed, W("--way"), W("ther")), -EINVAL);
	check_error(
		&parsed, "option --way: \"ther\" is none of here, there; did you mean \"there\"?");
	assert_int_equal(PARSE(&parsed, W("--way"), W("")), -EINVAL);
	check_error(&parsed, "option --way: \"\" is none of here, there");
}

static void a_wrong_value_is_named_with_the_option(void **state) {
	(void)state;
	struct parsed parsed;
	assert_int_equal(PARSE(&parsed, W("-way")), -EINVAL);
	check_error(&parsed, "option --way needs a value: here|there");
	assert_int_equal(PARSE(&parsed, W("--f=1")), -EINVAL);
	check_error(&parsed, "option -f takes no value");
	assert_int_equal(PARSE(&parsed, W("-n"), W("x\x1b")), -EINVAL);
	check_error(&parsed, "option -n: 'x\\x1b' is not a number");
}

static void names_that_are_too_long_for_their_column_have_a_line_of_their_own(void **state) {
	(void)state;
	static const struct hk_option wide_rows[] = {
		{"a", "exactly|twenty-six-wide", HK_OPTION_TEXT, 0, "one"},
		{"a", "one-more|twenty-six-wide", HK_OPTION_TEXT, 8, "two"},
		{"b", NULL, HK_OPTION_FLAG, 16, "three"},
		{"bee", NULL, HK_OPTION_FLAG, 16, "an alias"},
	};
	struct hk_str out = {0};
	hk_options_print(&(struct hk_options){wide_rows, 4}, &out);
	assert_string_equal(out.text, "  -a exactly|twenty-six-wide one\n"
				      "  -a one-more|twenty-six-wide\n"
				      "                             two\n"
				      "  -b, --bee                  three\n");
	hk_str_finish(&out);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_table_gets_its_own_and_the_first_one_wins),
		cmocka_unit_test(a_value_that_may_be_a_file_is_not_compared),
		cmocka_unit_test(what_is_not_known_is_answered_with_what_is_near),
		cmocka_unit_test(names_that_are_too_long_for_their_column_have_a_line_of_their_own),
		cmocka_unit_test(a_wrong_value_is_named_with_the_option),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
