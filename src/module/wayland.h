/* SPDX-License-Identifier: MIT */
/* wayland.h: the one thing that we ask of a Wayland compositor. */
#ifndef HK_MODULE_WAYLAND_H
#define HK_MODULE_WAYLAND_H

#include <stddef.h>

struct hk_module_wayland_context {
	int compositor; /* a connected socket, closed in any case */
	int listen_fd;	/* borrowed, like close_fd: the compositor gets copies */
	int close_fd;
	const char *engine;
	const char *app_id;
	const char *instance_id;
	int timeout_ms; /* for everything together */
};

/*
 * Has the compositor accept clients on listen_fd, as programs of the application in a sandbox,
 * until the other end of close_fd is closed. Returns 0, or a negative errno with a text that says
 * what is wrong: -EPROTONOSUPPORT the compositor does not have the protocol; -ETIMEDOUT it did
 * not answer.
 */
int hk_module_wayland_secure(
	const struct hk_module_wayland_context *context, char *text, size_t size);

#endif
