/* SPDX-License-Identifier: MIT */
#include "container/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>

#include "base/auto.h"
#include "base/path.h"
#include "base/str.h"
#include "sys/sys.h"

struct walk {
	struct hk_arena *arena;
	const struct hk_walk_rules *rules;
	const char *done; /* what is resolved: "" (working directory), "/", "/a/b" or "a/b" */
	const char *rest; /* what is not yet */
	unsigned int links;
	int fd; /* O_PATH of done */
};

/* Where done begins: the rules' root, or the working directory. */
static int start_of(const struct walk *walk, const char *path) {
	return path[0] == '/' ? walk->rules->root : AT_FDCWD;
}

/* Goes to a path that has no links, from the start. It was there a moment ago; if someone put a
 * link in its place since, this fails. */
static int go_to(struct walk *walk, const char *path, struct hk_err *err) {
	const char *below = path[0] == '/' ? path + 1 : path;
	int fd = hk_sys_openat2(start_of(walk, path), below[0] ? below : ".", O_PATH, 0,
		RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_BENEATH);
	if (fd < 0) {
		return hk_err_step(err, fd, "open '%s'", HK_ESC(path));
	}
	if (walk->fd >= 0) {
		(void)hk_sys_close(walk->fd); /* a place, nothing written */
	}
	walk->fd = fd;
	walk->done = path;
	return 0;
}

static int go_up(struct walk *walk, struct hk_err *err) {
	const char *slash = strrchr(walk->done, '/');
	size_t length = slash ? (size_t)(slash - walk->done) : 0;
	if (walk->done[0] == '/' && length == 0) {
		length = 1;
	}
	char *parent = hk_arena_strndup(walk->arena, walk->done, length);
	if (!parent) {
		return hk_err_oom(err);
	}
	return go_to(walk, parent, err);
}

/* The link's text comes before what was left to do. */
static int follow(struct walk *walk, int link, const char *path, struct hk_err *err) {
	if (++walk->links > HK_WALK_LINKS_MAX) {
		return hk_err_step(err, -ELOOP, "follow '%s'", HK_ESC(path));
	}
	int r = walk->rules->check_link(walk->rules->data, walk->fd, link, path, err);
	if (r < 0) {
		return r;
	}
	char *text;
	r = hk_sys_readlinkat(walk->arena, link, "", &text);
	if (r < 0) {
		return hk_err_step(err, r, "read the link '%s'", HK_ESC(path));
	}
	const char *rest = hk_arena_printf(walk->arena, "%s/%s", text, walk->rest);
	if (!rest) {
		return hk_err_oom(err);
	}
	walk->rest = rest;
	return text[0] == '/' ? go_to(walk, "/", err) : 0;
}

/* One step down to name; link or directory or file. */
static int go_down(struct walk *walk, const char *name, bool last, struct hk_err *err) {
	const char *slash = walk->done[0] && strcmp(walk->done, "/") != 0 ? "/" : "";
	const char *path = hk_arena_printf(walk->arena, "%s%s%s", walk->done, slash, name);
	if (!path) {
		return hk_err_oom(err);
	}
	const uint64_t resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
	HK_AUTO(fd) int fd = hk_sys_openat2(walk->fd, name, O_PATH | O_NOFOLLOW, 0, resolve);
	if (fd == -ENOENT && walk->rules->make) {
		int r = walk->rules->make(walk->rules->data, walk->fd, name, last, err);
		if (r < 0) {
			return r;
		}
		fd = hk_sys_openat2(walk->fd, name, O_PATH | O_NOFOLLOW, 0, resolve);
	}
	if (fd < 0) {
		return hk_err_step(err, fd, "open '%s'", HK_ESC(path));
	}
	struct stat stat;
	int r = hk_sys_fstat(fd, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(path));
	}
	if (S_ISLNK(stat.st_mode)) {
		return follow(walk, fd, path, err);
	}
	int from = walk->fd;
	walk->fd = hk_take(&fd);
	walk->done = path;
	(void)hk_sys_close(from); /* a place, nothing written */
	return 0;
}

static int step(struct walk *walk, struct hk_err *err) {
	const char *rest = walk->rest;
	size_t length = strcspn(rest, "/");
	char *name = hk_arena_strndup(walk->arena, rest, length);
	if (!name) {
		return hk_err_oom(err);
	}
	rest += length;
	rest += strspn(rest, "/");
	walk->rest = rest;
	if (strcmp(name, "..") == 0) {
		return go_up(walk, err);
	}
	if (name[0] == '\0' || strcmp(name, ".") == 0) {
		return 0;
	}
	return go_down(walk, name, rest[0] == '\0', err);
}

int hk_walk(struct hk_arena *arena, const struct hk_walk_rules *rules, const char *path,
	struct hk_walked *ret_walked, struct hk_err *err) {
	struct walk walk = {.arena = arena, .rules = rules, .done = "", .rest = path, .fd = -1};
	int r = go_to(&walk, path[0] == '/' ? "/" : "", err);
	while (r >= 0 && walk.rest[0]) {
		r = step(&walk, err);
	}
	if (r < 0) {
		if (walk.fd >= 0) {
			(void)hk_sys_close(walk.fd); /* a place, nothing written */
		}
		return r;
	}
	*ret_walked = (struct hk_walked){.fd = walk.fd, .path = walk.done[0] ? walk.done : "."};
	return 0;
}
