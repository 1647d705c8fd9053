/* SPDX-License-Identifier: MIT */
#include "container/container.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/str.h"
#include "container/init.h"
#include "container/report.h"
#include "sys/sys.h"

#define NS_PER_MS  1000000U
#define NAMESPACES (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

/* For poll: -1 without a deadline. */
static int time_left(uint64_t deadline) {
	const uint64_t now = hk_sys_monotonic_ns();
	if (deadline == 0) {
		return -1;
	}
	return now >= deadline ? 0 : (int)((deadline - now) / NS_PER_MS) + 1;
}

/* Bytes, 0 when init is gone. Where init ended with something unread, the kernel first tells that
 * the connection was reset, and only when asked again what init had said before. */
static ssize_t hear(const struct hk_container *container, struct hk_report *ret_report) {
	ssize_t n;
	do {
		n = hk_sys_recv(container->control, ret_report, sizeof(*ret_report), 0);
	} while (n == -ECONNRESET);
	return n;
}

/* The first report decides: started, or why not. */
int hk_container_await_start(const struct hk_container *container, uint64_t deadline,
	enum hk_container_failure *ret_failure, struct hk_err *err) {
	*ret_failure = HK_CONTAINER_SETUP;
	const int hangup = container->init->descriptors.hangup_fd;
	/* A file system that does not answer may keep init for ever, but not us. */
	struct pollfd polls[] = {
		{.fd = container->control, .events = POLLIN},
		{.fd = hangup > 0 ? hangup : -1},
	};
	int r;
	do {
		r = hk_sys_poll(polls, 2, time_left(deadline));
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
	ssize_t n = hear(container, &report);
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

/* Makes the process. memory: where init waits for the rest, NULL if it is told everything. */
static int make_init(
	struct hk_container *container, struct hk_init *init, void *memory, struct hk_err *err) {
	int pair[2];
	int r = hk_sys_socketpair(SOCK_SEQPACKET, pair);
	if (r < 0) {
		return hk_err_step(err, r, "make a socket pair");
	}
	container->control = pair[0];
	HK_AUTO(fd) int inner = pair[1];
	init->control = inner;
	init->outer_uid = hk_sys_getuid();
	init->outer_gid = hk_sys_getgid();
	container->init = init;
	const uint64_t flags = NAMESPACES | (init->spaces.mounts_late ? 0 : CLONE_NEWNS) |
			       (init->spaces.host_net ? 0 : CLONE_NEWNET);
	pid_t pid = hk_sys_fork(flags, &container->pidfd);
	if (pid == 0) {
		(void)hk_sys_close(container->control); /* or we would never see its hang-up */
		hk_init_run(init, memory);
	}
	if (pid < 0) {
		return hk_err_step(err, pid,
			"create the container's namespaces (see the limits user.max_*_namespaces, "
			"kernel.unprivileged_userns_clone and AppArmor's)");
	}
	container->pid = pid;
	return 0;
}

int hk_container_open(const struct hk_container_spaces *spaces,
	const struct hk_container_descriptors *descriptors, struct hk_container *ret_container,
	struct hk_err *err) {
	struct hk_container container = HK_CONTAINER_NONE;
	void *memory;
	int r = hk_sys_map(HK_INIT_MEMORY, &memory);
	if (r < 0) {
		return hk_err_step(err, r, "map memory for the container's init");
	}
	hk_arena_init_fixed(&container.arena, memory, HK_INIT_MEMORY);
	struct hk_init *init = hk_arena_alloc(&container.arena, sizeof(*init)); /* there is room */
	*init = (struct hk_init){.spaces = *spaces, .descriptors = *descriptors};
	r = make_init(&container, init, memory, err);
	if (r < 0) {
		hk_container_finish(&container);
		return r;
	}
	*ret_container = container;
	return 0;
}

/* All of the arena as it is: what points into it is right there, too. */
static int send_memory(const struct hk_container *container, size_t size) {
	const unsigned char *at = (const unsigned char *)container->arena.blocks;
	while (size > 0) {
		size_t part = size < HK_REPORT_CHUNK_MAX ? size : HK_REPORT_CHUNK_MAX;
		ssize_t n = hk_sys_send(container->control, at, part, 0);
		if (n < 0) {
			return (int)n;
		}
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

static int send_go(const struct hk_container *container, size_t size) {
	const struct hk_report_go go = {.size = size};
	if (!container->init->spaces.mounts_late) {
		return (int)hk_sys_send(container->control, &go, sizeof(go), 0);
	}
	HK_AUTO(fd) int place = hk_sys_open(".", O_PATH | O_DIRECTORY, 0);
	return place < 0 ? place
			 : (int)hk_sys_send_fd(container->control, &go, sizeof(go), 0, place);
}

static int say_go(const struct hk_container *container, struct hk_err *err) {
	const size_t size = hk_arena_used_fixed(&container->arena);
	int r = send_go(container, size);
	r = r < 0 ? r : send_memory(container, size);
	/* Init is gone, or has said why it will not go on: that is read next. */
	return r < 0 && r != -EPIPE && r != -ECONNRESET
		       ? hk_err_step(err, r, "tell the container's init to go on")
		       : 0;
}

/* Everything that init has to be told. */
static int instruct(struct hk_init *init, struct hk_arena *arena,
	const struct hk_container_params *params, struct hk_err *err) {
	struct hk_container_params *copy = hk_arena_alloc(arena, sizeof(*copy));
	struct hk_log *log = hk_arena_alloc(arena, sizeof(*log));
	if (!copy || !log) {
		return hk_err_oom(err);
	}
	*copy = *params;
	if (params->log) {
		*log = (struct hk_log){.name = params->log->name, .verbose = params->log->verbose};
		init->log = log;
	}
	init->params = copy;
	return hk_mounts_prepare(arena, &params->mounts, &init->mounts, err);
}

static int start_opened(struct hk_container *container, const struct hk_container_params *params,
	struct hk_err *err) {
	struct hk_init *init = container->init;
	if (params->uid != init->spaces.uid || params->gid != init->spaces.gid ||
		params->host_net != init->spaces.host_net) {
		return hk_err_say(err, -EINVAL, "the container was opened for other params");
	}
	for (size_t i = 0; i < params->mounts.count; i++) {
		const struct hk_mount_op *op = &params->mounts.items[i];
		if (op->source && op->source[0] != '/' && !init->spaces.mounts_late) {
			return hk_err_say(err, -EINVAL,
				"'%s' is below a directory that the container was opened before",
				HK_ESC(op->source));
		}
	}
	int r = instruct(init, &container->arena, params, err);
	return r < 0 ? r : say_go(container, err);
}

static int start_at_once(struct hk_container *container, struct hk_arena *arena,
	const struct hk_container_params *params,
	const struct hk_container_descriptors *descriptors, struct hk_err *err) {
	struct hk_init *init = hk_arena_alloc(arena, sizeof(*init));
	if (!init) {
		return hk_err_oom(err);
	}
	*init = (struct hk_init){
		.spaces = {.uid = params->uid, .gid = params->gid, .host_net = params->host_net},
		.descriptors = *descriptors,
	};
	int r = instruct(init, arena, params, err);
	return r < 0 ? r : make_init(container, init, NULL, err);
}

int hk_container_start(struct hk_container *container, struct hk_arena *arena,
	const struct hk_container_params *params,
	const struct hk_container_descriptors *descriptors, struct hk_err *err) {
	return container->pid > 0 ? start_opened(container, params, err)
				  : start_at_once(container, arena, params, descriptors, err);
}

void hk_container_cancel(const struct hk_container *container) {
	const char cancel = HK_REPORT_CANCEL;
	(void)hk_sys_send(container->control, &cancel, 1, 0); /* an init that is gone has ended */
}

int hk_container_outcome(const struct hk_container *container, int *ret_status, bool *ret_last) {
	struct hk_report report;
	ssize_t n = hear(container, &report);
	if (n != sizeof(report) || report.kind != HK_REPORT_ENDED) {
		return 0;
	}
	*ret_status = report.status;
	*ret_last = report.last;
	return 1;
}

void hk_container_finish(struct hk_container *container) {
	if (container->pid > 0) {
		/* Fails if init is gone already, or if a filter that we live under denies it. The
		 * pid will do: it is our child's until it is waited for. */
		if (hk_sys_pidfd_signal(container->pidfd, SIGKILL) < 0) {
			(void)hk_sys_kill(container->pid, SIGKILL);
		}
		int status;
		(void)hk_sys_waitpid(container->pid, &status, 0); /* fails if it was waited for */
	}
	hk_auto_fd(&container->pidfd);
	hk_auto_fd(&container->control);
	if (container->arena.blocks) {
		hk_sys_unmap(container->arena.blocks, HK_INIT_MEMORY);
	}
	*container = HK_CONTAINER_NONE;
}
