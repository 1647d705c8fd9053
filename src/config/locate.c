/* SPDX-License-Identifier: MIT */
/*
 * locate.c: on which line a key is. The JSON library does not say once it has read a text. So this
 * walks over the text again, and it looks at nothing but brackets, quotes and commas: the library
 * has found the text to be well-formed. One that is not would end the walk early, no more.
 *
 * It also meets every key that an object has twice, of which the library keeps only the last.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "config/document.h"
#include "config/findings.h"
#include "config/place.h"

#define DEPTH_MAX 2048 /* the library's own limit */

struct walk {
	const char *at;
	const char *end;
	unsigned int line;
	unsigned int column;
	unsigned int depth;
	char place[HK_CONFIG_PLACE_MAX];
	size_t used; /* bytes of the place */
	/* From each place that is wanted to a number: line * 2^32 + column; 0: not met. */
	json_t *wanted;
	struct hk_config_findings *findings;
};

static int walk_value(struct walk *walk);

/* -- characters ------------------------------------------------------------------------------ */

static char look(const struct walk *walk) {
	return walk->at < walk->end ? *walk->at : '\0';
}

static void step(struct walk *walk) {
	if (walk->at == walk->end) {
		return;
	}
	if (*walk->at == '\n') {
		walk->line++;
		walk->column = 1;
	} else if (((unsigned char)*walk->at & 0xc0) != 0x80) {
		walk->column++; /* the first byte of a character */
	}
	walk->at++;
}

static void skip_blanks(struct walk *walk) {
	while (walk->at < walk->end && strchr(" \t\r\n", *walk->at) && *walk->at) {
		step(walk);
	}
}

static void skip_string(struct walk *walk) {
	step(walk); /* the quote */
	while (walk->at < walk->end && *walk->at != '"') {
		if (*walk->at == '\\') {
			step(walk);
		}
		step(walk);
	}
	step(walk);
}

/* A number, true, false or null. */
static void skip_word(struct walk *walk) {
	while (walk->at < walk->end && !strchr(" \t\r\n,]}", *walk->at)) {
		step(walk);
	}
}

/* -- places ---------------------------------------------------------------------------------- */

static json_int_t here(const struct walk *walk) {
	return (json_int_t)((uint64_t)walk->line << 32 | walk->column);
}

/* Notes where the place is, if somebody wants to know. Of several the last one counts. */
static int note(struct walk *walk, json_int_t position) {
	json_t *number = json_object_get(walk->wanted, walk->place);
	return number ? json_integer_set(number, position) : 0;
}

static int add_duplicate(struct walk *walk, const char *key, json_int_t position) {
	struct hk_err text;
	(void)hk_err_say(&text, -EINVAL, "duplicate key \"%s\"", HK_ESC(key));
	const struct hk_config_finding finding = {
		.place = walk->place,
		.text = text.text,
		.line = (unsigned int)(position >> 32),
		.column = (unsigned int)(position & UINT32_MAX),
	};
	return hk_config_findings_add(walk->findings, &finding);
}

/* Notes the key that begins at position and was there before if it is in seen. */
static int note_key(struct walk *walk, const char *key, json_int_t position, json_t *seen) {
	walk->used = hk_config_place_step(key, 0, walk->place, walk->used);
	int r = json_object_get(seen, key) ? add_duplicate(walk, key, position) : 0;
	r = r < 0 ? r : json_object_set_new(seen, key, json_true());
	return r < 0 ? r : note(walk, position);
}

/* -- values ---------------------------------------------------------------------------------- */

static int walk_member(struct walk *walk, json_t *seen) {
	const size_t used = walk->used;
	const json_int_t position = here(walk);
	const char *start = walk->at;
	skip_string(walk);
	json_t *key = json_loadb(start, (size_t)(walk->at - start), JSON_DECODE_ANY, NULL);
	if (!key) {
		return -ENOMEM;
	}
	int r = note_key(walk, json_string_value(key), position, seen);
	json_decref(key);
	skip_blanks(walk);
	step(walk); /* the colon */
	r = r < 0 ? r : walk_value(walk);
	walk->used = used;
	walk->place[used] = '\0';
	return r;
}

static int walk_item(struct walk *walk, size_t index) {
	const size_t used = walk->used;
	walk->used = hk_config_place_step(NULL, index, walk->place, walk->used);
	skip_blanks(walk);
	int r = note(walk, here(walk));
	r = r < 0 ? r : walk_value(walk);
	walk->used = used;
	walk->place[used] = '\0';
	return r;
}

/* seen: of an object; NULL: a list. */
static int walk_parts(struct walk *walk, char close, json_t *seen) {
	step(walk); /* the bracket */
	for (size_t index = 0;; index++) {
		skip_blanks(walk);
		if (walk->at == walk->end || *walk->at == close || (seen && look(walk) != '"')) {
			step(walk);
			return 0;
		}
		const char *before = walk->at;
		int r = seen ? walk_member(walk, seen) : walk_item(walk, index);
		if (r < 0 || walk->at == before) {
			return r;
		}
		skip_blanks(walk);
		if (look(walk) == ',') {
			step(walk);
		}
	}
}

static int walk_object(struct walk *walk) {
	json_t *seen = json_object();
	int r = seen ? walk_parts(walk, '}', seen) : -ENOMEM;
	json_decref(seen);
	return r;
}

static int walk_value(struct walk *walk) {
	skip_blanks(walk);
	if (walk->depth == DEPTH_MAX) {
		walk->at = walk->end;
		return 0;
	}
	walk->depth++;
	int r = 0;
	switch (look(walk)) {
	case '{':
		r = walk_object(walk);
		break;
	case '[':
		r = walk_parts(walk, ']', NULL);
		break;
	case '"':
		skip_string(walk);
		break;
	default:
		skip_word(walk);
		break;
	}
	walk->depth--;
	return r;
}

/* -- findings -------------------------------------------------------------------------------- */

/* The place without its last step; "" has none. */
static void cut_last_step(char *place) {
	size_t length = strlen(place);
	while (length > 0 && place[length - 1] != '.' && place[length - 1] != '[') {
		length--;
	}
	place[length > 0 ? length - 1 : 0] = '\0';
}

/* Wants the place and all that it is in. */
static int want(json_t *wanted, const char *place) {
	char text[HK_CONFIG_PLACE_MAX];
	(void)snprintf(text, sizeof(text), "%s", place);
	for (;;) {
		if (json_object_set_new_nocheck(wanted, text, json_integer(0)) < 0) {
			return -ENOMEM;
		}
		if (!text[0]) {
			return 0;
		}
		cut_last_step(text);
	}
}

/* Where the place is; of one that is not in the text, what should have it. */
static json_int_t find(json_t *wanted, const char *place) {
	char text[HK_CONFIG_PLACE_MAX];
	(void)snprintf(text, sizeof(text), "%s", place);
	for (;;) {
		json_int_t position = json_integer_value(json_object_get(wanted, text));
		if (position || !text[0]) {
			return position;
		}
		cut_last_step(text);
	}
}

static int locate(
	struct hk_config_findings *findings, const char *text, size_t size, json_t *wanted) {
	struct hk_config_finding_vec *list = &findings->list;
	for (size_t i = 0; i < list->count; i++) {
		int r = list->items[i].line ? 0 : want(wanted, list->items[i].place);
		if (r < 0) {
			return r;
		}
	}
	struct walk walk = {
		.at = text,
		.end = text + size,
		.line = 1,
		.column = 1,
		.wanted = wanted,
		.findings = findings,
	};
	skip_blanks(&walk);
	int r = note(&walk, here(&walk));
	r = r < 0 ? r : walk_value(&walk);
	for (size_t i = 0; r >= 0 && i < list->count; i++) {
		struct hk_config_finding *finding = &list->items[i];
		if (!finding->line) {
			json_int_t position = find(wanted, finding->place);
			finding->line = (unsigned int)(position >> 32);
			finding->column = (unsigned int)(position & UINT32_MAX);
		}
	}
	return r;
}

static int compare(const void *a, const void *b) {
	const struct hk_config_finding *one = a;
	const struct hk_config_finding *other = b;
	if (one->line != other->line) {
		return one->line < other->line ? -1 : 1;
	}
	if (one->column != other->column) {
		return one->column < other->column ? -1 : 1;
	}
	return strcmp(one->text, other->text);
}

/* Is there a finding about the text as such? Then there is nothing to walk over. */
static bool is_broken(const struct hk_config_findings *findings) {
	return findings->list.count > 0 && findings->list.items[0].line > 0;
}

int hk_config_findings_locate(
	struct hk_config_findings *findings, const char *text, size_t size, struct hk_err *err) {
	if (is_broken(findings)) {
		return 0;
	}
	json_t *wanted = json_object();
	int r = wanted ? locate(findings, text, size, wanted) : -ENOMEM;
	json_decref(wanted);
	if (r < 0) {
		return hk_err_oom(err);
	}
	if (findings->list.count > 1) {
		qsort(findings->list.items, findings->list.count, sizeof(*findings->list.items),
			compare);
	}
	return 0;
}
