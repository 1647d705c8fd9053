/* SPDX-License-Identifier: MIT */
/*
 * walk.h: a path of the host opened one component at a time, by descriptor.
 *
 * What is protected: the person's files, from a program that can put a symbolic link where we
 * are about to change something. Trusted: root, and the person.
 * MUST hold: a symbolic link is followed only if root owns it (/home -> /var/home is common);
 * one of anybody else's is refused, wherever on the path it is.
 */
#ifndef HK_HOST_WALK_H
#define HK_HOST_WALK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

#define HK_HOST_WALK_LINKS_MAX 40 /* the kernel's own limit */

enum hk_host_walk_flag {
	/* Each directory on the way must belong to root or the person, and be writable by them
	 * only, or sticky: nobody else can put another object behind a name below it. */
	HK_HOST_WALK_GUARDED = 1 << 0,
	/* Missing directories are made with mode 0700. */
	HK_HOST_WALK_MAKE = 1 << 1,
};

/*
 * Opens path (absolute, clean) with O_PATH. Errors name the component: -ELOOP a link that is not
 * root's, -EPERM a directory that is not guarded, else errno of the call; -ENOENT and -ENOTDIR
 * mean that there is nothing at the path.
 */
int hk_host_walk(const char *path, uint32_t flags, uid_t person, int *ret_fd, struct hk_err *err);

/* The same for the directory that holds the object. ret_name points to its name in path. Not
 * for "/". */
int hk_host_walk_parent(const char *path, uint32_t flags, uid_t person, int *ret_fd,
	const char **ret_name, struct hk_err *err);

/* The object at the path, with O_PATH, in one call: where no link is on the way. -ENOENT: there is
 * nothing. Any other error: it has to be walked to. */
int hk_host_walk_at_once(const char *path);

/* Is there nothing at the path? Says nothing to anybody, and false where it cannot tell. */
bool hk_host_walk_is_gone(const char *path, uid_t person);

#endif
