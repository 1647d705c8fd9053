/* SPDX-License-Identifier: MIT */
/* bash.c: the tables as arms of case statements; completions/hakurei.bash.in walks along the
 * words that were typed. */
#include "base/auto.h"
#include "cli/generate/generate.h"
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

static void add_options(struct hk_str *out, void *data) {
	(void)data;
	const struct hk_options none = {0};
	const struct hk_command *command;
	add_names(out, "''", &hk_global_options, &none);
	for (size_t i = 0; (command = hk_command_at(i)); i++) {
		add_names(out, command->name, &command->options, &hk_common_options);
	}
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

static void add_values(struct hk_str *out, void *data) {
	(void)data;
	const struct hk_command *command;
	add_values_of(out, "*", &hk_global_options);
	for (size_t i = 0; (command = hk_command_at(i)); i++) {
		add_values_of(out, command->name, &command->options);
	}
}

static void add_places_of(struct hk_str *out, const struct hk_command *command) {
	const char *arguments = command->arguments;
	struct hk_place place;
	bool program = false;
	for (unsigned int number = 0; hk_place_next(&arguments, &place); number++) {
		program = program || hk_generate_is_program(&place);
		hk_str_addf(out, "\t%s:", command->name);
		if (place.repeated) {
			hk_str_add(out, "*");
		} else {
			hk_str_addf(out, "%u", number);
		}
		hk_str_add(out, ") values=(");
		hk_generate_alternatives(program ? "PROGRAM" : place.words, out);
		hk_str_add(out, ") ;;\n");
	}
}

static void add_places(struct hk_str *out, void *data) {
	(void)data;
	const struct hk_command *command;
	for (size_t i = 0; (command = hk_command_at(i)); i++) {
		add_places_of(out, command);
	}
}

static void add_commands(struct hk_str *out, void *data) {
	(void)data;
	const struct hk_command *command;
	for (size_t i = 0; (command = hk_command_at(i)); i++) {
		hk_str_addf(out, "\t\t%s \\\n", command->name);
	}
}

static void add_directories(struct hk_str *out, void *data) {
	(void)data;
	hk_str_add(out, "\t\t");
	hk_generate_word(out, HK_PATH_APPS_SITE, "");
	hk_str_add(out, " \\\n\t\t");
	hk_generate_word(out, HK_PATH_APPS_DATA, "");
	hk_str_add(out, " \\\n");
}

static const struct hk_piece pieces[] = {
	{"commands", add_commands},
	{"directories", add_directories},
	{"options", add_options},
	{"places", add_places},
	{"values", add_values},
};
const struct hk_pieces hk_pieces_bash = {pieces, sizeof(pieces) / sizeof(pieces[0])};
