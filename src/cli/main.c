/* SPDX-License-Identifier: MIT */
/* main.c: hakurei: what is true for all of its commands. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "sys/sys.h"

static int harden(struct hk_err *err) {
	int r = hk_sys_harden();
	/* What we make must be ours to open, and nobody else's, whatever we were started with. */
	(void)hk_sys_umask(077); /* cannot fail */
	r = r < 0 ? r : hk_sys_signal_ignore(SIGPIPE);
	/* A limit on the size of files is an error that names the file, not a sudden end. */
	r = r < 0 ? r : hk_sys_signal_ignore(SIGXFSZ);
	return r < 0 ? hk_err_step(err, r, "harden the process") : 0;
}

static bool asks_for_help(int argc, char *const argv[]) {
	return argc > 0 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-help") == 0 ||
				   strcmp(argv[0], "-h") == 0);
}

static int run_command(const struct hk_cli *cli, const struct hk_command *command, int argc,
	char *const argv[], struct hk_err *err) {
	if (asks_for_help(argc, argv)) {
		char *name = hk_arena_strdup(cli->arena, command->name);
		return name ? hk_command_help.run(cli, NULL, 1, &name, err) : hk_err_oom(err);
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
	struct hk_global global = {0};
	int used;
	int r = hk_options_parse(&hk_global_options, cli->arena, argc, argv, &global, &used, err);
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
