/* SPDX-License-Identifier: MIT */
/*
 * generate.h: what is made of the tables of commands and options while building: completions for
 * shells, and the manual page. Nothing of it is in the program that is installed.
 *
 * Each is a template, in which a line "@PIECE@" stands for what the tables say.
 */
#ifndef HK_CLI_GENERATE_GENERATE_H
#define HK_CLI_GENERATE_GENERATE_H

#include "base/err.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/word.h"

struct hk_piece {
	const char *name;
	void (*add)(struct hk_str *out, void *data);
};

struct hk_pieces {
	const struct hk_piece *items;
	size_t count;
};

extern const struct hk_pieces hk_pieces_bash;
extern const struct hk_pieces hk_pieces_fish;
extern const struct hk_pieces hk_pieces_zsh;

/* Adds the template with each "@PIECE@" replaced; data is for them. Errors: no such piece, no
 * memory. */
int hk_generate_fill(const char *template, const struct hk_pieces *pieces, void *data,
	struct hk_str *out, struct hk_err *err);

/* The manual page, in scdoc, of its template; manual.c says what else is in that. Errors: likewise;
 * a note of no command or option. */
int hk_generate_manual(const char *template, struct hk_str *out, struct hk_err *err);

/* -- what the pieces are made of ------------------------------------------------------------ */

/* The line of the text that starts at *text, which then starts at the next one. False: there was
 * none. */
bool hk_generate_line(const char **text, const char **ret_line, size_t *ret_length);

/* Which alternatives a word of the tables has, as arguments of a shell function: "@file builtin".
 */
void hk_generate_alternatives(const char *words, struct hk_str *out);

/* Adds the text as one word of a shell: in single quotes. Those of special get a backslash. */
void hk_generate_word(struct hk_str *out, const char *text, const char *special);

/* Is what follows this place the business of a program? */
bool hk_generate_is_program(const struct hk_place *place);

#endif
