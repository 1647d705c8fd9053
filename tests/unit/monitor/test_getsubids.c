/* SPDX-License-Identifier: MIT */
#include "monitor/getsubids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"

static void a_service_is_asked_where_the_first_word_behind_subid_is_not_files(void **state) {
	(void)state;
	static const struct {
		const char *text;
		bool expected;
	} cases[] = {
		{"subid: sss\n", true},
		{"subid:sss\n", true},
		{"subid:\t sss", true},
		{"SubID: sss\n", true},
		{"passwd: files\nsubid: ldap files\n", true},
		{"subid: filesystem\n", true},
		{"subid: file\n", true},
		{"subid: files\n", false},
		{"subid: files sss\n", false},
		{"subid: files\nsubid: sss\n", false},
		{"subid:\n", false},
		{"subid: \t\n", false},
		{"subid:", false},
		{"subid", false},
		{"subids: sss\n", false},
		{"#subid: sss\n", false},
		{" subid: sss\n", false},
		{"passwd: sss\ngroup: sss\n", false},
		{"passwd: sss subid: sss\n", false},
		{"\n\n", false},
		{"", false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (hk_getsubids_is_asked(cases[i].text, strlen(cases[i].text)) !=
			cases[i].expected) {
			fail_msg("'%s'", cases[i].text);
		}
	}
	/* Nothing behind the end is looked at. */
	assert_false(hk_getsubids_is_asked("subid: sss", 7));
	assert_false(hk_getsubids_is_asked("subid: files-of-somebody", 12));
}

static struct hk_subids parse(struct hk_arena *arena, const char *text) {
	struct hk_subids subids = {0};
	assert_int_equal(hk_getsubids_parse(arena, text, strlen(text), &subids), 0);
	return subids;
}

static void each_line_is_an_index_an_owner_a_first_id_and_a_count(void **state) {
	(void)state;
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_subids subids = parse(&arena, "0: alice 100000 65536\n1: 1000 700000 10000");
	assert_int_equal(subids.count, 2);
	assert_string_equal(subids.items[0].owner, "alice");
	assert_int_equal(subids.items[0].first, 100000);
	assert_int_equal(subids.items[0].count, 65536);
	assert_string_equal(subids.items[1].owner, "1000");
	assert_int_equal(subids.items[1].first, 700000);
	assert_int_equal(subids.items[1].count, 10000);
	assert_ptr_equal(hk_subid_find(&subids, 1000, "alice", 10000), &subids.items[1]);
}

static void what_is_no_such_line_is_passed_over(void **state) {
	(void)state;
	static const char *const lines[] = {
		"",
		"Error fetching ranges",
		"alice 100000 65536",
		"0 alice 100000 65536",
		"0: alice 100000",
		"0: alice 100000 65536 1",
		"0: alice 100000 0",
		"0: alice -1 65536",
		"0: alice 0x10 65536",
		"0: alice 4294967296 1",
		"0: alice 4294967295 2",
		"0: alice 18446744073709551617 1",
		"0:alice 100000 65536",
		"0: 100000 65536",
	};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		HK_AUTO(arena) struct hk_arena arena = {0};
		const char *text = hk_arena_printf(&arena, "%s\n7: bob 1 2\n", lines[i]);
		struct hk_subids subids = parse(&arena, text);
		if (subids.count != 1) {
			fail_msg("'%s' gives a range", lines[i]);
		}
		assert_string_equal(subids.items[0].owner, "bob");
		assert_int_equal(subids.items[0].line, 2);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_is_asked_where_the_first_word_behind_subid_is_not_files),
		cmocka_unit_test(each_line_is_an_index_an_owner_a_first_id_and_a_count),
		cmocka_unit_test(what_is_no_such_line_is_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
