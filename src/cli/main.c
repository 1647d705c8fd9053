/* SPDX-License-Identifier: MIT */
/* main.c: hakurei: the table of commands, and what is true for all of them. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "cli/command.h"
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

struct global {
	bool verbose;
	bool json;
	bool help;
	bool version;
};

static const struct hk_option global_rows[] = {
	{"v", NULL, HK_OPTION_FLAG, offsetof(struct global, verbose),
		"tell what is done, step by step"},
	{"json", NULL, HK_OPTION_FLAG, offsetof(struct global, json),
		"print JSON where a command prints something"},
	{"h", NULL, HK_OPTION_FLAG, offsetof(struct global, help), "show this help"},
	{"help", NULL, HK_OPTION_FLAG, offsetof(struct global, help),
		"likewise; also after a command"},
	{"version", NULL, HK_OPTION_FLAG, offsetof(struct global, version), "show the version"},
};
static const struct hk_options global_options = {
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

static int harden(struct hk_err *err) {
	int r = hk_sys_harden();
	/* What we make must be ours to open, and nobody else's, whatever we were started with. */
	(void)hk_sys_umask(077); /* cannot fail */
	r = r < 0 ? r : hk_sys_signal_ignore(SIGPIPE);
	/* A limit on the size of files is an error that names the file, not a sudden end. */
	r = r < 0 ? r : hk_sys_signal_ignore(SIGXFSZ);
	return r < 0 ? hk_err_step(err, r, "harden the process") : 0;
}

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
	for (size_t i = 0; i < COMMANDS; i++) {
		hk_str_addf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	}
	hk_str_add(out, "\noptions:\n");
	hk_options_print(&global_options, out);
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

static bool asks_for_help(int argc, char *const argv[]) {
	return argc > 0 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-help") == 0 ||
				   strcmp(argv[0], "-h") == 0);
}

static int run_command(const struct hk_cli *cli, const struct hk_command *command, int argc,
	char *const argv[], struct hk_err *err) {
	if (asks_for_help(argc, argv)) {
		char *name = hk_arena_strdup(cli->arena, command->name);
		return name ? help(cli, NULL, 1, &name, err) : hk_err_oom(err);
	}
	if (!command->for_root && hk_sys_getuid() == 0) {
		return hk_err_say(err, -EPERM, "this program must not run as root");
	}
	void *values = hk_arena_alloc(cli->arena, command->values_size);
	if (!values) {
		return hk_err_oom(err);
	}
	int used;
	int r = hk_options_parse(&command->options, cli->arena, argc, argv, values, &used, err);
	return r < 0 ? r : command->run(cli, values, argc - used, argv + used, err);
}

static int run(struct hk_cli *cli, int argc, char *const argv[], struct hk_err *err) {
	struct global global = {0};
	int used;
	int r = hk_options_parse(&global_options, cli->arena, argc, argv, &global, &used, err);
	if (r < 0) {
		return r;
	}
	cli->log->verbose = global.verbose;
	cli->json = global.json;
	if (global.help || global.version) {
		const struct hk_command *command =
			global.help ? &hk_command_help : &hk_command_version;
		return command->run(cli, NULL, 0, NULL, err);
	}
	if (used == argc) {
		return hk_err_say(err, -EINVAL, "no command; see `hakurei help`");
	}
	const struct hk_command *command = hk_command_find(argv[used]);
	if (!command) {
		return hk_err_say(err, -EINVAL, "unknown command '%s'; see `hakurei help`",
			HK_ESC(argv[used]));
	}
	return run_command(cli, command, argc - used - 1, argv + used + 1, err);
}

int main(int argc, char *argv[]) {
	struct hk_arena arena = {0};
	struct hk_log log = {.name = "hakurei"};
	struct hk_cli cli = {.arena = &arena, .log = &log};
	struct hk_err err;
	int status = harden(&err);
	if (status >= 0) {
		status = argc < 1 ? hk_err_say(&err, -EINVAL, "no command; see `hakurei help`")
				  : run(&cli, argc - 1, argv + 1, &err);
	}
	if (status < 0) {
		hk_log_error(&log, &err);
		status = HK_STATUS_FAILED;
	}
	hk_arena_finish(&arena);
	return status;
}
