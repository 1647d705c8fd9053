/* SPDX-License-Identifier: MIT */
/* wayland.h: a socket on which a compositor accepts the windows of one instance. */
#ifndef HK_HOST_WAYLAND_H
#define HK_HOST_WAYLAND_H

#include "host/host.h"

/*
 * op.path lies in the instance directory, whose name is the instance's id; op.source is the
 * compositor's socket, op.text the application's id, op.target the one other uid that may connect.
 *
 * start:  makes the socket and hands it to the compositor, with a security context
 *         (docs/desktop.md), within 5 s. The compositor accepts on it until stop, or until we are
 *         gone, whatever the cause.
 * revert: removes the socket.
 */
extern const struct hk_host_op_type hk_host_wayland;

#endif
