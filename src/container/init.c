/* SPDX-License-Identifier: MIT */
/*
 * init.c: pid 1 of a container, carrying on from the clone without an exec.
 *
 * Protected: the host, from everything that will run in here. Trusted: the caller, and this code
 * until the program is started; nothing else runs in these namespaces before. The order of the
 * steps is the point of this file.
 */
#include "container/init.h"

#include <errno.h>
#include <linux/close_range.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/auto.h"
#include "container/report.h"
#include "sys/sys.h"

static _Noreturn void fail(int control, enum hk_report_kind kind, const struct hk_err *err) {
	struct hk_report report = {.kind = kind, .err = *err};
	/* A caller that is gone needs no answer. */
	(void)hk_sys_send(control, &report, sizeof(report), 0);
	_exit(1);
}

/* In place of the caller's, which this process and its program then have no more. */
static int take_stdio(const int *stdio, struct hk_err *err) {
	for (int fd = STDIN_FILENO; stdio && fd <= STDERR_FILENO; fd++) {
		int r = hk_sys_dup_onto(stdio[fd], fd);
		if (r < 0) {
			return hk_err_step(err, r, "hand over descriptor %d", fd);
		}
	}
	return 0;
}

/* Everything above 2 goes, but the control socket and what is handed over: the numbers between
 * two kept ones, one range after the other. */
static int close_others(const struct hk_init *init, struct hk_err *err) {
	const struct hk_container_descriptors *descriptors = &init->descriptors;
	const int hangup = descriptors->hangup_fd;
	unsigned int first = 3;
	for (;;) {
		unsigned int next = ~0U; /* the least kept one from here on */
		if (init->control >= (int)first) {
			next = (unsigned int)init->control;
		}
		if (hangup >= (int)first && (unsigned int)hangup < next) {
			next = (unsigned int)hangup;
		}
		for (size_t i = 0; i < descriptors->fd_count; i++) {
			unsigned int fd = (unsigned int)descriptors->fds[i];
			next = fd >= first && fd < next ? fd : next;
		}
		unsigned int last = next == ~0U ? next : next - 1;
		int r = first <= last ? hk_sys_close_range(first, last, 0) : 0;
		if (r < 0) {
			return hk_err_step(err, r, "close inherited descriptors");
		}
		if (next == ~0U) {
			return 0;
		}
		first = next + 1;
	}
}

/* The caller may have died between the clone and the prctl: then no signal will come. Its end of
 * the socket tells. */
static int tie_to_caller(int control, struct hk_err *err) {
	int r = hk_sys_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (r < 0) {
		return hk_err_step(err, r, "set the parent-death signal");
	}
	struct pollfd poll = {.fd = control, .events = POLLIN};
	r = hk_sys_poll(&poll, 1, 0);
	if (r < 0 || (poll.revents & (POLLHUP | POLLERR))) {
		_exit(1);
	}
	return 0;
}

/* Signals are read from a descriptor, and a namespace's init cannot be killed from inside. */
static int block_signals(struct hk_err *err) {
	sigset_t all;
	(void)sigfillset(&all);
	int r = hk_sys_sigmask(SIG_SETMASK, &all, NULL);
	/* With SIGCHLD ignored, as a careless caller may leave it, no status could be waited for.
	 */
	r = r < 0 ? r : hk_sys_signal_default(SIGCHLD);
	return r < 0 ? hk_err_step(err, r, "block signals") : 0;
}

/* Before there is a child: any answer but this one means that the end of none could be learnt. */
static int try_to_wait(struct hk_err *err) {
	int status;
	int r = hk_sys_waitpid(-1, &status, WNOHANG);
	return r == -ECHILD ? 0 : hk_err_step(err, r < 0 ? r : -EEXIST, "wait for processes");
}

static int build_root(const struct hk_init *init, struct hk_err *err) {
	struct hk_root root = {.arena = init->arena, .log = init->log, .fd = -1, .scratch = -1};
	const struct hk_mount_prepareds *mounts = &init->mounts;
	const struct hk_mount_op *first = mounts->count > 0 ? mounts->items[0].op : NULL;
	/* An autoroot fills a root, the others are one. */
	bool has_root = first && strcmp(first->target, "/") == 0 &&
			(first->kind == HK_MOUNT_BIND || first->kind == HK_MOUNT_TMPFS ||
				first->kind == HK_MOUNT_OVERLAY);
	(void)hk_sys_umask(0); /* modes are what the operations say */
	int r = 0;
	if (!has_root) {
		HK_AUTO(fd) int mount = -1; /* the root keeps its own */
		r = hk_root_add_tmpfs(&root, "/", 0755, 0, &mount, err);
	}
	r = r < 0 ? r : hk_mounts_apply(&root, mounts, err);
	return r < 0 ? r : hk_root_enter(&root, err);
}

/* What the caller has laid into its copy of the memory while we waited. */
static void receive_memory(int control, void *memory, size_t size) {
	unsigned char *at = memory;
	while (size > 0) {
		ssize_t n = hk_sys_recv(control, at, size, 0);
		if (n <= 0) {
			_exit(1); /* the caller is gone */
		}
		at += n;
		size -= (size_t)n;
	}
}

/* A mount can be cloned only within one mount namespace, and the descriptor's is the caller's. What
 * one stands in, though, is taken over into the copy. */
static int enter_place(int place, struct hk_err *err) {
	int r = place < 0 ? -EBADF : hk_sys_fchdir(place);
	if (r < 0) {
		return hk_err_step(err, r, "enter the caller's working directory");
	}
	r = hk_sys_unshare_mounts();
	return r < 0 ? hk_err_step(err, r,
			       "create a mount namespace (see the limit "
			       "user.max_mnt_namespaces)")
		     : 0;
}

static int await_go(struct hk_init *init, void *memory, struct hk_err *err) {
	const int control = init->control;
	const bool mounts_late = init->spaces.mounts_late;
	struct hk_report_go go;
	HK_AUTO(fd) int place = -1;
	ssize_t n = hk_sys_recv_fd(control, &go, sizeof(go), 0, &place);
	if (n != sizeof(go) || go.size > HK_INIT_MEMORY) {
		_exit(1); /* nobody wants this container any more */
	}
	receive_memory(control, memory, go.size);
	return mounts_late ? enter_place(place, err) : 0;
}

void hk_init_run(struct hk_init *init, void *memory) {
	struct hk_arena arena = {0};
	struct hk_err err;
	const int control = init->control;
	init->arena = &arena;
	int r = take_stdio(init->descriptors.stdio, &err);
	r = r < 0 ? r : close_others(init, &err);
	r = r < 0 ? r : tie_to_caller(control, &err);
	r = r < 0 ? r : block_signals(&err);
	r = r < 0 ? r : try_to_wait(&err);
	/* Ids before mounts: without a mapping, nothing we create would have an owner. */
	r = r < 0 ? r : hk_init_enter(init, &err);
	if (r >= 0 && memory) {
		r = await_go(init, memory, &err);
		init->arena = &arena;
	}
	r = r < 0 ? r : hk_init_furnish(init->params, &err);
	r = r < 0 ? r : build_root(init, &err);
	/* After the mounts, which need the capabilities; before the program, which must not. */
	r = r < 0 ? r : hk_init_seal(init->params, &err);
	if (r < 0) {
		fail(control, HK_REPORT_SETUP_FAILED, &err);
	}
	bool exec = false;
	pid_t program = hk_init_start_program(init, &exec, &err);
	if (program < 0) {
		fail(control, exec ? HK_REPORT_EXEC_FAILED : HK_REPORT_SETUP_FAILED, &err);
	}
	struct hk_report started = {.kind = HK_REPORT_STARTED};
	(void)hk_sys_send(control, &started, sizeof(started), 0); /* gone: seen below */
	hk_init_reap(init, program);
	_exit(0);
}
