/* SPDX-License-Identifier: MIT */
/* help.c: help, out of the tables of commands and options. */
#include <errno.h>

#include "base/auto.h"
#include "cli/colour.h"
#include "cli/command.h"

#define USAGE "usage:"

static void print_options(const char *head, const struct hk_options *options, struct hk_str *out) {
	if (options->count > 0) {
		hk_str_add(out, "\n");
		hk_colour_add_head(out, head);
		hk_str_add(out, "\n");
		hk_options_print(options, out);
	}
}

static void print_command_help(const struct hk_command *command, struct hk_str *out) {
	hk_colour_add_head(out, USAGE);
	hk_str_addf(out, " hakurei [-v] [--json] %s%s%s\n\n%s\n", command->name,
		command->arguments[0] ? " " : "", command->arguments, command->summary);
	print_options("options:", &command->options, out);
	print_options("with every command:", &hk_common_options, out);
}

static void print_help(struct hk_str *out) {
	hk_colour_add_head(out, USAGE);
	hk_str_add(out, " hakurei [-v] [--json] COMMAND [options] [arguments]\n\n"
			"Runs desktop programs in containers, each as a user of its own.\n\n");
	hk_colour_add_head(out, "commands:");
	hk_str_add(out, "\n");
	const struct hk_command *command;
	for (size_t i = 0; (command = hk_command_at(i)); i++) {
		hk_str_addf(out, "  %-10s %s\n", command->name, command->summary);
	}
	print_options("options:", &hk_global_options, out);
	hk_str_add(out, "\n");
	hk_colour_add_head(out, "exit status:");
	hk_str_add(out, "\n");
	const struct hk_status_meaning *row;
	for (size_t i = 0; (row = hk_status_meaning_at(i)); i++) {
		hk_str_addf(out, "  %-10s %s\n", row->status, row->meaning);
	}
	hk_str_add(out,
		"\n`hakurei help COMMAND` shows the options of a command, `man hakurei` says "
		"more.\n");
}

static int help(
	const struct hk_cli *cli, void *values, int argc, char *const argv[], struct hk_err *err) {
	(void)cli; /* help looks the same for everybody */
	(void)values;
	HK_AUTO(str) struct hk_str out = {0};
	if (argc > 1) {
		return hk_err_say(err, -EINVAL, "help takes one command; see `hakurei help`");
	}
	if (argc == 1) {
		const struct hk_command *command = hk_command_find(argv[0]);
		if (!command) {
			return hk_command_say_unknown(argv[0], err);
		}
		print_command_help(command, &out);
	} else {
		print_help(&out);
	}
	return hk_cli_print(&out, err);
}

const struct hk_command hk_command_help = {
	.name = "help",
	.arguments = "[COMMAND]",
	.summary = "show help",
	.for_root = true,
	.run = help,
};
