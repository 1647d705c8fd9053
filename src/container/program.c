/* SPDX-License-Identifier: MIT */
/* program.c: starts the program, with exactly what it is meant to inherit. */
#include <errno.h>
#include <linux/close_range.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "container/container.h"
#include "container/init.h"
#include "sys/sys.h"

/* Shared with the child, which writes to our memory until it executes the program. */
struct start {
	const struct hk_container_params *params;
	const struct hk_container_descriptors *descriptors;
	const char *const *argv;
	const char *const *env;
	bool exec;
	struct hk_err err;
};

static int hand_over(const struct hk_container_descriptors *descriptors, struct hk_err *err) {
	int r = hk_sys_close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	for (size_t i = 0; r >= 0 && i < descriptors->fd_count; i++) {
		r = hk_sys_keep_on_exec(descriptors->fds[i], true);
	}
	return r < 0 ? hk_err_step(err, r, "hand over descriptors") : 0;
}

static int reset_signals(struct hk_err *err) {
	int r = 0;
	for (int sig = 1; sig < _NSIG; sig++) {
		/* KILL and STOP cannot be set. */
		r = hk_sys_signal_default(sig);
		if (r < 0 && r != -EINVAL) {
			return hk_err_step(err, r, "reset signal %d", sig);
		}
	}
	sigset_t none;
	(void)sigemptyset(&none);
	r = hk_sys_sigmask(SIG_SETMASK, &none, NULL);
	return r < 0 ? hk_err_step(err, r, "unblock signals") : 0;
}

static int become_program(void *data) {
	struct start *start = data;
	const struct hk_container_params *params = start->params;
	struct hk_err *err = &start->err;
	int r = hk_container_seal_stdio(params->keep_session, err);
	r = r < 0 ? r : hand_over(start->descriptors, err);
	if (r < 0) {
		return 1;
	}
	r = hk_sys_chdir(params->directory);
	if (r < 0) {
		(void)hk_err_step(
			err, r, "enter the working directory '%s'", HK_ESC(params->directory));
		return 1;
	}
	(void)hk_sys_umask(params->umask); /* cannot fail */
	/* Last: a signal may arrive from here on. */
	if (reset_signals(err) < 0) {
		return 1;
	}
	start->exec = true;
	r = hk_sys_execve(params->path, start->argv, start->env);
	(void)hk_err_step(err, r, "execute '%s' in the container", HK_ESC(params->path));
	return 1;
}

/* The list as exec wants it: with NULL at its end. */
static const char **terminated(struct hk_arena *arena, const struct hk_strs *strs) {
	const char **list = hk_arena_alloc(arena, (strs->count + 1) * sizeof(*list));
	if (list && strs->count > 0) {
		memcpy(list, strs->items, strs->count * sizeof(*list));
	}
	return list;
}

pid_t hk_init_start_program(const struct hk_init *init, bool *ret_exec, struct hk_err *err) {
	const struct hk_container_params *params = init->params;
	struct start start = {
		.params = params,
		.descriptors = &init->descriptors,
		.argv = terminated(init->arena, &params->argv),
		.env = terminated(init->arena, &params->env),
	};
	if (!start.argv || !start.env) {
		return hk_err_oom(err);
	}
	pid_t pid = hk_sys_spawn(become_program, &start);
	if (pid < 0) {
		return hk_err_step(err, pid, "start a process");
	}
	if (start.err.code < 0) {
		*ret_exec = start.exec;
		*err = start.err;
		return err->code;
	}
	return pid;
}
