/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/near.h"
#include "sys/sys.h"

/* In the order that help shows them. */
static const struct hk_command *const commands[] = {
	&hk_command_run,
	&hk_command_app,
	&hk_command_check,
	&hk_command_show,
	&hk_command_ps,
	&hk_command_recover,
	&hk_command_doctor,
	&hk_command_template,
	&hk_command_version,
	&hk_command_license,
	&hk_command_help,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Those that only make sense alone come last. */
static const struct hk_option global_rows[] = {
	{"v", NULL, HK_OPTION_FLAG, offsetof(struct hk_global, verbose),
		"tell what is done, step by step"},
	{"json", NULL, HK_OPTION_FLAG, offsetof(struct hk_global, json),
		"print JSON where a command prints something"},
	{"h", NULL, HK_OPTION_FLAG, offsetof(struct hk_global, help), "show help"},
	{"help", NULL, HK_OPTION_FLAG, offsetof(struct hk_global, help), "likewise"},
	{"version", NULL, HK_OPTION_FLAG, offsetof(struct hk_global, version), "show the version"},
};

#define GLOBALS (sizeof(global_rows) / sizeof(global_rows[0]))
#define ALONE	1

const struct hk_options hk_global_options = {global_rows, GLOBALS};
const struct hk_options hk_common_options = {global_rows, GLOBALS - ALONE};

static const struct hk_status_meaning statuses[] = {
	{"0", "it went well"},
	{"1", "the answer is no: what was asked about is not valid, or something is left to do"},
	{"125", "hakurei itself failed: the command line, the configuration, the host, the "
		"container"},
	{"126", "run, app: the program could not be executed"},
	{"127", "run, app: the program does not exist"},
	{"128+N", "run, app: signal N killed the program"},
	{"other", "run, app: the program's own"},
};

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

const struct hk_status_meaning *hk_status_meaning_at(size_t index) {
	return index < sizeof(statuses) / sizeof(statuses[0]) ? &statuses[index] : NULL;
}

int hk_command_say_unknown(const char *name, struct hk_err *err) {
	struct hk_near near = {.word = name};
	for (size_t i = 0; i < COMMANDS; i++) {
		hk_near_offer(&near, commands[i]->name);
	}
	if (near.best) {
		return hk_err_say(err, -EINVAL, "there is no command \"%s\"; did you mean \"%s\"?",
			HK_ESC(name), near.best);
	}
	return hk_err_say(
		err, -EINVAL, "there is no command \"%s\"; see `hakurei help`", HK_ESC(name));
}

int hk_cli_print(const struct hk_str *out, struct hk_err *err) {
	if (out->failed) {
		return hk_err_oom(err);
	}
	int r = out->text ? hk_sys_write_all(STDOUT_FILENO, out->text, out->length) : 0;
	return r < 0 ? hk_err_step(err, r, "write to standard output") : 0;
}

int hk_cli_no_arguments(const struct hk_command *command, int argc, struct hk_err *err) {
	return argc == 0 ? 0
			 : hk_err_say(err, -EINVAL, "%s takes no arguments; see `hakurei help %s`",
				   command->name, command->name);
}
