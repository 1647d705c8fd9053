/* SPDX-License-Identifier: MIT */
/*
 * socket.h: sockets in the file system: those of the person's servers, and those that an
 * instance has of its own in its directory.
 *
 * What is protected: the person's files and servers. Trusted: root, the kernel, the person.
 * MUST hold: what is used is a socket of the person's, looked at by descriptor; what is removed
 * is one too, in a place of ours.
 */
#ifndef HK_HOST_SOCKET_H
#define HK_HOST_SOCKET_H

#include <stdint.h>
#include <sys/stat.h>

#include "host/host.h"

/* Opens the person's socket at path with O_PATH. Errors name it. */
int hk_host_socket_open(const struct hk_host_context *context, const char *path, int *ret_fd,
	struct stat *ret_stat, struct hk_err *err);

/*
 * Connects to what hk_host_socket_open has opened, however long its path is. name: of the
 * server, for errors. Waits for a server that is busy until deadline_ns (monotonic).
 */
int hk_host_socket_connect(int fd, const char *name, const char *path, uint64_t deadline_ns,
	int *ret_socket, struct hk_err *err);

/* Is op.path a name that we may give to a new socket, and that nobody has? */
int hk_host_socket_check_free(
	const struct hk_host_context *context, const struct hk_host_op *op, struct hk_err *err);

/* Removes the socket at op.path, which must be in a place of ours. ino: only this one; 0: any
 * of the person's. What is gone, or something else, is left alone. */
int hk_host_socket_remove(const struct hk_host_context *context, const struct hk_host_op *op,
	uint64_t ino, struct hk_err *err);

/* Lets the target connect to the socket of that name in dir, and nobody else but the person. By
 * descriptor, for something else may get the name. -EPERM: it is no socket of the person's with
 * that name alone. */
int hk_host_socket_open_to(int dir, const char *name, uid_t person, uid_t target);

/*
 * Makes a listening socket at op.path, for the person and op.target and for nobody else at any
 * moment. It does not block.
 */
int hk_host_socket_listen(const struct hk_host_context *context, const struct hk_host_op *op,
	int *ret_socket, struct hk_err *err);

#endif
