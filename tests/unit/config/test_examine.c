/* SPDX-License-Identifier: MIT */
/* test_examine.c: all problems instead of the first, by the same rules, each with its place. */
#include "config/findings.h"

#include <string.h>

#include "../base/cmocka_all.h"
#include "base/auto.h"
#include "base/str.h"
#include "support.h"

/* What is found in the text, in an arena of the findings. */
static struct hk_config_findings examine(
	struct hk_arena *arena, const char *text, size_t size, struct hk_config *ret_config) {
	struct hk_config_findings findings = {.arena = arena};
	struct hk_err err;
	assert_int_equal(hk_config_examine(text, size, ret_config, &findings, &err), 0);
	assert_int_equal(hk_config_findings_locate(&findings, text, size, &err), 0);
	return findings;
}

/* The same as lines. */
static char *examined(struct hk_arena *arena, const char *text, size_t size) {
	struct hk_config config;
	const struct hk_config_findings findings = examine(arena, text, size, &config);
	HK_AUTO(str) struct hk_str out = {0};
	hk_str_add(&out, "");
	for (size_t i = 0; i < findings.list.count; i++) {
		const struct hk_config_finding *finding = &findings.list.items[i];
		assert_false(finding->warning);
		hk_str_addf(&out, "%u:%u: %s: %s\n", finding->line, finding->column, finding->place,
			finding->text);
	}
	return hk_arena_strdup(arena, out.text);
}

static void every_problem_is_found_and_nothing_that_only_follows(void **state) {
	(void)state;
	HK_AUTO(arena) struct hk_arena arena = {0};
	size_t size;
	const char *expected =
		hk_test_file(&arena, HK_TEST_FIXTURES "/config/many.expected", &size);
	const char *text = hk_test_file(&arena, HK_TEST_FIXTURES "/config/many.json", &size);
	assert_string_equal(examined(&arena, text, size), expected);
}

static void what_is_good_has_no_problem_and_is_read_the_same(void **state) {
	(void)state;
	static const char *const files[] = {FLAT, NESTED};
	for (size_t i = 0; i < COUNT(files); i++) {
		HK_AUTO(arena) struct hk_arena arena = {0};
		size_t size;
		const char *text = hk_test_file(&arena, files[i], &size);
		struct hk_config config;
		assert_int_equal(examine(&arena, text, size, &config).list.count, 0);
		const struct hk_config started = hk_test_load(&arena, files[i]);
		assert_string_equal(
			hk_test_compact(&arena, &config), hk_test_compact(&arena, &started));
	}
}

/* Is what a start says among the findings? About a mount and what is missing it has more words. */
static bool is_among(const struct hk_config_findings *findings, const char *error) {
	for (size_t i = 0; i < findings->list.count; i++) {
		const struct hk_config_finding *finding = &findings->list.items[i];
		size_t whole = strlen(error);
		size_t part = strlen(finding->text);
		if ((whole >= part && strcmp(error + whole - part, finding->text) == 0) ||
			strcmp(finding->text, "is needed") == 0) {
			return true;
		}
	}
	return false;
}

static bool agrees(const char *name) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	size_t size;
	const char *text = hk_test_file(&arena, hk_arena_printf(&arena, "%s/%s", BAD, name), &size);
	struct hk_config config;
	struct hk_err err = {.text = "accepted"};
	(void)hk_config_parse(&arena, text, size, NULL, &config, &err);
	const struct hk_config_findings findings = examine(&arena, text, size, &config);
	bool among = is_among(&findings, err.text);
	if (!among) {
		print_error("%s\n  a start: %s\n  found:   %s\n", name, err.text,
			examined(&arena, text, size));
	}
	return among;
}

static void what_a_start_refuses_is_among_the_problems(void **state) {
	(void)state;
	hk_test_each_bad(agrees);
}

static void a_place_is_where_the_key_or_the_item_begins(void **state) {
	(void)state;
	static const struct {
		const char *text;
		const char *found;
	} rows[] = {
		{"{\"home\": \"/h\"}", ""},
		{"\n\t {\"args\": []}", "2:3: home: is needed\n"},
		{"{\"home\": \"/h\",\n \"id\": 1}",
			"2:2: id: expected a string, found an integer\n"},
		/* Columns are characters. */
		{"{\"home\": \"/\xc3\xa9\xc3\xa9\", \"id\": 1}",
			"1:17: id: expected a string, found an integer\n"},
		/* Brackets, quotes and commas in strings are none. */
		{"{\"home\": \"/]},{\\\"[\", \"args\": [\"[\", \"\\\\\", 1]}",
			"1:42: args[2]: expected a string, found an integer\n"},
		/* A key is what it means, however it is written. */
		{"{\"home\": \"/h\", \"\\u0069d\": 1}",
			"1:16: id: expected a string, found an integer\n"},
		{"{\"home\": \"/h\", \"home\": \"/i\", \"args\": [], \"args\": []}",
			"1:16: home: duplicate key \"home\"\n"
			"1:42: args: duplicate key \"args\"\n"},
		/* Of several the last one counts, as in the document. */
		{"{\"home\": \"/h\", \"id\": 1, \"id\": \"a\", \"id\": 2}",
			"1:25: id: duplicate key \"id\"\n"
			"1:36: id: duplicate key \"id\"\n"
			"1:36: id: expected a string, found an integer\n"},
		/* The program's keys are in the container there. */
		{"{\"container\": {\"path\": \"p\",\n\"shell\": \"/s\"}}",
			"1:2: container.home: is needed\n"
			"1:16: container.path: invalid program path: not an absolute path\n"},
		{"{\"home\": \"/h\", \"shell\": \"/s\", \"container\": {\"path\": \"/p\"}}",
			"1:2: home: belongs inside container, where path is\n"
			"1:16: shell: belongs inside container, where path is\n"
			"1:31: container.home: is needed\n"
			"1:31: container.shell: is needed\n"},
		/* Nothing is known but the line where no document is. */
		{"{\"home\": ,}\n", "1:10: : unexpected token near ','\n"},
		{"", "1:1: : empty, expected an object\n"},
		{"[1]", "1:1: : expected an object, found an array\n"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		HK_AUTO(arena) struct hk_arena arena = {0};
		assert_string_equal(
			examined(&arena, rows[i].text, strlen(rows[i].text)), rows[i].found);
	}
}

static void a_thousand_problems_are_enough(void **state) {
	(void)state;
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(str) struct hk_str text = {0};
	hk_str_add(&text, "{\"home\": \"/h\"");
	for (unsigned int i = 0; i < HK_CONFIG_FINDINGS_MAX + 1; i++) {
		hk_str_addf(&text, ",\n\"unknown%u\": []", i);
	}
	hk_str_add(&text, "}");
	struct hk_config config;
	const struct hk_config_findings findings = examine(&arena, text.text, text.length, &config);
	assert_int_equal(findings.list.count, HK_CONFIG_FINDINGS_MAX);
	assert_true(findings.more);
	assert_int_equal(
		findings.list.items[HK_CONFIG_FINDINGS_MAX - 1].line, HK_CONFIG_FINDINGS_MAX + 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_problem_is_found_and_nothing_that_only_follows),
		cmocka_unit_test(what_is_good_has_no_problem_and_is_read_the_same),
		cmocka_unit_test(what_a_start_refuses_is_among_the_problems),
		cmocka_unit_test(a_place_is_where_the_key_or_the_item_begins),
		cmocka_unit_test(a_thousand_problems_are_enough),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
