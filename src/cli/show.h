/* SPDX-License-Identifier: MIT */
/* show.h: the parts of `show`, and how its lines look. */
#ifndef HK_CLI_SHOW_H
#define HK_CLI_SHOW_H

#include "cli/command.h"

/* "  NAME:   TEXT"; the text is escaped. */
void hk_show_line(struct hk_str *out, const char *name, const char *text);

/* The name of what follows, after an empty line unless it is the first. */
void hk_show_section(struct hk_str *out, const char *name);

/* Version, person, backend, paths. */
int hk_show_system(const struct hk_cli *cli, struct hk_err *err);

#endif
