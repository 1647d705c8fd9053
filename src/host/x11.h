/* SPDX-License-Identifier: MIT */
/* x11.h: an entry in an X server's list of who may connect. */
#ifndef HK_HOST_X11_H
#define HK_HOST_X11_H

#include "host/host.h"

/*
 * The entry "server interpreted, localuser, #TARGET": op.path is the server's socket, op.source
 * the person's authority file or NULL, op.text the number that the display has in there. It is
 * one for all instances of the target on that display. What the person has put there with xhost
 * stays: it is in found.existed.
 *
 * revert: decides only; put and take do it. A socket that is not the recorded one is of
 * another server: ours has ended, and the entry with it.
 */
extern const struct hk_host_op_type hk_host_x11;

#endif
