/* SPDX-License-Identifier: MIT */
/* named.h: configurations as the command line names them, and where named ones are. */
#ifndef HK_CLI_NAMED_H
#define HK_CLI_NAMED_H

#include "cli/command.h"
#include "config/named.h"

/*
 * Reads the configuration that a word of the command line stands for: a name
 * (hk_config_is_name), or what hk_config_read takes. *ret_parts: where it comes from; none for a
 * file, and for that nothing but the file is looked at.
 */
int hk_cli_config_read(const struct hk_cli *cli, const char *word, struct hk_config *ret_config,
	struct hk_config_parts *ret_parts, struct hk_err *err);

/* Likewise of a name, with a list of problems (config/findings.h). */
int hk_cli_config_examine(const struct hk_cli *cli, const char *name,
	struct hk_config_findings *findings, struct hk_config *ret_config,
	struct hk_config_parts *ret_parts, struct hk_err *err);

/* All names that there are, sorted. */
int hk_cli_config_names(const struct hk_cli *cli, struct hk_strs *ret_names, struct hk_err *err);

/* The section "Configuration": the files, and below each what it decides: of overrides, and with
 * all of the base as well. Nothing where there are no parts. */
void hk_cli_parts_print(const struct hk_config_parts *parts, bool all, struct hk_str *out);

#endif
