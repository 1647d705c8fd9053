/* SPDX-License-Identifier: MIT */
#include "cli/launch.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/scan.h"
#include "paths.h"
#include "sys/sys.h"

#define DESCRIPTOR_MAX 65535

/* A descriptor that the caller handed us: open, and not one that means something else. */
static int read_descriptor(const char *option, const char *text, int *ret_fd, struct hk_err *err) {
	uint32_t number;
	if (!text) {
		*ret_fd = -1;
		return 0;
	}
	if (!hk_scan_number(text, DESCRIPTOR_MAX, &number) || number <= STDERR_FILENO) {
		return hk_err_say(err, -EINVAL, "option --%s: '%s' is not a descriptor from 3 up",
			option, HK_ESC(text));
	}
	int r = hk_sys_keep_on_exec((int)number, false); /* ours alone */
	if (r < 0) {
		return hk_err_say(err, r, "option --%s: descriptor %u is not open", option, number);
	}
	*ret_fd = (int)number;
	return 0;
}

static int print_plan(
	const struct hk_cli *cli, const struct hk_monitor_request *request, struct hk_err *err) {
	struct hk_plan plan;
	int r = hk_monitor_plan(request, &plan, err);
	if (r < 0) {
		return r;
	}
	HK_AUTO(str) struct hk_str out = {0};
	if (cli->json) {
		r = hk_plan_print_json(&plan, &out, err);
	} else {
		hk_plan_print(&plan, &out);
	}
	return r < 0 ? r : hk_cli_print(&out, err);
}

static int status_of(struct hk_monitor_result result) {
	switch (result.end) {
	case HK_MONITOR_EXITED:
		return result.value;
	case HK_MONITOR_KILLED:
		return 128 + result.value;
	case HK_MONITOR_NOT_EXECUTABLE:
		return HK_STATUS_NOT_EXECUTABLE;
	case HK_MONITOR_NOT_FOUND:
		return HK_STATUS_NOT_FOUND;
	case HK_MONITOR_FAILED:
	default:
		return HK_STATUS_FAILED;
	}
}

int hk_launch(const struct hk_cli *cli, const struct hk_launch *launch,
	struct hk_monitor_request *request, struct hk_err *err) {
	request->arena = cli->arena;
	request->log = cli->log;
	request->backend = launch->backend ? launch->backend : HK_BACKEND;
	int r = read_descriptor(
		"identifier-fd", launch->identifier_fd, &request->identifier_fd, err);
	r = r < 0 ? r : read_descriptor("status-fd", launch->status_fd, &request->status_fd, err);
	if (r < 0) {
		return r;
	}
	return launch->dry_run ? print_plan(cli, request, err) : status_of(hk_monitor_run(request));
}
