/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "../base/cmocka_all.h"
#include "base/auto.h"
#include "base/str.h"
#include "config/print.h"

char *hk_test_file(struct hk_arena *arena, const char *path, size_t *ret_size) {
	HK_AUTO(str) struct hk_str text = {0};
	FILE *file = fopen(path, "re");
	if (!file) {
		fail_msg("cannot open %s", path);
	}
	char buffer[4096];
	size_t n;
	while ((n = fread(buffer, 1, sizeof(buffer), file)) > 0) {
		hk_str_add_bytes(&text, buffer, n);
	}
	assert_int_equal(fclose(file), 0);
	assert_false(text.failed);
	*ret_size = text.length;
	char *copy = hk_arena_alloc(arena, text.length + 1);
	assert_non_null(copy);
	if (text.length > 0) {
		memcpy(copy, text.text, text.length);
	}
	return copy;
}

struct hk_config hk_test_parse(struct hk_arena *arena, const char *text) {
	struct hk_config config = {0};
	struct hk_err err;
	if (hk_config_parse(arena, text, strlen(text), NULL, &config, &err) < 0) {
		fail_msg("%s\n%s", err.text, text);
	}
	return config;
}

struct hk_config hk_test_load(struct hk_arena *arena, const char *path) {
	size_t size;
	return hk_test_parse(arena, hk_test_file(arena, path, &size));
}

const char *hk_test_error(struct hk_arena *arena, const char *text) {
	struct hk_config config = {.identity = -7};
	struct hk_err err;
	int r = hk_config_parse(arena, text, strlen(text), NULL, &config, &err);
	if (r >= 0) {
		fail_msg("accepted: %s", text);
	}
	assert_int_equal(r, err.code);
	assert_int_equal(config.identity, -7); /* untouched on failure */
	assert_null(strchr(err.text, '\n'));
	return hk_arena_strdup(arena, err.text);
}

char *hk_test_print(struct hk_arena *arena, const struct hk_config *config, bool all) {
	HK_AUTO(str) struct hk_str text = {0};
	hk_config_print_json(config, all, &text);
	assert_false(text.failed);
	return hk_arena_strdup(arena, text.text);
}

char *hk_test_compact(struct hk_arena *arena, const struct hk_config *config) {
	HK_AUTO(str) struct hk_str text = {0};
	hk_config_print_compact(config, &text);
	assert_false(text.failed);
	return hk_arena_strdup(arena, text.text);
}

void hk_test_each_bad(bool (*is_right)(const char *name)) {
	HK_AUTO(dir) DIR *dir = opendir(BAD);
	assert_non_null(dir);
	size_t count = 0;
	size_t wrong = 0;
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		const char *dot = strrchr(entry->d_name, '.');
		if (dot && strcmp(dot, ".json") == 0) {
			count++;
			wrong += !is_right(entry->d_name);
		}
	}
	assert_int_equal(wrong, 0);
	assert_true(count >= 100); /* or they were not found */
}
