/* SPDX-License-Identifier: MIT */
/* zsh.c: the tables as specifications of zsh's _arguments. */
#include "base/auto.h"
#include "generate/generate.h"
#include "paths.h"

/* ":MESSAGE: ACTION", and nothing for a flag. Without the space zsh puts options of its own in
 * front of the arguments. */
static void add_action(struct hk_str *spec, const char *words) {
	if (!words) {
		return;
	}
	hk_str_add(spec, ":");
	hk_str_add(spec, words); /* no colon is in one */
	hk_str_add(spec, ": _hakurei_offer ");
	hk_generate_alternatives(words, spec);
}

/* One that is offered, and one for the other number of dashes, which is only understood. */
static void add_option(struct hk_str *out, const struct hk_option *row) {
	const char *dashes = hk_option_dashes(row->name);
	const char *others = row->name[1] ? "-" : "--";
	const char *repeated = row->kind == HK_OPTION_LIST ? "*" : "";
	const char *equals = row->argument && row->name[1] ? "=" : "";
	HK_AUTO(str) struct hk_str offered = {0};
	HK_AUTO(str) struct hk_str understood = {0};
	hk_str_addf(&offered, "%s%s%s%s[", repeated, dashes, row->name, equals);
	for (const char *c = row->help; *c; c++) {
		hk_str_addf(&offered, "%s%c", *c == '[' || *c == ']' || *c == '\\' ? "\\" : "", *c);
	}
	hk_str_add(&offered, "]");
	hk_str_addf(&understood, "!%s%s%s%s", repeated, others, row->name, equals);
	add_action(&offered, row->argument);
	add_action(&understood, row->argument);
	hk_str_add(out, "\t\t");
	hk_generate_word(out, offered.text ? offered.text : "", "");
	hk_str_add(out, " ");
	hk_generate_word(out, understood.text ? understood.text : "", "");
	hk_str_add(out, " \\\n");
}

static void add_options(struct hk_str *out, const struct hk_options *options) {
	for (size_t i = 0; i < options->count; i++) {
		add_option(out, &options->rows[i]);
	}
}

static void add_globals(struct hk_str *out, const struct hk_piece *piece, void *data) {
	(void)piece;
	(void)data;
	add_options(out, &hk_global_options);
}

static void add_places(struct hk_str *out, const char *arguments) {
	struct hk_argument argument;
	for (unsigned int number = 1; hk_argument_next(&arguments, &argument); number++) {
		HK_AUTO(str) struct hk_str spec = {0};
		if (argument.repeated) {
			hk_str_add(&spec, "*");
		} else {
			hk_str_addf(&spec, "%u", number);
		}
		add_action(&spec, argument.words);
		hk_str_add(out, "\t\t");
		hk_generate_word(out, spec.text ? spec.text : "", "");
		hk_str_add(out, " \\\n");
		if (hk_generate_is_program(&argument)) {
			hk_str_add(out, "\t\t'*:: :_normal' \\\n");
			return;
		}
	}
}

static void add_arguments(struct hk_str *out, const struct hk_command *command, void *data) {
	(void)data;
	hk_str_addf(out, "\t%s) _arguments -S -A '-*' \\\n", command->name);
	add_options(out, &command->options);
	add_options(out, &hk_common_options);
	add_places(out, command->arguments);
	hk_str_add(out, "\t\t;;\n");
}

static void add_command(struct hk_str *out, const struct hk_command *command, void *data) {
	(void)data;
	HK_AUTO(str) struct hk_str item = {0};
	hk_str_addf(&item, "%s:%s", command->name, command->summary);
	hk_str_add(out, "\t\t");
	hk_generate_word(out, item.text ? item.text : "", "");
	hk_str_add(out, "\n");
}

static void add_directories(struct hk_str *out, const struct hk_piece *piece, void *data) {
	(void)piece;
	(void)data;
	hk_str_add(out, "\t\t");
	hk_generate_word(out, HK_PATH_APPS_SITE, "");
	hk_str_add(out, "\n\t\t");
	hk_generate_word(out, HK_PATH_APPS_DATA, "");
	hk_str_add(out, "\n");
}

static const struct hk_piece pieces[] = {
	{.name = "arguments", .add_command = add_arguments},
	{.name = "commands", .add_command = add_command},
	{.name = "directories", .add = add_directories},
	{.name = "globals", .add = add_globals},
};
const struct hk_pieces hk_pieces_zsh = {pieces, sizeof(pieces) / sizeof(pieces[0])};
