/* SPDX-License-Identifier: MIT */

#include "base/auto.h"
#include "container/mount/mount.h"
#include "sys/mount_api.h"
#include "sys/sys.h"

static int apply(
	struct hk_root *root, const struct hk_mount_prepared *prepared, struct hk_err *err) {
	HK_AUTO(fd) int fs = hk_sys_fsopen("proc");
	int r = fs < 0 ? fs : hk_sys_fsconfig_create(fs);
	HK_AUTO(fd) int mount = -1;
	if (r >= 0) {
		mount = hk_sys_fsmount(
			fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
		r = mount;
	}
	if (r < 0) {
		return hk_err_step(err, r, "make a proc");
	}
	return hk_root_attach(
		root, mount, prepared->op->target, HK_PLACE_DIRECTORY, 0755, false, err);
}

const struct hk_mount_type hk_mount_proc = {.name = "proc", .apply = apply};
