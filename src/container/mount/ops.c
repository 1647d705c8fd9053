/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>

#include "base/str.h"
#include "container/mount/mount.h"

static const struct hk_mount_type *const types[HK_MOUNT_KINDS] = {
	[HK_MOUNT_BIND] = &hk_mount_bind,
	[HK_MOUNT_ROOT] = &hk_mount_root,
	[HK_MOUNT_ETC] = &hk_mount_etc,
	[HK_MOUNT_TMPFS] = &hk_mount_tmpfs,
	[HK_MOUNT_PROC] = &hk_mount_proc,
	[HK_MOUNT_DEV] = &hk_mount_dev,
	[HK_MOUNT_OVERLAY] = &hk_mount_overlay,
	[HK_MOUNT_MKDIR] = &hk_mount_mkdir,
	[HK_MOUNT_LINK] = &hk_mount_link,
	[HK_MOUNT_FILE] = &hk_mount_file,
	[HK_MOUNT_REMOUNT] = &hk_mount_remount,
};

/* Puts "NAME TARGET: " in front. */
static int name_op(const struct hk_mount_op *op, struct hk_err *err) {
	return hk_err_frame(err, "%s '%s'", types[op->kind]->name, HK_ESC(op->target));
}

int hk_mounts_prepare(struct hk_arena *arena, const struct hk_mount_ops *ops,
	struct hk_mount_prepareds *ret_prepareds, struct hk_err *err) {
	struct hk_mount_prepareds prepareds = {0};
	for (size_t i = 0; i < ops->count; i++) {
		const struct hk_mount_op *op = &ops->items[i];
		assert(op->kind < HK_MOUNT_KINDS);
		struct hk_mount_prepared *prepared = hk_vec_add(arena, &prepareds);
		if (!prepared) {
			return hk_err_oom(err);
		}
		prepared->op = op;
		const struct hk_mount_type *type = types[op->kind];
		bool has_text = op->text || (op->kind == HK_MOUNT_FILE && op->secret.bytes);
		if ((type->needs_source && !op->source) || (type->needs_text && !has_text)) {
			(void)hk_err_say(err, -EINVAL, "source or content is missing");
			return name_op(op, err);
		}
		if (type->prepare && type->prepare(arena, prepared, err) < 0) {
			return name_op(op, err);
		}
	}
	*ret_prepareds = prepareds;
	return 0;
}

int hk_mounts_apply(
	struct hk_root *root, const struct hk_mount_prepareds *prepareds, struct hk_err *err) {
	for (size_t i = 0; i < prepareds->count; i++) {
		const struct hk_mount_op *op = prepareds->items[i].op;
		hk_log_verbose(root->log, "mount: %s '%s'%s%s", types[op->kind]->name,
			HK_ESC(op->target), op->source ? " from " : "",
			op->source ? HK_ESC(op->source) : "");
		if (types[op->kind]->apply(root, &prepareds->items[i], err) < 0) {
			return name_op(op, err);
		}
	}
	return 0;
}
