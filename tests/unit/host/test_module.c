/* SPDX-License-Identifier: MIT */
#include "host/module.h"

#include <errno.h>
#include <string.h>

#include "paths.h"
#include "place.h"

static void a_symbol_is_found_beside_us(void **state) {
	(void)state;
	const void *address = NULL;
	struct hk_err err = {0};
	if (hk_host_module_load("sample", "sample_number", &address, &err) < 0) {
		fail_msg("%s", err.text);
	}
	assert_int_equal(*(const int *)address, 42);
}

static void each_error_names_the_file_and_says_why(void **state) {
	(void)state;
	static const struct {
		const char *name;
		const char *symbol;
		const char *file;
		const char *why;
	} cases[] = {
		{"missing", "sample_number", "'" HK_PATH_MODULES "/missing.so'",
			"No such file or directory"},
		{"broken", "sample_number", "/module/broken.so'", "file too short"},
		{"sample", "another_number", "/module/sample.so'", "another_number"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const void *address = NULL;
		struct hk_err err = {0};
		assert_int_equal(
			hk_host_module_load(cases[i].name, cases[i].symbol, &address, &err),
			-ELIBACC);
		assert_null(address);
		if (!strstr(err.text, "cannot load '") || !strstr(err.text, cases[i].file) ||
			!strstr(err.text, cases[i].why)) {
			fail_msg("%s", err.text);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_symbol_is_found_beside_us),
		cmocka_unit_test(each_error_names_the_file_and_says_why),
	};
	return cmocka_run_group_tests_name("host/module", tests, NULL, NULL);
}
