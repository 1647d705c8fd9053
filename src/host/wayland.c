/* SPDX-License-Identifier: MIT */
#include "host/wayland.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/path.h"
#include "base/str.h"
#include "host/module.h"
#include "host/socket.h"
#include "module/wayland.h"
#include "sys/sys.h"

#define ENGINE	   "app.hakurei"
#define TIMEOUT_MS 5000
#define NS_PER_MS  UINT64_C(1000000)

/* What keeps the compositor accepting. */
struct live {
	int close_fd;
};

static int look(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_host_found *ret_found, struct hk_err *err) {
	(void)ret_found; /* there is nothing yet */
	const struct hk_host_op *op = &record->op;
	int allowed = hk_host_scope_check_target(context->scope, op->target, err);
	if (allowed < 0) {
		return allowed;
	}
	return hk_host_socket_check_free(context, op, err);
}

static int revert(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_err *err) {
	return hk_host_socket_remove(context, &record->op, 0, err);
}

static int connect_compositor(const struct hk_host_context *context, const struct hk_host_op *op,
	uint64_t deadline_ns, int *ret_socket, struct hk_err *err) {
	HK_AUTO(fd) int fd = -1;
	struct stat stat;
	int r = hk_host_socket_open(context, op->source, &fd, &stat, err);
	return r < 0 ? r
		     : hk_host_socket_connect(
			       fd, "Wayland compositor", op->source, deadline_ns, ret_socket, err);
}

/* The price of doing without, where a person is about to be told that they could. */
static int say_why(int code, const struct hk_host_op *op, const char *text, struct hk_err *err) {
	(void)hk_err_say(err, code, "Wayland compositor '%s': %s", HK_ESC(op->source), text);
	if (code == -EPROTONOSUPPORT) {
		const struct hk_err first = *err;
		return hk_err_say(err, code,
			"%s, by which it would tell the program from your own; \"direct_wayland\": "
			"true does without, and then the compositor lets the program do whatever "
			"your own programs may, such as taking pictures of the screen",
			first.text);
	}
	return code;
}

static int secure(const struct hk_host_op *op, int compositor, int listen_fd, int close_fd,
	int timeout_ms, struct hk_err *err) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(fd) int taken = compositor;
	const char *directory = hk_path_parent(&arena, op->path);
	if (!directory) {
		return hk_err_oom(err);
	}
	const void *address;
	int r = hk_host_module_load("wayland", "hk_module_wayland_secure", &address, err);
	if (r < 0) {
		return r;
	}
	union {
		const void *address;
		__typeof__(hk_module_wayland_secure) *call;
	} module = {.address = address};
	const struct hk_module_wayland_context wanted = {
		.compositor = hk_take(&taken),
		.listen_fd = listen_fd,
		.close_fd = close_fd,
		.engine = ENGINE,
		.app_id = op->text,
		.instance_id = hk_path_name(directory),
		.timeout_ms = timeout_ms,
	};
	char text[256] = "";
	r = module.call(&wanted, text, sizeof(text));
	return r < 0 ? say_why(r, op, text, err) : 0;
}

static int start(
	const struct hk_host_context *context, struct hk_host_record *record, struct hk_err *err) {
	const struct hk_host_op *op = &record->op;
	const uint64_t begin = hk_sys_monotonic_ns();
	HK_AUTO(fd) int compositor = -1;
	HK_AUTO(fd) int listener = -1;
	int r = connect_compositor(context, op, begin + TIMEOUT_MS * NS_PER_MS, &compositor, err);
	r = r < 0 ? r : hk_host_socket_listen(context, op, &listener, err);
	if (r < 0) {
		return r;
	}
	int pair[2];
	r = hk_sys_socketpair(SOCK_STREAM, pair);
	if (r < 0) {
		return hk_err_step(err, r, "make a socket pair");
	}
	HK_AUTO(fd) int ours = pair[0];
	HK_AUTO(fd) int theirs = pair[1];
	const uint64_t spent_ms = (hk_sys_monotonic_ns() - begin) / NS_PER_MS;
	const int left_ms = spent_ms < TIMEOUT_MS ? TIMEOUT_MS - (int)spent_ms : 0;
	r = secure(op, hk_take(&compositor), listener, theirs, left_ms, err);
	if (r < 0) {
		return r;
	}
	struct live *live = malloc(sizeof(*live));
	if (!live) {
		return hk_err_oom(err);
	}
	live->close_fd = hk_take(&ours);
	record->live = live;
	return 0;
}

static void stop(const struct hk_host_context *context, struct hk_host_record *record) {
	(void)context;
	HK_AUTO(free) struct live *live = record->live;
	(void)hk_sys_close(live->close_fd); /* nothing was ever written */
}

const struct hk_host_op_type hk_host_wayland = {
	.look = look,
	.revert = revert,
	.start = start,
	.stop = stop,
};
