/* SPDX-License-Identifier: MIT */
#include "base/id.h"

#include <string.h>

#include "cmocka_all.h"

#define NANOSECONDS 0x0123456789abcdefull
#define RANDOM	    0xfedcba9876543210ull
#define HEX	    "0123456789abcdeffedcba9876543210"

static void an_id_is_the_time_then_random_bits_most_significant_first(void **state) {
	(void)state;
	const struct hk_id id = hk_id_make(NANOSECONDS, RANDOM);
	const uint8_t bytes[HK_ID_SIZE] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe,
		0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};
	assert_memory_equal(id.bytes, bytes, sizeof(bytes));
}

static void an_id_is_written_as_32_lower_case_digits(void **state) {
	(void)state;
	const struct hk_id id = hk_id_make(NANOSECONDS, RANDOM);
	assert_string_equal(hk_id_format(&id).text, HEX);
	const struct hk_id zero = hk_id_make(0, 0);
	assert_string_equal(hk_id_format(&zero).text, "00000000000000000000000000000000");
}

static void the_short_id_is_the_start_of_the_random_half(void **state) {
	(void)state;
	const struct hk_id id = hk_id_make(NANOSECONDS, RANDOM);
	assert_string_equal(hk_id_format_short(&id).text, "fedcba98");
}

static void ids_sort_by_their_start(void **state) {
	(void)state;
	const struct hk_id first = hk_id_make(0xff, UINT64_MAX);
	const struct hk_id second = hk_id_make(0x100, 0);
	assert_true(memcmp(first.bytes, second.bytes, HK_ID_SIZE) < 0);
	assert_true(strcmp(hk_id_format(&first).text, hk_id_format(&second).text) < 0);
}

static void what_was_written_reads_back(void **state) {
	(void)state;
	const struct hk_id id = hk_id_make(NANOSECONDS, RANDOM);
	struct hk_id back;
	assert_true(hk_id_parse(hk_id_format(&id).text, &back));
	assert_memory_equal(back.bytes, id.bytes, HK_ID_SIZE);
}

static void anything_else_is_refused_and_nothing_is_stored(void **state) {
	(void)state;
	static const char *const bad[] = {
		"",
		"0",
		"0123456789abcdeffedcba987654321",   /* 31 digits */
		"0123456789abcdeffedcba98765432100", /* 33 */
		"0123456789ABCDEFfedcba9876543210",  /* upper case */
		"0123456789abcdeffedcba987654321g",
		"0123456789abcdeffedcba987654321 ",
		" 123456789abcdeffedcba9876543210",
		"0x23456789abcdeffedcba9876543210",
		"../../../../../../../../../../..",
		"0123456789abcdeffedcba987654321\n",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct hk_id id = hk_id_make(1, 2);
		assert_false(hk_id_parse(bad[i], &id));
		const struct hk_id before = hk_id_make(1, 2);
		assert_memory_equal(id.bytes, before.bytes, HK_ID_SIZE);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_the_time_then_random_bits_most_significant_first),
		cmocka_unit_test(an_id_is_written_as_32_lower_case_digits),
		cmocka_unit_test(the_short_id_is_the_start_of_the_random_half),
		cmocka_unit_test(ids_sort_by_their_start),
		cmocka_unit_test(what_was_written_reads_back),
		cmocka_unit_test(anything_else_is_refused_and_nothing_is_stored),
	};
	return cmocka_run_group_tests_name("base/id", tests, NULL, NULL);
}
