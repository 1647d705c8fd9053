/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any bytes as a configuration and overrides of it, with NUL between them. What is
 * merged of objects is an object; every key that is said to be of a part can be read; an empty
 * override changes nothing, and neither does one that only sets keys when it comes again.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "config/document.h"
#include "config/merge.h"

#define OVERRIDES_MAX 3
#define INPUT_MAX     (1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
	if (!holds) {
		abort();
	}
}

/* Is any key one that adds to a list? */
static bool adds(const json_t *value) {
	json_t *object = json_is_object(value) ? json_incref((json_t *)(uintptr_t)value) : NULL;
	bool found = false;
	const char *key;
	json_t *member;
	json_object_foreach(object, key, member) {
		size_t length = strlen(key);
		found = found || (length > 0 && key[length - 1] == '+') || adds(member);
	}
	json_decref(object);
	return found;
}

/* False: it was refused. */
static bool add(struct hk_config_merge *merge, struct hk_arena *arena, const json_t *document,
	size_t part) {
	struct hk_err err = {0};
	if (hk_config_merge_add(merge, arena, document, part, &err) == 0) {
		return true;
	}
	check(err.code < 0 && err.text[0] && !strchr(err.text, '\n'));
	return false;
}

static void check_again(struct hk_config_merge *merge, struct hk_arena *arena,
	const json_t *document, size_t part) {
	HK_AUTO(json) json_t *before = json_deep_copy(merge->document);
	HK_AUTO(json) json_t *nothing = json_object();
	check(add(merge, arena, nothing, part + 1));
	check(json_equal(merge->document, before));
	if (!adds(document)) {
		check(add(merge, arena, document, part + 1));
		check(json_equal(merge->document, before));
	}
}

static void check_keys(const struct hk_config_merge *merge, struct hk_arena *arena, size_t part) {
	struct hk_err err = {0};
	struct hk_strs keys = {0};
	check(hk_config_merge_keys(merge, part, arena, &keys, &err) == 0);
	for (size_t i = 0; i < keys.count; i++) {
		check(strlen(keys.items[i]) <= INPUT_MAX);
	}
}

/* The next text, up to a NUL or the end. */
static json_t *next_document(struct hk_arena *arena, const uint8_t **at, size_t *left) {
	const uint8_t *text = *at;
	const uint8_t *nul = *left > 0 ? memchr(text, '\0', *left) : NULL;
	size_t length = nul ? (size_t)(nul - text) : *left;
	size_t taken = length + (nul ? 1 : 0);
	*at += taken;
	*left -= taken;
	json_t *root = NULL;
	struct hk_err err = {0};
	if (hk_config_document_load(arena, (const char *)text, length, &root, &err) < 0) {
		return NULL;
	}
	if (!json_is_object(root)) {
		json_decref(root);
		return NULL;
	}
	return root;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(merge) struct hk_config_merge merge = {0};
	HK_AUTO(json) json_t *base = next_document(&arena, &data, &size);
	struct hk_err err = {0};
	if (!base) {
		return 0;
	}
	check(hk_config_merge_start(&merge, base, &err) == 0);
	for (size_t part = 1; part <= OVERRIDES_MAX && size > 0; part++) {
		HK_AUTO(json) json_t *document = next_document(&arena, &data, &size);
		if (!document || !add(&merge, &arena, document, part)) {
			return 0;
		}
		check(json_is_object(merge.document));
		check_again(&merge, &arena, document, part);
	}
	for (size_t part = 0; part <= OVERRIDES_MAX + 1; part++) {
		check_keys(&merge, &arena, part);
	}
	return 0;
}
