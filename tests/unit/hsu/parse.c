/* SPDX-License-Identifier: MIT */
#include "hsu/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct rc_case {
	const char *text;
	uint32_t uid;
	enum hk_hsu_rc_answer answer;
	uint32_t number;
};

static void check_rc(const struct rc_case *cases, size_t count) {
	for (size_t i = 0; i < count; i++) {
		struct hk_hsu_rc rc =
			hk_hsu_rc_find(cases[i].text, strlen(cases[i].text), cases[i].uid);
		if (rc.answer != cases[i].answer || rc.number != cases[i].number) {
			fail_msg("'%s' for uid %u: answer %d, number %u", cases[i].text,
				cases[i].uid, (int)rc.answer, rc.number);
		}
	}
}

static void the_first_line_with_the_uid_decides(void **state) {
	(void)state;
	static const struct rc_case cases[] = {
		{"1000 0\n", 1000, HK_HSU_RC_FOUND, 0},
		{"1000 9999\n", 1000, HK_HSU_RC_FOUND, 9999},
		{"1000 1\n1001 2\n1002 3\n", 1001, HK_HSU_RC_FOUND, 2},
		{"1000 1\n1000 2\n", 1000, HK_HSU_RC_FOUND, 1},
		{"1 1\n", 1, HK_HSU_RC_FOUND, 1},
		{"4294967294 1\n", 4294967294u, HK_HSU_RC_FOUND, 1},
	};
	check_rc(cases, sizeof(cases) / sizeof(cases[0]));
}

static void a_person_without_a_line_is_absent(void **state) {
	(void)state;
	static const struct rc_case cases[] = {
		{"", 1000, HK_HSU_RC_ABSENT, 0},
		{"1000 0\n", 100, HK_HSU_RC_ABSENT, 0},
		{"1000 0\n", 10000, HK_HSU_RC_ABSENT, 0},
		{"100 1000\n", 1000, HK_HSU_RC_ABSENT, 0},
	};
	check_rc(cases, sizeof(cases) / sizeof(cases[0]));
}

static void a_malformed_line_before_is_named_and_one_behind_is_not_seen(void **state) {
	(void)state;
	static const struct rc_case cases[] = {
		{"x\n1000 0\n", 1000, HK_HSU_RC_MALFORMED, 1},
		{"1001 0\n\n1000 0\n", 1000, HK_HSU_RC_MALFORMED, 2},
		{"1001 0\n1002 0\n# 1000 0\n", 1000, HK_HSU_RC_MALFORMED, 3},
		{"1000 0\nx\n", 1000, HK_HSU_RC_FOUND, 0},
		{"1001 0\nx", 1000, HK_HSU_RC_MALFORMED, 2},
		{"1001 0\n1000 7", 1000, HK_HSU_RC_MALFORMED, 2},
		{"1001 0", 1000, HK_HSU_RC_MALFORMED, 1},
	};
	check_rc(cases, sizeof(cases) / sizeof(cases[0]));
}

static void the_beginning_of_a_file_gives_the_same_answer_or_none(void **state) {
	(void)state;
	static const char text[] = "10001 6001\n1000 7001\n100 42\n1 9999\n1000 3\n4294967294 0\n";
	static const uint32_t uids[] = {1, 10, 100, 1000, 10001, 4294967294u, 42};
	for (size_t i = 0; i < sizeof(uids) / sizeof(uids[0]); i++) {
		struct hk_hsu_rc all = hk_hsu_rc_find(text, sizeof(text) - 1, uids[i]);
		for (size_t length = 0; length < sizeof(text); length++) {
			struct hk_hsu_rc rc = hk_hsu_rc_find(text, length, uids[i]);
			if (rc.answer == HK_HSU_RC_FOUND &&
				(all.answer != HK_HSU_RC_FOUND || rc.number != all.number)) {
				fail_msg("%zu bytes give uid %u the number %u", length, uids[i],
					rc.number);
			}
		}
	}
}

static void a_line_has_one_form_only(void **state) {
	(void)state;
	static const char *const lines[] = {"1000", "1000 ", " 1000 0", "1000  0", "1000 0 ",
		"1000\t0", "1000 0\r", "+1000 0", "1000 +0", "-1 0", "1000 -0", "1000 -1",
		"01000 0", "1000 00", "1000 01", "0x3e8 0", "1000 0x0", "1e3 0", "1000 10000",
		"0 0", "4294967295 0", "4294967296 0", "4294968296 0", "18446744073709552616 0",
		"1000 4294967296", "1000 0 0", "1000:0", "", " ", "\xc2\xa0"};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[64] = {0};
		(void)snprintf(text, sizeof(text), "%s\n", lines[i]);
		struct rc_case one = {text, 1000, HK_HSU_RC_MALFORMED, 1};
		check_rc(&one, 1);
	}
	struct hk_hsu_rc rc = hk_hsu_rc_find("1000 1\0\n", 8, 1000);
	assert_int_equal(rc.answer, HK_HSU_RC_MALFORMED);
}

static const uint32_t own[] = {5, 6, 7, 1000, 10001, 20, HK_HSU_ID_MAX};
static const struct hk_hsu_caller caller = {
	.target = 10001, .primary = 1000, .groups = own, .count = sizeof(own) / sizeof(own[0])};

static void groups_come_in_the_order_asked_for(void **state) {
	(void)state;
	struct hk_hsu_groups groups = hk_hsu_groups_parse("", &caller);
	assert_null(groups.problem);
	assert_int_equal(groups.count, 0);
	groups = hk_hsu_groups_parse("20 5 4294967294", &caller);
	assert_null(groups.problem);
	assert_int_equal(groups.count, 3);
	assert_int_equal(groups.gids[0], 20);
	assert_int_equal(groups.gids[1], 5);
	assert_int_equal(groups.gids[2], HK_HSU_ID_MAX);
}

static void a_group_that_must_not_be_passed_on_is_named_with_the_reason(void **state) {
	(void)state;
	static const struct {
		const char *text;
		uint32_t item;
		const char *problem; /* a part of it */
	} cases[] = {
		{"0", 1, "root's"},
		{"5 6 5", 3, "before"},
		{"5 10001", 2, "target's"},
		{"1000", 1, "primary"},
		{"5 6 8", 3, "supplementary"},
		{" 5", 1, "not a number"},
		{"5 ", 2, "not a number"},
		{"5  6", 2, "not a number"},
		{" ", 1, "not a number"},
		{"+5", 1, "not a number"},
		{"-1", 1, "not a number"},
		{"05", 1, "not a number"},
		{"0x5", 1, "not a number"},
		{"5,6", 1, "not a number"},
		{"5\n6", 1, "not a number"},
		{"5\t6", 1, "not a number"},
		{"audio", 1, "not a number"},
		{"4294967295", 1, "not a number"},
		{"4294967301", 1, "not a number"}, /* 2^32 + 5 */
		{"18446744073709551621", 1, "not a number"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hk_hsu_groups groups = hk_hsu_groups_parse(cases[i].text, &caller);
		if (!groups.problem || !strstr(groups.problem, cases[i].problem) ||
			groups.item != cases[i].item) {
			fail_msg("'%s': item %u%s", cases[i].text, groups.item,
				groups.problem ? groups.problem : " is fine");
		}
	}
}

static void sixty_four_groups_are_fine_and_one_more_is_not(void **state) {
	(void)state;
	uint32_t many[65] = {0};
	char text[65 * 4] = {0};
	size_t length = 0;
	for (uint32_t i = 0; i < 65; i++) {
		many[i] = 100 + i;
		length += (size_t)snprintf(
			text + length, sizeof(text) - length, "%s%u", i > 0 ? " " : "", 100 + i);
	}
	const struct hk_hsu_caller member = {
		.target = 1, .primary = 2, .groups = many, .count = 65};
	struct hk_hsu_groups groups = hk_hsu_groups_parse(text, &member);
	assert_non_null(groups.problem);
	assert_non_null(strstr(groups.problem, "too many"));
	assert_int_equal(groups.item, 65);
	text[length - 4] = '\0';
	groups = hk_hsu_groups_parse(text, &member);
	assert_null(groups.problem);
	assert_int_equal(groups.count, 64);
	assert_int_equal(groups.gids[63], 163);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_line_with_the_uid_decides),
		cmocka_unit_test(a_person_without_a_line_is_absent),
		cmocka_unit_test(a_malformed_line_before_is_named_and_one_behind_is_not_seen),
		cmocka_unit_test(the_beginning_of_a_file_gives_the_same_answer_or_none),
		cmocka_unit_test(a_line_has_one_form_only),
		cmocka_unit_test(groups_come_in_the_order_asked_for),
		cmocka_unit_test(a_group_that_must_not_be_passed_on_is_named_with_the_reason),
		cmocka_unit_test(sixty_four_groups_are_fine_and_one_more_is_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
