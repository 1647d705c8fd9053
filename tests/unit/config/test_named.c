/* SPDX-License-Identifier: MIT */
/* test_named.c: memory that runs out while files are found and merged. What else there is to say of
 * them is said by tests/integration/test_names.py. */
#include "config/named.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/cmocka_all.h"
#include "../base/no_memory.h"
#include "base/auto.h"
#include "support.h"

/* Called through pointers by the JSON library, so that its allocations fail as well. */
static void *allocate(size_t size) {
	return malloc(size);
}

static const struct {
	const char *path;
	const char *text; /* NULL: a directory */
} tree[] = {
	{"own", NULL},
	{"own/a.d", NULL},
	{"own/a.d/1.json", "{\"home\": \"/own\", \"container\": {\"env\": {\"A\": \"2\"}}}"},
	{"data", NULL},
	{"data/a.json", "{\"home\": \"/\", \"path\": \"/p\", \"shell\": \"/s\", "
			"\"container\": {\"env\": {\"A\": \"1\", \"B\": \"1\"}, "
			"\"filesystem\": [{\"type\": \"bind\", \"src\": \"~/x\"}]}}"},
	{"data/a.d", NULL},
	{"data/a.d/1.json", "{\"container\": {\"filesystem+\": [{\"type\": \"bind\", \"src\": "
			    "\"/usr\"}], \"env\": {\"B\": null}}}"},
};

static void make_tree(struct hk_arena *arena, const char *root) {
	for (size_t i = 0; i < COUNT(tree); i++) {
		const char *path = hk_arena_printf(arena, "%s/%s", root, tree[i].path);
		if (!tree[i].text) {
			assert_int_equal(mkdir(path, 0755), 0);
			continue;
		}
		HK_AUTO(fd) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		ssize_t length = (ssize_t)strlen(tree[i].text);
		assert_int_equal(write(fd, tree[i].text, (size_t)length), length);
	}
}

static void remove_tree(struct hk_arena *arena, const char *root) {
	for (size_t i = COUNT(tree); i-- > 0;) {
		const char *path = hk_arena_printf(arena, "%s/%s", root, tree[i].path);
		assert_int_equal(tree[i].text ? unlink(path) : rmdir(path), 0);
	}
	assert_int_equal(rmdir(root), 0);
}

static void finding_and_merging_fails_cleanly_at_every_allocation(void **state) {
	(void)state;
	json_set_alloc_funcs(allocate, free);
	HK_AUTO(arena) struct hk_arena texts = {0};
	char root[] = "/tmp/hakurei-test-XXXXXX";
	assert_non_null(mkdtemp(root));
	make_tree(&texts, root);
	struct hk_config_dir rows[] = {
		{hk_arena_printf(&texts, "%s/own", root), false},
		{hk_arena_printf(&texts, "%s/none", root), true},
		{hk_arena_printf(&texts, "%s/data", root), true},
	};
	const struct hk_config_dirs dirs = {.items = rows, .count = COUNT(rows)};
	unsigned int failures = 0;
	for (unsigned int allowed = 0;; allowed++) {
		HK_AUTO(arena) struct hk_arena arena = {0};
		struct hk_config config;
		struct hk_config_parts parts;
		struct hk_err err;
		hk_test_memory_runs_out_after(allowed);
		int r = hk_config_read_named(&arena, &dirs, "a", NULL, &config, &parts, &err);
		hk_test_memory_back();
		if (r >= 0) {
			assert_int_equal(parts.count, 3);
			assert_string_equal(config.home, "/own");
			assert_int_equal(config.container->filesystem.count, 2);
			break;
		}
		assert_int_equal(r, -ENOMEM);
		failures++;
	}
	assert_true(failures > 50);
	remove_tree(&texts, root);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finding_and_merging_fails_cleanly_at_every_allocation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
