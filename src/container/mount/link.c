/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/str.h"
#include "container/mount/mount.h"
#include "sys/sys.h"

int hk_mount_make_link_at(struct hk_root *root, int dir, bool own, const char *text,
	const char *name, struct hk_err *err) {
	int r = own ? hk_sys_symlinkat(text, dir, name) : -EROFS;
	if (r == -EEXIST || r == -EROFS) {
		char *there;
		if (hk_sys_readlinkat(root->arena, dir, name, &there) >= 0 &&
			strcmp(there, text) == 0) {
			return 0;
		}
	}
	return r < 0 ? hk_err_step(err, r, "create the link '%s'", HK_ESC(name)) : 0;
}

static int apply(
	struct hk_root *root, const struct hk_mount_prepared *prepared, struct hk_err *err) {
	HK_AUTO(fd) int dir = -1;
	const char *name;
	bool own;
	int r = hk_root_open_parent(root, prepared->op->target, &dir, &name, &own, err);
	return r < 0 ? r : hk_mount_make_link_at(root, dir, own, prepared->op->text, name, err);
}

const struct hk_mount_type hk_mount_link = {.name = "link", .needs_text = true, .apply = apply};
