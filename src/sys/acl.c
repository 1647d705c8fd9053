/* SPDX-License-Identifier: MIT */
#include <sys/acl.h>

#include <errno.h>
#include <stdio.h>
#include <sys/xattr.h>

#include "sys/ret.h"
#include "sys/sys.h"

/* libacl takes a path for everything that an O_PATH descriptor can do; this one cannot be
 * redirected, for it names the open file itself. */
struct fd_path {
	char text[sizeof("/proc/self/fd/") + 11];
};

static struct fd_path path_of(int fd) {
	struct fd_path path;
	(void)snprintf(path.text, sizeof(path.text), "/proc/self/fd/%d", fd);
	return path;
}

int hk_sys_acl_get(int fd, bool default_acl, void **ret_acl) {
	acl_t acl =
		acl_get_file(path_of(fd).text, default_acl ? ACL_TYPE_DEFAULT : ACL_TYPE_ACCESS);
	if (!acl) {
		return -errno;
	}
	*ret_acl = acl;
	return 0;
}

int hk_sys_acl_set(int fd, bool default_acl, void *acl) {
	return HK_RET(acl_set_file(
		path_of(fd).text, default_acl ? ACL_TYPE_DEFAULT : ACL_TYPE_ACCESS, acl));
}

int hk_sys_fgetxattr(int fd, const char *name, void *value, size_t size) {
	return (int)HK_RET(fgetxattr(fd, name, value, size));
}

int hk_sys_acl_delete_default(int fd) {
	return HK_RET(acl_delete_def_file(path_of(fd).text));
}
