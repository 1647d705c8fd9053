/* SPDX-License-Identifier: MIT */
/* hardlink.h: a second name for a socket of the person's, in the directory of an instance. */
#ifndef HK_HOST_HARDLINK_H
#define HK_HOST_HARDLINK_H

#include "host/host.h"

/*
 * A bind needs a source that the target can reach; a name in the instance directory is one, and
 * lets it reach nothing else that lies beside the socket.
 *
 * apply:  gives op.source, a socket that belongs to the person, the new name op.path.
 * revert: removes that name, if it is still the same socket's.
 * Errors: -ENOTSOCK, -EPERM what is there is something else; -EXDEV another file system.
 */
extern const struct hk_host_op_type hk_host_hardlink;

#endif
