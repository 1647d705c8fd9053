/* SPDX-License-Identifier: MIT */
/*
 * overlay.c: the one user of mount(2): its options take descriptors as /proc/self/fd/N, so no
 * character of a path needs escaping and no path is too long, while strings of the new calls
 * end at 255 bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/str.h"
#include "container/mount/mount.h"
#include "sys/mount_api.h"
#include "sys/sys.h"

/* mount(2) reads one page of options. */
#define OPTIONS_MAX 4095

static int resolve_directory(struct hk_arena *arena, const char *path, struct hk_source *ret_source,
	struct hk_err *err) {
	int r = hk_source_resolve(arena, path, ret_source, err);
	if (r >= 0 && !S_ISDIR(ret_source->type)) {
		r = hk_err_step(err, -ENOTDIR, "use '%s' as a layer", HK_ESC(path));
	}
	return r;
}

static int prepare(struct hk_arena *arena, struct hk_mount_prepared *prepared, struct hk_err *err) {
	const struct hk_mount_op *op = prepared->op;
	for (size_t i = 0; i < op->lower.count; i++) {
		struct hk_source *lower = hk_vec_add(arena, &prepared->lower);
		if (!lower) {
			return hk_err_oom(err);
		}
		int r = resolve_directory(arena, op->lower.items[i], lower, err);
		if (r < 0) {
			return r;
		}
	}
	if (!op->upper) {
		return 0;
	}
	int r = resolve_directory(arena, op->upper, &prepared->upper, err);
	return r < 0 ? r : resolve_directory(arena, op->work, &prepared->work, err);
}

/* Two overlays that write to one upper or work directory corrupt it, and the kernel only warns.
 * The lock is as old as this process, which is as old as the container. */
static int lock_layer(const struct hk_source *source, struct hk_err *err) {
	HK_AUTO(fd) int place = hk_source_open(source, err);
	if (place < 0) {
		return place;
	}
	int fd = hk_sys_openat(place, ".", O_RDONLY | O_DIRECTORY, 0);
	int r = fd < 0 ? fd : hk_sys_flock(fd);
	if (r == -EAGAIN) {
		return hk_err_say(
			err, -EBUSY, "'%s' is in use by another container", HK_ESC(source->path));
	}
	/* On success the descriptor stays open on purpose: it holds the lock. */
	return r < 0 ? hk_err_step(err, r, "lock '%s'", HK_ESC(source->path)) : 0;
}

/* Adds "KEY=/proc/self/fd/N", or ":/proc/self/fd/N" where key is NULL. */
static int add_layer(struct hk_str *options, const char *key, const struct hk_source *source,
	struct hk_err *err) {
	int fd = hk_source_open(source, err);
	if (fd < 0) {
		return fd;
	}
	/* A clone without what is mounted below is refused where something is: the overlay would
	 * be refused as well, without a name. */
	int tree = hk_sys_open_tree(fd, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
	if (tree == -EINVAL) {
		return hk_err_say(err, -EINVAL, "something is mounted below the layer '%s'",
			HK_ESC(source->path));
	}
	if (tree < 0) {
		return hk_err_step(err, tree, "clone '%s'", HK_ESC(source->path));
	}
	(void)hk_sys_close(tree); /* was only a question */
	hk_str_addf(options, "%s%s/proc/self/fd/%d", key ? key : ":", key ? "=" : "", fd);
	return 0;
}

static int collect_options(
	const struct hk_mount_prepared *prepared, struct hk_str *options, struct hk_err *err) {
	const struct hk_mount_op *op = prepared->op;
	hk_str_add(options, "userxattr");
	int r = 0;
	for (size_t i = 0; r >= 0 && i < prepared->lower.count; i++) {
		r = add_layer(options, i == 0 ? ",lowerdir" : NULL, &prepared->lower.items[i], err);
	}
	if (r >= 0 && op->upper) {
		r = lock_layer(&prepared->upper, err);
		r = r < 0 ? r : lock_layer(&prepared->work, err);
		r = r < 0 ? r : add_layer(options, ",upperdir", &prepared->upper, err);
		r = r < 0 ? r : add_layer(options, ",workdir", &prepared->work, err);
	}
	if (r < 0) {
		return r;
	}
	if (options->failed) {
		return hk_err_oom(err);
	}
	if (options->length > OPTIONS_MAX) {
		return hk_err_say(err, -E2BIG, "%zu layers are more than one mount can take",
			prepared->lower.count);
	}
	return 0;
}

/* mount(2) has to be told a place by path. The root's own place is "/", over the host's; what
 * then lies there is found at "/..", which steps onto the uppermost mount. */
static int mount_root(struct hk_root *root, const char *options, struct hk_err *err) {
	int r = hk_sys_mount("overlay", "/", "overlay", MS_NOSUID | MS_NODEV, options);
	if (r >= 0) {
		r = hk_sys_open("/..", O_PATH | O_DIRECTORY, 0);
	}
	if (r < 0) {
		return hk_err_step(err, r, "mount the overlay");
	}
	root->fd = r;
	return 0;
}

static int mount_at(
	struct hk_root *root, const char *target, const char *options, struct hk_err *err) {
	HK_AUTO(fd) int fd = -1;
	int r = hk_root_open(root, target, HK_PLACE_DIRECTORY, 0755, &fd, err);
	if (r < 0) {
		return r;
	}
	char place[sizeof("/proc/self/fd/") + 11];
	(void)snprintf(place, sizeof(place), "/proc/self/fd/%d", fd);
	r = hk_sys_mount("overlay", place, "overlay", MS_NOSUID | MS_NODEV, options);
	return r < 0 ? hk_err_step(err, r, "mount the overlay") : 0;
}

static int apply(
	struct hk_root *root, const struct hk_mount_prepared *prepared, struct hk_err *err) {
	HK_AUTO(str) struct hk_str options = {0};
	int r = collect_options(prepared, &options, err);
	if (r < 0) {
		return r;
	}
	/* The descriptors in options stay open: init closes everything before the program. */
	return root->fd < 0 ? mount_root(root, options.text, err)
			    : mount_at(root, prepared->op->target, options.text, err);
}

const struct hk_mount_type hk_mount_overlay = {
	.name = "overlay", .prepare = prepare, .apply = apply};
