/* SPDX-License-Identifier: MIT */
/* autoetc.c: the host's /etc, but with files of our own in it: the directory is ours, and what
 * it has not got itself points into a read-only bind of the host's. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/str.h"
#include "container/mount/mount.h"
#include "sys/sys.h"

#define HOST ".host" /* where the bind lies */

/* Ours, or of no use: the last two are made by the account. */
static const char *const excluded[] = {HOST, "group", "passwd"};

static bool is_excluded(const char *name) {
	return hk_str_is_one_of(
		name, strlen(name), excluded, sizeof(excluded) / sizeof(excluded[0]));
}

static int prepare(struct hk_arena *arena, struct hk_mount_prepared *prepared, struct hk_err *err) {
	return hk_source_resolve(arena, prepared->op->source, &prepared->source, err);
}

/* One for each entry of source, a mount that lies where the links lead. */
static int make_links(
	struct hk_root *root, const struct hk_mount_op *op, int source, struct hk_err *err) {
	struct hk_strs names;
	int r = hk_sys_list_fd(root->arena, source, &names);
	if (r < 0) {
		return hk_err_step(err, r, "list '%s'", HK_ESC(op->source));
	}
	HK_AUTO(fd) int dir = -1;
	bool own;
	r = hk_root_open(root, op->target, HK_PLACE_DIRECTORY, 0755, &dir, err);
	r = r < 0 ? r : hk_root_is_own(root, dir, &own, err);
	for (size_t i = 0; r >= 0 && i < names.count; i++) {
		const char *name = names.items[i];
		char text[PATH_MAX];
		/* No name is NULL, but gcc with sanitizers does not believe it. */
		if (!name || is_excluded(name)) {
			continue;
		}
		(void)snprintf(text, sizeof(text), HOST "/%s/%s", op->text, name);
		/* The host's mtab may be an old plain file: inside it must show what is inside. */
		r = hk_mount_make_link_at(root, dir, own,
			strcmp(name, "mtab") == 0 ? "/proc/mounts" : text, name, err);
	}
	return r;
}

static int apply(
	struct hk_root *root, const struct hk_mount_prepared *prepared, struct hk_err *err) {
	const struct hk_mount_op *op = prepared->op;
	const char *place = hk_arena_printf(root->arena, "%s/" HOST "/%s", op->target, op->text);
	if (!place) {
		return hk_err_oom(err);
	}
	/* Everybody may look through here: the parents are made by hand, 0755. */
	HK_AUTO(fd) int fd = -1;
	int r = hk_root_open(root, place, HK_PLACE_DIRECTORY, 0755, &fd, err);
	HK_AUTO(fd) int mount = -1;
	r = r < 0 ? r : hk_mount_clone(&prepared->source, 0, &mount, err);
	r = r < 0 ? r : hk_root_attach(root, mount, place, HK_PLACE_DIRECTORY, 0755, false, err);
	return r < 0 ? r : make_links(root, op, mount, err);
}

const struct hk_mount_type hk_mount_etc = {.name = "etc",
	.needs_source = true,
	.needs_text = true,
	.prepare = prepare,
	.apply = apply};
