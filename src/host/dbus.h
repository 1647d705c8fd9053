/* SPDX-License-Identifier: MIT */
/*
 * dbus.h: a filtering proxy between the person's buses and an instance.
 *
 * What is protected: the person's buses and files. Trusted: root, the kernel, the person, the
 * buses. Hostile: whoever talks to the proxy's sockets; and so the proxy, once it was talked to.
 * MUST hold: the proxy runs in a container that has no file of the person's, no capability, and
 * no socket but those of the buses it is for; it can write to op.path alone; it ends with us.
 */
#ifndef HK_HOST_DBUS_H
#define HK_HOST_DBUS_H

#include "host/host.h"

#define HK_HOST_DBUS_OUTPUT_MAX (16 * 1024 * 1024) /* bytes kept of what the proxy prints */

/*
 * op.path is a directory of the instance's own for the proxy's sockets, op.target who may
 * connect to them, op.source the proxy's program, without a link in it; op.args for each bus
 * ADDRESS, SOCKET (in op.path) and options that begin with "--".
 *
 * start:  runs the proxy; -ECONNREFUSED a bus that does not answer.
 * await:  until the sockets are there, and open to op.target; -ETIMEDOUT, -EPIPE it has ended.
 * handle: keeps what it prints, and says if it has ended.
 * stop:   ends it and shows what it printed, each line with "(dbus) " in front.
 * revert: removes the sockets.
 */
extern const struct hk_host_op_type hk_host_dbus;

#endif
