/* SPDX-License-Identifier: MIT */
/* app.c: a container from a configuration. */
#include <errno.h>

#include "cli/launch.h"
#include "config/config.h"

struct options {
	struct hk_launch launch;
};

static const struct hk_option rows[] = {
	HK_LAUNCH_ROWS(struct options, launch),
};

static int run(
	const struct hk_cli *cli, void *values, int argc, char *const argv[], struct hk_err *err) {
	const struct options *options = values;
	if (argc < 1) {
		return hk_err_say(err, -EINVAL,
			"app needs a configuration: a file, or - for "
			"standard input");
	}
	struct hk_config config;
	int r = hk_config_read(cli->arena, argv[0], &config, err);
	if (r < 0) {
		return r;
	}
	if (argc > 1 && config.args.count == 0 && config.path &&
		hk_strs_add_borrowed(cli->arena, &config.args, config.path) < 0) {
		return hk_err_oom(err);
	}
	for (int i = 1; i < argc; i++) {
		if (hk_strs_add_borrowed(cli->arena, &config.args, argv[i]) < 0) {
			return hk_err_oom(err);
		}
	}
	struct hk_monitor_request request = {.config = &config};
	return hk_launch(cli, &options->launch, &request, err);
}

const struct hk_command hk_command_app = {
	.name = "app",
	.arguments = "[options] FILE [ARGUMENT...]",
	.summary = "run the program of a configuration; arguments are added to its own",
	.options = {rows, sizeof(rows) / sizeof(rows[0])},
	.values_size = sizeof(struct options),
	.run = run,
};
