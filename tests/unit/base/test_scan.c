/* SPDX-License-Identifier: MIT */
#include "base/scan.h"

#include "cmocka_all.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void plain_decimal_numbers_are_read(void **state) {
	(void)state;
	static const struct {
		const char *text;
		uint32_t value;
	} rows[] = {
		{"0", 0},
		{"9", 9},
		{"10", 10},
		{"9999", 9999},
		{"1000000000", 1000000000},
		{"4294967295", UINT32_MAX},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t value = 1;
		assert_true(hk_scan_number(rows[i].text, UINT32_MAX, &value));
		assert_int_equal(value, rows[i].value);
	}
}

static void anything_but_digits_is_refused_and_nothing_is_stored(void **state) {
	(void)state;
	static const char *const bad[] = {"", " ", "-1", "+1", " 1", "1 ", "1\n", "0x1", "1e3",
		"1.0", "00", "01", "1_000", "\xd9\xa1" /* an arabic one */, "4294967296",
		"9999999999", "10000000000", "18446744073709551617", "4294967296000000000000"};
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint32_t value = 7;
		if (hk_scan_number(bad[i], UINT32_MAX, &value) || value != 7) {
			fail_msg("'%s' was read as %u", bad[i], value);
		}
	}
}

static void the_maximum_itself_is_allowed_and_one_more_is_not(void **state) {
	(void)state;
	uint32_t value = 7;
	assert_true(hk_scan_number("9999", 9999, &value));
	assert_int_equal(value, 9999);
	assert_false(hk_scan_number("10000", 9999, &value));
	assert_int_equal(value, 9999);
	assert_true(hk_scan_number("0", 0, &value));
	assert_int_equal(value, 0);
	assert_false(hk_scan_number("1", 0, &value));
}

static void a_counted_text_ends_where_its_length_says(void **state) {
	(void)state;
	uint32_t value = 7;
	assert_true(hk_scan_number_n("12345", 2, UINT32_MAX, &value));
	assert_int_equal(value, 12);
	assert_false(hk_scan_number_n("12345", 0, UINT32_MAX, &value));
	assert_false(hk_scan_number_n("1\0", 2, UINT32_MAX, &value));
	assert_false(hk_scan_number_n("1 2", 2, UINT32_MAX, &value));
	assert_int_equal(value, 12);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_decimal_numbers_are_read),
		cmocka_unit_test(anything_but_digits_is_refused_and_nothing_is_stored),
		cmocka_unit_test(the_maximum_itself_is_allowed_and_one_more_is_not),
		cmocka_unit_test(a_counted_text_ends_where_its_length_says),
	};
	return cmocka_run_group_tests_name("base/scan", tests, NULL, NULL);
}
