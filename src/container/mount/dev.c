/* SPDX-License-Identifier: MIT */
/*
 * dev.c: a private /dev. Device nodes cannot be made in a user namespace, so the harmless ones
 * are bound from the host, each only after it has been seen to be the device that it should be:
 * a file or a link in its place would otherwise be handed to the program as /dev/null.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/path.h"
#include "base/str.h"
#include "container/mount/mount.h"
#include "sys/mount_api.h"
#include "sys/sys.h"

#define DEV_MODE 0755

/* Numbers: the kernel's list of assigned devices. */
static const struct {
	const char *name;
	unsigned int major;
	unsigned int minor;
} nodes[] = {
	{"full", 1, 7},
	{"null", 1, 3},
	{"random", 1, 8},
	{"tty", 5, 0},
	{"urandom", 1, 9},
	{"zero", 1, 5},
};

static const struct {
	const char *name;
	const char *text;
} links[] = {
	{"core", "/proc/kcore"},
	{"fd", "/proc/self/fd"},
	{"ptmx", "pts/ptmx"},
	{"stderr", "/proc/self/fd/2"},
	{"stdin", "/proc/self/fd/0"},
	{"stdout", "/proc/self/fd/1"},
};

static const struct {
	const char *name;
	mode_t mode;
} directories[] = {
	{"mqueue", 0755},
	{"pts", 0755},
	{"shm", 01777},
};

/* The name of the terminal on descriptor 1: that, and no other, may become /dev/console. */
static int find_console(
	struct hk_arena *arena, struct hk_mount_prepared *prepared, struct hk_err *err) {
	struct stat open;
	if (hk_sys_isatty(STDOUT_FILENO) != 1 || hk_sys_fstat(STDOUT_FILENO, &open) < 0) {
		return 0; /* no terminal, no console */
	}
	char *path;
	int r = hk_sys_readlink(arena, "/proc/self/fd/1", &path);
	struct hk_source source;
	if (r < 0 || hk_source_resolve(arena, path, &source, err) < 0 || !S_ISCHR(source.type) ||
		source.device != open.st_rdev) {
		return 0; /* a terminal of another namespace has no name here */
	}
	prepared->source = source;
	prepared->text = path;
	return 0;
}

static int prepare(struct hk_arena *arena, struct hk_mount_prepared *prepared, struct hk_err *err) {
	return prepared->op->flags & HK_MOUNT_CONSOLE ? find_console(arena, prepared, err) : 0;
}

static int new_mount(const char *type, const char *const options[], int *ret_mount) {
	HK_AUTO(fd) int fs = hk_sys_fsopen(type);
	int r = fs;
	for (size_t i = 0; r >= 0 && options[i]; i += 2) {
		r = options[i + 1] ? hk_sys_fsconfig_string(fs, options[i], options[i + 1])
				   : hk_sys_fsconfig_flag(fs, options[i]);
	}
	r = r < 0 ? r : hk_sys_fsconfig_create(fs);
	if (r >= 0) {
		r = hk_sys_fsmount(fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	}
	if (r < 0) {
		return r;
	}
	*ret_mount = r;
	return 0;
}

/* Binds the device on a new empty file in dir. tree: a clone of its mount, not attached. */
static int bind_node(int tree, int dir, const char *name) {
	HK_AUTO(fd) int file = -1;
	int r = hk_sys_mount_setattr(tree, 0, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0, MS_PRIVATE);
	if (r >= 0) {
		file = hk_sys_openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0444);
		r = file;
	}
	if (r >= 0) {
		r = hk_sys_move_mount(tree, "", dir, name, MOVE_MOUNT_F_EMPTY_PATH);
	}
	return r;
}

static int add_nodes(int dir, struct hk_err *err) {
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		char path[sizeof("/dev/") + 16];
		(void)snprintf(path, sizeof(path), "/dev/%s", nodes[i].name);
		/* What has been cloned is what is looked at. */
		HK_AUTO(fd)
		int device =
			hk_sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | AT_SYMLINK_NOFOLLOW);
		struct stat stat;
		int r = device < 0 ? device : hk_sys_fstat(device, &stat);
		if (r < 0) {
			return hk_err_step(err, r, "bind '%s'", path);
		}
		if (!S_ISCHR(stat.st_mode) ||
			stat.st_rdev != makedev(nodes[i].major, nodes[i].minor)) {
			return hk_err_say(err, -ENODEV,
				"'%s' on the host is not the character device %u:%u", path,
				nodes[i].major, nodes[i].minor);
		}
		r = bind_node(device, dir, nodes[i].name);
		if (r < 0) {
			return hk_err_step(err, r, "bind '%s'", path);
		}
	}
	return 0;
}

static int add_names(int dir, struct hk_err *err) {
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		int r = hk_sys_symlinkat(links[i].text, dir, links[i].name);
		if (r < 0) {
			return hk_err_step(err, r, "create the link '%s'", links[i].name);
		}
	}
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		int r = hk_sys_mkdirat(dir, directories[i].name, directories[i].mode);
		if (r < 0) {
			return hk_err_step(err, r, "create directory '%s'", directories[i].name);
		}
	}
	return 0;
}

/* Terminals and message queues of its own: both belong to namespaces that are new. */
static int add_mounts(int dir, struct hk_err *err) {
	static const char *const devpts[] = {
		"newinstance", NULL, "ptmxmode", "0666", "mode", "620", NULL};
	static const char *const mqueue[] = {NULL};
	HK_AUTO(fd) int pts = -1;
	int r = new_mount("devpts", devpts, &pts);
	r = r < 0 ? r : hk_sys_move_mount(pts, "", dir, "pts", MOVE_MOUNT_F_EMPTY_PATH);
	if (r < 0) {
		return hk_err_step(err, r, "mount a devpts");
	}
	HK_AUTO(fd) int queue = -1;
	r = new_mount("mqueue", mqueue, &queue);
	if (r >= 0) {
		r = hk_sys_mount_setattr(queue, 0, MOUNT_ATTR_NODEV, 0, 0);
	}
	r = r < 0 ? r : hk_sys_move_mount(queue, "", dir, "mqueue", MOVE_MOUNT_F_EMPTY_PATH);
	return r < 0 ? hk_err_step(err, r, "mount a mqueue") : 0;
}

static int add_console(int dir, const struct hk_mount_prepared *prepared, struct hk_err *err) {
	if (!prepared->text) {
		return 0;
	}
	HK_AUTO(fd) int device = hk_source_open(&prepared->source, err);
	if (device < 0) {
		return device;
	}
	HK_AUTO(fd) int tree = hk_sys_open_tree(device, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
	int r = tree < 0 ? tree : bind_node(tree, dir, "console");
	return r < 0 ? hk_err_step(err, r, "bind '%s'", HK_ESC(prepared->text)) : 0;
}

static int apply(
	struct hk_root *root, const struct hk_mount_prepared *prepared, struct hk_err *err) {
	const struct hk_mount_op *op = prepared->op;
	HK_AUTO(fd) int mount = -1;
	/* Attached first: mounts are moved into an attached tree only. */
	int r = hk_root_add_tmpfs(root, op->target, DEV_MODE, 0, &mount, err);
	r = r < 0 ? r : add_nodes(mount, err);
	r = r < 0 ? r : add_names(mount, err);
	r = r < 0 ? r : add_mounts(mount, err);
	r = r < 0 ? r : add_console(mount, prepared, err);
	if (r >= 0 && !(op->flags & HK_MOUNT_WRITE)) {
		r = hk_root_read_only_late(root, mount, op->target, err);
	}
	return r;
}

const struct hk_mount_type hk_mount_dev = {.name = "dev", .prepare = prepare, .apply = apply};
