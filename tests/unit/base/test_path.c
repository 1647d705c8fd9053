/* SPDX-License-Identifier: MIT */
#include "base/path.h"

#include "cmocka_all.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void absolute_means_a_slash_in_front(void **state) {
	(void)state;
	assert_true(hk_path_is_absolute("/"));
	assert_true(hk_path_is_absolute("/../a"));
	assert_false(hk_path_is_absolute("a/b"));
	assert_false(hk_path_is_absolute(""));
	assert_false(hk_path_is_absolute(NULL));
}

static void a_clean_path_has_no_empty_or_dotted_component(void **state) {
	(void)state;
	static const struct {
		const char *path;
		bool clean;
	} rows[] = {
		{"/", true},
		{"/a", true},
		{"/a/b", true},
		{"/...", true},
		{"/.a", true},
		{"/a..", true},
		{"/..a/b", true},
		{NULL, false},
		{"", false},
		{"a", false},
		{"//", false},
		{"/a/", false},
		{"/a//b", false},
		{"/.", false},
		{"/..", false},
		{"/./a", false},
		{"/a/../b", false},
		{"/a/.", false},
		{"/a/..", false},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (hk_path_is_clean(rows[i].path) != rows[i].clean) {
			fail_msg("row %zu: '%s'", i, rows[i].path);
		}
	}
}

static void cleaning_is_lexical_and_its_result_is_clean(void **state) {
	(void)state;
	static const struct {
		const char *path;
		const char *clean;
	} rows[] = {
		{"/", "/"},
		{"//", "/"},
		{"/.", "/"},
		{"/..", "/"},
		{"/../..", "/"},
		{"/a", "/a"},
		{"/a/", "/a"},
		{"/a//b/../c", "/a/c"},
		{"/a/./b/.", "/a/b"},
		{"/a/b/../..", "/"},
		{"/a/b/../../..", "/"},
		{"/a/../../b", "/b"},
		{"/..a/...", "/..a/..."},
		{"/a/b/c/../../d", "/a/d"},
		{"", "/"},
	};
	struct hk_arena arena = {0};
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *clean = hk_path_clean(&arena, rows[i].path);
		assert_string_equal(clean, rows[i].clean);
		assert_true(hk_path_is_clean(clean));
		assert_string_equal(hk_path_clean(&arena, clean), clean);
	}
	hk_arena_finish(&arena);
}

static void joining_puts_one_slash_between(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	assert_string_equal(hk_path_join(&arena, "/a", "b"), "/a/b");
	assert_string_equal(hk_path_join(&arena, "/a/", "b"), "/a/b");
	assert_string_equal(hk_path_join(&arena, "/", "b"), "/b");
	hk_arena_finish(&arena);
}

static void below_means_whole_components(void **state) {
	(void)state;
	static const struct {
		const char *path;
		const char *directory;
		const char *rest; /* NULL: not below */
	} rows[] = {
		{"/", "/", ""},
		{"/a", "/", "a"},
		{"/a/b", "/", "a/b"},
		{"/a", "/a", ""},
		{"/a/b/c", "/a", "b/c"},
		{"/ab", "/a", NULL},
		{"/a", "/ab", NULL},
		{"/a", "/a/b", NULL},
		{"/", "/a", NULL},
		{"/b/a", "/a", NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *rest = hk_path_below(rows[i].path, rows[i].directory);
		if (!rows[i].rest) {
			assert_null(rest);
		} else {
			assert_non_null(rest);
			assert_string_equal(rest, rows[i].rest);
		}
	}
}

static void a_path_is_its_parent_and_its_name(void **state) {
	(void)state;
	static const struct {
		const char *path;
		const char *parent;
		const char *name;
	} rows[] = {
		{"/", "/", ""},
		{"/a", "/", "a"},
		{"/a/b", "/a", "b"},
		{"/a/bc/d", "/a/bc", "d"},
	};
	struct hk_arena arena = {0};
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(hk_path_parent(&arena, rows[i].path), rows[i].parent);
		assert_string_equal(hk_path_name(rows[i].path), rows[i].name);
	}
	assert_string_equal(hk_path_name("a"), "a");
	hk_arena_finish(&arena);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absolute_means_a_slash_in_front),
		cmocka_unit_test(a_clean_path_has_no_empty_or_dotted_component),
		cmocka_unit_test(cleaning_is_lexical_and_its_result_is_clean),
		cmocka_unit_test(joining_puts_one_slash_between),
		cmocka_unit_test(below_means_whole_components),
		cmocka_unit_test(a_path_is_its_parent_and_its_name),
	};
	return cmocka_run_group_tests_name("base/path", tests, NULL, NULL);
}
