/* SPDX-License-Identifier: MIT */
#include <fcntl.h>

#include "base/auto.h"
#include "base/str.h"
#include "container/mount/mount.h"
#include "sys/mount_api.h"
#include "sys/sys.h"

static int apply(
	struct hk_root *root, const struct hk_mount_prepared *prepared, struct hk_err *err) {
	const struct hk_mount_op *op = prepared->op;
	HK_AUTO(fd) int fd = -1;
	int r = hk_root_open(root, op->target, HK_PLACE_ANY, 0, &fd, err);
	if (r < 0) {
		return r;
	}
	r = hk_sys_mount_setattr(fd, 0, MOUNT_ATTR_RDONLY, 0, 0);
	return r < 0 ? hk_err_step(err, r, "make '%s' read-only", HK_ESC(op->target)) : 0;
}

const struct hk_mount_type hk_mount_remount = {.name = "remount", .apply = apply};
