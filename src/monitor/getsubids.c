/* SPDX-License-Identifier: MIT */
#include "monitor/getsubids.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/scan.h"
#include "monitor/tool.h"
#include "sys/sys.h"

#define TOOL	"getsubids"
#define KEY	"subid:"
#define FILES	"files"
#define BLANKS	" \t"
#define COLUMNS 4

/* A part of a text that does not end here. */
struct piece {
	const char *start;
	size_t length;
};

/* Takes the next line off; false at the end. */
static bool next_line(struct piece *rest, struct piece *ret_line) {
	if (rest->length == 0) {
		return false;
	}
	const char *newline = memchr(rest->start, '\n', rest->length);
	size_t length = newline ? (size_t)(newline - rest->start) : rest->length;
	*ret_line = (struct piece){rest->start, length};
	length += newline ? 1 : 0;
	*rest = (struct piece){rest->start + length, rest->length - length};
	return true;
}

static bool is_blank(char character) {
	return character != '\0' && strchr(BLANKS, character);
}

/* Takes the next word off; its length is 0 at the end. */
static struct piece next_word(struct piece *rest) {
	while (rest->length > 0 && is_blank(rest->start[0])) {
		*rest = (struct piece){rest->start + 1, rest->length - 1};
	}
	struct piece word = {rest->start, 0};
	while (word.length < rest->length && !is_blank(rest->start[word.length])) {
		word.length++;
	}
	*rest = (struct piece){rest->start + word.length, rest->length - word.length};
	return word;
}

bool hk_getsubids_is_asked(const char *text, size_t size) {
	struct piece rest = {text, size};
	struct piece line;
	while (next_line(&rest, &line)) {
		const size_t key = strlen(KEY);
		if (line.length < key || strncasecmp(line.start, KEY, key) != 0) {
			continue;
		}
		/* The first word is the only one that those tools look at. */
		struct piece words = {line.start + key, line.length - key};
		struct piece word = next_word(&words);
		bool is_files = word.length == strlen(FILES) &&
				strncmp(word.start, FILES, word.length) == 0;
		return word.length > 0 && !is_files;
	}
	return false;
}

static bool parse_line(struct hk_arena *arena, struct piece line, struct hk_subid *ret_subid) {
	struct piece columns[COLUMNS];
	for (size_t i = 0; i < COLUMNS; i++) {
		columns[i] = next_word(&line);
	}
	struct hk_subid subid = {0};
	if (columns[0].length == 0 || columns[0].start[columns[0].length - 1] != ':' ||
		next_word(&line).length > 0 ||
		!hk_subid_set_range(&subid, columns[2].start, columns[2].length, columns[3].start,
			columns[3].length)) {
		return false;
	}
	subid.owner = hk_arena_strndup(arena, columns[1].start, columns[1].length);
	*ret_subid = subid;
	return true;
}

int hk_getsubids_parse(
	struct hk_arena *arena, const char *text, size_t size, struct hk_subids *ret_subids) {
	struct hk_subids subids = {0};
	struct piece rest = {text, size};
	struct piece line;
	for (unsigned int number = 1; next_line(&rest, &line); number++) {
		struct hk_subid subid;
		if (!parse_line(arena, line, &subid)) {
			continue;
		}
		struct hk_subid *slot = subid.owner ? hk_vec_add(arena, &subids) : NULL;
		if (!slot) {
			return -ENOMEM;
		}
		subid.line = number;
		*slot = subid;
	}
	*ret_subids = subids;
	return 0;
}

int hk_getsubids_read(struct hk_arena *arena, const char *owner, bool groups,
	struct hk_subids *ret_subids, struct hk_err *err) {
	char *text = NULL;
	size_t size = 0;
	const char *path = NULL;
	/* Without that file, or with one that cannot be read, those tools look at theirs. */
	int r = hk_sys_read_file(arena, HK_GETSUBIDS_SWITCH, HK_GETSUBIDS_SWITCH_MAX, &text, &size);
	if (r < 0 || !hk_getsubids_is_asked(text, size)) {
		return 0;
	}
	r = hk_tool_find(arena, TOOL, &path);
	if (r < 0) {
		return r == -ENOENT ? 0 : hk_err_step(err, r, "look for '%s' in your PATH", TOOL);
	}
	const char *const argv[] = {TOOL, groups ? "-g" : owner, groups ? owner : NULL, NULL};
	r = hk_tool_read(arena, path, argv, &text, &size, err);
	if (r < 0) {
		return r;
	}
	/* It fails for somebody without any range, and its words are no line of the list. */
	r = hk_getsubids_parse(arena, text, size, ret_subids);
	return r < 0 ? hk_err_oom(err) : 1;
}
