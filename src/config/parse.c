/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/auto.h"
#include "base/str.h"
#include "config/document.h"
#include "config/reader.h"

/* What some editors put in front, and nobody sees. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/*
 * Where the key begins (after its quote) that ends with the quote before text[end]; *ret_length
 * is what is between the quotes, as written. A quote inside is behind an odd number of
 * backslashes.
 */
static const char *key_before(const char *text, size_t end, size_t *ret_length) {
	*ret_length = 0;
	if (end < 2 || text[end - 1] != '"') {
		return text + end;
	}
	size_t start = end - 1;
	while (start > 0) {
		start--;
		size_t slashes = 0;
		while (slashes < start && text[start - slashes - 1] == '\\') {
			slashes++;
		}
		if (text[start] == '"' && slashes % 2 == 0) {
			start++;
			break;
		}
	}
	*ret_length = end - 1 - start;
	return text + start;
}

/* Error texts of the JSON parser, in words that fit ours. */
static int syntax_error(struct hk_arena *arena, const char *text, size_t size,
	const json_error_t *error, struct hk_err *err) {
	switch (json_error_code(error)) {
	case json_error_duplicate_key: {
		size_t end = error->position > 0 ? (size_t)error->position : 0;
		size_t length;
		const char *key = key_before(text, end < size ? end : size, &length);
		const char *name = hk_arena_strndup(arena, key, length);
		return hk_err_say(err, -EINVAL, "duplicate key \"%s\"", name ? HK_ESC(name) : "");
	}
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return hk_err_say(err, -EINVAL, "a string contains NUL");
	case json_error_stack_overflow:
		return hk_err_say(err, -EINVAL, "nested too deeply");
	default:
		return hk_err_say(err, -EINVAL, "%s", HK_ESC(error->text));
	}
}

/* The parser passes over a NUL byte behind a number. */
static int nul_byte(
	const char *text, const char *nul, json_error_t *ret_error, struct hk_err *err) {
	ret_error->line = 1;
	ret_error->column = 1;
	for (const char *c = text; c < nul; c++) {
		/* A character counts with its first byte. */
		ret_error->column += ((unsigned char)*c & 0xc0) != 0x80;
		if (*c == '\n') {
			ret_error->line++;
			ret_error->column = 1;
		}
	}
	return hk_err_say(err, -EINVAL, "a NUL byte");
}

/* ret_error->line is 0 where the error is about all of it. */
static int load(struct hk_arena *arena, const char *text, size_t size, size_t flags,
	json_t **ret_root, json_error_t *ret_error, struct hk_err *err) {
	*ret_error = (json_error_t){.line = 0};
	if (size == 0) {
		return hk_err_say(err, -EINVAL, "empty, expected an object");
	}
	if (size > HK_CONFIG_BYTES_MAX) {
		return hk_err_say(err, -EFBIG, "larger than %d bytes", HK_CONFIG_BYTES_MAX);
	}
	if (size >= sizeof(BYTE_ORDER_MARK) - 1 &&
		memcmp(text, BYTE_ORDER_MARK, sizeof(BYTE_ORDER_MARK) - 1) == 0) {
		*ret_error = (json_error_t){.line = 1, .column = 1};
		return hk_err_say(err, -EINVAL, "a byte order mark, which JSON does not have");
	}
	errno = 0;
	json_t *root = json_loadb(text, size, flags | JSON_DECODE_ANY, ret_error);
	if (!root && errno == ENOMEM) {
		return hk_err_oom(err); /* the parser would call it a syntax error now and then */
	}
	if (!root) {
		return syntax_error(arena, text, size, ret_error, err);
	}
	const char *nul = memchr(text, '\0', size);
	if (nul) {
		json_decref(root);
		return nul_byte(text, nul, ret_error, err);
	}
	*ret_root = root;
	return 0;
}

int hk_config_document_load(struct hk_arena *arena, const char *text, size_t size,
	json_t **ret_root, struct hk_err *err) {
	json_error_t error;
	int r = load(arena, text, size, JSON_REJECT_DUPLICATES, ret_root, &error, err);
	return r < 0 && r != -ENOMEM && error.line > 0
		       ? hk_err_frame(err, "line %d, column %d", error.line,
				 error.column > 0 ? error.column : 1)
		       : r;
}

int hk_config_document_look(struct hk_arena *arena, const char *text, size_t size,
	json_t **ret_root, json_error_t *ret_error, struct hk_err *err) {
	return load(arena, text, size, 0, ret_root, ret_error, err);
}

static int parse(struct hk_arena *arena, const char *text, size_t size,
	struct hk_config *ret_config, struct hk_err *err) {
	HK_AUTO(json) json_t *root = NULL;
	struct hk_config config = {0};
	int r = hk_config_document_load(arena, text, size, &root, err);
	const struct hk_config_report report = {.err = err};
	bool nested = false;
	r = r < 0 ? r : hk_config_reader_run(arena, root, &report, &config, &nested);
	r = r < 0 ? r : hk_config_validate(&config, err);
	if (r < 0) {
		return r;
	}
	*ret_config = config;
	return 0;
}

int hk_config_parse(struct hk_arena *arena, const char *text, size_t size, const char *source,
	struct hk_config *ret_config, struct hk_err *err) {
	int r = parse(arena, text, size, ret_config, err);
	if (r < 0 && source) {
		return hk_err_frame(err, "%s", HK_ESC(source));
	}
	return r;
}

int hk_config_parse_policy(struct hk_arena *arena, const char *text, size_t size,
	const char *source, struct hk_bus_policy *ret_policy, struct hk_err *err) {
	HK_AUTO(json) json_t *root = NULL;
	struct hk_bus_policy policy = {0};
	int r = hk_config_document_load(arena, text, size, &root, err);
	r = r < 0 ? r : hk_config_reader_run_policy(arena, root, &policy, err);
	if (r < 0) {
		return source ? hk_err_frame(err, "%s", HK_ESC(source)) : r;
	}
	*ret_policy = policy;
	return 0;
}
