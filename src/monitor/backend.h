/* SPDX-License-Identifier: MIT */
/*
 * backend.h: credential backends: ways for the shim to become another uid. One file each and a
 * row in backend.c.
 */
#ifndef HK_MONITOR_BACKEND_H
#define HK_MONITOR_BACKEND_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "channel/channel.h"
#include "host/host.h"
#include "monitor/need.h"
#include "outcome/outcome.h"

/* What the shim is to become. */
struct hk_backend_request {
	uint32_t identity;
	struct hk_gids groups;		   /* supplementary groups besides the target's own */
	const struct hk_strs *group_names; /* of groups, one by one; borrowed */
	bool keep_session;		   /* the program may read the terminal */
};

/* A shim that has been launched. */
struct hk_shim {
	pid_t pid; /* our child */
	int pidfd;
	struct hk_channel channel; /* its first message is the hello */
};

struct hk_backend {
	const char *name;
	/* What it needs, apart from what every container does. */
	struct hk_needs needs;
	/* Can this person use it, as far as can be told without trying? Else an error that says
	 * what is missing and the command that repairs it. */
	int (*check)(struct hk_arena *arena, struct hk_err *err);
	/* The kernel uid of an identity, without launching anything that stays. */
	int (*find_target)(
		struct hk_arena *arena, uint32_t identity, uid_t *ret_target, struct hk_err *err);
	/* Reads what find_range has to know of the system: nothing that depends on a target. */
	int (*look_up)(struct hk_arena *arena, const void **ret_facts, struct hk_err *err);
	/* All uids that the person can become through this backend, given one of them and what
	 * look_up has found. Refuses one that somebody else can become as well. */
	int (*find_range)(const void *facts, uid_t target, struct hk_uid_range *ret_range,
		struct hk_err *err);
	/* The name of the shared directory: "hakurei.USERID", "hakurei.uUID". */
	int (*name_share)(
		struct hk_arena *arena, uid_t target, const char **ret_name, struct hk_err *err);
	/* Starts the shim. The caller reads the hello, which may never come: then the shim has
	 * said on its standard error what was wrong, if it had anything to say. */
	int (*launch)(struct hk_arena *arena, const struct hk_backend_request *request,
		struct hk_shim *ret_shim, struct hk_err *err);
};

extern const struct hk_backend hk_backend_hsu;
extern const struct hk_backend hk_backend_subuid;

/* The backend of that name; "auto" is the first that can be used. Errors: no such backend; or
 * what is missing for each. */
int hk_backend_choose(struct hk_arena *arena, const char *name,
	const struct hk_backend **ret_backend, struct hk_err *err);

/* Asks one whether it really serves this person, and the kernel uid of identity 0. */
int hk_backend_ask(const struct hk_backend *backend, struct hk_arena *arena, uid_t *ret_first,
	struct hk_err *err);

/* The error that the chosen backend has launched no shim. Where it was chosen by "auto", because
 * no other could be, it says why the others cannot. */
int hk_backend_say_not_started(struct hk_arena *arena, const char *name,
	const struct hk_backend *backend, struct hk_err *err);

/* The rows of the table: the backend number index, or NULL behind the last. */
const struct hk_backend *hk_backend_at(size_t index);

/* Starts the process that is, or becomes, the shim, with theirs as its end of the channel; sets pid
 * and pidfd, each as soon as it is known. */
typedef int hk_shim_start_fn(void *data, int theirs, struct hk_shim *shim, struct hk_err *err);

/* What each backend's launch ends in: makes the channel and calls start. On failure nothing that
 * was started is left. */
int hk_shim_launch(
	hk_shim_start_fn *start, void *data, struct hk_shim *ret_shim, struct hk_err *err);

/* Closes the channel, which makes the shim end, waits for it and forgets it. Returns its wait
 * status. */
int hk_shim_finish(struct hk_shim *shim);

#endif
