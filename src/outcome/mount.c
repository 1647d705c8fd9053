/* SPDX-License-Identifier: MIT */
/* mount.c: one configured mount as operations of the container library. */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "outcome/feature.h"
#include "sys/sys.h"

bool hk_outcome_autoroot_skips(const char *rest) {
	static const char *const left_out[] = HK_MOUNT_ROOT_LEFT_OUT;
	return hk_str_is_one_of(
		rest, strcspn(rest, "/"), left_out, sizeof(left_out) / sizeof(left_out[0]));
}

static int bind_op(struct hk_outcome_state *state, const struct hk_fs *fs,
	struct hk_mount_op *ret_op, struct hk_err *err) {
	struct hk_mount_op op = {
		.kind = HK_MOUNT_BIND,
		.target = fs->dst,
		.source = fs->src,
		.flags = (fs->write || fs->dev ? HK_MOUNT_WRITE : 0u) |
			 (fs->dev ? HK_MOUNT_DEVICES : 0u) |
			 (fs->optional ? HK_MOUNT_OPTIONAL : 0u) |
			 (fs->ensure ? HK_MOUNT_ENSURE : 0u),
		.mode = fs->ensure ? 0700 : 0,
	};
	if (fs->special && strcmp(fs->dst, "/") == 0) {
		op.kind = HK_MOUNT_ROOT;
	} else if (fs->special) {
		op.kind = HK_MOUNT_ETC;
		/* A name of its own, for the links lead to what this instance has mounted. */
		op.text = hk_arena_strdup(state->arena, hk_id_format(&state->plan.id).text);
		if (!op.text) {
			return hk_err_oom(err);
		}
	} else if (fs == state->root && op.flags & HK_MOUNT_WRITE) {
		return hk_err_say(err, -EINVAL, "the root is always read-only");
	}
	*ret_op = op;
	return 0;
}

static int ephemeral_op(struct hk_outcome_state *state, const struct hk_fs *fs,
	struct hk_mount_op *ret_op, struct hk_err *err) {
	if (fs == state->root && fs->write) {
		return hk_err_say(err, -EINVAL, "the root is always read-only");
	}
	*ret_op = (struct hk_mount_op){
		.kind = HK_MOUNT_TMPFS,
		.target = fs->dst,
		.mode = (uint32_t)fs->perm,
		.size = fs->size > 0 ? (uint64_t)fs->size : 0,
		.flags = fs->write ? HK_MOUNT_WRITE : 0,
	};
	return 0;
}

static int overlay_op(struct hk_outcome_state *state, const struct hk_fs *fs,
	struct hk_mount_op *ret_op, struct hk_err *err) {
	if (fs == state->root && fs->upper) {
		return hk_err_say(err, -EINVAL, "the root is always read-only");
	}
	*ret_op = (struct hk_mount_op){
		.kind = HK_MOUNT_OVERLAY,
		.target = fs->dst,
		.lower = fs->lower,
		.upper = fs->upper,
		.work = fs->work,
	};
	return 0;
}

static int link_op(struct hk_outcome_state *state, const struct hk_fs *fs,
	struct hk_mount_op *ret_op, struct hk_err *err) {
	const char *text = fs->linkname;
	if (fs->dereference) {
		/* Read now, so that the plan says what the link will hold. */
		char *read;
		int r = hk_sys_readlink(state->arena, fs->linkname, &read);
		if (r < 0) {
			return hk_err_step(err, r, "read link '%s'", HK_ESC(fs->linkname));
		}
		text = read;
	}
	*ret_op = (struct hk_mount_op){
		.kind = HK_MOUNT_LINK,
		.target = fs->dst,
		.text = text,
	};
	return 0;
}

static int (*const makers[HK_FS_TYPES])(struct hk_outcome_state *state, const struct hk_fs *fs,
	struct hk_mount_op *ret_op, struct hk_err *err) = {
	[HK_FS_BIND] = bind_op,
	[HK_FS_EPHEMERAL] = ephemeral_op,
	[HK_FS_OVERLAY] = overlay_op,
	[HK_FS_LINK] = link_op,
};

int hk_outcome_mount(struct hk_outcome_state *state, const struct hk_fs *fs, struct hk_err *err) {
	size_t index = (size_t)(fs - state->config.container->filesystem.items);
	struct hk_mount_op op;
	int r = 0;
	if (strcmp(fs->dst, "/") == 0 && (fs != state->root || fs->type == HK_FS_LINK)) {
		/* A second mount on "/" would leave the first one's root reachable above it. */
		r = hk_err_say(err, -EINVAL, "only the first mount can be the root");
	} else {
		r = makers[fs->type](state, fs, &op, err);
	}
	if (r < 0) {
		return hk_err_frame(err, "invalid filesystem at index %zu", index);
	}
	r = hk_outcome_add_mount(state, &op, err);
	return r < 0 ? r : hk_outcome_hide(state, fs, err);
}
