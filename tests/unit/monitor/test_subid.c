/* SPDX-License-Identifier: MIT */
#include "monitor/subid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

static struct hk_subids parse(struct hk_arena *arena, const char *text, size_t size) {
	struct hk_subids subids = {0};
	assert_int_equal(hk_subid_parse(arena, text, size, &subids), 0);
	return subids;
}

struct line_case {
	const char *text;
	struct hk_subid expected; /* no owner: the line is passed over */
};

/* Each line between two good ones, which must be read whatever it is. */
static void check_line(const struct line_case *line) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	char text[200];
	int size = snprintf(text, sizeof(text), "a:1:1\n%s\nz:2:2\n", line->text);
	struct hk_subids subids = parse(&arena, text, (size_t)size);
	size_t count = line->expected.owner ? 3 : 2;
	if (subids.count != count) {
		fail_msg("'%s' gives %zu lines", line->text, subids.count);
	}
	assert_string_equal(subids.items[0].owner, "a");
	assert_int_equal(subids.items[count - 1].line, 3);
	if (!line->expected.owner) {
		return;
	}
	const struct hk_subid *found = &subids.items[1];
	assert_string_equal(found->owner, line->expected.owner);
	if (found->first != line->expected.first || found->count != line->expected.count ||
		found->line != 2) {
		fail_msg("'%s': %u, %u, line %u", line->text, found->first, found->count,
			found->line);
	}
}

static void an_owner_a_first_id_and_a_count_are_a_line(void **state) {
	(void)state;
	static const struct line_case cases[] = {
		{"alice:100000:65536", {.owner = "alice", .first = 100000, .count = 65536}},
		{"1000:100000:65536", {.owner = "1000", .first = 100000, .count = 65536}},
		{"a.b-c_d$:7:1", {.owner = "a.b-c_d$", .first = 7, .count = 1}},
		{"alice@example.org:7:1", {.owner = "alice@example.org", .first = 7, .count = 1}},
		{"x:0:1", {.owner = "x", .first = 0, .count = 1}},
		{"x:4294967295:1", {.owner = "x", .first = 4294967295, .count = 1}},
		{"x:1:4294967295", {.owner = "x", .first = 1, .count = 4294967295}},
		{"#x:1:1", {.owner = "#x", .first = 1, .count = 1}},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		check_line(&cases[i]);
	}
}

static void anything_else_is_passed_over_and_the_next_line_counts_on(void **state) {
	(void)state;
	static const struct line_case cases[] = {
		{.text = ""},
		{.text = "#"},
		{.text = "# a comment"},
		{.text = "alice"},
		{.text = "alice:"},
		{.text = "alice:1"},
		{.text = "alice:1:"},
		{.text = "alice::1"},
		{.text = ":1:1"},
		{.text = "::"},
		{.text = "alice:1:0"},
		{.text = "alice:1:1:"},
		{.text = "alice:1:1:1"},
		{.text = "alice:1:1 "},
		{.text = "alice: 1:1"},
		{.text = "alice:+1:1"},
		{.text = "alice:-1:1"},
		{.text = "alice:0x10:1"},
		{.text = "alice:01:1"},
		{.text = "alice:1:1\r"},
		{.text = "alice:1:one"},
		{.text = "alice:4294967296:1"},
		{.text = "alice:1:4294967296"},
		{.text = "alice:18446744073709551617:1"},
		/* What would run over the end of all numbers. */
		{.text = "alice:4294967295:2"},
		{.text = "alice:2:4294967295"},
		{.text = "alice:2147483648:2147483649"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		check_line(&cases[i]);
	}
}

static void a_last_line_without_a_newline_counts(void **state) {
	(void)state;
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_subids subids = parse(&arena, "x:1:2\ny:3:4", 11);
	assert_int_equal(subids.count, 2);
	assert_int_equal(subids.items[1].count, 4);
	/* And nothing behind its end is looked at. */
	subids = parse(&arena, "x:1:23", 5);
	assert_int_equal(subids.items[0].count, 2);
	assert_int_equal(parse(&arena, "", 0).count, 0);
}

static void a_file_with_nul_bytes_is_read_by_lines_all_the_same(void **state) {
	(void)state;
	HK_AUTO(arena) struct hk_arena arena = {0};
	static const char text[] = "x:1\0:2\ny:3:4\n";
	struct hk_subids subids = parse(&arena, text, sizeof(text) - 1);
	assert_int_equal(subids.count, 1);
	assert_string_equal(subids.items[0].owner, "y");
}

static void a_line_is_of_the_user_by_name_or_by_number(void **state) {
	(void)state;
	static const struct {
		const char *owner;
		uid_t uid;
		const char *name;
		bool expected;
	} cases[] = {
		{"alice", 1000, "alice", true}, {"1000", 1000, "alice", true},
		{"1000", 1000, NULL, true}, /* no passwd entry */
		{"alice", 1000, NULL, false}, {"alic", 1000, "alice", false},
		{"alice2", 1000, "alice", false}, {"ALICE", 1000, "alice", false},
		{"1001", 1000, "alice", false}, {"01000", 1000, "alice", false},
		{"1000 ", 1000, "alice", false},
		{"4294968296", 1000, "alice", false}, /* 2^32 + 1000 */
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hk_subid subid = {.owner = cases[i].owner, .first = 1, .count = 1};
		if (hk_subid_is_of(&subid, cases[i].uid, cases[i].name) != cases[i].expected) {
			fail_msg("'%s' and %u '%s'", cases[i].owner, cases[i].uid,
				cases[i].name ? cases[i].name : "");
		}
	}
}

static void the_last_range_that_is_large_enough_is_taken(void **state) {
	(void)state;
	static const struct {
		const char *text;
		unsigned int line; /* 0: none */
	} cases[] = {
		{"alice:100:10000\n", 1},
		{"alice:100:9999\n", 0},
		{"alice:100:10000\nalice:200000:20000\n", 2},
		{"alice:100:10000\nalice:200000:9999\n", 1},
		{"alice:100:10000\n1000:200000:10000\n", 2},
		{"1000:200000:10000\nalice:100:10000\n", 2},
		{"alice:100:10000\nbob:200000:10000\n", 1},
		{"bob:200000:10000\n", 0},
		{"", 0},
		/* Two that are side by side are not one. */
		{"alice:100000:5000\nalice:105000:5000\n", 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		HK_AUTO(arena) struct hk_arena arena = {0};
		struct hk_subids subids = parse(&arena, cases[i].text, strlen(cases[i].text));
		const struct hk_subid *found = hk_subid_find(&subids, 1000, "alice", 10000);
		if ((found ? found->line : 0) != cases[i].line) {
			fail_msg("case %zu: line %u", i, found ? found->line : 0);
		}
	}
}

static void an_id_that_somebody_else_has_too_is_found(void **state) {
	(void)state;
	static const struct {
		const char *text;
		uint32_t first, count;
		unsigned int line; /* 0: nobody */
	} cases[] = {
		{"bob:100:10\n", 100, 10, 1},
		{"bob:100:10\n", 109, 1, 1},
		{"bob:100:10\n", 110, 1, 0},
		{"bob:100:10\n", 99, 1, 0},
		{"bob:100:10\n", 90, 10, 0},
		{"bob:100:10\n", 90, 11, 1},
		{"bob:100:10\n", 0, 4294967295, 1},
		{"bob:104:1\n", 100, 10, 1},
		{"alice:100:10\n", 100, 10, 0},
		{"1000:100:10\n", 100, 10, 0},
		{"alice:100:10\n1001:100:10\nbob:100:10\n", 100, 10, 2},
		/* At the end of all numbers nothing wraps around. */
		{"bob:4294967295:1\n", 4294967295, 1, 1},
		{"bob:4294967290:6\n", 0, 10, 0},
		{"bob:0:10\n", 4294967290, 6, 0},
		{"bob:4294967200:96\n", 4294967290, 6, 1},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		HK_AUTO(arena) struct hk_arena arena = {0};
		struct hk_subids subids = parse(&arena, cases[i].text, strlen(cases[i].text));
		const struct hk_subid *found = hk_subid_find_foreign(
			&subids, 1000, "alice", cases[i].first, cases[i].count);
		if ((found ? found->line : 0) != cases[i].line) {
			fail_msg("case %zu: line %u", i, found ? found->line : 0);
		}
	}
}

static void a_free_range_lies_behind_all_others(void **state) {
	(void)state;
	static const struct {
		const char *text;
		uint32_t count, first; /* first 0: there is no room */
	} cases[] = {
		{"", 10000, 100000},
		{"bob:1000:10\n", 10000, 100000},
		{"bob:100000:65536\nalice:165536:65536\n", 10000, 231072},
		{"alice:165536:65536\nbob:100000:65536\n", 10000, 231072},
		{"bob:4294957000:295\n", 10000, 4294957295},
		{"bob:4294957000:296\n", 10000, 0},
		{"bob:4294967295:1\n", 1, 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		HK_AUTO(arena) struct hk_arena arena = {0};
		struct hk_subids subids = parse(&arena, cases[i].text, strlen(cases[i].text));
		uint32_t first = 0;
		bool found = hk_subid_find_free(&subids, cases[i].count, &first);
		if (first != cases[i].first || found != (first != 0)) {
			fail_msg("case %zu: %u", i, first);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_owner_a_first_id_and_a_count_are_a_line),
		cmocka_unit_test(anything_else_is_passed_over_and_the_next_line_counts_on),
		cmocka_unit_test(a_last_line_without_a_newline_counts),
		cmocka_unit_test(a_file_with_nul_bytes_is_read_by_lines_all_the_same),
		cmocka_unit_test(a_line_is_of_the_user_by_name_or_by_number),
		cmocka_unit_test(the_last_range_that_is_large_enough_is_taken),
		cmocka_unit_test(an_id_that_somebody_else_has_too_is_found),
		cmocka_unit_test(a_free_range_lies_behind_all_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
