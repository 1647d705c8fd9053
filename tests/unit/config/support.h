/* SPDX-License-Identifier: MIT */
/* support.h: what the tests of configurations share. HK_TEST_FIXTURES: where the files are. */
#ifndef HK_TESTS_CONFIG_SUPPORT_H
#define HK_TESTS_CONFIG_SUPPORT_H

#include "base/arena.h"
#include "base/err.h"
#include "config/config.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define FLAT   HK_TEST_FIXTURES "/config/flat-full.json"
#define NESTED HK_TEST_FIXTURES "/config/nested-full.json"
#define BAD    HK_TEST_FIXTURES "/config/bad"

/* The bytes of a file, in the arena; the test fails if it cannot be read. */
char *hk_test_file(struct hk_arena *arena, const char *path, size_t *ret_size);

/* The configuration in a text that is good; the test fails if it is not. */
struct hk_config hk_test_parse(struct hk_arena *arena, const char *text);

/* The configuration in a fixture. */
struct hk_config hk_test_load(struct hk_arena *arena, const char *path);

/* Calls is_right with the name of each file in BAD that ends in ".json"; the test fails unless all
 * of them are. */
void hk_test_each_bad(bool (*is_right)(const char *name));

/* The error of a text that is bad; the test fails if it is good. In the arena. */
const char *hk_test_error(struct hk_arena *arena, const char *text);

/* As hk_config_print_json and _compact print it, in the arena. */
char *hk_test_print(struct hk_arena *arena, const struct hk_config *config, bool all);
char *hk_test_compact(struct hk_arena *arena, const struct hk_config *config);

#endif
