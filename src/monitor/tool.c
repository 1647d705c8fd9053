/* SPDX-License-Identifier: MIT */
#include "monitor/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/str.h"
#include "outcome/outcome.h"
#include "sys/sys.h"

int hk_tool_find(struct hk_arena *arena, const char *name, const char **ret_path) {
	struct hk_err ignored; /* whoever asks has more to say about it */
	int r = hk_outcome_find_program(arena, name, ret_path, &ignored);
	return r == -EACCES ? -ENOENT : r;
}

/* Borrows our memory until the exec. */
struct exec {
	const char *path;
	const char *const *argv;
	int output;
	sigset_t mask; /* the one that we were called with */
	int result;
};

static int become_tool(void *data) {
	static const char *const env[] = {NULL};
	struct exec *exec = data;
	int r = hk_sys_dup_onto(exec->output, STDOUT_FILENO);
	r = r < 0 ? r : hk_sys_dup_onto(exec->output, STDERR_FILENO);
	r = r < 0 ? r : hk_sys_close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	r = r < 0 ? r : hk_sys_sigmask(SIG_SETMASK, &exec->mask, NULL);
	exec->result = r < 0 ? r : hk_sys_execve(exec->path, exec->argv, env);
	return 1;
}

int hk_tool_wait(pid_t pid, int *ret_status) {
	HK_AUTO(fd) int pidfd = hk_sys_pidfd_open(pid);
	if (pidfd >= 0) {
		struct pollfd poll = {.fd = pidfd, .events = POLLIN};
		int n;
		do {
			n = hk_sys_poll(&poll, 1, HK_TOOL_TIMEOUT_MS);
		} while (n == -EINTR);
		if (n == 0) {
			/* Ours by its real uid, setuid or not. */
			(void)hk_sys_kill(pid, SIGKILL);
			(void)hk_sys_waitpid(pid, ret_status, 0);
			return -ETIMEDOUT;
		}
	}
	pid_t r = hk_sys_waitpid(pid, ret_status, 0);
	return r < 0 ? r : 0;
}

int hk_tool_read(struct hk_arena *arena, const char *path, const char *const argv[],
	char **ret_text, size_t *ret_size, struct hk_err *err) {
	int pair[2];
	int r = hk_sys_socketpair(SOCK_STREAM, pair);
	if (r < 0) {
		return hk_err_step(err, r, "make a socket pair");
	}
	HK_AUTO(fd) int ours = pair[0];
	HK_AUTO(fd) int theirs = pair[1];
	struct exec exec = {.path = path, .argv = argv, .output = theirs};
	/* A handler of ours must not run on borrowed memory. */
	sigset_t all;
	(void)sigfillset(&all);
	r = hk_sys_sigmask(SIG_SETMASK, &all, &exec.mask);
	if (r < 0) {
		return hk_err_step(err, r, "block signals");
	}
	pid_t pid = hk_sys_spawn(become_tool, &exec);
	(void)hk_sys_sigmask(SIG_SETMASK, &exec.mask, NULL); /* was valid before */
	if (pid < 0) {
		return hk_err_step(err, pid, "start a process for '%s'", HK_ESC(path));
	}
	(void)hk_sys_close(hk_take(&theirs)); /* or the end of file never comes */
	r = hk_sys_receive_timeout(ours, HK_TOOL_TIMEOUT_MS);
	r = r < 0 ? r : hk_sys_read_all(arena, ours, HK_TOOL_OUTPUT_MAX, ret_text, ret_size);
	if (r == -EAGAIN) {
		r = -ETIMEDOUT;
		(void)hk_sys_kill(pid, SIGKILL);
	}
	(void)hk_sys_close(hk_take(&ours)); /* one that has more to say must not wait for us */
	int status = 0;
	int ended = hk_tool_wait(pid, &status);
	r = r < 0 ? r : ended;
	r = exec.result < 0 ? exec.result : r;
	return r < 0 ? hk_err_step(err, r, "run '%s'", HK_ESC(path)) : status;
}
