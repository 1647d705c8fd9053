/* SPDX-License-Identifier: MIT */
/*
 * backend_subuid.c: through newuidmap and newgidmap, which hand out the ids that /etc/subuid and
 * /etc/subgid give to the person. No setuid program of ours.
 *
 * A child in a new user namespace has one id mapped into it: the target's, and never the
 * person's, or a setuid file of the person's would give the program the person's uid. It becomes
 * that id for good and executes the shim, which then is that uid for the whole system.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/path.h"
#include "base/scan.h"
#include "base/str.h"
#include "container/container.h"
#include "monitor/backend.h"
#include "monitor/ranges.h"
#include "monitor/tool.h"
#include "paths.h"
#include "sys/sys.h"

#define CHANNEL_FD 3
#define READY	   'r'
#define GO	   'g'

/* -- can it be used? ------------------------------------------------------------------------- */

static int look_at_tool(struct hk_arena *arena, const char *name, struct hk_need_answer *answer,
	struct hk_err *err) {
	int r = hk_tool_find(arena, name, &answer->there);
	if (r == -ENOENT) {
		answer->repair = "apt install uidmap";
		return hk_err_say(err, r, "'%s' is not in your PATH", name);
	}
	return r < 0 ? hk_err_step(err, r, "look for '%s' in your PATH", name) : 0;
}

static int look_at_newuidmap(
	struct hk_arena *arena, struct hk_need_answer *answer, struct hk_err *err) {
	return look_at_tool(arena, "newuidmap", answer, err);
}

static int look_at_newgidmap(
	struct hk_arena *arena, struct hk_need_answer *answer, struct hk_err *err) {
	return look_at_tool(arena, "newgidmap", answer, err);
}

static int look_at_range(
	struct hk_arena *arena, bool groups, struct hk_need_answer *answer, struct hk_err *err) {
	uint32_t first;
	int r = hk_ranges_find_first(arena, groups, &first, &answer->repair, err);
	if (r < 0) {
		return r;
	}
	answer->there =
		hk_arena_printf(arena, "%u to %u are yours", first, first + (HK_RANGES_COUNT - 1));
	return answer->there ? 0 : hk_err_oom(err);
}

static int look_at_uids(struct hk_arena *arena, struct hk_need_answer *answer, struct hk_err *err) {
	return look_at_range(arena, false, answer, err);
}

static int look_at_gids(struct hk_arena *arena, struct hk_need_answer *answer, struct hk_err *err) {
	return look_at_range(arena, true, answer, err);
}

/* Where it is installed, or beside us in a build tree. */
static int open_shim(struct hk_arena *arena, struct hk_err *err) {
	int fd = hk_sys_open(HK_PATH_SHIM, O_PATH, 0);
	if (fd != -ENOENT) {
		return fd < 0 ? hk_err_step(err, fd, "open '%s'", HK_PATH_SHIM) : fd;
	}
	char *self;
	int r = hk_sys_readlink(arena, "/proc/self/exe", &self);
	char *dir = r < 0 ? NULL : hk_path_parent(arena, self);
	const char *beside = dir ? hk_path_join(arena, dir, "../shim/hakurei-shim") : NULL;
	if (beside) {
		fd = hk_sys_open(beside, O_PATH, 0);
	}
	return fd < 0 ? hk_err_step(err, fd, "open '%s'", HK_PATH_SHIM) : fd;
}

/* Executed by descriptor: the directories above it may be closed. */
static int look_at_shim(struct hk_arena *arena, struct hk_need_answer *answer, struct hk_err *err) {
	HK_AUTO(fd) int fd = open_shim(arena, err);
	if (fd < 0) {
		answer->repair = "meson install";
		return fd;
	}
	struct stat stat;
	int r = hk_sys_fstat(fd, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at the shim");
	}
	if (!(stat.st_mode & S_IXOTH)) {
		answer->repair = "chmod o+x " HK_PATH_SHIM;
		return hk_err_say(err, -EACCES, "'%s' is closed to others", HK_PATH_SHIM);
	}
	answer->there =
		hk_sys_stat(HK_PATH_SHIM, &stat) < 0 ? "in the build tree" : "'" HK_PATH_SHIM "'";
	return 0;
}

static const struct hk_need need_rows[] = {
	{"no_new_privs", false, hk_need_privileges},
	{"newuidmap", false, look_at_newuidmap},
	{"newgidmap", false, look_at_newgidmap},
	{"subuid", false, look_at_uids},
	{"subgid", false, look_at_gids},
	{"shim", true, look_at_shim},
};

static int check(struct hk_arena *arena, struct hk_err *err) {
	int r = hk_needs_check(&hk_backend_subuid.needs, arena, err);
	/* The child that becomes the target begins in one, before any container does. */
	return r < 0 ? r : hk_needs_check(&hk_needs_userns, arena, err);
}

static int find_target(
	struct hk_arena *arena, uint32_t identity, uid_t *ret_target, struct hk_err *err) {
	struct hk_ranges ranges;
	int r = hk_ranges_find(arena, &ranges, err);
	if (r < 0) {
		return r;
	}
	*ret_target = ranges.first_uid + identity;
	return 0;
}

static int look_up(struct hk_arena *arena, const void **ret_facts, struct hk_err *err) {
	struct hk_ranges *ranges = hk_arena_alloc(arena, sizeof(*ranges));
	if (!ranges) {
		return hk_err_oom(err);
	}
	int r = hk_ranges_find(arena, ranges, err);
	if (r < 0) {
		return r;
	}
	*ret_facts = ranges;
	return 0;
}

static int find_range(
	const void *facts, uid_t target, struct hk_uid_range *ret_range, struct hk_err *err) {
	(void)target; /* the files say it */
	(void)err;
	const struct hk_ranges *ranges = facts;
	*ret_range = (struct hk_uid_range){.first = ranges->first_uid, .count = HK_RANGES_COUNT};
	return 0;
}

static int name_share(
	struct hk_arena *arena, uid_t target, const char **ret_name, struct hk_err *err) {
	(void)target; /* the person's own number tells them apart */
	const char *name = hk_arena_printf(arena, "hakurei.u%u", hk_sys_getuid());
	if (!name) {
		return hk_err_oom(err);
	}
	*ret_name = name;
	return 0;
}

/* -- the child that becomes the target ------------------------------------------------------- */

struct child {
	struct hk_arena *arena;
	struct hk_channel channel;
	int shim; /* the program, opened by the person: a build tree in a closed home will do */
	uid_t uid;
	gid_t gid;
	bool keep_session;
};

/* For good: all four of each kind, and no group of the person's. */
static int become_target(const struct child *child, struct hk_err *err) {
	int r = hk_sys_setgroups(0, NULL);
	r = r < 0 ? r : hk_sys_setresgid(child->gid, child->gid, child->gid);
	r = r < 0 ? r : hk_sys_setresuid(child->uid, child->uid, child->uid);
	/* A copy of the monitor's memory, for as long as it takes to the exec. */
	r = r < 0 ? r : hk_sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* A namespace's first process has every capability in it, also as another user. */
	r = r < 0 ? r : hk_sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	r = r < 0 ? r : hk_sys_capset_none();
	r = r < 0 ? r : hk_sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (r < 0) {
		return hk_err_step(err, r, "become uid %u", child->uid);
	}
	if (hk_sys_setresuid(0, 0, 0) >= 0) {
		return hk_err_say(err, -ENOTRECOVERABLE, "the target could become somebody else");
	}
	return 0;
}

static int exec_shim(const struct child *child, struct hk_err *err) {
	static const char *const argv[] = {"hakurei-shim", NULL};
	static const char *const env[] = {HK_CHANNEL_VARIABLE "=3", NULL};
	sigset_t none;
	(void)sigemptyset(&none);
	/* A descriptor that is in the way of the channel's number is moved. */
	int shim = hk_sys_dup_above(child->shim, CHANNEL_FD + 1);
	int channel = shim < 0 ? shim : hk_sys_dup_above(child->channel.fd, CHANNEL_FD + 1);
	int r = channel < 0 ? channel : hk_sys_dup_onto(channel, CHANNEL_FD);
	r = r < 0 ? r : hk_sys_close_range(CHANNEL_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	r = r < 0 ? r : hk_sys_chdir("/");
	r = r < 0 ? r : hk_sys_sigmask(SIG_SETMASK, &none, NULL);
	r = r < 0 ? r : hk_sys_execveat(shim, argv, env);
	return hk_err_step(err, r, "execute the shim");
}

static _Noreturn void run_child(struct child *child) {
	struct hk_err err;
	struct hk_err ignored;
	char go;
	/* Our files in proc must be the person's, or newuidmap refuses to serve us. Other uids
	 * cannot trace us all the same, and becoming the target ends it. */
	int r = hk_sys_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	const char ready = READY;
	r = r < 0 ? r : (int)hk_sys_send(child->channel.fd, &ready, 1, 0);
	r = r < 0 ? hk_err_step(&err, r, "become dumpable") : r;
	r = r < 0 ? r : hk_container_seal_stdio(child->keep_session, &err);
	if (r >= 0 && hk_sys_recv(child->channel.fd, &go, 1, 0) != 1) {
		_exit(1); /* the monitor is gone */
	}
	r = r < 0 ? r : become_target(child, &err);
	if (r >= 0) {
		(void)exec_shim(child, &err); /* returns only to fail */
	}
	(void)hk_channel_send_error(&child->channel, HK_MESSAGE_ERROR_SETUP, &err, &ignored);
	_exit(1);
}

/* -- the monitor's side ---------------------------------------------------------------------- */

struct map {
	const char *tool;
	const char *argv[6];
	struct hk_err err;
};

static int become_tool(void *data) {
	struct map *map = data;
	static const char *const env[] = {NULL};
	int r = hk_sys_execve(map->tool, map->argv, env);
	(void)hk_err_step(&map->err, r, "execute '%s'", HK_ESC(map->tool));
	return 1;
}

/* newuidmap and newgidmap side by side: each is a setuid program that takes its time. */
static int map_ids(const struct child *child, pid_t pid, struct hk_err *err) {
	struct hk_arena *arena = child->arena;
	static const char *const names[] = {"newuidmap", "newgidmap"};
	const uint32_t ids[] = {child->uid, child->gid};
	const char *process = hk_arena_printf(arena, "%d", pid);
	struct map maps[2] = {0};
	pid_t pids[2];
	for (size_t i = 0; i < 2; i++) {
		struct map *map = &maps[i];
		const char *id = hk_arena_printf(arena, "%u", ids[i]);
		if (!process || !id) {
			return hk_err_oom(err);
		}
		int r = hk_tool_find(arena, names[i], &map->tool);
		if (r < 0) {
			return hk_err_step(err, r, "find %s", names[i]);
		}
		const char *const argv[] = {names[i], process, id, id, "1", NULL};
		memcpy(map->argv, argv, sizeof(argv));
	}
	for (size_t i = 0; i < 2; i++) {
		pids[i] = hk_sys_spawn(become_tool, &maps[i]);
	}
	int result = 0;
	for (size_t i = 0; i < 2; i++) {
		int status = 0;
		int r = pids[i] < 0 ? pids[i] : hk_tool_wait(pids[i], &status);
		if (r < 0) {
			result = hk_err_step(err, r, "run %s", names[i]);
		} else if (maps[i].err.code < 0) {
			*err = maps[i].err;
			result = err->code;
		} else if (status != 0) {
			result = hk_err_say(
				err, -EPERM, "%s refused to map id %u", names[i], ids[i]);
		}
	}
	return result;
}

/* Until its files in proc are the person's. Tools that have capabilities instead of being setuid
 * root need that to open them; the others look at their owner. */
static int await_ready(const struct hk_shim *shim, struct hk_err *err) {
	struct pollfd polls[] = {
		{.fd = shim->channel.fd, .events = POLLIN},
		{.fd = shim->pidfd, .events = POLLIN},
	};
	int n;
	do {
		n = hk_sys_poll(polls, sizeof(polls) / sizeof(polls[0]), HK_TOOL_TIMEOUT_MS);
	} while (n == -EINTR);
	char ready = '\0';
	if (n > 0 && polls[0].revents) {
		n = (int)hk_sys_recv(shim->channel.fd, &ready, 1, 0);
	}
	return ready == READY ? 0
			      : hk_err_say(err, n < 0 ? n : -ESRCH,
					"the process that becomes the target has ended too soon");
}

static int start_child(void *data, int theirs, struct hk_shim *shim, struct hk_err *err) {
	struct child *child = data;
	pid_t pid = hk_sys_fork(CLONE_NEWUSER, &shim->pidfd);
	if (pid < 0) {
		return hk_err_step(err, pid, "create a user namespace");
	}
	if (pid == 0) {
		hk_channel_finish(&shim->channel); /* or we would never see its hang-up */
		child->channel = (struct hk_channel){.fd = theirs, .received_fd = -1};
		run_child(child);
	}
	shim->pid = pid;
	int r = await_ready(shim, err);
	r = r < 0 ? r : map_ids(child, pid, err);
	const char go = GO;
	if (r >= 0) {
		r = (int)hk_sys_send(shim->channel.fd, &go, 1, 0);
		r = r < 0 ? hk_err_step(err, r, "tell the shim to go on") : 0;
	}
	return r;
}

static int launch(struct hk_arena *arena, const struct hk_backend_request *request,
	struct hk_shim *ret_shim, struct hk_err *err) {
	if (request->groups.count > 0) {
		return hk_err_say(err, -EOPNOTSUPP,
			"groups need the hsu backend: a subordinate id cannot keep a group of "
			"yours");
	}
	struct hk_ranges ranges;
	int r = hk_ranges_find(arena, &ranges, err);
	if (r < 0) {
		return r;
	}
	HK_AUTO(fd) int program = open_shim(arena, err);
	if (program < 0) {
		return program;
	}
	struct child child = {
		.arena = arena,
		.shim = program,
		.uid = ranges.first_uid + request->identity,
		.gid = ranges.first_gid + request->identity,
		.keep_session = request->keep_session,
	};
	return hk_shim_launch(start_child, &child, ret_shim, err);
}

const struct hk_backend hk_backend_subuid = {
	.name = "subuid",
	.needs = {need_rows, sizeof(need_rows) / sizeof(need_rows[0])},
	.check = check,
	.find_target = find_target,
	.look_up = look_up,
	.find_range = find_range,
	.name_share = name_share,
	.launch = launch,
};
