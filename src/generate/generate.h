/* SPDX-License-Identifier: MIT */
/*
 * generate.h: what is made of tables while building: completions for shells and hakurei(1) of the
 * commands and their options, hakurei-config(5) and a JSON Schema of the keys of a configuration.
 * Nothing of it is in the program that is installed.
 *
 * Most are templates, in which a line "@PIECE@" stands for what the tables say.
 */
#ifndef HK_GENERATE_GENERATE_H
#define HK_GENERATE_GENERATE_H

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/word.h"
#include "config/fields.h"

struct hk_piece {
	const char *name;
	/* Adds what stands for it. May be NULL. */
	void (*add)(struct hk_str *out, const struct hk_piece *piece, void *data);
	/* Then, for each of the commands, this. May be NULL. */
	void (*add_command)(struct hk_str *out, const struct hk_command *command, void *data);
	enum hk_section section; /* for pieces about one */
};

#define HK_PIECES_MAX 16

struct hk_pieces {
	const struct hk_piece *items;
	size_t count; /* at most HK_PIECES_MAX */
};

extern const struct hk_pieces hk_pieces_bash;
extern const struct hk_pieces hk_pieces_fish;
extern const struct hk_pieces hk_pieces_zsh;
extern const struct hk_pieces hk_pieces_config; /* of hakurei-config(5), in scdoc */

/* Adds the template with each "@PIECE@" replaced; data is for them. Errors: no such piece; one that
 * the template lacks; no memory. */
int hk_generate_fill(const char *template, const struct hk_pieces *pieces, void *data,
	struct hk_str *out, struct hk_err *err);

/* hakurei(1), in scdoc, of its template; manual.c says what else is in that. Errors: likewise; a
 * note of no command or option. */
int hk_generate_manual(const char *template, struct hk_str *out, struct hk_err *err);

/* A schema (draft 7) of all that a configuration may be, as far as one can say it: what a path is
 * after it was cleaned up it cannot. */
int hk_generate_schema(struct hk_str *out, struct hk_err *err);

/* What the mounts of a type must be besides what their keys are: a list for "allOf". NULL: no
 * memory. */
json_t *hk_generate_mount_rules(enum hk_fs_type type);

/* -- what the pieces are made of ------------------------------------------------------------ */

/* The line of the text that starts at *text, which then starts at the next one. False: there was
 * none. */
bool hk_generate_line(const char **text, const char **ret_line, size_t *ret_length);

/* Which alternatives a word of the tables has, as arguments of a shell function: "@file builtin".
 */
void hk_generate_alternatives(const char *words, struct hk_str *out);

/* Adds the text as one word of a shell: in single quotes. Those of special get a backslash. */
void hk_generate_word(struct hk_str *out, const char *text, const char *special);

/* Adds the text with a backslash before those of special: what is mark-up in scdoc. */
void hk_generate_plain(struct hk_str *out, const char *text, const char *special);

/* Is what follows this argument the business of a program? */
bool hk_generate_is_program(const struct hk_argument *argument);

#endif
