/* SPDX-License-Identifier: MIT */
#include "monitor/backend.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/sys.h"

/* In the order that "auto" tries them. */
static const struct hk_backend *const backends[] = {
	&hk_backend_hsu,
	&hk_backend_subuid,
};

#define END_TIMEOUT_MS 5000
#define BACKENDS       (sizeof(backends) / sizeof(backends[0]))

const struct hk_backend *hk_backend_at(size_t index) {
	return index < BACKENDS ? backends[index] : NULL;
}

/* Is there another one behind number index that could serve instead? */
static bool has_other(struct hk_arena *arena, size_t index) {
	struct hk_err why;
	for (size_t i = index + 1; i < BACKENDS; i++) {
		if (backends[i]->check(arena, &why) >= 0) {
			return true;
		}
	}
	return false;
}

int hk_backend_ask(const struct hk_backend *backend, struct hk_arena *arena, uid_t *ret_first,
	struct hk_err *err) {
	int r = backend->check(arena, err);
	return r < 0 ? r : backend->find_target(arena, 0, ret_first, err);
}

/* One that may refuse the person is asked, where there is a choice; where there is none, the
 * launch will tell. */
static int try_backend(struct hk_arena *arena, size_t index, bool automatic, struct hk_err *err) {
	int r = backends[index]->check(arena, err);
	if (r < 0 || !automatic || !has_other(arena, index)) {
		return r;
	}
	uid_t target;
	return backends[index]->find_target(arena, 0, &target, err);
}

int hk_backend_choose(struct hk_arena *arena, const char *name,
	const struct hk_backend **ret_backend, struct hk_err *err) {
	bool automatic = strcmp(name, "auto") == 0;
	HK_AUTO(str) struct hk_str missing = {0};
	for (size_t i = 0; i < BACKENDS; i++) {
		if (!automatic && strcmp(name, backends[i]->name) != 0) {
			continue;
		}
		struct hk_err why;
		if (try_backend(arena, i, automatic, &why) >= 0) {
			*ret_backend = backends[i];
			return 0;
		}
		hk_str_addf(&missing, "%s%s: %s", missing.length ? "; " : "", backends[i]->name,
			why.text);
	}
	if (missing.failed) {
		return hk_err_oom(err);
	}
	if (!missing.text) {
		return hk_err_say(err, -EINVAL, "unknown backend \"%s\"", HK_ESC(name));
	}
	return hk_err_say(err, -ENOENT, "no way to become another user: %s", missing.text);
}

int hk_backend_say_not_started(struct hk_arena *arena, const char *name,
	const struct hk_backend *backend, struct hk_err *err) {
	HK_AUTO(str) struct hk_str others = {0};
	for (size_t i = 0; strcmp(name, "auto") == 0 && i < BACKENDS; i++) {
		struct hk_err why;
		uid_t first;
		if (backends[i] != backend &&
			hk_backend_ask(backends[i], arena, &first, &why) < 0) {
			hk_str_addf(&others, "; %s: %s", backends[i]->name, why.text);
		}
	}
	if (others.failed) {
		return hk_err_oom(err);
	}
	return hk_err_say(err, -ECONNRESET, "the %s backend did not start the shim%s",
		backend->name, others.text ? others.text : "");
}

int hk_shim_launch(
	hk_shim_start_fn *start, void *data, struct hk_shim *ret_shim, struct hk_err *err) {
	int pair[2];
	int r = hk_sys_socketpair(SOCK_STREAM, pair);
	if (r < 0) {
		return hk_err_step(err, r, "make a socket pair");
	}
	HK_AUTO(fd) int theirs = pair[1];
	struct hk_shim shim = {.pidfd = -1};
	/* Before the shim is there: what is sent earlier has no sender. */
	r = hk_channel_init(&shim.channel, pair[0], HK_CHANNEL_SHIM_MAX, false, err);
	r = r < 0 ? r : start(data, theirs, &shim, err);
	if (r < 0) {
		(void)hk_shim_finish(&shim); /* it sees the hang-up */
		return r;
	}
	*ret_shim = shim;
	return 0;
}

int hk_shim_finish(struct hk_shim *shim) {
	hk_channel_finish(&shim->channel);
	int status = 0;
	if (shim->pid > 0) {
		/* It runs under another uid, so it cannot be killed; it ends when the channel hangs
		 * up. One that hangs in the kernel must not take us with it. */
		struct pollfd poll = {.fd = shim->pidfd, .events = POLLIN};
		(void)hk_sys_poll(&poll, 1, shim->pidfd < 0 ? 0 : END_TIMEOUT_MS);
		(void)hk_sys_waitpid(shim->pid, &status, shim->pidfd < 0 ? 0 : WNOHANG);
		shim->pid = 0;
	}
	hk_auto_fd(&shim->pidfd);
	shim->pidfd = -1;
	return status;
}
