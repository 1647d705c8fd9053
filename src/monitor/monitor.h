/* SPDX-License-Identifier: MIT */
/*
 * monitor.h: one run of a program, from its configuration to the last thing put back.
 *
 * start -> prepare -> plan -> commit -> serve -> wait -> cleanup: each state has one way on and one
 * way out, and cleanup is always on it once something has been applied.
 */
#ifndef HK_MONITOR_MONITOR_H
#define HK_MONITOR_MONITOR_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "config/config.h"
#include "plan/plan.h"

struct hk_monitor_request {
	struct hk_arena *arena;
	struct hk_log *log;
	/* Validated once completed. */
	struct hk_config *config;
	/* Fills in what depends on the uid that the program will have; may be NULL. */
	int (*complete)(void *data, struct hk_arena *arena, uid_t target, struct hk_config *config,
		struct hk_err *err);
	void *data;
	const char *backend; /* "auto" or a name */
	int identifier_fd;   /* gets the 16 bytes of the instance id; -1: nobody asks */
	int status_fd;	     /* gets one JSON object a line; -1: nobody asks */
};

/* How a run ended. */
enum hk_monitor_end {
	HK_MONITOR_EXITED,	   /* value: the program's exit status */
	HK_MONITOR_KILLED,	   /* value: the signal that ended the program */
	HK_MONITOR_FAILED,	   /* hakurei failed: the program was never started, or lost */
	HK_MONITOR_NOT_EXECUTABLE, /* the program could not be executed in the container */
	HK_MONITOR_NOT_FOUND,	   /* it does not exist there */
};

struct hk_monitor_result {
	enum hk_monitor_end end;
	int value;
};

/* Runs it. Everything that went wrong has been said to the log when this returns. */
struct hk_monitor_result hk_monitor_run(const struct hk_monitor_request *request);

/* What run would do, and nothing more: the plan, in the request's arena. */
int hk_monitor_plan(
	const struct hk_monitor_request *request, struct hk_plan *ret_plan, struct hk_err *err);

#endif
