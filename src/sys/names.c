/* SPDX-License-Identifier: MIT */
/* names.c: users and groups by the name service. It loads libraries: never in hsu or the shim. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/auto.h"
#include "sys/sys.h"

#define PASSWD	     "/etc/passwd"
#define BUFFER_LEAST 1024
#define BUFFER_MOST  (1024 * 1024) /* a group with very many members */

int hk_sys_group_gid(const char *name, gid_t *ret_gid) {
	for (size_t size = BUFFER_LEAST; size <= BUFFER_MOST; size *= 4) {
		HK_AUTO(free) char *buffer = malloc(size);
		if (!buffer) {
			return -ENOMEM;
		}
		struct group group;
		struct group *found = NULL;
		int r = getgrnam_r(name, &group, buffer, size, &found);
		if (r == ERANGE) {
			continue;
		}
		if (r != 0 && r != ENOENT && r != ESRCH) {
			return -r;
		}
		if (!found) {
			return -ENOENT;
		}
		*ret_gid = found->gr_gid;
		return 0;
	}
	return -ERANGE;
}

static int copy_user(
	struct hk_arena *arena, const struct passwd *user, struct hk_sys_user *ret_user) {
	struct hk_sys_user copy = {
		.name = hk_arena_strdup(arena, user->pw_name),
		.home = hk_arena_strdup(arena, user->pw_dir),
		.shell = hk_arena_strdup(arena, user->pw_shell),
	};
	if (!copy.name || !copy.home || !copy.shell) {
		return -ENOMEM;
	}
	*ret_user = copy;
	return 0;
}

int hk_sys_user(struct hk_arena *arena, uid_t uid, struct hk_sys_user *ret_user) {
	for (size_t size = BUFFER_LEAST; size <= BUFFER_MOST; size *= 4) {
		HK_AUTO(free) char *buffer = malloc(size);
		if (!buffer) {
			return -ENOMEM;
		}
		struct passwd user;
		struct passwd *found = NULL;
		int r = getpwuid_r(uid, &user, buffer, size, &found);
		if (r == ERANGE) {
			continue;
		}
		if (r != 0 && r != ENOENT && r != ESRCH) {
			return -r;
		}
		if (!found) {
			return -ENOENT;
		}
		return copy_user(arena, &user, ret_user);
	}
	return -ERANGE;
}

static void hk_auto_file(FILE **file) {
	if (*file) {
		(void)fclose(*file); /* only read from */
	}
}

int hk_sys_local_user(struct hk_arena *arena, uid_t uid, struct hk_sys_user *ret_user) {
	HK_AUTO(file) FILE *file = fopen(PASSWD, "re");
	if (!file) {
		return -errno;
	}
	for (size_t size = BUFFER_LEAST; size <= BUFFER_MOST; size *= 4) {
		HK_AUTO(free) char *buffer = malloc(size);
		if (!buffer) {
			return -ENOMEM;
		}
		struct passwd user;
		struct passwd *found = NULL;
		int r;
		rewind(file);
		do {
			r = fgetpwent_r(file, &user, buffer, size, &found);
		} while (r == 0 && user.pw_uid != uid);
		if (r == 0) {
			return copy_user(arena, &user, ret_user);
		}
		if (r != ERANGE) {
			return -r; /* ENOENT at the end of the file */
		}
	}
	return -ERANGE;
}
