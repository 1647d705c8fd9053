/* SPDX-License-Identifier: MIT */
/* backend_hsu.c: through our setuid helper and its list of persons. Protocol: docs/hsu.md. */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/path.h"
#include "base/scan.h"
#include "base/str.h"
#include "container/container.h"
#include "monitor/backend.h"
#include "monitor/hsu_uids.h"
#include "monitor/subid.h"
#include "paths.h"
#include "sys/sys.h"

#define CHANNEL_FD 3
#define ANSWER_MAX 4096

/* What the child that becomes hsu is given. It borrows our memory until the exec. */
struct exec {
	const char *const *env;
	int channel; /* -1: only a question */
	int output;  /* becomes descriptors 1 and 2; -1: they stay */
	bool keep_session;
	struct hk_err err;
};

static int become_hsu(void *data) {
	static const char *const argv[] = {"hsu", NULL};
	struct exec *exec = data;
	struct hk_err *err = &exec->err;
	if (exec->channel >= 0 && hk_container_seal_stdio(exec->keep_session, err) < 0) {
		return 1;
	}
	int r = exec->output < 0 ? 0 : hk_sys_dup_onto(exec->output, STDOUT_FILENO);
	r = r < 0 || exec->output < 0 ? r : hk_sys_dup_onto(exec->output, STDERR_FILENO);
	r = r < 0 || exec->channel < 0 ? r : hk_sys_dup_onto(exec->channel, CHANNEL_FD);
	/* Nothing but the channel survives into hsu. */
	unsigned int first = exec->channel < 0 ? CHANNEL_FD : CHANNEL_FD + 1;
	r = r < 0 ? r : hk_sys_close_range(first, ~0U, CLOSE_RANGE_CLOEXEC);
	if (r >= 0 && exec->channel == CHANNEL_FD) {
		r = hk_sys_keep_on_exec(CHANNEL_FD, true); /* dup2 onto itself does nothing */
	}
	r = r < 0 ? r : hk_sys_chdir("/");
	if (r < 0) {
		(void)hk_err_step(err, r, "prepare the start of hsu");
		return 1;
	}
	r = hk_sys_execve(HK_PATH_HSU, argv, exec->env);
	(void)hk_err_step(err, r, "execute '%s'", HK_PATH_HSU);
	return 1;
}

static pid_t spawn(struct exec *exec, struct hk_err *err) {
	/* A handler of ours must not run on borrowed memory. hsu unblocks for itself. */
	sigset_t all;
	sigset_t old;
	(void)sigfillset(&all);
	int r = hk_sys_sigmask(SIG_SETMASK, &all, &old);
	if (r < 0) {
		return hk_err_step(err, r, "block signals");
	}
	pid_t pid = hk_sys_spawn(become_hsu, exec);
	(void)hk_sys_sigmask(SIG_SETMASK, &old, NULL); /* was valid before */
	if (pid < 0) {
		return hk_err_step(err, pid, "start a process for hsu");
	}
	if (exec->err.code < 0) {
		int status;
		(void)hk_sys_waitpid(pid, &status, 0); /* it has ended already */
		*err = exec->err;
		return err->code;
	}
	return pid;
}

/* The error of a refusal is hsu's own line. */
static int ask_userid(struct hk_arena *arena, uint32_t *ret_userid, struct hk_err *err) {
	int pair[2];
	int r = hk_sys_socketpair(SOCK_STREAM, pair);
	if (r < 0) {
		return hk_err_step(err, r, "make a socket pair");
	}
	HK_AUTO(fd) int ours = pair[0];
	HK_AUTO(fd) int theirs = pair[1];
	static const char *const env[] = {NULL};
	struct exec exec = {.env = env, .channel = -1, .output = theirs};
	pid_t pid = spawn(&exec, err);
	if (pid < 0) {
		return pid;
	}
	(void)hk_sys_close(hk_take(&theirs)); /* or the end of file never comes */
	char *text = NULL;
	size_t size = 0;
	r = hk_sys_read_all(arena, ours, ANSWER_MAX, &text, &size);
	int status = 0;
	pid_t ended = hk_sys_waitpid(pid, &status, 0);
	if (r < 0 || ended < 0) {
		return hk_err_step(err, r < 0 ? r : ended, "read what hsu says");
	}
	/* One line: the number, or why there is none. */
	text[strcspn(text, "\n")] = '\0';
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		static const char *const prefix = "hsu: ";
		const char *line = text + (hk_str_starts(text, prefix) ? strlen(prefix) : 0);
		return hk_err_say(err, -EPERM, "%s", size > 0 ? HK_ESC(line) : "it was killed");
	}
	if (!hk_scan_number(text, HK_HSU_NUMBER_MAX, ret_userid)) {
		return hk_err_say(
			err, -EPROTO, "hsu answers '%s' instead of a number", HK_ESC(text));
	}
	return 0;
}

/* -- what is needed -------------------------------------------------------------------------- */

static int look_at_helper(
	struct hk_arena *arena, struct hk_need_answer *answer, struct hk_err *err) {
	struct stat stat;
	int r = hk_sys_stat(HK_PATH_HSU, &stat);
	if (r == -ENOENT) {
		answer->repair = "meson install";
		return hk_err_say(err, r, "'%s' is not there", HK_PATH_HSU);
	}
	if (r < 0) {
		return hk_err_step(err, r, "find '%s'", HK_PATH_HSU);
	}
	if (!(stat.st_mode & S_ISUID) || stat.st_uid != 0) {
		answer->repair = "chown root:root " HK_PATH_HSU " && chmod 4511 " HK_PATH_HSU;
		return hk_err_say(err, -EPERM, "'%s' is not setuid root", HK_PATH_HSU);
	}
	answer->there =
		hk_arena_printf(arena, "'%s', mode %04o", HK_PATH_HSU, stat.st_mode & 07777);
	return answer->there ? 0 : hk_err_oom(err);
}

/* The target executes it by its path, so it has to be able to get there. */
static int look_at_shim(struct hk_arena *arena, struct hk_need_answer *answer, struct hk_err *err) {
	const char *path = HK_PATH_SHIM;
	for (;;) {
		struct stat stat;
		int r = hk_sys_stat(path, &stat);
		if (r == -ENOENT) {
			answer->repair = "meson install";
			return hk_err_say(err, r, "'%s' is not there", path);
		}
		if (r < 0) {
			return hk_err_step(err, r, "find '%s'", path);
		}
		if (!(stat.st_mode & S_IXOTH)) {
			answer->repair = hk_arena_printf(arena, "chmod o+x %s", path);
			return hk_err_say(err, -EACCES, "'%s' is closed to others", path);
		}
		if (strcmp(path, "/") == 0) {
			answer->there = "'" HK_PATH_SHIM "'";
			return 0;
		}
		path = hk_path_parent(arena, path);
		if (!path) {
			return hk_err_oom(err);
		}
	}
}

/* A line for the person. Behind all numbers that are there, and all ranges that are handed out. */
static const char *add_line(struct hk_arena *arena, bool is_first) {
	uid_t uid = hk_sys_getuid();
	struct hk_subids subids;
	struct hk_err ignored; /* then overlaps are found out afterwards */
	uint32_t free_id = 0;
	if (is_first || hk_subid_read(arena, HK_SUBID_UIDS, &subids, &ignored) < 0 ||
		!hk_subid_find_free(&subids, 1, &free_id)) {
		return hk_arena_printf(arena, "(umask 377; echo %u 0 >>%s)", uid, HK_PATH_HSURC);
	}
	return hk_arena_printf(arena,
		"(umask 377; echo %u $(awk -v n=%u '$2 >= n {n = $2 + 1} END {print n}' %s) >>%s)",
		uid, free_id / HK_HSU_PER_PERSON + 1, HK_PATH_HSURC, HK_PATH_HSURC);
}

/* What can be done about what hsu says, if that is for a command to do. */
static const char *find_repair(struct hk_arena *arena, const char *text) {
	static const struct {
		const char *says;
		const char *repair;
	} repairs[] = {
		{"a mount with nosuid",
			"mount -o remount,bind,suid \"$(findmnt -no TARGET -T " HK_PATH_HSU ")\""},
		{"does not belong to root and group root", "chown root:root " HK_PATH_HSURC},
		{"the mode of the hsurc file is not 0400", "chmod 0400 " HK_PATH_HSURC},
		{" of the hsurc file is not 'UID USERID'", "${EDITOR:-vi} " HK_PATH_HSURC},
	};
	for (size_t i = 0; i < sizeof(repairs) / sizeof(repairs[0]); i++) {
		if (strstr(text, repairs[i].says)) {
			return repairs[i].repair;
		}
	}
	if (strstr(text, "there is no hsurc file")) {
		return add_line(arena, true);
	}
	return strstr(text, "is not in the hsurc file") ? add_line(arena, false) : NULL;
}

static int look_at_list(struct hk_arena *arena, struct hk_need_answer *answer, struct hk_err *err) {
	uint32_t userid;
	int r = ask_userid(arena, &userid, err);
	if (r < 0) {
		answer->repair = find_repair(arena, err->text);
		return r;
	}
	uid_t first = hk_hsu_first(userid);
	answer->there = hk_arena_printf(arena, "'%s' gives you number %u: uids %u to %u",
		HK_PATH_HSURC, userid, first, first + HK_IDENTITY_MAX);
	return answer->there ? 0 : hk_err_oom(err);
}

static const struct hk_need need_rows[] = {
	{"no_new_privs", false, hk_need_privileges},
	{"hsu", false, look_at_helper},
	{"shim", true, look_at_shim},
	{"hsurc", true, look_at_list},
};

static int check(struct hk_arena *arena, struct hk_err *err) {
	return hk_needs_check(&hk_backend_hsu.needs, arena, err);
}

/* -- ids --------------------------------------------------------------------------------------- */

static int find_target(
	struct hk_arena *arena, uint32_t identity, uid_t *ret_target, struct hk_err *err) {
	uint32_t userid = 0;
	int r = ask_userid(arena, &userid, err);
	if (r < 0) {
		return hk_need_say_repair(find_repair(arena, err->text), err);
	}
	*ret_target = hk_hsu_first(userid) + identity;
	return 0;
}

/* The person's number, of a target. */
static int find_userid(uid_t target, uint32_t *ret_userid, struct hk_err *err) {
	const uint32_t number = target / HK_HSU_PER_PERSON;
	if (number > HK_HSU_NUMBER_MAX || target < hk_hsu_first(number) ||
		target > hk_hsu_first(number) + HK_IDENTITY_MAX) {
		return hk_err_say(
			err, -EPROTO, "hsu has made the shim uid %u, which is no target", target);
	}
	*ret_userid = number;
	return 0;
}

#define FILES 2

static const char *const subid_files[FILES] = {
	HK_SUBID_UIDS, HK_SUBID_GIDS}; /* uid and gid are one */

struct facts {
	struct hk_sys_user user;
	struct hk_subids subids[FILES];
};

static int look_up(struct hk_arena *arena, const void **ret_facts, struct hk_err *err) {
	struct facts *facts = hk_arena_alloc(arena, sizeof(*facts));
	if (!facts) {
		return hk_err_oom(err);
	}
	int r = hk_sys_user(arena, hk_sys_getuid(), &facts->user);
	if (r < 0 && r != -ENOENT) {
		return hk_err_step(err, r, "look up your user name");
	}
	for (size_t i = 0; i < FILES; i++) {
		r = hk_subid_read(arena, subid_files[i], &facts->subids[i], err);
		if (r < 0) {
			return r;
		}
	}
	*ret_facts = facts;
	return 0;
}

/* A target in somebody else's subordinate range could be taken by them, with newuidmap. */
static int check_foreign(const struct facts *facts, uid_t target, struct hk_err *err) {
	for (size_t i = 0; i < FILES; i++) {
		const struct hk_subid *foreign = hk_subid_find_foreign(
			&facts->subids[i], hk_sys_getuid(), facts->user.name, target, 1);
		if (foreign) {
			return hk_err_say(err, -EPERM,
				"id %u is also in the range that %s gives to '%s' in line %u",
				target, subid_files[i], HK_ESC(foreign->owner), foreign->line);
		}
	}
	return 0;
}

static int find_range(
	const void *facts, uid_t target, struct hk_uid_range *ret_range, struct hk_err *err) {
	uint32_t userid = 0;
	int r = find_userid(target, &userid, err);
	r = r < 0 ? r : check_foreign(facts, target, err);
	if (r < 0) {
		return r;
	}
	*ret_range =
		(struct hk_uid_range){.first = hk_hsu_first(userid), .count = HK_IDENTITY_MAX + 1};
	return 0;
}

static int name_share(
	struct hk_arena *arena, uid_t target, const char **ret_name, struct hk_err *err) {
	uint32_t userid = 0;
	int r = find_userid(target, &userid, err);
	if (r < 0) {
		return r;
	}
	const char *name = hk_arena_printf(arena, "hakurei.%u", userid);
	if (!name) {
		return hk_err_oom(err);
	}
	*ret_name = name;
	return 0;
}

/* "HAKUREI_GROUPS=5 20", or NULL when memory ran out. */
static const char *groups_variable(struct hk_arena *arena, const struct hk_gids *gids) {
	const char *text = "HAKUREI_GROUPS=";
	for (size_t i = 0; text && i < gids->count; i++) {
		text = hk_arena_printf(arena, "%s%s%u", text, i ? " " : "", gids->items[i]);
	}
	return text;
}

/* hsu would refuse it as well, by the number of the item. It is what decides. */
static int check_member(
	struct hk_arena *arena, const struct hk_backend_request *request, struct hk_err *err) {
	gid_t *own = NULL;
	size_t count = 0;
	int r = request->groups.count > 0 ? hk_sys_getgroups(arena, &own, &count) : 0;
	for (size_t i = 0; r >= 0 && i < request->groups.count; i++) {
		gid_t gid = request->groups.items[i];
		bool member = gid == hk_sys_getgid();
		for (size_t j = 0; j < count && !member; j++) {
			member = own[j] == gid;
		}
		if (!member) {
			return hk_err_say(err, -EPERM,
				"you are not in the group \"%s\"; as root, `usermod -aG` adds you, "
				"from the next login on",
				HK_ESC(request->group_names->items[i]));
		}
	}
	return r < 0 ? hk_err_step(err, r, "look at the groups that you are in") : 0;
}

static int start_hsu(void *data, int theirs, struct hk_shim *shim, struct hk_err *err) {
	struct exec *exec = data;
	exec->channel = theirs;
	pid_t pid = spawn(exec, err);
	if (pid < 0) {
		return pid;
	}
	shim->pid = pid;
	shim->pidfd = hk_sys_pidfd_open(pid);
	return shim->pidfd < 0 ? hk_err_step(err, shim->pidfd, "open a descriptor of the shim") : 0;
}

static int launch(struct hk_arena *arena, const struct hk_backend_request *request,
	struct hk_shim *ret_shim, struct hk_err *err) {
	const char *env[] = {
		HK_CHANNEL_VARIABLE "=3",
		hk_arena_printf(arena, "HAKUREI_IDENTITY=%u", request->identity),
		groups_variable(arena, &request->groups),
		NULL,
	};
	if (!env[1] || !env[2]) {
		return hk_err_oom(err);
	}
	struct exec exec = {.env = env, .output = -1, .keep_session = request->keep_session};
	int r = check_member(arena, request, err);
	return r < 0 ? r : hk_shim_launch(start_hsu, &exec, ret_shim, err);
}

const struct hk_backend hk_backend_hsu = {
	.name = "hsu",
	.needs = {need_rows, sizeof(need_rows) / sizeof(need_rows[0])},
	.check = check,
	.find_target = find_target,
	.look_up = look_up,
	.find_range = find_range,
	.name_share = name_share,
	.launch = launch,
};
