/* SPDX-License-Identifier: MIT */
#include "host/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/auto.h"
#include "base/str.h"
#include "host/acl_list.h"
#include "host/walk.h"
#include "sys/sys.h"

#define BACKLOG	 128
#define RETRY_MS 10

/* A place without its path: short enough for a socket's address, wherever it is, and nobody can
 * put anything else there. */
struct place {
	char text[64];
};

static struct place place_of(int fd) {
	struct place place;
	(void)snprintf(place.text, sizeof(place.text), "/proc/self/fd/%d", fd);
	return place;
}

int hk_host_socket_open(const struct hk_host_context *context, const char *path, int *ret_fd,
	struct stat *ret_stat, struct hk_err *err) {
	HK_AUTO(fd) int fd = -1;
	int r = hk_host_walk(path, 0, context->scope->person, &fd, err);
	if (r < 0) {
		return r;
	}
	struct stat stat;
	r = hk_sys_fstat(fd, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(path));
	}
	if (!S_ISSOCK(stat.st_mode)) {
		return hk_err_say(err, -ENOTSOCK, "'%s' is not a socket", HK_ESC(path));
	}
	if (stat.st_uid != context->scope->person) {
		return hk_err_say(err, -EPERM, "the socket '%s' belongs to uid %u", HK_ESC(path),
			stat.st_uid);
	}
	*ret_fd = hk_take(&fd);
	*ret_stat = stat;
	return 0;
}

int hk_host_socket_connect(int fd, const char *name, const char *path, uint64_t deadline_ns,
	int *ret_socket, struct hk_err *err) {
	HK_AUTO(fd) int made = hk_sys_socket();
	if (made < 0) {
		return hk_err_step(err, made, "make a socket");
	}
	int r;
	while ((r = hk_sys_connect(made, place_of(fd).text)) == -EAGAIN &&
		hk_sys_monotonic_ns() < deadline_ns) {
		/* Its queue is full, and nothing tells when it is not. */
		(void)hk_sys_poll(NULL, 0, RETRY_MS);
	}
	if (r < 0) {
		return hk_err_step(err, r == -EAGAIN ? -ETIMEDOUT : r, "connect to the %s '%s'",
			name, HK_ESC(path));
	}
	*ret_socket = hk_take(&made);
	return 0;
}

/* The directory of op.path, which has to be ours. */
static int open_parent(const struct hk_host_context *context, const struct hk_host_op *op,
	int *ret_parent, const char **ret_name, struct hk_err *err) {
	if (!hk_host_scope_has_path(context->scope, op->path)) {
		return hk_err_say(
			err, -EPERM, "socket '%s' is not in a place of ours", HK_ESC(op->path));
	}
	return hk_host_walk_parent(
		op->path, HK_HOST_WALK_GUARDED, context->scope->person, ret_parent, ret_name, err);
}

int hk_host_socket_check_free(
	const struct hk_host_context *context, const struct hk_host_op *op, struct hk_err *err) {
	HK_AUTO(fd) int parent = -1;
	const char *name;
	int r = open_parent(context, op, &parent, &name, err);
	if (r < 0) {
		return r;
	}
	struct stat stat;
	r = hk_sys_fstatat(parent, name, &stat, AT_SYMLINK_NOFOLLOW);
	if (r == -ENOENT) {
		return 0;
	}
	return hk_err_step(err, r < 0 ? r : -EEXIST, "create '%s'", HK_ESC(op->path));
}

int hk_host_socket_remove(const struct hk_host_context *context, const struct hk_host_op *op,
	uint64_t ino, struct hk_err *err) {
	HK_AUTO(fd) int parent = -1;
	const char *name;
	if (hk_host_walk_is_gone(op->path, context->scope->person)) {
		return 0; /* wherever it was */
	}
	int r = open_parent(context, op, &parent, &name, err);
	struct stat stat;
	if (r >= 0) {
		r = hk_sys_fstatat(parent, name, &stat, AT_SYMLINK_NOFOLLOW);
		if (r < 0 && r != -ENOENT) {
			return hk_err_step(err, r, "look at '%s'", HK_ESC(op->path));
		}
	}
	if (r == -ENOENT || r == -ENOTDIR) {
		return 0;
	}
	if (r < 0) {
		return r;
	}
	if (!S_ISSOCK(stat.st_mode) || stat.st_uid != context->scope->person ||
		(ino != 0 && stat.st_ino != ino)) {
		return 0;
	}
	r = hk_sys_unlinkat(parent, name, 0);
	return r < 0 && r != -ENOENT ? hk_err_step(err, r, "remove '%s'", HK_ESC(op->path)) : 0;
}

int hk_host_socket_open_to(int dir, const char *name, uid_t person, uid_t target) {
	HK_AUTO(fd) int fd = hk_sys_openat(dir, name, O_PATH | O_NOFOLLOW, 0);
	struct stat stat;
	int r = fd < 0 ? fd : hk_sys_fstat(fd, &stat);
	if (r < 0) {
		return r;
	}
	if (!S_ISSOCK(stat.st_mode) || stat.st_uid != person || stat.st_nlink != 1) {
		return -EPERM;
	}
	/* The whole list, so that nothing that the directory hands down stays in it. */
	struct hk_acl_entry entries[] = {
		{.tag = ACL_USER_OBJ, .perm = HK_ACL_R | HK_ACL_W},
		{.tag = ACL_USER, .id = target, .perm = HK_ACL_R | HK_ACL_W},
		{.tag = ACL_GROUP_OBJ},
		{.tag = ACL_MASK, .perm = HK_ACL_R | HK_ACL_W},
		{.tag = ACL_OTHER},
	};
	const struct hk_acl_list list = {
		.items = entries, .count = sizeof(entries) / sizeof(entries[0])};
	return hk_acl_list_write(fd, &list);
}

int hk_host_socket_listen(const struct hk_host_context *context, const struct hk_host_op *op,
	int *ret_socket, struct hk_err *err) {
	HK_AUTO(fd) int parent = -1;
	const char *name;
	int r = open_parent(context, op, &parent, &name, err);
	if (r < 0) {
		return r;
	}
	HK_AUTO(fd) int made = hk_sys_socket();
	char path[64 + 256]; /* NAME_MAX */
	(void)snprintf(path, sizeof(path), "%s/%s", place_of(parent).text, name);
	r = made;
	if (r >= 0) {
		/* The name gets the mode that the socket has by then: nobody at all may connect
		 * before the list says who. */
		r = hk_sys_fchmod(made, 0);
	}
	r = r < 0 ? r : hk_sys_bind(made, path);
	if (r < 0) {
		return hk_err_step(err, r, "create the socket '%s'", HK_ESC(op->path));
	}
	r = hk_host_socket_open_to(parent, name, context->scope->person, op->target);
	if (r < 0) {
		return hk_err_step(err, r, "set the ACL of '%s'", HK_ESC(op->path));
	}
	r = hk_sys_listen(made, BACKLOG);
	if (r < 0) {
		return hk_err_step(err, r, "listen on '%s'", HK_ESC(op->path));
	}
	*ret_socket = hk_take(&made);
	return 0;
}
