/* SPDX-License-Identifier: MIT */
#include "cli/word.h"

#include <string.h>

static const struct {
	const char *name;
	enum hk_word_kind kind;
} words[] = {
	{"ARGUMENT", HK_WORD_FREE},
	{"COMMAND", HK_WORD_COMMAND},
	{"DIRECTORY", HK_WORD_DIRECTORY},
	{"FILE", HK_WORD_FILE},
	{"GROUP", HK_WORD_GROUP},
	{"HOME", HK_WORD_DIRECTORY},
	{"ID", HK_WORD_FREE},
	{"IDENTITY", HK_WORD_FREE},
	{"INSTANCE", HK_WORD_INSTANCE},
	{"N", HK_WORD_FREE},
	{"NAME", HK_WORD_NAME},
	{"PROGRAM", HK_WORD_PROGRAM},
	{"USER", HK_WORD_FREE},
};

static bool is_small(char c) {
	return c >= 'a' && c <= 'z';
}

static enum hk_word_kind kind_of(const char *text) {
	if (is_small(text[0])) {
		return HK_WORD_ITSELF;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].name, text) == 0) {
			return words[i].kind;
		}
	}
	return HK_WORD_UNKNOWN;
}

/* Copies as much as fits. */
static void copy(char *to, size_t room, const char *from, size_t length) {
	length = length < room ? length : room - 1;
	memcpy(to, from, length);
	to[length] = '\0';
}

bool hk_word_next(const char **text, struct hk_word *ret_word) {
	size_t length = strcspn(*text, "|");
	if (length == 0) {
		return false;
	}
	copy(ret_word->text, sizeof(ret_word->text), *text, length);
	ret_word->kind = kind_of(ret_word->text);
	*text += length + ((*text)[length] == '|');
	return true;
}

bool hk_word_is_choice(const char *text) {
	struct hk_word word;
	size_t count = 0;
	while (hk_word_next(&text, &word)) {
		if (word.kind != HK_WORD_ITSELF) {
			return false;
		}
		count++;
	}
	return count > 0;
}

bool hk_argument_next(const char **arguments, struct hk_argument *ret_argument) {
	static const char around[] = "[] ";
	const char *start = *arguments + strspn(*arguments, around);
	size_t length = strcspn(start, around);
	*arguments = start + length;
	if (length == 0) {
		return false;
	}
	if (start[0] == '-' || strncmp(start, "options", length) == 0) {
		return hk_argument_next(arguments, ret_argument); /* where options are, or end */
	}
	bool repeated = length > 3 && memcmp(start + length - 3, "...", 3) == 0;
	copy(ret_argument->words, sizeof(ret_argument->words), start, length - (repeated ? 3 : 0));
	ret_argument->repeated = repeated;
	return true;
}
