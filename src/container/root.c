/* SPDX-License-Identifier: MIT */
#include "container/root.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/auto.h"
#include "base/path.h"
#include "base/str.h"
#include "container/walk.h"
#include "sys/mount_api.h"
#include "sys/sys.h"

#define DIRECTORY_MODE 0755
#define FILE_MODE      0444

/* What the walk to a mount point has to know. */
struct journey {
	struct hk_root *root;
	enum hk_place place;
	mode_t parent_mode;
};

int hk_root_is_own(const struct hk_root *root, int fd, bool *ret_own, struct hk_err *err) {
	uint64_t id;
	int r = hk_sys_mount_id(fd, &id);
	if (r < 0) {
		return hk_err_step(err, r, "look up a mount");
	}
	bool own = false;
	for (size_t i = 0; i < root->own.count && !own; i++) {
		own = root->own.items[i] == id;
	}
	*ret_own = own;
	return 0;
}

/* Neither may our uid write to the directory, nor does it own it and could change that. Of owners
 * the kernel knows better than stat: only they may keep access times as they are. */
static bool is_closed(int dir) {
	if (hk_sys_may_write(dir) != -EACCES) {
		return false;
	}
	HK_AUTO(fd) int fd = hk_sys_openat(dir, ".", O_RDONLY | O_DIRECTORY | O_NOATIME, 0);
	return fd == -EPERM;
}

/*
 * The program may have planted a link wherever it can write: on any mount that is neither ours nor
 * read-only. Read-only in here may be writable by another way, so there the directory itself must
 * be closed to our uid: what only the mount keeps from being written is -EROFS. (Owners cannot be
 * compared: in this namespace all but one look the same, and that one like them.)
 */
static int check_link(void *data, int dir, int link, const char *path, struct hk_err *err) {
	const struct journey *journey = data;
	bool own = false;
	int r = hk_root_is_own(journey->root, link, &own, err);
	if (r < 0 || own) {
		return r;
	}
	struct statfs place;
	r = hk_sys_fstatfs(link, &place);
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(path));
	}
	if (!(place.f_flags & ST_RDONLY) || !is_closed(dir)) {
		return hk_err_say(err, -ELOOP,
			"'%s' in the container is a symbolic link that the program could have "
			"made: refused",
			HK_ESC(path));
	}
	return 0;
}

static int make_missing(void *data, int dir, const char *name, bool last, struct hk_err *err) {
	const struct journey *journey = data;
	bool own = false;
	int r = hk_root_is_own(journey->root, dir, &own, err);
	if (r < 0) {
		return r;
	}
	if (!own || journey->place == HK_PLACE_ANY) {
		return hk_err_say(err, -ENOENT,
			"'%s' does not exist in the container, and nothing is created there",
			HK_ESC(name));
	}
	if (last && journey->place == HK_PLACE_FILE) {
		HK_AUTO(fd)
		int fd = hk_sys_openat(
			dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE);
		return fd < 0 ? hk_err_step(err, fd, "create '%s'", HK_ESC(name)) : 0;
	}
	mode_t mode = DIRECTORY_MODE & (S_IRWXU | journey->parent_mode);
	r = hk_sys_mkdirat(dir, name, mode);
	return r < 0 ? hk_err_step(err, r, "create directory '%s'", HK_ESC(name)) : 0;
}

static int walk_to(struct hk_root *root, const char *target, enum hk_place place,
	mode_t parent_mode, int *ret_fd, struct hk_err *err) {
	struct journey journey = {.root = root, .place = place, .parent_mode = parent_mode};
	const struct hk_walk_rules rules = {
		.root = root->fd,
		.data = &journey,
		.check_link = check_link,
		.make = make_missing,
	};
	struct hk_walked walked;
	int r = hk_walk(root->arena, &rules, target, &walked, err);
	if (r < 0) {
		return r;
	}
	*ret_fd = walked.fd;
	return 0;
}

int hk_root_open(struct hk_root *root, const char *target, enum hk_place place, mode_t parent_mode,
	int *ret_fd, struct hk_err *err) {
	/* Most places are there already and have no link on the way: one call. */
	const char *below = target[1] ? target + 1 : ".";
	HK_AUTO(fd)
	int fd = hk_sys_openat2(root->fd, below, O_PATH, 0,
		RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	if (fd == -ENOENT || fd == -ELOOP) {
		int r = walk_to(root, target, place, parent_mode, &fd, err);
		if (r < 0) {
			return r;
		}
	}
	if (fd < 0) {
		return hk_err_step(err, fd, "open '%s' in the container", HK_ESC(target));
	}
	if (place != HK_PLACE_ANY) {
		struct stat stat;
		int r = hk_sys_fstat(fd, &stat);
		if (r < 0) {
			return hk_err_step(err, r, "look at '%s' in the container", HK_ESC(target));
		}
		if (S_ISDIR(stat.st_mode) != (place == HK_PLACE_DIRECTORY)) {
			r = S_ISDIR(stat.st_mode) ? -EISDIR : -ENOTDIR;
			return hk_err_step(err, r, "use '%s' in the container", HK_ESC(target));
		}
	}
	*ret_fd = hk_take(&fd);
	return 0;
}

static int open_parent(struct hk_root *root, const char *target, mode_t parent_mode, int *ret_fd,
	struct hk_err *err) {
	char *parent = hk_path_parent(root->arena, target);
	return parent ? hk_root_open(root, parent, HK_PLACE_DIRECTORY, parent_mode, ret_fd, err)
		      : hk_err_oom(err);
}

int hk_root_open_parent(struct hk_root *root, const char *target, int *ret_fd,
	const char **ret_name, bool *ret_own, struct hk_err *err) {
	HK_AUTO(fd) int fd = -1;
	int r = open_parent(root, target, DIRECTORY_MODE, &fd, err);
	if (r >= 0) {
		r = hk_root_is_own(root, fd, ret_own, err);
	}
	if (r < 0) {
		return r;
	}
	*ret_name = hk_path_name(target);
	*ret_fd = hk_take(&fd);
	return 0;
}

static int remember_own(struct hk_root *root, int mount, struct hk_err *err) {
	uint64_t id;
	int r = hk_sys_mount_id(mount, &id);
	if (r < 0) {
		return hk_err_step(err, r, "look up a mount");
	}
	uint64_t *slot = hk_vec_add(root->arena, &root->own);
	if (!slot) {
		return hk_err_oom(err);
	}
	*slot = id;
	if (root->scratch < 0) {
		root->scratch = hk_sys_dup_above(mount, 3);
	}
	return 0;
}

int hk_root_attach(struct hk_root *root, int mount, const char *target, enum hk_place place,
	mode_t parent_mode, bool own, struct hk_err *err) {
	int r;
	if (root->fd < 0) {
		/* Over our own "/": lookups keep starting at the mount below it, the host's, until
		 * the pivot. */
		r = hk_sys_move_mount(mount, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH);
		root->fd = r < 0 ? r : hk_sys_dup_above(mount, 3);
		r = r < 0 ? r : root->fd;
	} else if (strcmp(target, "/") == 0) {
		return hk_err_say(err, -EINVAL, "only the first mount may lie on '/'");
	} else {
		HK_AUTO(fd) int fd = -1;
		r = hk_root_open(root, target, place, parent_mode, &fd, err);
		if (r < 0) {
			return r;
		}
		r = hk_sys_move_mount(
			mount, "", fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	}
	if (r < 0) {
		return hk_err_step(err, r, "attach a mount to '%s'", HK_ESC(target));
	}
	return own ? remember_own(root, mount, err) : 0;
}

int hk_root_read_only_late(
	struct hk_root *root, int mount, const char *target, struct hk_err *err) {
	struct hk_late *late = hk_vec_add(root->arena, &root->late);
	if (!late) {
		return hk_err_oom(err);
	}
	late->target = target;
	late->fd = hk_sys_dup_above(mount, 3);
	return late->fd < 0 ? hk_err_step(err, late->fd, "keep a descriptor") : 0;
}

int hk_root_new_tmpfs(mode_t mode, uint64_t size, int *ret_mount, struct hk_err *err) {
	HK_AUTO(fd) int fs = hk_sys_fsopen("tmpfs");
	int r = fs;
	char text[24];
	if (r >= 0) {
		(void)snprintf(text, sizeof(text), "%04o", (unsigned int)mode);
		r = hk_sys_fsconfig_string(fs, "mode", text);
	}
	if (r >= 0 && size > 0) {
		(void)snprintf(text, sizeof(text), "%" PRIu64, size);
		r = hk_sys_fsconfig_string(fs, "size", text);
	}
	if (r >= 0) {
		r = hk_sys_fsconfig_create(fs);
	}
	if (r >= 0) {
		r = hk_sys_fsmount(fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	}
	if (r < 0) {
		return hk_err_step(err, r, "make a tmpfs");
	}
	*ret_mount = r;
	return 0;
}

/* Puts a new directory of the root's tmpfs over itself: the same flags, but a mount of its own. 0
 * where something is on it already. */
static int add_shared(
	struct hk_root *root, const char *target, mode_t mode, int *ret_mount, struct hk_err *err) {
	HK_AUTO(fd) int dir = -1;
	struct stat stat;
	int r = open_parent(root, target, mode, &dir, err);
	if (r < 0 || hk_sys_fstat(dir, &stat) < 0 || stat.st_dev != root->device) {
		return r < 0 ? r : 0;
	}
	/* Made anew, so that it is empty and no link; what is not is left to be covered. */
	const char *name = hk_path_name(target);
	r = hk_sys_unlinkat(dir, name, AT_REMOVEDIR);
	if (r < 0 && r != -ENOENT) {
		return 0;
	}
	r = hk_sys_mkdirat(dir, name, mode);
	HK_AUTO(fd)
	int mount = r < 0 ? r : hk_sys_open_tree(dir, name, OPEN_TREE_CLONE | AT_SYMLINK_NOFOLLOW);
	r = mount < 0 ? mount : hk_sys_move_mount(mount, "", dir, name, MOVE_MOUNT_F_EMPTY_PATH);
	if (r < 0) {
		return hk_err_step(err, r, "clone and attach '%s'", HK_ESC(target));
	}
	r = remember_own(root, mount, err);
	if (r < 0) {
		return r;
	}
	*ret_mount = hk_take(&mount);
	return 1;
}

int hk_root_add_tmpfs(struct hk_root *root, const char *target, mode_t mode, uint64_t size,
	int *ret_mount, struct hk_err *err) {
	bool is_root = root->fd < 0;
	if (!is_root && size == 0 && root->device != 0 && strcmp(target, "/") != 0) {
		int r = add_shared(root, target, mode, ret_mount, err);
		if (r != 0) {
			return r < 0 ? r : 0;
		}
	}
	HK_AUTO(fd) int mount = -1;
	int r = hk_root_new_tmpfs(mode, size, &mount, err);
	r = r < 0 ? r : hk_root_attach(root, mount, target, HK_PLACE_DIRECTORY, mode, true, err);
	if (r < 0) {
		return r;
	}
	struct stat stat;
	if (is_root && size == 0 && hk_sys_fstat(mount, &stat) >= 0) {
		root->device = stat.st_dev; /* else nothing is shared */
	}
	*ret_mount = hk_take(&mount);
	return 0;
}

static int make_read_only(struct hk_root *root, struct hk_err *err) {
	for (size_t i = 0; i < root->late.count; i++) {
		struct hk_late *late = &root->late.items[i];
		int r = hk_sys_mount_setattr(late->fd, 0, MOUNT_ATTR_RDONLY, 0, 0);
		if (r < 0) {
			return hk_err_step(err, r, "make '%s' read-only", HK_ESC(late->target));
		}
		(void)hk_sys_close(hk_take(&late->fd)); /* a place, nothing written */
	}
	return 0;
}

/* "/.." must be "/" itself, or the host's root could be walked back to. */
static int check_sealed(struct hk_err *err) {
	HK_AUTO(fd) int root = hk_sys_open("/", O_PATH | O_DIRECTORY, 0);
	HK_AUTO(fd) int above = hk_sys_open("/..", O_PATH | O_DIRECTORY, 0);
	struct stat a;
	struct stat b;
	uint64_t a_id;
	uint64_t b_id;
	int r = root < 0 ? root : above;
	r = r < 0 ? r : hk_sys_fstat(root, &a);
	r = r < 0 ? r : hk_sys_fstat(above, &b);
	r = r < 0 ? r : hk_sys_mount_id(root, &a_id);
	r = r < 0 ? r : hk_sys_mount_id(above, &b_id);
	if (r < 0) {
		return hk_err_step(err, r, "look at '/..'");
	}
	if (a_id != b_id || a.st_dev != b.st_dev || a.st_ino != b.st_ino) {
		return hk_err_say(err, -ENOTRECOVERABLE, "'/..' leads out of the container");
	}
	return 0;
}

int hk_root_enter(struct hk_root *root, struct hk_err *err) {
	int r = make_read_only(root, err);
	if (r < 0) {
		return r;
	}
	/* pivot_root(".", ".") stacks the old root on the new one, where it can be detached
	 * without a directory to put it in. */
	r = hk_sys_fchdir(root->fd);
	r = r < 0 ? r : hk_sys_pivot_root(".", ".");
	r = r < 0 ? r : hk_sys_umount(".", MNT_DETACH);
	r = r < 0 ? r : hk_sys_chdir("/");
	if (r < 0) {
		return hk_err_step(err, r, "enter the new root");
	}
	(void)hk_sys_close(hk_take(&root->fd)); /* a place, nothing written */
	if (root->scratch >= 0) {
		(void)hk_sys_close(hk_take(&root->scratch)); /* likewise */
	}
	return check_sealed(err);
}
