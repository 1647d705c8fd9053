/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>

#include "base/auto.h"
#include "base/str.h"
#include "container/mount/mount.h"
#include "sys/sys.h"

static int apply(
	struct hk_root *root, const struct hk_mount_prepared *prepared, struct hk_err *err) {
	const struct hk_mount_op *op = prepared->op;
	HK_AUTO(fd) int dir = -1;
	const char *name;
	bool own;
	int r = hk_root_open_parent(root, op->target, &dir, &name, &own, err);
	if (r < 0) {
		return r;
	}
	struct stat stat;
	if (hk_sys_fstatat(dir, name, &stat, AT_SYMLINK_NOFOLLOW) >= 0 && S_ISDIR(stat.st_mode)) {
		return 0;
	}
	r = own ? hk_sys_mkdirat(dir, name, op->mode) : -EROFS;
	return r < 0 ? hk_err_step(err, r, "create directory '%s'", HK_ESC(op->target)) : 0;
}

const struct hk_mount_type hk_mount_mkdir = {.name = "mkdir", .apply = apply};
