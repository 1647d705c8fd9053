/* SPDX-License-Identifier: MIT */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/str.h"
#include "host/acl_list.h"
#include "host/walk.h"
#include "sys/sys.h"

/* Configurations are in here, and what recovery acts upon. */
static int check_dir(const char *path, uid_t person, int dir, struct hk_err *err) {
	struct stat stat;
	int r = hk_sys_fstat(dir, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(path));
	}
	if (!S_ISDIR(stat.st_mode)) {
		return hk_err_step(err, -ENOTDIR, "use '%s'", HK_ESC(path));
	}
	if (stat.st_uid != person) {
		return hk_err_say(err, -EPERM, "'%s' belongs to uid %u", HK_ESC(path), stat.st_uid);
	}
	if ((stat.st_mode & 0777) != 0700) {
		return hk_err_say(err, -EPERM, "'%s' has mode %04o instead of 0700", HK_ESC(path),
			stat.st_mode & 0777);
	}
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_acl_list access = {0};
	struct hk_acl_list inherited = {0};
	r = hk_acl_list_read(&arena, dir, false, &access);
	if (r >= 0) {
		r = hk_acl_list_read(&arena, dir, true, &inherited);
	}
	if (r < 0) {
		return hk_err_step(err, r, "read the ACL of '%s'", HK_ESC(path));
	}
	if (hk_acl_list_names_anyone(&access) || inherited.count > 0) {
		return hk_err_say(err, -EPERM, "'%s' has an ACL", HK_ESC(path));
	}
	return 0;
}

int hk_store_open(const char *path, const struct hk_host_scope *scope, struct hk_store *ret_store,
	struct hk_err *err) {
	HK_AUTO(fd) int dir = -1;
	int r = hk_host_walk(
		path, HK_HOST_WALK_GUARDED | HK_HOST_WALK_MAKE, scope->person, &dir, err);
	if (r >= 0) {
		r = check_dir(path, scope->person, dir, err);
	}
	if (r < 0) {
		return hk_err_frame(err, "state directory");
	}
	*ret_store = (struct hk_store){.dir = hk_take(&dir), .path = path, .scope = scope};
	return 0;
}

void hk_store_close(struct hk_store *store) {
	if (store->dir >= 0) {
		(void)hk_sys_close(store->dir); /* O_PATH */
		store->dir = -1;
	}
}
