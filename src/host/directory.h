/* SPDX-License-Identifier: MIT */
/* directory.h: a host directory that lives as long as instances list it. */
#ifndef HK_HOST_DIRECTORY_H
#define HK_HOST_DIRECTORY_H

#include <sys/types.h>

#include "base/err.h"
#include "host/host.h"

/*
 * apply:  makes op.path with exactly the permission bits op.mode, nothing inherited from a
 *         default ACL. An existing one must be the person's own directory. In the scope's roots
 *         it must also give others no more than op.mode does (entries of targets apart), and
 *         nobody else may write to a directory above it. It is never changed: a chmod would cut
 *         the ACL mask that running instances live by.
 * revert: removes one that we made and that is empty, unless op.stays. What an instance may
 *         leave in its own directory (sockets, links, empty directories) goes first.
 * Errors: -EPERM somebody else's, or open to others; -ELOOP a link; -ENOTDIR; else errno.
 */
extern const struct hk_host_op_type hk_host_directory;

/*
 * Makes one directory in parent and opens it. -EEXIST is returned where the name is taken, with
 * err set; one that was made and could not be finished is removed again. path: for messages.
 */
int hk_host_directory_make(int parent, const char *name, mode_t mode, uid_t person,
	const char *path, int *ret_fd, struct hk_err *err);

#endif
