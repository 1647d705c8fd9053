/* SPDX-License-Identifier: MIT */
/* wait.c: what the monitor does while a program runs: one loop over everything that can happen. */
#include <errno.h>
#include <inttypes.h>
#include <sys/signalfd.h>

#include "base/auto.h"
#include "monitor/run.h"
#include "sys/sys.h"

#define NS_PER_MS INT64_C(1000000)
#define GRACE_NS  (5 * INT64_C(1000000000)) /* after the wait delay, for the shim itself */

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
		(void)hk_sys_poll(polls, 2, -1); /* whatever it says, the calls below know better */
		struct signalfd_siginfo info;
		if (polls[1].revents && hk_sys_read(run->signals, &info, sizeof(info)) > 0) {
			run->result =
				(struct hk_monitor_result){HK_MONITOR_KILLED, (int)info.ssi_signo};
			return hk_err_say(err, -ECANCELED, "ended by signal %u before the start",
				info.ssi_signo);
		}
	}
}

/* What wait keeps in mind. */
struct wait {
	struct hk_run *run;
	bool asked;	   /* the shim was asked to end the program */
	uint64_t deadline; /* monotonic ns, then we stop waiting; 0: none */
	bool over;
};

static void ask_for_end(struct wait *wait) {
	const struct hk_message message = {.kind = HK_MESSAGE_EXIT};
	struct hk_err err;
	/* A shim that is gone is noticed by its hang-up. */
	(void)hk_channel_send(&wait->run->shim.channel, &message, -1, &err);
	wait->asked = true;
	wait->deadline =
		hk_sys_monotonic_ns() + (uint64_t)(wait->run->plan.container.wait_delay + GRACE_NS);
	hk_log_verbose(wait->run->log, "asked the program to end");
}

/* The hang-up kills the container: no signal of ours reaches another uid. */
static void kill_now(struct wait *wait) {
	hk_auto_fd(&wait->run->shim.channel.fd);
	wait->run->shim.channel.fd = -1;
	wait->deadline = hk_sys_monotonic_ns() + (uint64_t)GRACE_NS;
	hk_log_verbose(wait->run->log, "killed the container");
}

static void take_signal(struct wait *wait) {
	struct signalfd_siginfo info;
	while (hk_sys_read(wait->run->signals, &info, sizeof(info)) == sizeof(info)) {
		uint32_t sig = info.ssi_signo;
		/* With the session kept, what the terminal's keys send goes to the program as well,
		 * and is its business alone. */
		if (wait->run->plan.container.keep_session && info.ssi_code == SI_KERNEL &&
			(sig == SIGINT || sig == SIGQUIT)) {
			continue;
		}
		if (!wait->asked) {
			ask_for_end(wait);
		} else if (sig == SIGINT || sig == SIGTERM) {
			kill_now(wait);
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

static void take_messages(struct wait *wait) {
	struct hk_message message;
	struct hk_err err;
	int r;
	while ((r = hk_channel_receive(&wait->run->shim.channel, &message, &err)) > 0) {
		if (message.kind == HK_MESSAGE_ENDED) {
			take_status(wait->run, (int)message.value);
		} else if (message.kind == HK_MESSAGE_ERROR) {
			hk_channel_read_error(&message, &err);
			hk_log_error(wait->run->log, &err);
		}
	}
	if (r < 0) {
		/* Hung up, or talking nonsense: nothing more to be learnt, and a shim that still
		 * lives sees our hang-up. */
		hk_auto_fd(&wait->run->shim.channel.fd);
		wait->run->shim.channel.fd = -1;
		if (!wait->deadline) {
			wait->deadline = hk_sys_monotonic_ns() + (uint64_t)GRACE_NS;
		}
	}
}

static int time_left(const struct wait *wait) {
	if (!wait->deadline) {
		return -1;
	}
	int64_t left = (int64_t)(wait->deadline - hk_sys_monotonic_ns());
	return left <= 0 ? 0 : (int)((left + NS_PER_MS - 1) / NS_PER_MS);
}

void hk_run_wait(struct hk_run *run) {
	struct wait wait = {.run = run};
	while (!wait.over) {
		struct pollfd polls[] = {
			{.fd = run->shim.pidfd, .events = POLLIN},
			{.fd = run->shim.channel.fd, .events = POLLIN},
			{.fd = run->signals, .events = POLLIN},
		};
		int n = hk_sys_poll(polls, 3, time_left(&wait));
		if (n == 0 && time_left(&wait) == 0) {
			hk_log_line(run->log, "process %d did not terminate", run->shim.pid);
			run->lost = true;
			return;
		}
		if (n <= 0) {
			continue;
		}
		/* Messages before the end: the last one came before it. */
		if (polls[1].revents) {
			take_messages(&wait);
		}
		if (polls[2].revents) {
			take_signal(&wait);
		}
		wait.over = polls[0].revents != 0;
	}
	if (run->shim.channel.fd >= 0) {
		take_messages(&wait);
	}
	if (run->result.end == HK_MONITOR_FAILED && !wait.asked) {
		hk_log_line(run->log, "the program was lost: its shim ended without an outcome");
	}
}
