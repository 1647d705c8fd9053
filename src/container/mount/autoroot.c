/* SPDX-License-Identifier: MIT */
/* autoroot.c: a root of our own, with what the host's has bound onto it one by one. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/auto.h"
#include "base/path.h"
#include "base/str.h"
#include "container/mount/mount.h"
#include "sys/mount_api.h"
#include "sys/sys.h"

static const char *const excluded[] = HK_MOUNT_ROOT_LEFT_OUT;

static bool is_excluded(const char *name) {
	return hk_str_is_one_of(
		name, strlen(name), excluded, sizeof(excluded) / sizeof(excluded[0]));
}

static int prepare(struct hk_arena *arena, struct hk_mount_prepared *prepared, struct hk_err *err) {
	return hk_source_resolve(arena, prepared->op->source, &prepared->source, err);
}

/* From one directory to another. */
struct copy {
	struct hk_root *root;
	const struct hk_mount_op *op;
	int from;
	int to;
	bool own; /* "to" is on a mount of ours */
};

static int copy_link(const struct copy *copy, const char *name, struct hk_err *err) {
	char *text;
	int r = hk_sys_readlinkat(copy->root->arena, copy->from, name, &text);
	if (r < 0) {
		return hk_err_step(err, r, "read the link '%s'", HK_ESC(name));
	}
	return hk_mount_make_link_at(copy->root, copy->to, copy->own, text, name, err);
}

/* A place that is not there yet. False: it is, or cannot be made. */
static bool make_place(const struct copy *copy, const char *name, mode_t type) {
	if (!copy->own) {
		return false;
	}
	if (S_ISDIR(type)) {
		return hk_sys_mkdirat(copy->to, name, S_IRWXU) >= 0;
	}
	HK_AUTO(fd)
	int fd = hk_sys_openat(copy->to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0444);
	return fd >= 0;
}

static int bind_entry(const struct copy *copy, const char *name, mode_t type, struct hk_err *err) {
	HK_AUTO(fd)
	int tree = hk_sys_open_tree(copy->from, name,
		OPEN_TREE_CLONE | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
	if (tree < 0) {
		return hk_err_step(err, tree, "clone '%s'", HK_ESC(name));
	}
	int r = hk_mount_set_flags(tree, copy->op->flags, name, err);
	if (r < 0) {
		return r;
	}
	if (make_place(copy, name, type)) {
		r = hk_sys_move_mount(tree, "", copy->to, name, MOVE_MOUNT_F_EMPTY_PATH);
		return r < 0 ? hk_err_step(err, r, "attach a mount to '%s'", HK_ESC(name)) : 0;
	}
	const char *target = hk_path_join(copy->root->arena, copy->op->target, name);
	if (!target) {
		return hk_err_oom(err);
	}
	enum hk_place place = S_ISDIR(type) ? HK_PLACE_DIRECTORY : HK_PLACE_FILE;
	return hk_root_attach(copy->root, tree, target, place, S_IRWXU, false, err);
}

static int copy_entries(const struct copy *copy, struct hk_err *err) {
	struct hk_strs names;
	int r = hk_sys_list_fd(copy->root->arena, copy->from, &names);
	if (r < 0) {
		return hk_err_step(err, r, "list '%s'", HK_ESC(copy->op->source));
	}
	for (size_t i = 0; r >= 0 && i < names.count; i++) {
		const char *name = names.items[i];
		if (is_excluded(name)) {
			continue;
		}
		struct stat stat;
		r = hk_sys_fstatat(copy->from, name, &stat, AT_SYMLINK_NOFOLLOW);
		if (r < 0) {
			return hk_err_step(err, r, "look at '%s'", HK_ESC(name));
		}
		r = S_ISLNK(stat.st_mode) ? copy_link(copy, name, err)
					  : bind_entry(copy, name, stat.st_mode, err);
	}
	return r;
}

static int apply(
	struct hk_root *root, const struct hk_mount_prepared *prepared, struct hk_err *err) {
	const struct hk_mount_op *op = prepared->op;
	HK_AUTO(fd) int from = hk_source_open(&prepared->source, err);
	HK_AUTO(fd) int to = -1;
	bool own = false;
	int r = from < 0 ? from
			 : hk_root_open(root, op->target, HK_PLACE_DIRECTORY, 0755, &to, err);
	r = r < 0 ? r : hk_root_is_own(root, to, &own, err);
	if (r < 0) {
		return r;
	}
	const struct copy copy = {.root = root, .op = op, .from = from, .to = to, .own = own};
	return copy_entries(&copy, err);
}

const struct hk_mount_type hk_mount_root = {
	.name = "root", .needs_source = true, .prepare = prepare, .apply = apply};
