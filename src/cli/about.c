/* SPDX-License-Identifier: MIT */
/* about.c: version, license, template: what hakurei says about itself. */
#include <errno.h>

#include "base/auto.h"
#include "cli/command.h"
#include "config/print.h"
#include "paths.h"

static int version(
	const struct hk_cli *cli, void *values, int argc, char *const argv[], struct hk_err *err) {
	(void)values; /* it has no options */
	(void)argv;
	int r = hk_cli_no_arguments(&hk_command_version, argc, err);
	if (r < 0) {
		return r;
	}
	HK_AUTO(str) struct hk_str out = {0};
	hk_str_addf(&out, cli->json ? "{\"version\": \"%s\"}\n" : "hakurei %s\n", HK_VERSION);
	return hk_cli_print(&out, err);
}

static int license(
	const struct hk_cli *cli, void *values, int argc, char *const argv[], struct hk_err *err) {
	(void)cli; /* a text is a text */
	(void)values;
	(void)argv;
	int r = hk_cli_no_arguments(&hk_command_license, argc, err);
	if (r < 0) {
		return r;
	}
	HK_AUTO(str) struct hk_str out = {0};
	hk_str_add(&out, HK_LICENSE);
	return hk_cli_print(&out, err);
}

static int template(
	const struct hk_cli *cli, void *values, int argc, char *const argv[], struct hk_err *err) {
	(void)values; /* it has no options */
	(void)argv;
	struct hk_config config;
	int r = hk_cli_no_arguments(&hk_command_template, argc, err);
	r = r < 0 ? r : hk_config_template(cli->arena, &config, err);
	if (r < 0) {
		return r;
	}
	HK_AUTO(str) struct hk_str out = {0};
	hk_config_print_json(&config, true, &out);
	return hk_cli_print(&out, err);
}

const struct hk_command hk_command_version = {
	.name = "version",
	.arguments = "",
	.summary = "show the version",
	.for_root = true,
	.run = version,
};

const struct hk_command hk_command_license = {
	.name = "license",
	.arguments = "",
	.summary = "show the license",
	.for_root = true,
	.run = license,
};

const struct hk_command hk_command_template = {
	.name = "template",
	.arguments = "",
	.summary = "print a complete configuration",
	.for_root = true,
	.run = template,
};
