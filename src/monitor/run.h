/* SPDX-License-Identifier: MIT */
/* run.h: the inside of one run: what its states share. For src/monitor only. */
#ifndef HK_MONITOR_RUN_H
#define HK_MONITOR_RUN_H

#include "monitor/backend.h"
#include "monitor/monitor.h"
#include "store/store.h"

struct hk_run {
	const struct hk_monitor_request *request;
	struct hk_arena *arena;
	struct hk_log *log;
	const struct hk_backend *backend;
	const void *facts; /* what its look_up has found */
	struct hk_shim shim;
	uid_t target;
	struct hk_plan plan;
	struct hk_host_scope scope;
	struct hk_store store;
	struct hk_store_entry entry;
	struct hk_host_context host; /* outside the store's lock: no peers */
	bool stored;		     /* the entry exists */
	bool said;		     /* the person knows already what went wrong */
	bool gone;		     /* the shim says that nothing runs in it any more */
	bool lost;		     /* the shim could not be waited for in time */
	bool served;		     /* the shim has the plan: the program may be running */
	bool asked;		     /* the shim was asked to end the program */
	uint64_t deadline;	     /* monotonic ns, then we stop waiting; 0: none */
	int signals;		     /* signalfd: INT TERM HUP QUIT */
	struct hk_monitor_result result;
};

/* The environment as finalise looks at it, with the target known: plan.c. */
int hk_run_finalise(struct hk_run *run, struct hk_err *err);

/* Waits for the shim's next message. Signals that ask for the end are -ECANCELED; once the shim has
 * been served, the first one is passed on instead, for the program may be running already. wait.c
 */
int hk_run_await(struct hk_run *run, struct hk_message *ret_message, struct hk_err *err);

/* Until the program has ended, however: sets result. wait.c. */
void hk_run_wait(struct hk_run *run);

/* One line for --status-fd, if somebody asked: status.c. */
void hk_run_status_started(struct hk_run *run);
void hk_run_status_ended(struct hk_run *run);
void hk_run_status_failed(struct hk_run *run, const struct hk_err *err);

#endif
