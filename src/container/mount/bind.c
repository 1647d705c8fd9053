/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>

#include "base/auto.h"
#include "base/str.h"
#include "container/mount/mount.h"
#include "sys/mount_api.h"
#include "sys/sys.h"

static int prepare(struct hk_arena *arena, struct hk_mount_prepared *prepared, struct hk_err *err) {
	const struct hk_mount_op *op = prepared->op;
	if (op->flags & HK_MOUNT_ENSURE) {
		return hk_source_ensure(arena, op->source, op->mode, &prepared->source, err);
	}
	int r = hk_source_resolve(arena, op->source, &prepared->source, err);
	if (r == -ENOENT && (op->flags & HK_MOUNT_OPTIONAL)) {
		prepared->source = (struct hk_source){.path = op->source, .missing = true};
		return 0;
	}
	return r;
}

int hk_mount_set_flags(int tree, uint32_t flags, const char *name, struct hk_err *err) {
	uint64_t set = MOUNT_ATTR_NOSUID;
	if (!(flags & HK_MOUNT_DEVICES)) {
		set |= MOUNT_ATTR_NODEV;
	}
	if (!(flags & (HK_MOUNT_WRITE | HK_MOUNT_DEVICES))) {
		set |= MOUNT_ATTR_RDONLY;
	}
	int r = hk_sys_mount_setattr(tree, AT_RECURSIVE, set, 0, MS_PRIVATE);
	return r < 0 ? hk_err_step(err, r, "set the flags of '%s'", HK_ESC(name)) : 0;
}

int hk_mount_clone(
	const struct hk_source *source, uint32_t flags, int *ret_mount, struct hk_err *err) {
	HK_AUTO(fd) int fd = hk_source_open(source, err);
	if (fd < 0) {
		return fd;
	}
	HK_AUTO(fd)
	int tree = hk_sys_open_tree(fd, "", OPEN_TREE_CLONE | AT_RECURSIVE | AT_EMPTY_PATH);
	if (tree < 0) {
		return hk_err_step(err, tree, "clone '%s'", HK_ESC(source->path));
	}
	int r = hk_mount_set_flags(tree, flags, source->path, err);
	if (r < 0) {
		return r;
	}
	*ret_mount = hk_take(&tree);
	return 0;
}

int hk_mount_bind_source(struct hk_root *root, const struct hk_source *source, const char *target,
	uint32_t flags, struct hk_err *err) {
	HK_AUTO(fd) int mount = -1;
	int r = hk_mount_clone(source, flags, &mount, err);
	if (r < 0) {
		return r;
	}
	enum hk_place place = S_ISDIR(source->type) ? HK_PLACE_DIRECTORY : HK_PLACE_FILE;
	return hk_root_attach(root, mount, target, place, S_IRWXU, false, err);
}

static int apply(
	struct hk_root *root, const struct hk_mount_prepared *prepared, struct hk_err *err) {
	const struct hk_mount_op *op = prepared->op;
	if (prepared->source.missing) {
		hk_log_verbose(root->log, "mount: '%s' does not exist: left out, as it is optional",
			HK_ESC(op->source));
		return 0;
	}
	return hk_mount_bind_source(root, &prepared->source, op->target, op->flags, err);
}

const struct hk_mount_type hk_mount_bind = {
	.name = "bind", .needs_source = true, .prepare = prepare, .apply = apply};
