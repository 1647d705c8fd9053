/* SPDX-License-Identifier: MIT */
/* template.c: templates, and what the pieces have in common. */
#include <errno.h>
#include <string.h>

#include "generate/generate.h"

bool hk_generate_line(const char **text, const char **ret_line, size_t *ret_length) {
	if (!**text) {
		return false;
	}
	*ret_line = *text;
	*ret_length = strcspn(*text, "\n");
	*text += *ret_length + ((*text)[*ret_length] == '\n');
	return true;
}

static const struct hk_piece *find(
	const struct hk_pieces *pieces, const char *name, size_t length) {
	for (size_t i = 0; i < pieces->count; i++) {
		const struct hk_piece *piece = &pieces->items[i];
		if (strlen(piece->name) == length && memcmp(piece->name, name, length) == 0) {
			return piece;
		}
	}
	return NULL;
}

static void add_piece(struct hk_str *out, const struct hk_piece *piece, void *data) {
	if (piece->add) {
		piece->add(out, piece, data);
	}
	const struct hk_command *command;
	for (size_t i = 0; piece->add_command && (command = hk_command_at(i)); i++) {
		piece->add_command(out, command, data);
	}
}

int hk_generate_fill(const char *template, const struct hk_pieces *pieces, void *data,
	struct hk_str *out, struct hk_err *err) {
	bool used[HK_PIECES_MAX] = {false};
	const char *line;
	size_t length;
	while (hk_generate_line(&template, &line, &length)) {
		if (length < 3 || line[0] != '@' || line[length - 1] != '@') {
			hk_str_add_bytes(out, line, length);
			hk_str_add(out, "\n");
			continue;
		}
		const struct hk_piece *piece = find(pieces, line + 1, length - 2);
		if (!piece) {
			return hk_err_say(
				err, -EINVAL, "there is no piece %.*s", (int)length, line);
		}
		add_piece(out, piece, data);
		used[piece - pieces->items] = true;
	}
	for (size_t i = 0; i < pieces->count; i++) {
		if (!used[i]) {
			return hk_err_say(
				err, -EINVAL, "the template lacks @%s@", pieces->items[i].name);
		}
	}
	return out->failed ? hk_err_oom(err) : 0;
}

/* The functions of the completions know these names. */
static const char *name_of(const struct hk_word *word) {
	switch (word->kind) {
	case HK_WORD_ITSELF:
		return word->text;
	case HK_WORD_FILE:
		return "@file";
	case HK_WORD_DIRECTORY:
		return "@directory";
	case HK_WORD_GROUP:
		return "@group";
	case HK_WORD_NAME:
		return "@name";
	case HK_WORD_INSTANCE:
		return "@instance";
	case HK_WORD_COMMAND:
		return "@command";
	case HK_WORD_PROGRAM:
		return "@program";
	case HK_WORD_UNKNOWN: /* a test finds it */
	case HK_WORD_FREE:
	default:
		return "@free";
	}
}

void hk_generate_alternatives(const char *words, struct hk_str *out) {
	struct hk_word word;
	for (bool first = true; hk_word_next(&words, &word); first = false) {
		hk_str_addf(out, "%s%s", first ? "" : " ", name_of(&word));
	}
}

void hk_generate_word(struct hk_str *out, const char *text, const char *special) {
	hk_str_add(out, "'");
	for (; *text; text++) {
		if (*text == '\'') {
			hk_str_add(out, "'\\''"); /* ends the word, a quote, and goes on */
			continue;
		}
		hk_str_add(out, strchr(special, *text) ? "\\" : "");
		hk_str_add_bytes(out, text, 1);
	}
	hk_str_add(out, "'");
}

void hk_generate_plain(struct hk_str *out, const char *text, const char *special) {
	for (; *text; text++) {
		hk_str_add(out, strchr(special, *text) ? "\\" : "");
		hk_str_add_bytes(out, text, 1);
	}
}

bool hk_generate_is_program(const struct hk_argument *argument) {
	const char *words = argument->words;
	struct hk_word word;
	return hk_word_next(&words, &word) && word.kind == HK_WORD_PROGRAM;
}
