/* SPDX-License-Identifier: MIT */
#include "container/container.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "container/init.h"
#include "container/report.h"
#include "sys/sys.h"

#define NS_PER_MS 1000000U
#define NAMESPACES                                                                                 \
	(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

/* For poll: -1 without a deadline. */
static int time_left(uint64_t deadline) {
	const uint64_t now = hk_sys_monotonic_ns();
	if (deadline == 0) {
		return -1;
	}
	return now >= deadline ? 0 : (int)((deadline - now) / NS_PER_MS) + 1;
}

/* The first report decides: started, or why not. */
static int await_start(int control, const struct hk_container_params *params,
	enum hk_container_failure *ret_failure, struct hk_err *err) {
	*ret_failure = HK_CONTAINER_SETUP;
	/* A file system that does not answer may keep init for ever, but not us. */
	struct pollfd polls[] = {
		{.fd = control, .events = POLLIN},
		{.fd = params->hangup_fd > 0 ? params->hangup_fd : -1},
	};
	int r;
	do {
		r = hk_sys_poll(polls, 2, time_left(params->start_deadline));
	} while (r == -EINTR);
	if (r < 0) {
		return hk_err_step(err, r, "wait for the container's init");
	}
	if (r == 0) {
		return hk_err_say(err, -ETIMEDOUT, "the container was not set up in time");
	}
	if (!polls[0].revents) {
		return hk_err_say(err, -EPIPE, "nobody waits for the container any more");
	}
	struct hk_report report;
	ssize_t n = hk_sys_recv(control, &report, sizeof(report), 0);
	if (n < 0) {
		return hk_err_step(err, (int)n, "hear from the container's init");
	}
	if ((size_t)n != sizeof(report)) {
		return hk_err_say(err, -EPIPE, "the container's init was killed while it started");
	}
	if (report.kind == HK_REPORT_STARTED) {
		return 0;
	}
	if (report.kind == HK_REPORT_EXEC_FAILED) {
		*ret_failure = HK_CONTAINER_EXEC;
	}
	*err = report.err;
	return err->code;
}

int hk_container_start(struct hk_arena *arena, const struct hk_container_params *params,
	struct hk_container *ret_container, enum hk_container_failure *ret_failure,
	struct hk_err *err) {
	*ret_failure = HK_CONTAINER_SETUP;
	struct hk_init init = {
		.arena = arena,
		.params = params,
		.outer_uid = hk_sys_getuid(),
		.outer_gid = hk_sys_getgid(),
		.control = -1,
	};
	int r = hk_mounts_prepare(arena, &params->mounts, &init.mounts, err);
	if (r < 0) {
		return r;
	}
	int pair[2];
	r = hk_sys_socketpair(SOCK_SEQPACKET, pair);
	if (r < 0) {
		return hk_err_step(err, r, "make a socket pair");
	}
	HK_AUTO(fd) int control = pair[0];
	HK_AUTO(fd) int inner = pair[1];
	struct hk_container container = {.pidfd = -1, .control = -1};
	pid_t pid =
		hk_sys_fork(NAMESPACES | (params->host_net ? 0 : CLONE_NEWNET), &container.pidfd);
	if (pid < 0) {
		return hk_err_step(err, pid,
			"create the container's namespaces (see the limits user.max_*_namespaces, "
			"kernel.unprivileged_userns_clone and AppArmor's)");
	}
	if (pid == 0) {
		(void)hk_sys_close(control); /* or we would never see its hang-up */
		init.control = inner;
		hk_init_run(&init);
	}
	(void)hk_sys_close(hk_take(&inner)); /* likewise */
	container.pid = pid;
	container.control = hk_take(&control);
	r = await_start(container.control, params, ret_failure, err);
	if (r < 0) {
		hk_container_finish(&container);
		return r;
	}
	*ret_container = container;
	return 0;
}

void hk_container_cancel(const struct hk_container *container) {
	const char cancel = HK_REPORT_CANCEL;
	(void)hk_sys_send(container->control, &cancel, 1, 0); /* an init that is gone has ended */
}

int hk_container_outcome(const struct hk_container *container, int *ret_status) {
	struct hk_report report;
	ssize_t n = hk_sys_recv(container->control, &report, sizeof(report), 0);
	if (n != sizeof(report) || report.kind != HK_REPORT_ENDED) {
		return 0;
	}
	*ret_status = report.status;
	return 1;
}

void hk_container_finish(struct hk_container *container) {
	/* Fails if init is gone already, or if a filter that we live under denies it. The pid will
	 * do: it is our child's until it is waited for. */
	if (hk_sys_pidfd_signal(container->pidfd, SIGKILL) < 0) {
		(void)hk_sys_kill(container->pid, SIGKILL);
	}
	int status;
	(void)hk_sys_waitpid(container->pid, &status, 0); /* fails only if it was waited for */
	hk_auto_fd(&container->pidfd);
	hk_auto_fd(&container->control);
}
