/* SPDX-License-Identifier: MIT */
/*
 * mount.h: one operation of building the root, in two halves. prepare runs in the caller, where
 * owners can be told apart and nothing is changed but what ENSURE asks for; apply runs in the
 * new namespaces. A kind is one file in this folder and one row in ops.c.
 */
#ifndef HK_CONTAINER_MOUNT_MOUNT_H
#define HK_CONTAINER_MOUNT_MOUNT_H

#include "container/params.h"
#include "container/root.h"
#include "container/source.h"

struct hk_sources HK_VEC(struct hk_source);

/* What prepare found out, for apply. */
struct hk_mount_prepared {
	const struct hk_mount_op *op;
	struct hk_source source; /* bind, root, etc */
	struct hk_sources lower; /* overlay */
	struct hk_source upper;
	struct hk_source work;
	const char *text; /* dev: the console's path, or NULL */
};
struct hk_mount_prepareds HK_VEC(struct hk_mount_prepared);

struct hk_mount_type {
	const char *name;
	bool needs_source; /* the operation is nothing without them */
	bool needs_text;
	/* NULL: nothing to find out. */
	int (*prepare)(
		struct hk_arena *arena, struct hk_mount_prepared *prepared, struct hk_err *err);
	int (*apply)(
		struct hk_root *root, const struct hk_mount_prepared *prepared, struct hk_err *err);
};

extern const struct hk_mount_type hk_mount_bind;
extern const struct hk_mount_type hk_mount_root;
extern const struct hk_mount_type hk_mount_etc;
extern const struct hk_mount_type hk_mount_tmpfs;
extern const struct hk_mount_type hk_mount_proc;
extern const struct hk_mount_type hk_mount_dev;
extern const struct hk_mount_type hk_mount_overlay;
extern const struct hk_mount_type hk_mount_mkdir;
extern const struct hk_mount_type hk_mount_link;
extern const struct hk_mount_type hk_mount_file;
extern const struct hk_mount_type hk_mount_remount;

/* Both halves over a whole list, in order. Errors start with the operation and its target. */
int hk_mounts_prepare(struct hk_arena *arena, const struct hk_mount_ops *ops,
	struct hk_mount_prepareds *ret_prepareds, struct hk_err *err);
int hk_mounts_apply(
	struct hk_root *root, const struct hk_mount_prepareds *prepareds, struct hk_err *err);

/* A clone of source with everything mounted below it, not attached: nosuid, nodev and read-only
 * unless the flags say otherwise, and private, so that what the host mounts there later does not
 * appear inside. The caller's descriptor. */
int hk_mount_clone(
	const struct hk_source *source, uint32_t flags, int *ret_mount, struct hk_err *err);

/* That for a clone that is there. name: for errors. */
int hk_mount_set_flags(int tree, uint32_t flags, const char *name, struct hk_err *err);

/* Clones source and attaches it. */
int hk_mount_bind_source(struct hk_root *root, const struct hk_source *source, const char *target,
	uint32_t flags, struct hk_err *err);

/* Makes a symbolic link in the directory dir, which lies on a mount of ours, or not; one that is
 * there already and holds the same is fine. */
int hk_mount_make_link_at(struct hk_root *root, int dir, bool own, const char *text,
	const char *name, struct hk_err *err);

#endif
