/* SPDX-License-Identifier: MIT */
/* app.c: a container from a configuration. */
#include <errno.h>

#include "base/auto.h"
#include "cli/launch.h"
#include "cli/named.h"

struct options {
	struct hk_launch launch;
};

static const struct hk_option rows[] = {
	HK_LAUNCH_ROWS(struct options, launch),
};

static int say_what_there_is(const struct hk_cli *cli, struct hk_err *err) {
	HK_AUTO(str) struct hk_str list = {0};
	struct hk_strs names;
	int r = hk_cli_config_names(cli, &names, err);
	if (r < 0) {
		return r;
	}
	for (size_t i = 0; i < names.count; i++) {
		hk_str_addf(&list, "%s%s", i ? ", " : " (", names.items[i]);
	}
	return hk_err_say(err, -EINVAL,
		"app needs a configuration: a name%s%s, a file, or - for standard input",
		list.text ? HK_ESC(list.text) : "", list.text ? ")" : "");
}

/* Above the plan. */
static int print_parts(const struct hk_config_parts *parts, struct hk_err *err) {
	HK_AUTO(str) struct hk_str out = {0};
	hk_cli_parts_print(parts, false, &out);
	if (out.length > 0) {
		hk_str_add(&out, "\n");
	}
	return hk_cli_print(&out, err);
}

static int run(
	const struct hk_cli *cli, void *values, int argc, char *const argv[], struct hk_err *err) {
	const struct options *options = values;
	if (argc < 1) {
		return say_what_there_is(cli, err);
	}
	struct hk_config config;
	struct hk_config_parts parts;
	int r = hk_cli_config_read(cli, argv[0], &config, &parts, err);
	if (r >= 0 && options->launch.dry_run && !cli->json) {
		r = print_parts(&parts, err);
	}
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
	.arguments = "[options] NAME|FILE [ARGUMENT...]",
	.summary = "run the program of a configuration; arguments are added to its own",
	.options = {rows, sizeof(rows) / sizeof(rows[0])},
	.values_size = sizeof(struct options),
	.passes_on = true,
	.run = run,
};
