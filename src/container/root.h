/* SPDX-License-Identifier: MIT */
/*
 * root.h: the container's root while it is being built, on top of a host root that is still in
 * view (the process's own root stays the old one until the pivot).
 *
 * What must hold:
 *   - nothing is created on the host: a missing mount point is made only on mounts that we made
 *     ourselves, and is an error everywhere else;
 *   - a link on the way to a mount point is followed only if the program could not have planted
 *     it: it lies on a mount of ours, or on one that is read-only;
 *   - exactly one mount lies on "/" at the pivot; a second would leave the host's root at "/..".
 */
#ifndef HK_CONTAINER_ROOT_H
#define HK_CONTAINER_ROOT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "base/vec.h"

struct hk_mount_ids HK_VEC(uint64_t);

/* A mount that becomes read-only when everything is in place. */
struct hk_late {
	int fd;
	const char *target;
};
struct hk_lates HK_VEC(struct hk_late);

struct hk_root {
	struct hk_arena *arena;
	struct hk_log *log;
	int fd;			 /* of the new root's mount; -1 until there is one */
	int scratch;		 /* some tmpfs of ours, for files that are then bound; -1: none */
	dev_t device;		 /* of a root that is a tmpfs without a limit; 0: it is none */
	struct hk_mount_ids own; /* mounts made by us, where mount points may be created */
	struct hk_lates late;
};

/* What a mount point has to be. */
enum hk_place { HK_PLACE_DIRECTORY, HK_PLACE_FILE, HK_PLACE_ANY };

/*
 * An O_PATH descriptor of target in the new root; the caller's. What is missing is created where
 * that is allowed (directories 0755 & parent_mode; a file is empty and 0444), unless place is
 * HK_PLACE_ANY, which looks only. Errors: -ENOENT if it is missing where nothing may be created.
 */
int hk_root_open(struct hk_root *root, const char *target, enum hk_place place, mode_t parent_mode,
	int *ret_fd, struct hk_err *err);

/* The same for the directory that target shall be created in (link, file); name points into
 * target. own: does it lie on a mount of ours? */
int hk_root_open_parent(struct hk_root *root, const char *target, int *ret_fd,
	const char **ret_name, bool *ret_own, struct hk_err *err);

/* Does what fd refers to lie on a mount that we made? */
int hk_root_is_own(const struct hk_root *root, int fd, bool *ret_own, struct hk_err *err);

/*
 * Puts a detached mount on target: the first one with target "/" becomes the root. own: mount
 * points may be created on it. Keeps nothing of the caller's descriptor, which is still the
 * mount's.
 */
int hk_root_attach(struct hk_root *root, int mount, const char *target, enum hk_place place,
	mode_t parent_mode, bool own, struct hk_err *err);

/* The mount of fd becomes read-only once every operation is done. Copies fd. */
int hk_root_read_only_late(struct hk_root *root, int mount, const char *target, struct hk_err *err);

/* A new tmpfs, not attached. mode: permission bits; size: bytes, 0 is the kernel's default. */
int hk_root_new_tmpfs(mode_t mode, uint64_t size, int *ret_mount, struct hk_err *err);

/*
 * An empty tmpfs at target, where mount points may be created; with target "/" it becomes the root.
 * Without a size it may be a directory of the root's tmpfs, which then limits both of them
 * together: a superblock takes the kernel longer to make and to take apart than all the rest of a
 * mount.
 */
int hk_root_add_tmpfs(struct hk_root *root, const char *target, mode_t mode, uint64_t size,
	int *ret_mount, struct hk_err *err);

/* Read-only what waited for it, then the pivot: afterwards the host is out of reach. */
int hk_root_enter(struct hk_root *root, struct hk_err *err);

#endif
