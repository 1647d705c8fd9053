/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "sys/ret.h"
#include "sys/sys.h"

#define AGAIN_MAX 100 /* an attacker who renames in a loop must not keep us here for ever */

int hk_sys_open(const char *path, int flags, mode_t mode) {
	return hk_sys_openat(AT_FDCWD, path, flags, mode);
}

int hk_sys_openat(int dir, const char *path, int flags, mode_t mode) {
	return HK_RET_AGAIN(openat(dir, path, flags | O_CLOEXEC, mode));
}

int hk_sys_openat2(int dir, const char *path, uint64_t flags, mode_t mode, uint64_t resolve) {
	struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
	int r = -EAGAIN;
	for (int i = 0; i < AGAIN_MAX && r == -EAGAIN; i++) {
		r = (int)HK_RET_AGAIN(syscall(SYS_openat2, dir, path, &how, sizeof(how)));
	}
	return r;
}

ssize_t hk_sys_read(int fd, void *buffer, size_t size) {
	return HK_RET_AGAIN(read(fd, buffer, size));
}

ssize_t hk_sys_write(int fd, const void *buffer, size_t size) {
	return HK_RET_AGAIN(write(fd, buffer, size));
}

int hk_sys_write_all(int fd, const void *buffer, size_t size) {
	const unsigned char *bytes = buffer;
	while (size > 0) {
		ssize_t n = hk_sys_write(fd, bytes, size);
		if (n < 0) {
			return (int)n;
		}
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

int hk_sys_read_all(struct hk_arena *arena, int fd, size_t max, char **ret_text, size_t *ret_size) {
	size_t room = 4096;
	size_t used = 0;
	HK_AUTO(free) char *buffer = malloc(room);
	if (!buffer) {
		return -ENOMEM;
	}
	for (;;) {
		ssize_t n = hk_sys_read(fd, buffer + used, room - used);
		if (n < 0) {
			return (int)n;
		}
		if (n == 0) {
			break;
		}
		used += (size_t)n;
		if (used > max) {
			return -EFBIG;
		}
		if (used == room) {
			room *= 2;
			char *more = realloc(buffer, room);
			if (!more) {
				return -ENOMEM;
			}
			buffer = more;
		}
	}
	char *text = hk_arena_strndup(arena, buffer, used);
	if (!text) {
		return -ENOMEM;
	}
	*ret_text = text;
	*ret_size = used;
	return 0;
}

int hk_sys_close(int fd) {
	return HK_RET(close(fd)); /* never repeated: the number is free even after EINTR */
}

int hk_sys_dup_above(int fd, int least) {
	return HK_RET(fcntl(fd, F_DUPFD_CLOEXEC, least));
}

int hk_sys_dup_onto(int fd, int number) {
	return HK_RET_AGAIN(dup2(fd, number));
}

int hk_sys_keep_on_exec(int fd, bool keep) {
	return HK_RET(fcntl(fd, F_SETFD, keep ? 0 : FD_CLOEXEC));
}

int hk_sys_memfd(const char *name) {
	return HK_RET(memfd_create(name, MFD_CLOEXEC));
}

int hk_sys_fstat(int fd, struct stat *ret_stat) {
	return HK_RET(fstat(fd, ret_stat));
}

int hk_sys_fstatat(int dir, const char *path, struct stat *ret_stat, int flags) {
	return HK_RET(fstatat(dir, path, ret_stat, flags));
}

int hk_sys_fstatfs(int fd, struct statfs *ret_stat) {
	return HK_RET_AGAIN(fstatfs(fd, ret_stat));
}

/* The kernel's struct statx with what we ask of it: each libc knows another part of it, or none. */
struct mount_stat {
	uint32_t mask;
	uint32_t unused[35];
	uint64_t mount_id;
	uint64_t more[13];
};
_Static_assert(offsetof(struct mount_stat, mount_id) == 0x90 && sizeof(struct mount_stat) == 256,
	"as in linux/stat.h");
#define MASK_MOUNT_ID 0x1000u /* STATX_MNT_ID */

int hk_sys_mount_id(int fd, uint64_t *ret_id) {
	struct mount_stat stat = {0};
	int r = (int)HK_RET(syscall(
		SYS_statx, fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, MASK_MOUNT_ID, &stat));
	if (r < 0) {
		return r;
	}
	if (!(stat.mask & MASK_MOUNT_ID)) {
		return -ENOSYS;
	}
	*ret_id = stat.mount_id;
	return 0;
}

int hk_sys_readlinkat(struct hk_arena *arena, int dir, const char *path, char **ret_text) {
	char text[PATH_MAX];
	ssize_t length = HK_RET(readlinkat(dir, path, text, sizeof(text)));
	if (length < 0) {
		return (int)length;
	}
	if ((size_t)length == sizeof(text)) {
		return -ENAMETOOLONG;
	}
	char *copy = hk_arena_strndup(arena, text, (size_t)length);
	if (!copy) {
		return -ENOMEM;
	}
	*ret_text = copy;
	return 0;
}

static int compare_names(const void *a, const void *b) {
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int hk_sys_list_fd(struct hk_arena *arena, int fd, struct hk_strs *ret_names) {
	int copy = hk_sys_openat(fd, ".", O_RDONLY | O_DIRECTORY, 0);
	if (copy < 0) {
		return copy;
	}
	HK_AUTO(dir) DIR *dir = fdopendir(copy);
	if (!dir) {
		int r = -errno;
		(void)hk_sys_close(copy); /* only opened */
		return r;
	}
	struct hk_strs names = {0};
	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(dir);
		if (!entry) {
			if (errno != 0) {
				return -errno;
			}
			break;
		}
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
			continue;
		}
		if (names.count == HK_SYS_LIST_MAX) {
			return -EFBIG;
		}
		if (hk_strs_add(arena, &names, entry->d_name) < 0) {
			return -ENOMEM;
		}
	}
	if (names.count > 0) {
		qsort(names.items, names.count, sizeof(*names.items), compare_names);
	}
	*ret_names = names;
	return 0;
}

int hk_sys_mkdirat(int dir, const char *path, mode_t mode) {
	return HK_RET(mkdirat(dir, path, mode));
}

int hk_sys_symlinkat(const char *text, int dir, const char *path) {
	return HK_RET(symlinkat(text, dir, path));
}

int hk_sys_linkat(int from, const char *old_path, int to, const char *new_path, int flags) {
	return HK_RET(linkat(from, old_path, to, new_path, flags));
}

int hk_sys_renameat2(int from, const char *old_path, int to, const char *new_path, unsigned flags) {
	return (int)HK_RET(syscall(SYS_renameat2, from, old_path, to, new_path, flags));
}

int hk_sys_unlinkat(int dir, const char *path, int flags) {
	return HK_RET(unlinkat(dir, path, flags));
}

int hk_sys_fchmod(int fd, mode_t mode) {
	return HK_RET(fchmod(fd, mode));
}

int hk_sys_ftruncate(int fd, off_t size) {
	return HK_RET_AGAIN(ftruncate(fd, size));
}

int hk_sys_lock(int fd, bool exclusive, bool wait) {
	struct flock lock = {.l_type = exclusive ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET};
	int r = HK_RET_AGAIN(fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock));
	return r == -EACCES ? -EAGAIN : r;
}

int hk_sys_lock_byte(int fd, uint64_t at, bool wait) {
	struct flock lock = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)at, .l_len = 1};
	int r = HK_RET_AGAIN(fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock));
	return r == -EACCES ? -EAGAIN : r;
}

int hk_sys_flock(int fd) {
	return HK_RET_AGAIN(flock(fd, LOCK_EX | LOCK_NB));
}

int hk_sys_access_mode(int fd) {
	int flags = HK_RET(fcntl(fd, F_GETFL));
	return flags < 0 ? flags : flags & O_ACCMODE;
}

int hk_sys_may_write(int fd) {
	return (int)HK_RET(syscall(SYS_faccessat2, fd, "", W_OK, AT_EACCESS | AT_EMPTY_PATH));
}

int hk_sys_is_place(int fd) {
	int flags = HK_RET(fcntl(fd, F_GETFL));
	return flags < 0 ? flags : (flags & O_PATH) != 0;
}

int hk_sys_isatty(int fd) {
	return isatty(fd) ? 1 : -errno;
}

int hk_sys_umask(mode_t mask) {
	return (int)umask(mask);
}

int hk_sys_chdir(const char *path) {
	return HK_RET(chdir(path));
}

int hk_sys_fchdir(int fd) {
	return HK_RET(fchdir(fd));
}
