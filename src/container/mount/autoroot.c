/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "container/mount/mount.h"
#include "sys/sys.h"

/* What a container has of its own. */
static const char *const excluded[] = {"dev", "etc", "mnt", "proc", "tmp"};

static bool is_excluded(const char *name) {
	for (size_t i = 0; i < sizeof(excluded) / sizeof(excluded[0]); i++) {
		if (strcmp(name, excluded[i]) == 0) {
			return true;
		}
	}
	return false;
}

static int prepare_entry(struct hk_arena *arena, struct hk_mount_prepared *prepared,
	const char *name, struct hk_err *err) {
	const char *path = hk_path_join(arena, prepared->op->source, name);
	if (!path) {
		return hk_err_oom(err);
	}
	struct stat stat;
	int r = hk_sys_lstat(path, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(path));
	}
	struct hk_mount_entry entry = {.name = name};
	if (S_ISLNK(stat.st_mode)) {
		char *text;
		r = hk_sys_readlink(arena, path, &text);
		if (r < 0) {
			return hk_err_step(err, r, "read the link '%s'", HK_ESC(path));
		}
		entry.link = text;
	} else {
		r = hk_source_resolve(arena, path, &entry.source, err);
		if (r < 0) {
			return r;
		}
	}
	struct hk_mount_entry *slot = hk_vec_add(arena, &prepared->entries);
	if (!slot) {
		return hk_err_oom(err);
	}
	*slot = entry;
	return 0;
}

static int prepare(struct hk_arena *arena, struct hk_mount_prepared *prepared, struct hk_err *err) {
	const char *source = prepared->op->source;
	struct hk_strs names;
	int r = hk_sys_list(arena, source, &names);
	if (r < 0) {
		return hk_err_step(err, r, "list '%s'", HK_ESC(source));
	}
	for (size_t i = 0; i < names.count; i++) {
		if (is_excluded(names.items[i])) {
			continue;
		}
		r = prepare_entry(arena, prepared, names.items[i], err);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int apply(
	struct hk_root *root, const struct hk_mount_prepared *prepared, struct hk_err *err) {
	const struct hk_mount_op *op = prepared->op;
	for (size_t i = 0; i < prepared->entries.count; i++) {
		const struct hk_mount_entry *entry = &prepared->entries.items[i];
		const char *target = hk_path_join(root->arena, op->target, entry->name);
		if (!target) {
			return hk_err_oom(err);
		}
		int r = entry->link ? hk_mount_make_link(root, entry->link, target, err)
				    : hk_mount_bind_source(
					      root, &entry->source, target, op->flags, err);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

const struct hk_mount_type hk_mount_root = {
	.name = "root", .needs_source = true, .prepare = prepare, .apply = apply};
