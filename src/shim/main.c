/* SPDX-License-Identifier: MIT */
/*
 * main.c: hakurei-shim: under the target's uid, builds the container that the monitor describes,
 * and ends with it.
 *
 * Protected: nothing of the person's: this process has none of it. Trusted: the monitor, at the
 * other end of the channel. Hostile: the program, and everything else under this uid: it must
 * not be able to take this process over, for the channel's other end is the person's.
 * MUST hold: the container is gone when the monitor is; a program that escaped its container
 * gains nothing here that it did not have.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/log.h"
#include "base/scan.h"
#include "channel/channel.h"
#include "container/container.h"
#include "container/seccomp/seccomp.h"
#include "plan/wire.h"
#include "sys/sys.h"

#define STATUS_FAILED 125
#define KEYRING	      "hakurei"
#define KEYS	      "/proc/keys" /* of every kernel that has keys */

struct shim {
	struct hk_arena arena;
	struct hk_log log;
	struct hk_channel channel;
	struct hk_container container;
	bool gone; /* the monitor knows that nothing runs in the container any more */
};

static int harden(struct hk_err *err) {
	int r = hk_sys_harden();
	/* A terminal's signals are the program's business, and SIGCHLD is not needed. */
	sigset_t all;
	(void)sigfillset(&all);
	r = r < 0 ? r : hk_sys_sigmask(SIG_SETMASK, &all, NULL);
	return r < 0 ? hk_err_step(err, r, "harden the shim") : 0;
}

/* The channel was made by our parent, or somebody else wants to be our monitor. */
static int open_channel(struct shim *shim, struct hk_err *err) {
	const char *value = hk_sys_getenv(HK_CHANNEL_VARIABLE);
	uint32_t fd;
	if (!value || !hk_scan_number(value, 9, &fd) || fd <= STDERR_FILENO) {
		return hk_err_say(err, -EINVAL,
			"this program is started by hakurei; it is of no use by itself");
	}
	struct ucred peer;
	int r = hk_sys_peer((int)fd, &peer);
	if (r < 0) {
		return hk_err_step(err, r, "look at the channel");
	}
	if (peer.pid != hk_sys_getppid()) {
		return hk_err_say(err, -EPERM, "the channel was not made by the parent process");
	}
	r = hk_sys_keep_on_exec((int)fd, false);
	if (r < 0) {
		return hk_err_step(err, r, "keep the channel to ourselves");
	}
	r = hk_channel_init(&shim->channel, (int)fd, HK_CHANNEL_PLAN_MAX, true, err);
	if (r < 0) {
		return r;
	}
	const struct hk_message hello = {.kind = HK_MESSAGE_HELLO, .value = hk_sys_getuid()};
	return hk_channel_send(&shim->channel, &hello, -1, -1, err);
}

/* Waits for the next message. 0: the monitor needs nothing more of us. */
static int await_message(struct shim *shim, struct hk_message *ret_message, struct hk_err *err) {
	for (;;) {
		int r = hk_channel_receive(&shim->channel, ret_message, err);
		if (r == -EPIPE || (r > 0 && ret_message->kind == HK_MESSAGE_EXIT)) {
			return 0;
		}
		if (r != 0) {
			return r;
		}
		struct pollfd poll = {.fd = shim->channel.fd, .events = POLLIN};
		(void)hk_sys_poll(&poll, 1, -1); /* whatever it says, receive knows better */
	}
}

/* One session keyring for all instances of an identity: one each would soon meet the uid's quota.
 * Names are shared by all users, so somebody else may have made it first; then ours has none. */
static int join_keyring(struct hk_err *err) {
	char name[sizeof(KEYRING) + 11];
	(void)snprintf(name, sizeof(name), KEYRING ".%u", hk_sys_getuid());
	uid_t owner;
	int r = hk_sys_keyring_join(name);
	if (r == -ENOSYS && hk_sys_access(KEYS, F_OK) == -ENOENT) {
		return 0; /* a kernel without keys has none to protect; a filter only says so */
	}
	r = r < 0 ? r : hk_sys_keyring_owner(&owner);
	if (r < 0 || owner != hk_sys_getuid()) {
		r = hk_sys_keyring_join(NULL);
	}
	return r < 0 ? hk_err_step(err, r, "join a session keyring") : 0;
}

/* Ahead of the plan. Without the memory for it, there will be time enough when the plan is here. */
static int open_early(struct shim *shim, const struct hk_message *message, struct hk_err *err) {
	const struct hk_container_descriptors descriptors = {.hangup_fd = shim->channel.fd};
	struct hk_container_spaces spaces;
	int r = hk_wire_read_spaces(message->bytes, message->size, &spaces, err);
	r = r < 0 ? r : join_keyring(err);
	r = r < 0 ? r : hk_container_open(&spaces, &descriptors, &shim->container, err);
	return r == -ENOMEM ? 0 : r;
}

/* The instance directory's descriptor carries the right to reach it: the directories above are
 * closed to this uid, and relative sources are found through it. */
static int enter_instance(struct shim *shim, struct hk_err *err) {
	HK_AUTO(fd) int fd = hk_take(&shim->channel.received_fd);
	int r = fd < 0 ? -EBADMSG : hk_sys_fchdir(fd);
	return r < 0 ? hk_err_step(err, r, "enter the instance directory") : 0;
}

static int start_in(struct shim *shim, struct hk_arena *arena, const struct hk_message *plan,
	struct hk_err *err) {
	/* The params borrow from the bytes: both have to lie where init sees them. */
	char *bytes = hk_arena_alloc(arena, plan->size);
	if (!bytes) {
		return hk_err_oom(err);
	}
	memcpy(bytes, plan->bytes, plan->size);
	struct hk_container_params params;
	int r = hk_wire_read(arena, bytes, plan->size, &params, err);
	if (r < 0) {
		return r;
	}
	params.log = &shim->log;
	const struct hk_container_descriptors descriptors = {.hangup_fd = shim->channel.fd};
	return hk_container_start(&shim->container, arena, &params, &descriptors, err);
}

static int start(struct shim *shim, const struct hk_message *plan, struct hk_err *err) {
	shim->log.verbose = plan->value != 0;
	int r = enter_instance(shim, err);
	if (r >= 0 && shim->container.pid > 0) {
		r = start_in(shim, &shim->container.arena, plan, err);
		if (r != -ENOMEM) {
			return r;
		}
		hk_container_finish(&shim->container); /* the plan is too large for it */
		r = 0;
	} else {
		r = r < 0 ? r : join_keyring(err);
	}
	return r < 0 ? r : start_in(shim, &shim->arena, plan, err);
}

/* Nothing below needs more than this: whoever takes the shim over does not get far. */
static int lock_up(struct hk_err *err) {
	int r = hk_sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (r < 0) {
		return hk_err_step(err, r, "set no_new_privs");
	}
	return hk_filter_load_watch(err);
}

/* What the monitor wants while the program runs. False: the end, at once. */
static bool hear_monitor(struct shim *shim) {
	struct hk_message message;
	struct hk_err err;
	int r;
	while ((r = hk_channel_receive(&shim->channel, &message, &err)) > 0) {
		if (message.kind == HK_MESSAGE_EXIT) {
			hk_container_cancel(&shim->container);
		}
	}
	return r == 0; /* hung up, or talking nonsense: either way it is no monitor any more */
}

static void pass_outcome(struct shim *shim) {
	int status;
	bool last;
	if (hk_container_outcome(&shim->container, &status, &last) <= 0) {
		return;
	}
	/* If it was the last, the monitor goes on while the kernel takes the container apart. */
	const struct hk_message message = {
		.kind = HK_MESSAGE_ENDED, .value = (uint32_t)status, .code = last};
	struct hk_err ignored; /* a monitor that is gone is noticed by its hang-up */
	(void)hk_channel_send(&shim->channel, &message, -1, -1, &ignored);
	shim->gone = last;
}

/* Until the program has ended and its namespace is gone, or the monitor is. */
static void serve(struct shim *shim) {
	bool ended = false;
	/* What came together with the plan is here already, and no poll would tell. */
	if (!hear_monitor(shim)) {
		return;
	}
	for (;;) {
		struct pollfd polls[] = {
			{.fd = shim->channel.fd, .events = POLLIN},
			{.fd = ended ? -1 : shim->container.control, .events = POLLIN},
			{.fd = shim->container.pidfd, .events = POLLIN},
		};
		if (hk_sys_poll(polls, 3, -1) < 0) {
			continue;
		}
		if (polls[0].revents && !hear_monitor(shim)) {
			return;
		}
		if (polls[1].revents) {
			ended = true;
			pass_outcome(shim);
		}
		if (polls[2].revents) {
			return;
		}
	}
}

/* Everything up to the program's start. 0: the monitor does not want it any more. */
static int prepare(struct shim *shim, enum hk_container_failure *ret_failure, struct hk_err *err) {
	struct hk_message message;
	struct hk_err failed = {0};
	int r = await_message(shim, &message, err);
	if (r > 0 && message.kind == HK_MESSAGE_SPACES) {
		/* What goes wrong is the answer to the plan, for which the monitor listens. */
		if (open_early(shim, &message, &failed) >= 0) {
			failed = (struct hk_err){0};
		}
		r = await_message(shim, &message, err);
	}
	if (r <= 0) {
		return r;
	}
	if (message.kind != HK_MESSAGE_PLAN) {
		return hk_err_say(err, -EBADMSG, "unexpected message from the monitor");
	}
	if (failed.code < 0) {
		*err = failed;
		return failed.code;
	}
	r = start(shim, &message, err);
	/* While init builds, which is when we would have to wait. */
	r = r < 0 ? r : lock_up(err);
	r = r < 0 ? r : hk_container_await_start(&shim->container, 0, ret_failure, err);
	return r < 0 ? r : 1;
}

static int run(struct shim *shim) {
	struct hk_err err;
	enum hk_container_failure failure = HK_CONTAINER_SETUP;
	int r = prepare(shim, &failure, &err);
	if (r > 0) {
		const struct hk_message message = {.kind = HK_MESSAGE_STARTED};
		r = hk_channel_send(&shim->channel, &message, -1, -1, &err);
		if (r >= 0) {
			serve(shim);
		}
	}
	if (r < 0) {
		struct hk_err ignored; /* a monitor that is gone needs no report */
		(void)hk_channel_send_error(&shim->channel,
			failure == HK_CONTAINER_EXEC ? HK_MESSAGE_ERROR_EXEC
						     : HK_MESSAGE_ERROR_SETUP,
			&err, &ignored);
	}
	bool opened = shim->container.pid > 0;
	hk_container_finish(&shim->container);
	if (opened && !shim->gone) {
		/* Sooner than our own end would tell. */
		const struct hk_message message = {.kind = HK_MESSAGE_GONE};
		struct hk_err ignored; /* as above */
		(void)hk_channel_send(&shim->channel, &message, -1, 0, &ignored);
	}
	return r < 0 ? STATUS_FAILED : EXIT_SUCCESS;
}

int main(void) {
	struct shim shim = {.log = {.name = "hakurei-shim"}, .container = HK_CONTAINER_NONE};
	struct hk_err err;
	int r = harden(&err);
	r = r < 0 ? r : open_channel(&shim, &err);
	if (r < 0) {
		if (r != -EPIPE) { /* a monitor that is gone has said why */
			hk_log_error(&shim.log, &err);
		}
		return STATUS_FAILED;
	}
	int status = run(&shim);
	hk_channel_finish(&shim.channel);
	hk_arena_finish(&shim.arena);
	return status;
}
