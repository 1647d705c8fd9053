/* SPDX-License-Identifier: MIT */
/* main.c: hakurei: what is true for all of its commands. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/colour.h"
#include "cli/command.h"
#include "cli/named.h"
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

/* Options end at the first argument, of every command. */
static int refuse_late_options(int argc, char *const argv[], struct hk_err *err) {
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-' && argv[i][1] != '\0') {
			return hk_err_say(err, -EINVAL,
				"options stand in front of arguments: put \"%s\" before \"%s\"",
				HK_ESC(argv[i]), HK_ESC(argv[0]));
		}
	}
	return 0;
}

static int run_command(struct hk_cli *cli, const struct hk_command *command,
	struct hk_global *global, int argc, char *const argv[], struct hk_err *err) {
	void *values = hk_arena_alloc(cli->arena, command->values_size);
	char *name = hk_arena_strdup(cli->arena, command->name);
	if (!values || !name) {
		return hk_err_oom(err);
	}
	const struct hk_options_into tables[] = {
		{&command->options, values},
		{&hk_common_options, global},
	};
	int used;
	int r = hk_options_parse(tables, sizeof(tables) / sizeof(tables[0]), name, cli->arena, argc,
		argv, &used, err);
	if (r < 0) {
		return r;
	}
	cli->log->verbose = global->verbose;
	cli->json = global->json;
	if (global->help) {
		return hk_command_help.run(cli, NULL, 1, &name, err);
	}
	if (!command->for_root && hk_sys_getuid() == 0) {
		return hk_err_say(err, -EPERM, "this program must not run as root");
	}
	bool ended = used > 0 && strcmp(argv[used - 1], "--") == 0;
	if (!command->passes_on && !ended) {
		r = refuse_late_options(argc - used, argv + used, err);
	}
	return r < 0 ? r : command->run(cli, values, argc - used, argv + used, err);
}

/* The name of a configuration is likely to be meant as one. */
static int say_unknown(const struct hk_cli *cli, const char *word, struct hk_err *err) {
	struct hk_strs names = {0};
	struct hk_err ignored; /* without them there is still something to say */
	if (hk_cli_config_names(cli, &names, &ignored) >= 0) {
		for (size_t i = 0; i < names.count; i++) {
			if (strcmp(names.items[i], word) == 0) {
				return hk_err_say(err, -EINVAL,
					"there is no command \"%s\"; did you mean \"app %s\"?",
					word, word);
			}
		}
	}
	return hk_command_say_unknown(word, err);
}

static int run(struct hk_cli *cli, int argc, char *const argv[], struct hk_err *err) {
	struct hk_global global = {0};
	const struct hk_options_into table = {&hk_global_options, &global};
	int used;
	int r = hk_options_parse(&table, 1, NULL, cli->arena, argc, argv, &used, err);
	if (r < 0) {
		return r;
	}
	int left = argc - used;
	if (global.version) {
		cli->json = global.json;
		return hk_command_version.run(cli, NULL, 0, NULL, err);
	}
	if (global.help || argc <= 0) {
		return hk_command_help.run(cli, NULL, left > 0 ? 1 : 0, argv + used, err);
	}
	if (left == 0) {
		return hk_err_say(err, -EINVAL, "no command; see `hakurei help`");
	}
	const struct hk_command *command = hk_command_find(argv[used]);
	return command ? run_command(cli, command, &global, left - 1, argv + used + 1, err)
		       : say_unknown(cli, argv[used], err);
}

int main(int argc, char *argv[]) {
	struct hk_arena arena = {0};
	struct hk_log log = {.name = "hakurei", .is_coloured = hk_colour_of_errors};
	struct hk_cli cli = {.arena = &arena, .log = &log};
	struct hk_err err;
	int status = harden(&err);
	if (status >= 0) {
		/* Not even a name has to be there. */
		status = argc < 1 ? run(&cli, 0, argv, &err) : run(&cli, argc - 1, argv + 1, &err);
	}
	if (status < 0) {
		hk_log_error(&log, &err);
		status = HK_STATUS_FAILED;
	}
	hk_arena_finish(&arena);
	return status;
}
