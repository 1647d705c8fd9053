/* SPDX-License-Identifier: MIT */
/* status.c: one JSON object a line for whoever has to tell "the sandbox failed" from "the program
 * failed". A reader that is gone, or does not read, does not matter to the program. */
#include <jansson.h>
#include <stdlib.h>

#include "base/auto.h"
#include "monitor/run.h"
#include "sys/sys.h"

#define READER_TIMEOUT_MS 1000

static void put(struct hk_run *run, json_t *object) {
	if (!object) {
		return; /* out of memory: the exit status still tells */
	}
	HK_AUTO(free) char *text = json_dumps(object, JSON_COMPACT);
	if (text) {
		HK_AUTO(str) struct hk_str line = {0};
		hk_str_addf(&line, "%s\n", text);
		struct pollfd poll = {.fd = run->request->status_fd, .events = POLLOUT};
		if (!line.failed && hk_sys_poll(&poll, 1, READER_TIMEOUT_MS) > 0) {
			(void)hk_sys_write_all(run->request->status_fd, line.text, line.length);
		}
	}
	json_decref(object);
}

void hk_run_status_started(struct hk_run *run) {
	if (run->request->status_fd >= 0) {
		put(run, json_pack("{s:{s:s, s:i, s:i, s:I}}", "started", "instance",
				 hk_id_format(&run->plan.id).text, "pid", (int)hk_sys_getpid(),
				 "shim_pid", (int)run->shim.pid, "uid", (json_int_t)run->target));
	}
}

void hk_run_status_ended(struct hk_run *run) {
	if (run->request->status_fd >= 0 && run->result.end != HK_MONITOR_FAILED) {
		put(run, json_pack("{s:{s:i}}", "exited",
				 run->result.end == HK_MONITOR_KILLED ? "signal" : "code",
				 run->result.value));
	}
}

void hk_run_status_failed(struct hk_run *run, const struct hk_err *err) {
	if (run->request->status_fd >= 0) {
		static const char *const steps[] = {
			[HK_MONITOR_FAILED] = "setup",
			[HK_MONITOR_NOT_EXECUTABLE] = "exec",
			[HK_MONITOR_NOT_FOUND] = "exec",
			[HK_MONITOR_KILLED] = "signal",
			[HK_MONITOR_EXITED] = "setup",
		};
		/* An error's text may be cut anywhere, and JSON takes whole characters only. */
		HK_AUTO(str) struct hk_str cause = {0};
		hk_str_add_escaped(&cause, err->text);
		put(run, json_pack("{s:{s:s, s:s}}", "failed", "step", steps[run->result.end],
				 "cause", cause.text ? cause.text : ""));
	}
}
