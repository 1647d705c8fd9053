/* SPDX-License-Identifier: MIT */
/* help.c: help, out of the tables of commands and options. */
#include <errno.h>

#include "base/auto.h"
#include "cli/command.h"

static void print_command_help(const struct hk_command *command, struct hk_str *out) {
	hk_str_addf(out, "usage: hakurei [-v] [--json] %s %s\n\n%s\n", command->name,
		command->arguments, command->summary);
	if (command->options.count > 0) {
		hk_str_add(out, "\noptions:\n");
		hk_options_print(&command->options, out);
	}
}

static void print_help(struct hk_str *out) {
	hk_str_add(out, "usage: hakurei [-v] [--json] COMMAND [options] [arguments]\n\n"
			"Runs desktop programs in containers, each as a user of its own.\n\n"
			"commands:\n");
	const struct hk_command *command;
	for (size_t i = 0; (command = hk_command_at(i)); i++) {
		hk_str_addf(out, "  %-10s %s\n", command->name, command->summary);
	}
	hk_str_add(out, "\noptions:\n");
	hk_options_print(&hk_global_options, out);
	hk_str_add(out, "\n`hakurei help COMMAND` shows the options of a command.\n");
}

static int help(
	const struct hk_cli *cli, void *values, int argc, char *const argv[], struct hk_err *err) {
	(void)cli; /* help looks the same for everybody */
	(void)values;
	HK_AUTO(str) struct hk_str out = {0};
	if (argc > 1) {
		return hk_err_say(err, -EINVAL, "help takes one command");
	}
	if (argc == 1) {
		const struct hk_command *command = hk_command_find(argv[0]);
		if (!command) {
			return hk_err_say(err, -EINVAL, "unknown command '%s'", HK_ESC(argv[0]));
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
