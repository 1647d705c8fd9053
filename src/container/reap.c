/* SPDX-License-Identifier: MIT */
/*
 * reap.c: what pid 1 does while the program runs: collects whatever ends, passes signals on, and
 * sees to it that the namespace ends in time. When this returns, init exits, and the kernel kills
 * everything that is left in the namespace.
 */
#include <errno.h>
#include <linux/close_range.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/auto.h"
#include "container/init.h"
#include "container/report.h"
#include "sys/sys.h"

#define NS_PER_MS 1000000

struct reaper {
	const struct hk_init *init;
	pid_t program; /* 0: has ended */
	bool others;   /* is any process left? */
	bool cancelled;
	uint64_t deadline; /* monotonic ns; 0: none */
};

static void set_deadline(struct reaper *reaper, int64_t delay) {
	uint64_t deadline = hk_sys_monotonic_ns() + (uint64_t)(delay > 0 ? delay : 0);
	if (!reaper->deadline || deadline < reaper->deadline) {
		reaper->deadline = deadline;
	}
}

/* Milliseconds to the deadline, rounded up; -1: none. */
static int time_left(const struct reaper *reaper) {
	if (!reaper->deadline) {
		return -1;
	}
	uint64_t now = hk_sys_monotonic_ns();
	if (now >= reaper->deadline) {
		return 0;
	}
	uint64_t left = (reaper->deadline - now + NS_PER_MS - 1) / NS_PER_MS;
	return left > INT32_MAX ? INT32_MAX : (int)left;
}

/* The status travels whole: an exit status could not tell "exit 130" from SIGINT. */
static void report_end(struct reaper *reaper, int status) {
	struct hk_report report = {
		.kind = HK_REPORT_ENDED, .status = status, .last = !reaper->others};
	/* A caller that is gone is noticed by the hang-up. */
	(void)hk_sys_send(reaper->init->control, &report, sizeof(report), 0);
	reaper->program = 0;
	reaper->deadline = 0;
	set_deadline(reaper, reaper->cancelled ? 0 : reaper->init->params->adopt_delay);
}

static void collect(struct reaper *reaper) {
	int end = 0;
	bool ended = false;
	int status;
	pid_t pid;
	while ((pid = hk_sys_waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == reaper->program) {
			end = status;
			ended = true;
		}
	}
	reaper->others = pid == 0;
	if (ended) {
		report_end(reaper, end);
	}
}

static void take_signals(struct reaper *reaper, int signals) {
	struct signalfd_siginfo info;
	while (hk_sys_read(signals, &info, sizeof(info)) == sizeof(info)) {
		int sig = (int)info.ssi_signo;
		/* What a terminal sends, it sends to the program as well. */
		bool from_terminal = info.ssi_code == SI_KERNEL;
		if (sig != SIGCHLD && reaper->program && !from_terminal) {
			(void)hk_sys_kill(reaper->program, sig); /* gone: collected below */
		}
	}
	collect(reaper);
}

/* The caller wants the end. False: at once. */
static bool cancel(struct reaper *reaper) {
	const struct hk_container_params *params = reaper->init->params;
	char request;
	if (hk_sys_recv(reaper->init->control, &request, 1, MSG_DONTWAIT) <= 0) {
		return false; /* it is gone */
	}
	if (!params->forward_cancel || !reaper->program) {
		return false;
	}
	if (!reaper->cancelled) {
		/* A stopped program has to go on to see it. Gone: collected soon. */
		(void)hk_sys_kill(reaper->program, SIGINT);
		(void)hk_sys_kill(reaper->program, SIGCONT);
		set_deadline(reaper, params->wait_delay);
		reaper->cancelled = true;
	}
	return true;
}

static int open_signals(void) {
	sigset_t set;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGQUIT);
	return hk_sys_signalfd(&set);
}

void hk_init_reap(const struct hk_init *init, pid_t program) {
	struct reaper reaper = {.init = init, .program = program, .others = true};
	const int hangup = init->descriptors.hangup_fd;
	HK_AUTO(fd) int signals = open_signals();
	if (signals < 0) {
		return; /* without them nothing could be waited for */
	}
	collect(&reaper); /* what ended before the descriptor was there */
	while (reaper.program || reaper.others) {
		struct pollfd polls[] = {
			{.fd = signals, .events = POLLIN},
			{.fd = init->control, .events = POLLIN},
			/* Only its hang-up: our caller may have been stopped. */
			{.fd = hangup > 0 ? hangup : -1},
		};
		int n = hk_sys_poll(polls, 3, time_left(&reaper));
		if (n == 0 && time_left(&reaper) == 0) {
			if (!reaper.program && !reaper.cancelled && init->log) {
				hk_log_line(init->log,
					"timeout exceeded waiting for lingering processes");
			}
			return;
		}
		if ((polls[1].revents && !cancel(&reaper)) || polls[2].revents) {
			return;
		}
		if (polls[0].revents) {
			take_signals(&reaper, signals);
		}
	}
}
