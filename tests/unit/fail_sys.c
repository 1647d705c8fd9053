/* SPDX-License-Identifier: MIT */
#include "fail_sys.h"

#include <unistd.h>

#include "sys/sys.h"

static struct {
	bool armed;
	enum hk_fail_how how;
	unsigned int n;
	unsigned int calls;
	int error;
} state;

void hk_fail_arm(enum hk_fail_how how, unsigned int n, int error) {
	state.how = how;
	state.n = n;
	state.calls = 0;
	state.error = error;
	state.armed = true;
}

bool hk_fail_disarm(void) {
	state.armed = false;
	return state.calls >= state.n;
}

/* 0, or the error that this call has to return. */
static int fate(void) {
	if (!state.armed) {
		return 0;
	}
	state.calls++;
	bool now = state.how == HK_FAIL_FROM ? state.calls >= state.n : state.calls == state.n;
	return now ? -state.error : 0;
}

/* Does not return if this was to be the end. */
static int fail(int error) {
	if (state.how == HK_FAIL_DIE) {
		_exit(HK_FAIL_DIED);
	}
	return error;
}

/* One row a call: what it returns, its name, its parameters, and what to pass on. */
#define WRAP(type, name, parameters, arguments)                                                    \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters {                                                            \
		int error = fate();                                                                \
		return error < 0 ? fail(error) : __real_##name arguments;                          \
	}

WRAP(int, hk_sys_acl_delete_default, (int fd), (fd))
WRAP(int, hk_sys_fgetxattr, (int fd, const char *name, void *value, size_t size),
	(fd, name, value, size))
WRAP(int, hk_sys_acl_get, (int fd, bool by_default, void **ret_acl), (fd, by_default, ret_acl))
WRAP(int, hk_sys_acl_set, (int fd, bool by_default, void *acl), (fd, by_default, acl))
WRAP(int, hk_sys_bind, (int socket, const char *path), (socket, path))
WRAP(int, hk_sys_fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(int, hk_sys_fstat, (int fd, struct stat *ret_stat), (fd, ret_stat))
WRAP(int, hk_sys_fstatat, (int dir, const char *path, struct stat *ret_stat, int flags),
	(dir, path, ret_stat, flags))
WRAP(int, hk_sys_fstatfs, (int fd, struct statfs *ret_stat), (fd, ret_stat))
WRAP(int, hk_sys_ftruncate, (int fd, off_t size), (fd, size))
WRAP(int, hk_sys_getgroups, (struct hk_arena * arena, gid_t **ret_gids, size_t *ret_count),
	(arena, ret_gids, ret_count))
WRAP(int, hk_sys_linkat, (int from, const char *old_path, int to, const char *new_path, int flags),
	(from, old_path, to, new_path, flags))
WRAP(int, hk_sys_list_fd, (struct hk_arena * arena, int fd, struct hk_strs *ret_names),
	(arena, fd, ret_names))
WRAP(int, hk_sys_listen, (int socket, int backlog), (socket, backlog))
WRAP(int, hk_sys_lock, (int fd, bool exclusive, bool wait), (fd, exclusive, wait))
WRAP(int, hk_sys_lock_byte, (int fd, uint64_t at, bool wait), (fd, at, wait))
WRAP(int, hk_sys_mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode))
WRAP(int, hk_sys_open, (const char *path, int flags, mode_t mode), (path, flags, mode))
WRAP(int, hk_sys_openat2,
	(int dir, const char *path, uint64_t flags, mode_t mode, uint64_t resolve),
	(dir, path, flags, mode, resolve))
WRAP(int, hk_sys_openat, (int dir, const char *path, int flags, mode_t mode),
	(dir, path, flags, mode))
WRAP(int, hk_sys_read_all,
	(struct hk_arena * arena, int fd, size_t max, char **ret_text, size_t *ret_size),
	(arena, fd, max, ret_text, ret_size))
WRAP(int, hk_sys_readlinkat, (struct hk_arena * arena, int dir, const char *path, char **ret_text),
	(arena, dir, path, ret_text))
WRAP(int, hk_sys_renameat2,
	(int from, const char *old_path, int to, const char *new_path, unsigned int flags),
	(from, old_path, to, new_path, flags))
WRAP(int, hk_sys_socket, (void), ())
WRAP(int, hk_sys_unlinkat, (int dir, const char *path, int flags), (dir, path, flags))

/* Half of it is written before it goes wrong, as on a disk that becomes full. */
int __real_hk_sys_write_all(int fd, const void *buffer, size_t size);
int __wrap_hk_sys_write_all(int fd, const void *buffer, size_t size);
int __wrap_hk_sys_write_all(int fd, const void *buffer, size_t size) {
	int error = fate();
	if (error < 0) {
		(void)__real_hk_sys_write_all(fd, buffer, size / 2);
		return fail(error);
	}
	return __real_hk_sys_write_all(fd, buffer, size);
}
