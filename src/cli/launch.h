/* SPDX-License-Identifier: MIT */
/* launch.h: what run and app have in common: options, and running or showing the plan. */
#ifndef HK_CLI_LAUNCH_H
#define HK_CLI_LAUNCH_H

#include "cli/command.h"
#include "monitor/monitor.h"

struct hk_launch {
	const char *backend;
	bool dry_run;
	const char *identifier_fd;
	const char *status_fd;
};

/* Rows for a command whose options struct has a struct hk_launch as member. */
#define HK_LAUNCH_ROWS(type, member)                                                               \
	{"backend", "auto|hsu|subuid", HK_OPTION_TEXT, offsetof(type, member.backend),             \
		"how to become the other user"},                                                   \
		{"dry-run", NULL, HK_OPTION_FLAG, offsetof(type, member.dry_run),                  \
			"print the plan and do nothing"},                                          \
		{"identifier-fd", "N", HK_OPTION_TEXT, offsetof(type, member.identifier_fd),       \
			"write the 16 bytes of the instance id there"},                            \
	{                                                                                          \
		"status-fd", "N", HK_OPTION_TEXT, offsetof(type, member.status_fd),                \
			"write one JSON object a line there"                                       \
	}

/* Runs the request, or prints its plan. The request's backend and descriptors come from launch.
 * Returns an exit status, or an error. */
int hk_launch(const struct hk_cli *cli, const struct hk_launch *launch,
	struct hk_monitor_request *request, struct hk_err *err);

#endif
