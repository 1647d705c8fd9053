/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/auto.h"
#include "base/str.h"
#include "container/mount/mount.h"
#include "sys/mount_api.h"
#include "sys/sys.h"

#define SCRATCH_NAME ".hakurei-file"

static int write_file(int dir, const char *name, const struct hk_mount_op *op, struct hk_err *err) {
	/* Our own mount, which nobody else can reach yet; an earlier operation may have made the
	 * file, even read-only. */
	int r = hk_sys_unlinkat(dir, name, 0);
	if (r >= 0 || r == -ENOENT) {
		r = hk_sys_openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, op->mode);
	}
	HK_AUTO(fd) int fd = r;
	if (r >= 0 && op->secret.bytes) {
		r = hk_sys_write_all(fd, op->secret.bytes, op->secret.size);
	} else if (r >= 0) {
		r = hk_sys_write_all(fd, op->text, strlen(op->text));
	}
	return r < 0 ? hk_err_step(err, r, "write '%s'", HK_ESC(op->target)) : 0;
}

/* Below a bind of the host's nothing may be written: a read-only file of ours covers the one
 * that is there. It is cloned from an attached tmpfs, which older kernels insist on, and has no
 * name afterwards. */
static int cover(struct hk_root *root, const struct hk_mount_op *op, struct hk_err *err) {
	if (root->scratch < 0) {
		return hk_err_say(err, -ENOENT, "there is no tmpfs to keep the file's content in");
	}
	int r = write_file(root->scratch, SCRATCH_NAME, op, err);
	if (r < 0) {
		return r;
	}
	HK_AUTO(fd) int tree = hk_sys_open_tree(root->scratch, SCRATCH_NAME, OPEN_TREE_CLONE);
	r = tree;
	if (r >= 0) {
		r = hk_sys_mount_setattr(tree, 0,
			MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY, 0, MS_PRIVATE);
	}
	if (r < 0) {
		return hk_err_step(err, r, "clone '%s'", HK_ESC(op->target));
	}
	r = hk_root_attach(root, tree, op->target, HK_PLACE_FILE, 0755, false, err);
	if (r < 0) {
		return r;
	}
	/* Only now: the kernel attaches no mount of a file that has no name any more. */
	r = hk_sys_unlinkat(root->scratch, SCRATCH_NAME, 0);
	return r < 0 ? hk_err_step(err, r, "remove the name of '%s'", HK_ESC(op->target)) : 0;
}

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
	return own ? write_file(dir, name, op, err) : cover(root, op, err);
}

const struct hk_mount_type hk_mount_file = {.name = "file", .needs_text = true, .apply = apply};
