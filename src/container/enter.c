/* SPDX-License-Identifier: MIT */
/* enter.c: from fresh namespaces to ones that have ids, a name and a network. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/auto.h"
#include "container/init.h"
#include "sys/sys.h"

#define STATUS_MAX 65536 /* bytes of /proc/self/status */

/* Writes a file of proc, after a look at what it is: a fake proc could take the write and do
 * nothing, or something else. */
static int write_proc(const char *path, const char *text, struct hk_err *err) {
	HK_AUTO(fd) int fd = hk_sys_open(path, O_WRONLY | O_NOFOLLOW, 0);
	struct statfs stat;
	int r = fd < 0 ? fd : hk_sys_fstatfs(fd, &stat);
	if (r >= 0 && stat.f_type != PROC_SUPER_MAGIC) {
		return hk_err_say(err, -EINVAL, "'%s' is not on a proc file system", path);
	}
	r = r < 0 ? r : hk_sys_write_all(fd, text, strlen(text));
	return r < 0 ? hk_err_step(err, r, "write '%s'", path) : 0;
}

/* A tracer that came while it could would see, and change, all that follows. */
static int check_not_traced(const struct hk_init *init, struct hk_err *err) {
	HK_AUTO(fd) int fd = hk_sys_open("/proc/self/status", O_RDONLY, 0);
	char *text = NULL;
	size_t size = 0;
	int r = fd < 0 ? fd : hk_sys_read_all(init->arena, fd, STATUS_MAX, &text, &size);
	if (r < 0) {
		return hk_err_step(err, r, "read '/proc/self/status'");
	}
	if (!strstr(text, "\nTracerPid:\t0\n")) {
		return hk_err_say(err, -EPERM, "somebody traces the container's init");
	}
	return 0;
}

static int map_ids(const struct hk_init *init, struct hk_err *err) {
	char uids[64];
	char gids[64];
	(void)snprintf(uids, sizeof(uids), "%u %u 1", init->spaces.uid, init->outer_uid);
	(void)snprintf(gids, sizeof(gids), "%u %u 1", init->spaces.gid, init->outer_gid);
	/* Our own files in proc are root's while we are not dumpable. Another process of our uid on
	 * the host may trace us meanwhile: seen below. */
	int r = hk_sys_prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (r < 0) {
		return hk_err_step(err, r, "become dumpable");
	}
	/* Denied before the gid map, which is refused otherwise: dropping a group could open a
	 * file that denies it. */
	r = write_proc("/proc/self/setgroups", "deny", err);
	r = r < 0 ? r : write_proc("/proc/self/uid_map", uids, err);
	r = r < 0 ? r : write_proc("/proc/self/gid_map", gids, err);
	if (r < 0) {
		return r;
	}
	r = hk_sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return r < 0 ? hk_err_step(err, r, "become not dumpable") : check_not_traced(init, err);
}

int hk_init_enter(const struct hk_init *init, struct hk_err *err) {
	int r = map_ids(init, err);
	if (r < 0 || init->spaces.host_net) {
		return r;
	}
	r = hk_sys_loopback_up();
	return r < 0 ? hk_err_step(err, r, "bring up the loopback interface") : 0;
}

int hk_init_furnish(const struct hk_container_params *params, struct hk_err *err) {
	if (params->hostname && params->hostname[0]) {
		int r = hk_sys_sethostname(params->hostname);
		if (r < 0) {
			return hk_err_step(err, r, "set the host name");
		}
	}
	/* The limit is this namespace's own, and counts for everything below it. */
	return params->userns ? 0 : write_proc("/proc/sys/user/max_user_namespaces", "0", err);
}
