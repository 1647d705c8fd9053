/* SPDX-License-Identifier: MIT */
/* bash.c: the tables as arms of case statements; completions/hakurei.bash.in walks along the
 * words that were typed. */
#include "base/auto.h"
#include "generate/generate.h"
#include "paths.h"

static void add_names(struct hk_str *out, const char *of, const struct hk_options *own,
	const struct hk_options *common) {
	const struct hk_options *const tables[] = {own, common};
	hk_str_addf(out, "\t%s) options=(", of);
	const char *space = "";
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (size_t j = 0; j < tables[i]->count; j++) {
			const char *name = tables[i]->rows[j].name;
			hk_str_addf(out, "%s%s%s", space, hk_option_dashes(name), name);
			space = " ";
		}
	}
	hk_str_add(out, ") ;;\n");
}

static void add_global_options(struct hk_str *out, const struct hk_piece *piece, void *data) {
	(void)piece;
	(void)data;
	const struct hk_options none = {0};
	add_names(out, "''", &hk_global_options, &none);
}

static void add_options(struct hk_str *out, const struct hk_command *command, void *data) {
	(void)data;
	add_names(out, command->name, &command->options, &hk_common_options);
}

static void add_values_of(struct hk_str *out, const char *of, const struct hk_options *options) {
	for (size_t i = 0; i < options->count; i++) {
		if (options->rows[i].argument) {
			hk_str_addf(out, "\t%s:%s) values=(", of, options->rows[i].name);
			hk_generate_alternatives(options->rows[i].argument, out);
			hk_str_add(out, ") ;;\n");
		}
	}
}

static void add_global_values(struct hk_str *out, const struct hk_piece *piece, void *data) {
	(void)piece;
	(void)data;
	add_values_of(out, "*", &hk_global_options);
}

static void add_values(struct hk_str *out, const struct hk_command *command, void *data) {
	(void)data;
	add_values_of(out, command->name, &command->options);
}

static void add_places(struct hk_str *out, const struct hk_command *command, void *data) {
	(void)data;
	const char *arguments = command->arguments;
	struct hk_argument argument;
	bool program = false;
	for (unsigned int number = 0; hk_argument_next(&arguments, &argument); number++) {
		program = program || hk_generate_is_program(&argument);
		hk_str_addf(out, "\t%s:", command->name);
		if (argument.repeated) {
			hk_str_add(out, "*");
		} else {
			hk_str_addf(out, "%u", number);
		}
		hk_str_add(out, ") values=(");
		hk_generate_alternatives(program ? "PROGRAM" : argument.words, out);
		hk_str_add(out, ") ;;\n");
	}
}

static void add_command(struct hk_str *out, const struct hk_command *command, void *data) {
	(void)data;
	hk_str_addf(out, "\t\t%s \\\n", command->name);
}

static void add_directories(struct hk_str *out, const struct hk_piece *piece, void *data) {
	(void)piece;
	(void)data;
	hk_str_add(out, "\t\t");
	hk_generate_word(out, HK_PATH_APPS_SITE, "");
	hk_str_add(out, " \\\n\t\t");
	hk_generate_word(out, HK_PATH_APPS_DATA, "");
	hk_str_add(out, " \\\n");
}

static const struct hk_piece pieces[] = {
	{.name = "commands", .add_command = add_command},
	{.name = "directories", .add = add_directories},
	{.name = "options", .add = add_global_options, .add_command = add_options},
	{.name = "places", .add_command = add_places},
	{.name = "values", .add = add_global_values, .add_command = add_values},
};
const struct hk_pieces hk_pieces_bash = {pieces, sizeof(pieces) / sizeof(pieces[0])};
