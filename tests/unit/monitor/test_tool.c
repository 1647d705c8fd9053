/* SPDX-License-Identifier: MIT */
#include "monitor/tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/cmocka_all.h"

/* A file of that mode, or a directory for 0, below the working directory. */
static void make(const char *path, mode_t mode) {
	if (mode == 0) {
		assert_return_code(mkdir(path, 0755), errno);
		return;
	}
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_return_code(fclose(file), errno);
	assert_return_code(chmod(path, mode), errno);
}

static void remove_all(const char *const paths[], size_t count) {
	for (size_t i = count; i-- > 0;) {
		assert_return_code(remove(paths[i]), errno);
	}
}

static void only_a_file_that_can_be_executed_is_a_tool(void **state) {
	(void)state;
	static const struct {
		const char *path;
		mode_t mode;
	} things[] = {
		{"first", 0},
		{"first/tool", 0},
		{"second", 0},
		{"second/tool", 0644},
		{"third", 0},
		{"third/tool", 0755},
	};
	char place[] = "/tmp/hk-tool-XXXXXX";
	assert_non_null(mkdtemp(place));
	assert_return_code(chdir(place), errno);
	const char *made[] = {place, NULL, NULL, NULL, NULL, NULL, NULL};
	for (size_t i = 0; i < 6; i++) {
		make(things[i].path, things[i].mode);
		made[i + 1] = things[i].path;
	}
	struct hk_arena arena = {0};
	const char *path = NULL;
	char list[128];
	char third[64];
	(void)snprintf(third, sizeof(third), "%s/third/tool", place);
	/* The third is there by a path that is not absolute, which does not count. */
	(void)snprintf(list, sizeof(list), "third:%s/first:%s/second", place, place);
	assert_return_code(setenv("PATH", list, 1), errno);
	assert_int_equal(hk_tool_find(&arena, "tool", &path), -ENOENT);
	(void)snprintf(list, sizeof(list), "%s/first:%s/second:%s/third", place, place, place);
	assert_return_code(setenv("PATH", list, 1), errno);
	assert_int_equal(hk_tool_find(&arena, "tool", &path), 0);
	assert_string_equal(path, third);
	hk_arena_finish(&arena);
	remove_all(made, sizeof(made) / sizeof(made[0]));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_file_that_can_be_executed_is_a_tool),
	};
	return cmocka_run_group_tests_name("monitor/tool", tests, NULL, NULL);
}
