/* SPDX-License-Identifier: MIT */
/*
 * container.h: params in, a running program in a container out. A library of its own: it knows
 * nothing of configurations, desktops or persons.
 *
 * It may take two steps, so that the kernel can make namespaces while somebody still thinks about
 * what shall be in them: open makes a process in them that waits, start tells it what to do.
 *
 * What must hold once hk_container_await_start has returned 0: the program runs in new user, pid,
 * mount, ipc, uts and cgroup namespaces (and network, unless shared), has no capability and
 * cannot gain one, sees exactly the mounts of the params, and ends with its caller. No step
 * that could not be done is left out: the start fails instead, and nothing remains.
 */
#ifndef HK_CONTAINER_CONTAINER_H
#define HK_CONTAINER_CONTAINER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "container/params.h"

struct hk_container {
	pid_t pid;	       /* of init, in the caller's pid namespace; 0: not opened */
	int pidfd;	       /* of init; readable when it has ended */
	int control;	       /* readable when there is an outcome, or init is gone */
	struct hk_arena arena; /* opened: at the same place in init, which gets a copy */
	struct hk_init *init;  /* what init is told */
};

#define HK_CONTAINER_NONE ((struct hk_container){.pidfd = -1, .control = -1})

/* Which side a failed start was on. */
enum hk_container_failure {
	HK_CONTAINER_SETUP, /* the container could not be built */
	HK_CONTAINER_EXEC,  /* it could, but the program could not be executed in it */
};

/*
 * Makes the namespaces, and a process in them that waits for hk_container_start. The caller is
 * single-threaded and holds no lock that a child must not inherit. What init finds wrong is told
 * by the start.
 */
int hk_container_open(const struct hk_container_spaces *spaces,
	const struct hk_container_descriptors *descriptors, struct hk_container *ret_container,
	struct hk_err *err);

/*
 * Has the container built and the program started: all of what is to be done in the caller.
 *
 * One that was opened: the params, and all that they point to, were there before that, or lie in
 * the container's arena, whose size is limited: -ENOMEM means that they have to be given to one
 * that was not. Relative sources are below the working directory, and can be only where
 * spaces.mounts_late.
 *
 * HK_CONTAINER_NONE is opened and started in one: then all of this is of no concern.
 *
 * On failure nothing is left but what hk_container_finish gives back.
 */
int hk_container_start(struct hk_container *container, struct hk_arena *arena,
	const struct hk_container_params *params,
	const struct hk_container_descriptors *descriptors, struct hk_err *err);

/* Then returns when the program has been executed. deadline: when that is given up (monotonic ns),
 * for a caller that nobody else could call off; 0: never. On failure likewise. */
int hk_container_await_start(const struct hk_container *container, uint64_t deadline,
	enum hk_container_failure *ret_failure, struct hk_err *err);

/* Asks for the end: see forward_cancel and wait_delay. May be called more than once. */
void hk_container_cancel(const struct hk_container *container);

/*
 * The outcome, once control is readable. 1: *ret_status is the program's wait status; *ret_last: no
 * other process is left in the container, and there will be none. 0: init is gone without an
 * outcome (it was killed). Blocks until one or the other.
 */
int hk_container_outcome(const struct hk_container *container, int *ret_status, bool *ret_last);

/* Kills what is left, waits for init, closes the descriptors, gives the arena back. Does nothing
 * for one that was not opened. */
void hk_container_finish(struct hk_container *container);

/*
 * Makes descriptors 0-2 safe to hand to the program. A directory, or a mere place (O_PATH), is
 * refused: with either, the program could walk out of its mounts. Unless keep_session, it must
 * not read the caller's terminal: one on 0 becomes /dev/null, one on 1 or 2 is opened again for
 * writing only, which has to be done by someone who may open it. Called by init as well.
 */
int hk_container_seal_stdio(bool keep_session, struct hk_err *err);

#endif
