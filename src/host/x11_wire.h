/* SPDX-License-Identifier: MIT */
/*
 * x11_wire.h: the little of the X11 protocol that it takes to change who may connect to a
 * server: connection setup, ListHosts, ChangeHosts.
 *
 * Why not libxcb: its connection setup waits for the server without a limit, and a server that
 * somebody has grabbed, or that is stopped, never answers. Here every wait ends.
 *
 * All functions want a non-blocking stream socket and wait until deadline_ns (monotonic) at
 * most: -ETIMEDOUT. Other errors: -ECONNRESET the server hung up, -EACCES it refuses us, -EPROTO
 * it says what makes no sense. After an error the connection is good for nothing.
 */
#ifndef HK_HOST_X11_WIRE_H
#define HK_HOST_X11_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "host/x11_cookie.h"

#define HK_X11_REPLY_MAX (1024 * 1024) /* bytes of one reply */

/* Introduces us to the server. cookie may be empty: then it has to know our uid. */
int hk_x11_setup(
	int socket, const struct hk_x11_cookie *cookie, uint64_t deadline_ns, struct hk_err *err);

/* May the user connect, by an entry for that uid: server interpreted, localuser, "#UID"? An
 * entry for the user's name is somebody else's. */
int hk_x11_has_user(int socket, uid_t uid, uint64_t deadline_ns, bool *ret_has, struct hk_err *err);

/* Adds or removes that entry. It is in effect when this returns 0; after an error it may be, or
 * become so when the server goes on. */
int hk_x11_set_user(int socket, uid_t uid, bool has, uint64_t deadline_ns, struct hk_err *err);

#endif
