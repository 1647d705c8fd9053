/* SPDX-License-Identifier: MIT */
/*
 * manual.c: hakurei(1). Names, options and exit statuses come from the tables; the template has
 * what goes beyond their one line of help, in notes:
 *
 *	@note run -a@		to the option -a of run
 *	@note run@		to the command
 *	@note hakurei -v@	to an option in front of the command
 *
 * A note goes on until "@end@". One that belongs to nothing is an error, so the page cannot
 * describe what is no more.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/vec.h"
#include "generate/generate.h"
#include "paths.h"

#define OF_ALL "hakurei"

struct note {
	const char *key; /* "run -a" */
	struct hk_str text;
	bool used;
};

struct notes {
	struct hk_arena arena;
	struct list HK_VEC(struct note) list;
};

static bool is_line(const char *line, size_t length, const char *text) {
	return strlen(text) == length && memcmp(line, text, length) == 0;
}

/* Takes the notes out of the template. */
static int read_notes(
	const char *template, struct notes *notes, struct hk_str *ret_rest, struct hk_err *err) {
	static const char start[] = "@note ";
	const size_t skip = sizeof(start) - 1;
	struct note *note = NULL;
	const char *line;
	size_t length;
	while (hk_generate_line(&template, &line, &length)) {
		if (length > skip && memcmp(line, start, skip) == 0) {
			note = hk_vec_add(&notes->arena, &notes->list);
			char *key = hk_arena_strndup(&notes->arena, line + skip, length - skip - 1);
			if (!note || !key) {
				return hk_err_oom(err);
			}
			note->key = key;
		} else if (is_line(line, length, "@end@")) {
			note = NULL;
		} else {
			struct hk_str *out = note ? &note->text : ret_rest;
			hk_str_add_bytes(out, line, length);
			hk_str_add(out, "\n");
		}
	}
	return 0;
}

/* Adds the note, if there is one, each line behind the indentation. */
static void add_note(struct notes *notes, const char *of, const char *option, const char *indent,
	struct hk_str *out) {
	char key[128];
	(void)snprintf(key, sizeof(key), "%s%s%s", of, option ? " -" : "", option ? option : "");
	for (size_t i = 0; i < notes->list.count; i++) {
		struct note *note = &notes->list.items[i];
		if (strcmp(note->key, key) != 0) {
			continue;
		}
		note->used = true;
		const char *text = note->text.text ? note->text.text : "";
		const char *line;
		size_t length;
		while (hk_generate_line(&text, &line, &length)) {
			hk_str_add(out, length > 0 ? indent : "");
			hk_str_add_bytes(out, line, length);
			hk_str_add(out, "\n");
		}
	}
}

/* -- pieces --------------------------------------------------------------------------------- */

static void add_plain(struct hk_str *out, const char *text) {
	hk_generate_plain(out, text, "\\_*");
}

/* Of a command, or of hakurei itself: such a name stays in small letters. */
static bool starts_with_name(const char *text) {
	size_t length = strcspn(text, " ,:");
	const struct hk_command *command;
	for (size_t i = 0; (command = hk_command_at(i)); i++) {
		if (is_line(text, length, command->name)) {
			return text[length] != ' '; /* "show help" is no name */
		}
	}
	return is_line(text, length, OF_ALL);
}

/* A line of help as a sentence. */
static void add_sentence(struct hk_str *out, const char *text) {
	char first[2] = {text[0], '\0'};
	if (first[0] >= 'a' && first[0] <= 'z' && !starts_with_name(text)) {
		first[0] = (char)(first[0] - 'a' + 'A');
	}
	add_plain(out, first);
	add_plain(out, text + 1);
	hk_str_add(out, ".\n");
}

/* As in usage: what the person puts there underlined, what stands for itself bold. */
static void add_words(struct hk_str *out, const char *words) {
	while (*words) {
		size_t plain =
			strcspn(words, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
		hk_str_add_bytes(out, words, plain);
		words += plain;
		size_t length = strcspn(words, "|[]. ");
		if (length == 0) {
			continue;
		}
		bool options = is_line(words, length, "options");
		const char *mark = words[0] >= 'a' && !options ? "*" : "_";
		hk_str_add(out, mark);
		hk_str_add_bytes(out, words, length);
		hk_str_add(out, mark);
		words += length;
	}
}

static void add_options(
	struct hk_str *out, struct notes *notes, const char *of, const struct hk_options *options) {
	for (size_t i = 0; i < options->count;) {
		const struct hk_option *row = &options->rows[i];
		size_t first = i;
		for (; hk_option_is_alias(options, i, first); i++) {
			const char *name = options->rows[i].name;
			hk_str_addf(out, "%s*%s%s*", i > first ? ", " : "", hk_option_dashes(name),
				name);
		}
		if (row->argument) {
			hk_str_add(out, " ");
			add_words(out, row->argument);
		}
		hk_str_add(out, "\n\t");
		add_sentence(out, row->help);
		add_note(notes, of, row->name, "\t", out);
		hk_str_add(out, "\n");
	}
}

static void add_globals(struct hk_str *out, const struct hk_piece *piece, void *data) {
	(void)piece;
	add_options(out, data, OF_ALL, &hk_global_options);
}

static void add_command(struct hk_str *out, const struct hk_command *command, void *data) {
	hk_str_addf(out, "## %s\n\n*hakurei %s*%s", command->name, command->name,
		command->arguments[0] ? " " : "");
	add_words(out, command->arguments);
	hk_str_add(out, "\n\n");
	add_sentence(out, command->summary);
	add_note(data, command->name, NULL, "", out);
	hk_str_add(out, "\n");
	add_options(out, data, command->name, &command->options);
}

static void add_statuses(struct hk_str *out, const struct hk_piece *piece, void *data) {
	(void)piece;
	(void)data;
	const struct hk_status_meaning *row;
	for (size_t i = 0; (row = hk_status_meaning_at(i)); i++) {
		hk_str_addf(out, "*%s*\n\t", row->status);
		add_sentence(out, row->meaning);
		hk_str_add(out, "\n");
	}
}

static void add_apps(struct hk_str *out, const struct hk_piece *piece, void *data) {
	(void)piece;
	(void)data;
	hk_str_add(out, "_~/.config/hakurei/apps_, _");
	add_plain(out, HK_PATH_APPS_SITE);
	hk_str_add(out, "_, _");
	add_plain(out, HK_PATH_APPS_DATA);
	hk_str_add(out, "_\n");
}

static const struct hk_piece pieces[] = {
	{.name = "apps", .add = add_apps},
	{.name = "commands", .add_command = add_command},
	{.name = "globals", .add = add_globals},
	{.name = "statuses", .add = add_statuses},
};
static const struct hk_pieces manual_pieces = {pieces, sizeof(pieces) / sizeof(pieces[0])};

static int fill(const char *template, struct notes *notes, struct hk_str *rest, struct hk_str *out,
	struct hk_err *err) {
	int r = read_notes(template, notes, rest, err);
	r = r < 0 ? r
		  : hk_generate_fill(rest->text ? rest->text : "", &manual_pieces, notes, out, err);
	for (size_t i = 0; r >= 0 && i < notes->list.count; i++) {
		if (!notes->list.items[i].used) {
			r = hk_err_say(err, -EINVAL, "there is nothing for the note \"%s\"",
				notes->list.items[i].key);
		}
	}
	return r;
}

int hk_generate_manual(const char *template, struct hk_str *out, struct hk_err *err) {
	struct notes notes = {0};
	HK_AUTO(str) struct hk_str rest = {0};
	int r = fill(template, &notes, &rest, out, err);
	for (size_t i = 0; i < notes.list.count; i++) {
		hk_str_finish(&notes.list.items[i].text);
	}
	hk_arena_finish(&notes.arena);
	return r;
}
