/* SPDX-License-Identifier: MIT */
/* test_memory.c: out of memory is an error like any other, wherever it happens. */
#include "config/print.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "../base/cmocka_all.h"
#include "../base/no_memory.h"
#include "config/findings.h"
#include "support.h"

/* Called through pointers by the JSON library, so that its allocations fail as well. */
static void *allocate(size_t size) {
	return malloc(size);
}

static void reading_fails_cleanly_at_every_allocation(void **state) {
	(void)state;
	json_set_alloc_funcs(allocate, free);
	struct hk_arena files = {0};
	size_t size;
	const char *text = hk_test_file(&files, FLAT, &size);
	unsigned int failures = 0;
	for (unsigned int allowed = 0;; allowed++) {
		struct hk_arena arena = {0};
		struct hk_config config;
		struct hk_err err;
		hk_test_memory_runs_out_after(allowed);
		int r = hk_config_parse(&arena, text, size, NULL, &config, &err);
		hk_test_memory_back();
		hk_arena_finish(&arena);
		if (r >= 0) {
			break;
		}
		assert_int_equal(r, -ENOMEM);
		failures++;
	}
	assert_true(failures > 100);
	hk_arena_finish(&files);
}

static void examining_fails_cleanly_at_every_allocation(void **state) {
	(void)state;
	json_set_alloc_funcs(allocate, free);
	struct hk_arena files = {0};
	size_t size;
	const char *text = hk_test_file(&files, HK_TEST_FIXTURES "/config/many.json", &size);
	unsigned int failures = 0;
	for (unsigned int allowed = 0;; allowed++) {
		struct hk_arena arena = {0};
		struct hk_config_findings findings = {.arena = &arena};
		struct hk_config config;
		struct hk_err err;
		hk_test_memory_runs_out_after(allowed);
		int r = hk_config_examine(text, size, &config, &findings, &err);
		r = r < 0 ? r : hk_config_findings_locate(&findings, text, size, &err);
		hk_test_memory_back();
		size_t count = findings.list.count;
		hk_arena_finish(&arena);
		if (r >= 0) {
			assert_true(count > 30);
			break;
		}
		assert_int_equal(r, -ENOMEM);
		failures++;
	}
	assert_true(failures > 100);
	hk_arena_finish(&files);
}

static void printing_remembers_that_memory_ran_out(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	struct hk_config config = hk_test_load(&arena, FLAT);
	for (unsigned int allowed = 0; allowed < 3; allowed++) {
		struct hk_str text = {0};
		hk_test_memory_runs_out_after(allowed);
		hk_config_print_json(&config, true, &text);
		hk_test_memory_back();
		assert_true(text.failed);
		hk_str_finish(&text);
	}
	hk_arena_finish(&arena);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_fails_cleanly_at_every_allocation),
		cmocka_unit_test(examining_fails_cleanly_at_every_allocation),
		cmocka_unit_test(printing_remembers_that_memory_ran_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
