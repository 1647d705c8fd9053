/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/mount_api.h"
#include "sys/ret.h"
#include "sys/sys.h"

/* glibc 2.36 wraps these calls, musl and older ones do not: the numbers serve all of them. */

int hk_sys_open_tree(int dir, const char *path, unsigned flags) {
	return (int)HK_RET(syscall(SYS_open_tree, dir, path, flags | O_CLOEXEC));
}

int hk_sys_move_mount(
	int from, const char *from_path, int to, const char *to_path, unsigned flags) {
	return (int)HK_RET(syscall(SYS_move_mount, from, from_path, to, to_path, flags));
}

int hk_sys_mount_setattr(
	int fd, unsigned flags, uint64_t set, uint64_t clear, uint64_t propagation) {
	struct mount_attr attr = {.attr_set = set, .attr_clr = clear, .propagation = propagation};
	return (int)HK_RET(
		syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | flags, &attr, sizeof(attr)));
}

int hk_sys_fsopen(const char *type) {
	return (int)HK_RET(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC));
}

int hk_sys_fsconfig_string(int fd, const char *key, const char *value) {
	return (int)HK_RET(syscall(SYS_fsconfig, fd, FSCONFIG_SET_STRING, key, value, 0));
}

int hk_sys_fsconfig_flag(int fd, const char *key) {
	return (int)HK_RET(syscall(SYS_fsconfig, fd, FSCONFIG_SET_FLAG, key, NULL, 0));
}

int hk_sys_fsconfig_create(int fd) {
	return (int)HK_RET(syscall(SYS_fsconfig, fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
}

int hk_sys_fsmount(int fd, unsigned attributes) {
	return (int)HK_RET(syscall(SYS_fsmount, fd, FSMOUNT_CLOEXEC, attributes));
}

int hk_sys_mount(const char *source, const char *target, const char *type, unsigned long flags,
	const char *data) {
	return HK_RET(mount(source, target, type, flags, data));
}

int hk_sys_umount(const char *path, int flags) {
	return HK_RET(umount2(path, flags));
}

int hk_sys_pivot_root(const char *new_root, const char *put_old) {
	return (int)HK_RET(syscall(SYS_pivot_root, new_root, put_old));
}
