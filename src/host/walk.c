/* SPDX-License-Identifier: MIT */
#include "host/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/path.h"
#include "base/str.h"
#include "host/directory.h"
#include "sys/sys.h"

struct walker {
	struct hk_arena *arena;
	uint32_t flags;
	uid_t person;
	int fd;		   /* where we are; O_PATH */
	struct stat stat;  /* of it, where guarded */
	const char *where; /* its path, without links; for messages */
	const char *rest;  /* what is still to be walked */
	unsigned int links;
};

static void move_to(struct walker *walker, int *fd, const struct stat *stat, const char *where) {
	if (walker->fd >= 0) {
		(void)hk_sys_close(walker->fd); /* O_PATH: nothing to lose */
	}
	walker->fd = hk_take(fd);
	walker->stat = *stat;
	walker->where = where;
}

static int start(struct walker *walker, struct hk_err *err) {
	HK_AUTO(fd) int root = hk_sys_open("/", O_PATH | O_DIRECTORY, 0);
	struct stat stat = {0};
	int r = root;
	if (r >= 0 && (walker->flags & HK_HOST_WALK_GUARDED)) {
		r = hk_sys_fstat(root, &stat);
	}
	if (r < 0) {
		return hk_err_step(err, r, "open '/'");
	}
	move_to(walker, &root, &stat, "/");
	return 0;
}

/* The next component in the arena; NULL and *ret_name == NULL at the end. */
static int next_name(struct walker *walker, const char **ret_name, struct hk_err *err) {
	const char *from = walker->rest + strspn(walker->rest, "/");
	size_t length = strcspn(from, "/");
	walker->rest = from + length;
	if (length == 0) {
		*ret_name = NULL;
		return 0;
	}
	const char *name = hk_arena_strndup(walker->arena, from, length);
	if (!name) {
		return hk_err_oom(err);
	}
	*ret_name = name;
	return 0;
}

static bool is_last(const struct walker *walker) {
	return walker->rest[strspn(walker->rest, "/")] == '\0';
}

static bool is_ours(const struct stat *stat, uid_t person) {
	return stat->st_uid == 0 || stat->st_uid == person;
}

/* Whoever may write to a directory decides what its names mean, unless it is sticky: then only
 * for names of their own. */
static bool is_closed(const struct stat *stat) {
	return (stat->st_mode & 022) == 0 || (stat->st_mode & S_ISVTX) != 0;
}

static int check_guarded(const struct walker *walker, struct hk_err *err) {
	const struct stat *stat = &walker->stat;
	if (!S_ISDIR(stat->st_mode)) {
		return hk_err_step(err, -ENOTDIR, "use '%s'", HK_ESC(walker->where));
	}
	if (!is_ours(stat, walker->person)) {
		return hk_err_say(err, -EPERM, "directory '%s' belongs to uid %u",
			HK_ESC(walker->where), stat->st_uid);
	}
	if (!is_closed(stat)) {
		return hk_err_say(err, -EPERM, "directory '%s' can be written to by others",
			HK_ESC(walker->where));
	}
	return 0;
}

/* Puts what a link of root's holds in front of the rest. */
static int follow(
	struct walker *walker, int link, const char *where, uid_t owner, struct hk_err *err) {
	if (owner != 0) {
		return hk_err_say(
			err, -ELOOP, "'%s' is a symbolic link of uid %u", HK_ESC(where), owner);
	}
	if (++walker->links > HK_HOST_WALK_LINKS_MAX) {
		return hk_err_step(err, -ELOOP, "open '%s'", HK_ESC(where));
	}
	char *text = NULL;
	int r = hk_sys_readlinkat(walker->arena, link, "", &text);
	if (r < 0) {
		return hk_err_step(err, r, "read the link '%s'", HK_ESC(where));
	}
	walker->rest = hk_arena_printf(walker->arena, "%s/%s", text, walker->rest);
	if (!walker->rest) {
		return hk_err_oom(err);
	}
	return hk_path_is_absolute(text) ? start(walker, err) : 0;
}

static int open_name(struct walker *walker, const char *name, const char *where, int *ret_fd,
	struct hk_err *err) {
	int fd = hk_sys_openat(walker->fd, name, O_PATH | O_NOFOLLOW, 0);
	if (fd == -ENOENT && (walker->flags & HK_HOST_WALK_MAKE)) {
		HK_AUTO(fd) int made = -1;
		int r = hk_host_directory_make(
			walker->fd, name, 0700, walker->person, where, &made, err);
		if (r < 0 && r != -EEXIST) {
			return r;
		}
		/* Made by us, or by another of our processes just now: open what is there. */
		fd = hk_sys_openat(walker->fd, name, O_PATH | O_NOFOLLOW, 0);
	}
	if (fd < 0) {
		return hk_err_step(err, fd, "open '%s'", HK_ESC(where));
	}
	*ret_fd = fd;
	return 0;
}

static int step(struct walker *walker, const char *name, struct hk_err *err) {
	if (strcmp(name, ".") == 0) {
		return 0; /* from the text of a link */
	}
	bool up = strcmp(name, "..") == 0;
	const char *where = up ? hk_path_parent(walker->arena, walker->where)
			       : hk_path_join(walker->arena, walker->where, name);
	if (!where) {
		return hk_err_oom(err);
	}
	if (walker->flags & HK_HOST_WALK_GUARDED) {
		int r = check_guarded(walker, err);
		if (r < 0) {
			return r;
		}
	}
	HK_AUTO(fd) int fd = -1;
	int r = open_name(walker, name, where, &fd, err);
	if (r < 0) {
		return r;
	}
	struct stat stat;
	r = hk_sys_fstat(fd, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(where));
	}
	if (S_ISLNK(stat.st_mode)) {
		return follow(walker, fd, where, stat.st_uid, err);
	}
	if (!S_ISDIR(stat.st_mode) && !is_last(walker)) {
		return hk_err_step(err, -ENOTDIR, "open '%s'", HK_ESC(where));
	}
	move_to(walker, &fd, &stat, where);
	return 0;
}

static int walk_on(struct walker *walker, struct hk_err *err) {
	int r = start(walker, err);
	while (r >= 0) {
		const char *name = NULL;
		r = next_name(walker, &name, err);
		if (r < 0 || !name) {
			return r;
		}
		r = step(walker, name, err);
	}
	return r;
}

/* So many levels up. */
#define LEVELS_MAX 16
static const char levels_up[] = "../../../../../../../../../../../../../../../..";
_Static_assert(sizeof(levels_up) == 3 * LEVELS_MAX, "each level is three characters but the last");

static int stat_above(int fd, unsigned int level, struct stat *ret_stat) {
	return level == 0
		       ? hk_sys_fstat(fd, ret_stat)
		       : hk_sys_fstatat(fd, levels_up + sizeof(levels_up) - 3 * level, ret_stat, 0);
}

int hk_host_walk_at_once(const char *path) {
	return hk_sys_openat2(
		AT_FDCWD, path, O_PATH, 0, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

/*
 * Most paths have no link in them: then the kernel opens them in one call, and what is above is
 * found from there. What cannot be done so is walked, and that says why. guarded: the guarded
 * directories begin so many levels above the object.
 */
static int open_at_once(const char *path, uint32_t flags, uid_t person, unsigned int guarded) {
	HK_AUTO(fd) int fd = hk_host_walk_at_once(path);
	if (fd < 0) {
		return fd;
	}
	unsigned int depth = 0;
	for (const char *at = path; flags & HK_HOST_WALK_GUARDED && *at; at++) {
		depth += at[0] == '/' && at[1] != '/' && at[1] != '\0';
	}
	for (unsigned int level = guarded; flags & HK_HOST_WALK_GUARDED && level <= depth;
		level++) {
		struct stat stat;
		if (level > LEVELS_MAX || stat_above(fd, level, &stat) < 0 ||
			!is_ours(&stat, person) || !is_closed(&stat)) {
			return -ELOOP;
		}
	}
	return hk_take(&fd);
}

int hk_host_walk(const char *path, uint32_t flags, uid_t person, int *ret_fd, struct hk_err *err) {
	int at_once = open_at_once(path, flags, person, 1);
	if (at_once >= 0) {
		*ret_fd = at_once;
		return 0;
	}
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct walker walker = {
		.arena = &arena, .flags = flags, .person = person, .fd = -1, .rest = path};
	int r = walk_on(&walker, err);
	HK_AUTO(fd) int fd = walker.fd;
	if (r < 0) {
		return r;
	}
	*ret_fd = hk_take(&fd);
	return 0;
}

int hk_host_walk_parent(const char *path, uint32_t flags, uid_t person, int *ret_fd,
	const char **ret_name, struct hk_err *err) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	const char *parent = hk_path_parent(&arena, path);
	if (!parent) {
		return hk_err_oom(err);
	}
	int at_once = open_at_once(parent, flags, person, 0);
	if (at_once >= 0) {
		*ret_fd = at_once;
		*ret_name = hk_path_name(path);
		return 0;
	}
	struct walker walker = {
		.arena = &arena, .flags = flags, .person = person, .fd = -1, .rest = parent};
	int r = walk_on(&walker, err);
	HK_AUTO(fd) int fd = walker.fd;
	if (r < 0) {
		return r;
	}
	if (flags & HK_HOST_WALK_GUARDED) {
		r = check_guarded(&walker, err); /* the last one was stepped into, not through */
		if (r < 0) {
			return r;
		}
	}
	*ret_fd = hk_take(&fd);
	*ret_name = hk_path_name(path);
	return 0;
}

bool hk_host_walk_is_gone(const char *path, uid_t person) {
	HK_AUTO(fd) int fd = -1;
	struct hk_err why;
	int r = hk_host_walk(path, 0, person, &fd, &why);
	return r == -ENOENT || r == -ENOTDIR;
}
