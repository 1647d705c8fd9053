/* SPDX-License-Identifier: MIT */
/* test_bad.c: each bad/NAME.json is refused with the one line in bad/NAME.expected. */
#include "config/config.h"

#include <string.h>

#include "../base/cmocka_all.h"
#include "support.h"

/* Returns whether the file is refused as it should be. */
static bool is_refused(const char *name) {
	struct hk_arena arena = {0};
	size_t size;
	char *path = hk_arena_printf(
		&arena, "%s/%.*s.expected", BAD, (int)(strlen(name) - strlen(".json")), name);
	char *expected = hk_test_file(&arena, path, &size);
	expected[strcspn(expected, "\n")] = '\0';
	path = hk_arena_printf(&arena, "%s/%s", BAD, name);
	const char *text = hk_test_file(&arena, path, &size);
	struct hk_config config;
	struct hk_err err = {.text = "accepted"};
	bool refused = hk_config_parse(&arena, text, size, NULL, &config, &err) < 0 &&
		       strcmp(err.text, expected) == 0;
	if (!refused) {
		print_error("%s\n  expected: %s\n  found:    %s\n", name, expected, err.text);
	}
	hk_arena_finish(&arena);
	return refused;
}

static void each_bad_file_is_refused_with_its_own_line(void **state) {
	(void)state;
	hk_test_each_bad(is_refused);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_bad_file_is_refused_with_its_own_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
