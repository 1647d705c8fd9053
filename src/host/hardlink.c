/* SPDX-License-Identifier: MIT */
#include "host/hardlink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/auto.h"
#include "base/str.h"
#include "host/socket.h"
#include "host/walk.h"
#include "sys/sys.h"

static int look(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_host_found *ret_found, struct hk_err *err) {
	const struct hk_host_op *op = &record->op;
	HK_AUTO(fd) int fd = -1;
	struct stat stat;
	int r = hk_host_socket_check_free(context, op, err);
	r = r < 0 ? r : hk_host_socket_open(context, op->source, &fd, &stat, err);
	if (r < 0) {
		return r;
	}
	*ret_found = (struct hk_host_found){.dev = stat.st_dev, .ino = stat.st_ino};
	return 0;
}

static int say_why(int code, const struct hk_host_op *op, struct hk_err *err) {
	if (code == -EXDEV) {
		return hk_err_say(err, code,
			"cannot link '%s' to '%s': they are on different file systems, which a "
			"hard link cannot cross",
			HK_ESC(op->source), HK_ESC(op->path));
	}
	return hk_err_step(err, code, "link '%s' to '%s'", HK_ESC(op->source), HK_ESC(op->path));
}

static int apply(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_err *err) {
	const struct hk_host_op *op = &record->op;
	HK_AUTO(fd) int fd = -1;
	HK_AUTO(fd) int parent = -1;
	const char *name;
	struct stat stat;
	int r = hk_host_socket_open(context, op->source, &fd, &stat, err);
	if (r >= 0 && (stat.st_dev != record->found.dev || stat.st_ino != record->found.ino)) {
		return hk_err_say(err, -EAGAIN, "'%s' was replaced just now", HK_ESC(op->source));
	}
	if (r >= 0) {
		r = hk_host_walk_parent(op->path, HK_HOST_WALK_GUARDED, context->scope->person,
			&parent, &name, err);
	}
	if (r < 0) {
		return r;
	}
	/* By descriptor: what was looked at is what gets the name. */
	char from[64];
	(void)snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	r = hk_sys_linkat(AT_FDCWD, from, parent, name, AT_SYMLINK_FOLLOW);
	return r < 0 ? say_why(r, op, err) : 0;
}

static int revert(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_err *err) {
	return hk_host_socket_remove(context, &record->op, record->found.ino, err);
}

const struct hk_host_op_type hk_host_hardlink = {
	.look = look,
	.apply = apply,
	.revert = revert,
};
