/* SPDX-License-Identifier: MIT */
/*
 * walk.h: a path resolved one component at a time, with a say in every link and every missing
 * name on the way. The kernel resolves in one call where no link and no gap is met; this is for
 * the other paths.
 */
#ifndef HK_CONTAINER_WALK_H
#define HK_CONTAINER_WALK_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

#define HK_WALK_LINKS_MAX 40 /* the kernel's own limit */

struct hk_walk_rules {
	/* The root that absolute paths and links start at, and that `..` does not leave. */
	int root;
	void *data;
	/* May this link be followed? Refuses with an error. dir, link: O_PATH descriptors of the
	 * directory and of the link itself; path: where it is, for the message. */
	int (*check_link)(void *data, int dir, int link, const char *path, struct hk_err *err);
	/* Something to do about a missing name: makes it in dir, returns 0; or refuses with an
	 * error. last: no component follows. NULL: -ENOENT. */
	int (*make)(void *data, int dir, const char *name, bool last, struct hk_err *err);
};

struct hk_walked {
	int fd;		  /* O_PATH; the caller's */
	const char *path; /* without links, "." or ".."; in the arena; relative if path was */
};

/*
 * Resolves path (absolute: from rules->root; relative: from the working directory, which `..`
 * does not leave either). A link as last component is followed too. Errors name what was met.
 */
int hk_walk(struct hk_arena *arena, const struct hk_walk_rules *rules, const char *path,
	struct hk_walked *ret_walked, struct hk_err *err);

#endif
