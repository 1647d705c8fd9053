/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/auto.h"
#include "base/str.h"
#include "container/mount/mount.h"
#include "sys/sys.h"

/* Is target there? A place that cannot be reached is as good as none for something that only
 * hides, and an error for everything else. */
static int is_there(
	struct hk_root *root, const struct hk_mount_op *op, bool *ret_there, struct hk_err *err) {
	HK_AUTO(fd) int fd = -1;
	int r = hk_root_open(root, op->target, HK_PLACE_ANY, 0, &fd, err);
	bool unreachable = r == -EACCES || r == -ENOTDIR || r == -ELOOP;
	if (r < 0 && r != -ENOENT && !(unreachable && (op->flags & HK_MOUNT_HIDE))) {
		return r;
	}
	if (r == -ELOOP && root->log) {
		hk_log_warning(
			root->log, "'%s' cannot be hidden: %s", HK_ESC(op->target), err->text);
	}
	*ret_there = r >= 0;
	return 0;
}

static int apply(
	struct hk_root *root, const struct hk_mount_prepared *prepared, struct hk_err *err) {
	const struct hk_mount_op *op = prepared->op;
	if (op->flags & (HK_MOUNT_HIDE | HK_MOUNT_MISSING)) {
		bool there = false;
		int r = is_there(root, op, &there, err);
		if (r < 0) {
			return r;
		}
		if (there == !(op->flags & HK_MOUNT_HIDE)) {
			hk_log_verbose(root->log, "mount: '%s' %s", HK_ESC(op->target),
				there ? "is there already" : "is not there: nothing to hide");
			return 0;
		}
	}
	HK_AUTO(fd) int mount = -1;
	/* One that is never written to holds what is put there now, and no limit can be met. */
	uint64_t size = op->flags & HK_MOUNT_WRITE ? op->size : 0;
	int r = hk_root_add_tmpfs(root, op->target, op->mode, size, &mount, err);
	if (r >= 0 && !(op->flags & HK_MOUNT_WRITE)) {
		r = hk_root_read_only_late(root, mount, op->target, err);
	}
	return r;
}

const struct hk_mount_type hk_mount_tmpfs = {.name = "tmpfs", .apply = apply};
