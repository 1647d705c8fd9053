/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sys/sys.h"

/* In the order that help shows them. */
static const struct hk_command *const commands[] = {
	&hk_command_run,
	&hk_command_app,
	&hk_command_show,
	&hk_command_ps,
	&hk_command_recover,
	&hk_command_template,
	&hk_command_version,
	&hk_command_license,
	&hk_command_help,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct hk_option global_rows[] = {
	{"v", NULL, HK_OPTION_FLAG, offsetof(struct hk_global, verbose),
		"tell what is done, step by step"},
	{"json", NULL, HK_OPTION_FLAG, offsetof(struct hk_global, json),
		"print JSON where a command prints something"},
	{"h", NULL, HK_OPTION_FLAG, offsetof(struct hk_global, help), "show this help"},
	{"help", NULL, HK_OPTION_FLAG, offsetof(struct hk_global, help),
		"likewise; also after a command"},
	{"version", NULL, HK_OPTION_FLAG, offsetof(struct hk_global, version), "show the version"},
};
const struct hk_options hk_global_options = {
	global_rows, sizeof(global_rows) / sizeof(global_rows[0])};

const struct hk_command *hk_command_at(size_t index) {
	return index < COMMANDS ? commands[index] : NULL;
}

const struct hk_command *hk_command_find(const char *name) {
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i]->name, name) == 0) {
			return commands[i];
		}
	}
	return NULL;
}

int hk_cli_print(const struct hk_str *out, struct hk_err *err) {
	if (out->failed) {
		return hk_err_oom(err);
	}
	int r = out->text ? hk_sys_write_all(STDOUT_FILENO, out->text, out->length) : 0;
	return r < 0 ? hk_err_step(err, r, "write to standard output") : 0;
}

int hk_cli_no_arguments(const struct hk_command *command, int argc, struct hk_err *err) {
	return argc == 0 ? 0 : hk_err_say(err, -EINVAL, "%s takes no arguments", command->name);
}
