/* SPDX-License-Identifier: MIT */
/* fish.c: the tables as lines of fish's complete, each with the condition under which it holds. */
#include "base/auto.h"
#include "generate/generate.h"
#include "paths.h"

#define COMPLETE "complete -c hakurei"
#define SPECIAL	 "\\" /* in single quotes */

/* A value or place: files or not, and words. */
static void add_alternatives(struct hk_str *out, const char *words) {
	bool files = false;
	HK_AUTO(str) struct hk_str list = {0};
	struct hk_word word;
	while (hk_word_next(&words, &word)) {
		static const char *const functions[] = {
			[HK_WORD_GROUP] = "(__hakurei_groups)",
			[HK_WORD_NAME] = "(__hakurei_names)",
			[HK_WORD_INSTANCE] = "(__hakurei_instances)",
			[HK_WORD_PROGRAM] = "(__hakurei_program)",
			[HK_WORD_DIRECTORY] = "(__fish_complete_directories)",
			[HK_WORD_COMMAND] = "(__hakurei_commands)",
		};
		files = files || word.kind == HK_WORD_FILE;
		const char *text = word.kind == HK_WORD_ITSELF ? word.text : NULL;
		if (!text && word.kind < sizeof(functions) / sizeof(functions[0])) {
			text = functions[word.kind];
		}
		if (text) {
			hk_str_addf(&list, "%s%s", list.length ? " " : "", text);
		}
	}
	hk_str_add(out, files ? " -F" : " -f");
	if (list.text) {
		hk_str_add(out, " -a ");
		hk_generate_word(out, list.text, SPECIAL);
	}
}

static void add_options_of(struct hk_str *out, const char *of, const struct hk_options *options) {
	for (size_t i = 0; i < options->count; i++) {
		const struct hk_option *row = &options->rows[i];
		hk_str_addf(out, COMPLETE " -n '__hakurei_in \"%s\"' -%s %s", of,
			row->name[1] ? "l" : "s", row->name);
		if (row->argument) {
			hk_str_add(out, " -r");
			add_alternatives(out, row->argument);
		}
		hk_str_add(out, " -d ");
		hk_generate_word(out, row->help, SPECIAL);
		hk_str_add(out, "\n");
	}
}

static void add_global_options(struct hk_str *out, const struct hk_piece *piece, void *data) {
	(void)piece;
	(void)data;
	add_options_of(out, "", &hk_global_options);
}

static void add_options(struct hk_str *out, const struct hk_command *command, void *data) {
	(void)data;
	add_options_of(out, command->name, &command->options);
	add_options_of(out, command->name, &hk_common_options);
}

static void add_values_of(struct hk_str *out, const char *of, const struct hk_options *options) {
	for (size_t i = 0; i < options->count; i++) {
		if (options->rows[i].argument) {
			hk_str_addf(out, " %s:%s", of, options->rows[i].name);
		}
	}
}

static void add_values(struct hk_str *out, const struct hk_piece *piece, void *data) {
	(void)piece;
	(void)data;
	hk_str_add(out, "        case");
	add_values_of(out, "''", &hk_global_options);
	const struct hk_command *command;
	for (size_t i = 0; (command = hk_command_at(i)); i++) {
		add_values_of(out, command->name, &command->options);
	}
	hk_str_add(out, "\n");
}

static void add_places(struct hk_str *out, const struct hk_command *command, void *data) {
	(void)data;
	const char *arguments = command->arguments;
	struct hk_argument argument;
	bool program = false;
	for (unsigned int number = 0; !program && hk_argument_next(&arguments, &argument);
		number++) {
		program = hk_generate_is_program(&argument);
		hk_str_addf(out, COMPLETE " -n '__hakurei_at %s %u%s'", command->name, number,
			argument.repeated || program ? " +" : "");
		add_alternatives(out, argument.words);
		hk_str_add(out, "\n");
	}
}

static void add_command(struct hk_str *out, const struct hk_command *command, void *data) {
	(void)data;
	hk_str_add(out, "    printf '%s\\t%s\\n' ");
	hk_generate_word(out, command->name, SPECIAL);
	hk_str_add(out, " ");
	hk_generate_word(out, command->summary, SPECIAL);
	hk_str_add(out, "\n");
}

static void add_directories(struct hk_str *out, const struct hk_piece *piece, void *data) {
	(void)piece;
	(void)data;
	hk_str_add(out, "        ");
	hk_generate_word(out, HK_PATH_APPS_SITE, SPECIAL);
	hk_str_add(out, " ");
	hk_generate_word(out, HK_PATH_APPS_DATA, SPECIAL);
	hk_str_add(out, "\n");
}

static const struct hk_piece pieces[] = {
	{.name = "commands", .add_command = add_command},
	{.name = "directories", .add = add_directories},
	{.name = "options", .add = add_global_options, .add_command = add_options},
	{.name = "places", .add_command = add_places},
	{.name = "values", .add = add_values},
};
const struct hk_pieces hk_pieces_fish = {pieces, sizeof(pieces) / sizeof(pieces[0])};
