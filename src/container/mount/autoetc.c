/* SPDX-License-Identifier: MIT */
/* autoetc.c: the host's /etc, but with files of our own in it: the directory is ours, and what
 * it has not got itself points into a read-only bind of the host's. */
#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/str.h"
#include "container/mount/mount.h"
#include "sys/sys.h"

/* Ours, or of no use: .host is where the bind lies; the other two are made by the account. */
static const char *const excluded[] = {".host", "group", "passwd"};

static bool is_excluded(const char *name) {
	for (size_t i = 0; i < sizeof(excluded) / sizeof(excluded[0]); i++) {
		if (strcmp(name, excluded[i]) == 0) {
			return true;
		}
	}
	return false;
}

static int prepare(struct hk_arena *arena, struct hk_mount_prepared *prepared, struct hk_err *err) {
	const struct hk_mount_op *op = prepared->op;
	int r = hk_source_resolve(arena, op->source, &prepared->source, err);
	if (r < 0) {
		return r;
	}
	struct hk_strs names;
	r = hk_sys_list(arena, prepared->source.path, &names);
	if (r < 0) {
		return hk_err_step(err, r, "list '%s'", HK_ESC(op->source));
	}
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.items[i];
		if (is_excluded(name)) {
			continue;
		}
		/* The host's mtab may be an old plain file: inside it must show what is inside. */
		const char *link = strcmp(name, "mtab") == 0
					   ? "/proc/mounts"
					   : hk_arena_printf(arena, ".host/%s/%s", op->text, name);
		struct hk_mount_entry *entry = link ? hk_vec_add(arena, &prepared->entries) : NULL;
		if (!entry) {
			return hk_err_oom(err);
		}
		*entry = (struct hk_mount_entry){.name = name, .link = link};
	}
	return 0;
}

static int apply(
	struct hk_root *root, const struct hk_mount_prepared *prepared, struct hk_err *err) {
	const struct hk_mount_op *op = prepared->op;
	const char *place = hk_arena_printf(root->arena, "%s/.host/%s", op->target, op->text);
	if (!place) {
		return hk_err_oom(err);
	}
	/* Everybody may look through here: the parents are made by hand, 0755. */
	HK_AUTO(fd) int fd = -1;
	int r = hk_root_open(root, place, HK_PLACE_DIRECTORY, 0755, &fd, err);
	if (r < 0) {
		return r;
	}
	r = hk_mount_bind_source(root, &prepared->source, place, 0, err);
	return r < 0 ? r : hk_mount_make_links(root, &prepared->entries, op->target, err);
}

const struct hk_mount_type hk_mount_etc = {.name = "etc",
	.needs_source = true,
	.needs_text = true,
	.prepare = prepare,
	.apply = apply};
