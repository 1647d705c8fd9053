/* SPDX-License-Identifier: MIT */
/*
 * source.h: host paths that will be bound into the container, resolved by whoever starts it.
 *
 * Protected: the files of everybody else. The caller's uid is the program's own, so the program
 * may have put a link anywhere it can write, to have this start bind something that was never
 * meant: its links are refused. Links of root and of the person are the system's layout
 * (/var/run, /lib64, /home) and are followed.
 *
 * It must happen here, before the clone: inside the user namespace every owner but one reads as
 * the overflow id. A source is reopened inside by its link-free path, without following
 * anything, and must be the same object then.
 */
#ifndef HK_CONTAINER_SOURCE_H
#define HK_CONTAINER_SOURCE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

struct hk_source {
	const char *path; /* without links; relative to the working directory if it was */
	dev_t dev;
	ino_t ino;
	mode_t type;  /* S_IFMT bits */
	dev_t device; /* of a device node */
	bool missing; /* was allowed not to exist, and does not */
};

/* path absolute, or relative to the working directory. -ENOENT where it does not exist. */
int hk_source_resolve(
	struct hk_arena *arena, const char *path, struct hk_source *ret_source, struct hk_err *err);

/* Makes the directory path first where it does not exist: itself with mode, parents 0700. */
int hk_source_ensure(struct hk_arena *arena, const char *path, mode_t mode,
	struct hk_source *ret_source, struct hk_err *err);

/* An O_PATH descriptor of the same object in the present mount namespace; the caller's. */
int hk_source_open(const struct hk_source *source, struct hk_err *err);

#endif
