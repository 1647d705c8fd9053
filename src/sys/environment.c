/* SPDX-License-Identifier: MIT */
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/auto.h"
#include "sys/ret.h"

const char *hk_sys_getenv(const char *name) {
	return getenv(name);
}

uid_t hk_sys_getuid(void) {
	return getuid();
}

gid_t hk_sys_getgid(void) {
	return getgid();
}

int hk_sys_stat(const char *path, struct stat *ret_stat) {
	return HK_RET(stat(path, ret_stat));
}

int hk_sys_lstat(const char *path, struct stat *ret_stat) {
	return HK_RET(lstat(path, ret_stat));
}

int hk_sys_access(const char *path, int mode) {
	return HK_RET(faccessat(AT_FDCWD, path, mode, AT_EACCESS));
}

int hk_sys_has_file_caps(const char *path) {
	ssize_t r = HK_RET(getxattr(path, "security.capability", NULL, 0));
	return r == -ENODATA || r == -EOPNOTSUPP ? 0 : r < 0 ? (int)r : 1;
}

int hk_sys_readlink(struct hk_arena *arena, const char *path, char **ret_text) {
	return hk_sys_readlinkat(arena, AT_FDCWD, path, ret_text);
}

int hk_sys_realpath(struct hk_arena *arena, const char *path, char **ret_path) {
	char resolved[PATH_MAX];
	if (!realpath(path, resolved)) {
		return -errno;
	}
	char *copy = hk_arena_strdup(arena, resolved);
	if (!copy) {
		return -ENOMEM;
	}
	*ret_path = copy;
	return 0;
}

int hk_sys_list(struct hk_arena *arena, const char *path, struct hk_strs *ret_names) {
	int fd = hk_sys_open(path, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0) {
		return fd;
	}
	int r = hk_sys_list_fd(arena, fd, ret_names);
	(void)hk_sys_close(fd); /* only read from */
	return r;
}

int hk_sys_read_file(
	struct hk_arena *arena, const char *path, size_t max, char **ret_bytes, size_t *ret_size) {
	/* A fifo with nobody at its other end would keep us waiting. */
	HK_AUTO(fd) int fd = hk_sys_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat stat;
	int r = fd < 0 ? fd : hk_sys_fstat(fd, &stat);
	if (r < 0) {
		return r;
	}
	if (!S_ISREG(stat.st_mode)) {
		return -EINVAL;
	}
	return hk_sys_read_all(arena, fd, max, ret_bytes, ret_size);
}
