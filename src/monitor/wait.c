/* SPDX-License-Identifier: MIT */
/* wait.c: what the monitor does while a program runs: one loop over everything that can happen. */
#include <errno.h>
#include <inttypes.h>
#include <sys/signalfd.h>

#include "base/auto.h"
#include "monitor/run.h"
#include "sys/sys.h"

#define NS_PER_MS    INT64_C(1000000)
#define LONG_MS	     1000 /* a program that runs for so long may run for hours */
#define FIXED	     3	  /* descriptors of our own that are polled */
#define MESSAGES_MAX 64	  /* taken at once */
#define RECORDS_MAX  8	  /* and of host operations: a handful of kinds has any */
#define GRACE_NS     (5 * INT64_C(1000000000)) /* after the wait delay, for the shim itself */

/* The hang-up kills the container: no signal of ours reaches another uid. */
static void kill_now(struct hk_run *run) {
	hk_auto_fd(&run->shim.channel.fd);
	run->shim.channel.fd = -1;
	run->deadline = hk_sys_monotonic_ns() + (uint64_t)GRACE_NS;
	hk_log_verbose(run->log, "killed the container");
}

/* With the session kept, what the terminal's keys send goes to the program as well, and is its
 * business alone. */
static bool is_programs_business(const struct hk_run *run, const struct signalfd_siginfo *info) {
	return run->plan.container.keep_session && info->ssi_code == SI_KERNEL &&
	       (info->ssi_signo == SIGINT || info->ssi_signo == SIGQUIT);
}

static void ask_for_end(struct hk_run *run) {
	const struct hk_message message = {.kind = HK_MESSAGE_EXIT};
	struct hk_err err;
	bool sent = hk_channel_send(&run->shim.channel, &message, -1, 0, &err) >= 0;
	run->asked = true;
	run->deadline =
		hk_sys_monotonic_ns() + (uint64_t)(run->plan.container.wait_delay + GRACE_NS);
	hk_log_verbose(run->log, "asked the program to end");
	if (!sent) {
		kill_now(run); /* a shim that does not even read */
	}
}

static int time_left(const struct hk_run *run) {
	if (!run->deadline) {
		return -1;
	}
	int64_t left = (int64_t)(run->deadline - hk_sys_monotonic_ns());
	return left <= 0 ? 0 : (int)((left + NS_PER_MS - 1) / NS_PER_MS);
}

int hk_run_await(struct hk_run *run, struct hk_message *ret_message, struct hk_err *err) {
	for (;;) {
		int r = hk_channel_receive(&run->shim.channel, ret_message, err);
		if (r != 0) {
			return r;
		}
		struct pollfd polls[] = {
			{.fd = run->shim.channel.fd, .events = POLLIN},
			{.fd = run->signals, .events = POLLIN},
		};
		int n = hk_sys_poll(polls, 2, time_left(run));
		if (n == 0 && time_left(run) == 0) {
			return hk_err_say(err, -ETIMEDOUT, "the shim did not answer in time");
		}
		struct signalfd_siginfo info;
		if (n <= 0 || !polls[1].revents ||
			hk_sys_read(run->signals, &info, sizeof(info)) <= 0 ||
			(run->served && is_programs_business(run, &info))) {
			continue;
		}
		if (run->served && !run->asked) {
			ask_for_end(run);
			if (run->shim.channel.fd >= 0) {
				continue;
			}
		}
		/* Asked for the second time, it is killed, as it is once the start is known; and at
		 * once if it could not be asked. */
		run->said = run->served;
		run->result = (struct hk_monitor_result){
			HK_MONITOR_KILLED, run->served ? SIGKILL : (int)info.ssi_signo};
		return hk_err_say(
			err, -ECANCELED, "ended by signal %u before the start", info.ssi_signo);
	}
}

static void take_signal(struct hk_run *run) {
	struct signalfd_siginfo info;
	while (hk_sys_read(run->signals, &info, sizeof(info)) == sizeof(info)) {
		uint32_t sig = info.ssi_signo;
		if (is_programs_business(run, &info)) {
			continue;
		}
		if (!run->asked) {
			ask_for_end(run);
		} else if (sig == SIGINT || sig == SIGTERM) {
			kill_now(run);
		}
	}
}

static void take_status(struct hk_run *run, int status) {
	if (WIFSIGNALED(status)) {
		run->result = (struct hk_monitor_result){HK_MONITOR_KILLED, WTERMSIG(status)};
	} else {
		run->result = (struct hk_monitor_result){HK_MONITOR_EXITED, WEXITSTATUS(status)};
	}
}

static void take_messages(struct hk_run *run) {
	struct hk_message message;
	struct hk_err err;
	int r = 0;
	/* So many a turn, for a shim that never stops must not keep us from the rest. */
	for (int i = 0; i < MESSAGES_MAX; i++) {
		r = hk_channel_receive(&run->shim.channel, &message, &err);
		if (r <= 0) {
			break;
		}
		if (message.kind == HK_MESSAGE_ENDED) {
			take_status(run, (int)message.value);
			run->gone = message.code != 0;
		} else if (message.kind == HK_MESSAGE_ERROR) {
			hk_channel_read_error(&message, &err);
			hk_log_error(run->log, &err);
		} else if (message.kind == HK_MESSAGE_GONE) {
			run->gone = true;
		}
	}
	if (r < 0) {
		/* Hung up, or talking nonsense: nothing more to be learnt, and a shim that still
		 * lives sees our hang-up. */
		hk_auto_fd(&run->shim.channel.fd);
		run->shim.channel.fd = -1;
		if (!run->deadline) {
			run->deadline = hk_sys_monotonic_ns() + (uint64_t)GRACE_NS;
		}
	}
}

/* What host operations want to be polled for: behind the fixed ones. */
static size_t add_records(
	const struct hk_run *run, struct pollfd *polls, struct hk_host_record *ret_records[]) {
	size_t count = 0;
	for (size_t i = 0; i < run->entry.records.count && count < RECORDS_MAX; i++) {
		struct hk_host_record *record = &run->entry.records.items[i];
		const struct hk_host_op_type *type = hk_host_op_types[record->op.kind];
		int fd = record->live && type->descriptor ? type->descriptor(record) : -1;
		if (fd >= 0) {
			polls[count] = (struct pollfd){.fd = fd, .events = POLLIN};
			ret_records[count] = record;
			count++;
		}
	}
	return count;
}

static void give_up(struct hk_run *run) {
	struct hk_err err;
	(void)hk_err_say(&err, -ETIMEDOUT, "process %d did not terminate", run->shim.pid);
	hk_log_error(run->log, &err);
	hk_run_status_failed(run, &err);
	run->lost = true;
}

/* The shim or its container is gone: what has become of the program? */
static void conclude(struct hk_run *run) {
	if (run->shim.channel.fd >= 0 && !run->gone) {
		take_messages(run);
	}
	if (run->result.end != HK_MONITOR_FAILED) {
		return;
	}
	if (run->asked) {
		/* It did not end by itself, and its container took it along. */
		run->result = (struct hk_monitor_result){HK_MONITOR_KILLED, SIGKILL};
		return;
	}
	struct hk_err err;
	(void)hk_err_say(&err, -ECHILD, "the program was lost: its shim ended without an outcome");
	hk_log_error(run->log, &err);
	hk_run_status_failed(run, &err);
}

void hk_run_wait(struct hk_run *run) {
	bool over = false;
	bool long_wait = false;
	take_messages(run); /* what came together with the answer: no poll would tell */
	while (!over && !run->gone) {
		struct pollfd polls[FIXED + RECORDS_MAX] = {
			{.fd = run->shim.pidfd, .events = POLLIN},
			{.fd = run->shim.channel.fd, .events = POLLIN},
			{.fd = run->signals, .events = POLLIN},
		};
		struct hk_host_record *records[RECORDS_MAX];
		size_t count = add_records(run, polls + FIXED, records);
		int n = hk_sys_poll(polls, FIXED + count, long_wait ? time_left(run) : LONG_MS);
		if (n == 0 && !long_wait) {
			hk_sys_give_back_memory();
			long_wait = true;
			continue;
		}
		if (n == 0 && time_left(run) == 0) {
			give_up(run);
			return;
		}
		if (n <= 0) {
			continue;
		}
		/* Messages before the end: the last one came before it. */
		if (polls[1].revents) {
			take_messages(run);
		}
		if (polls[2].revents) {
			take_signal(run);
		}
		for (size_t i = 0; i < count; i++) {
			if (polls[FIXED + i].revents) {
				hk_host_op_types[records[i]->op.kind]->handle(
					&run->host, records[i]);
			}
		}
		over = polls[0].revents != 0;
	}
	conclude(run);
}
