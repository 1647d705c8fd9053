/* SPDX-License-Identifier: MIT */
#include "container/source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>

#include "base/auto.h"
#include "base/str.h"
#include "container/walk.h"
#include "sys/sys.h"

#define NO_LINKS (RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)

struct maker {
	const char *path; /* all of it, for messages */
	mode_t mode;
};

static int check_owner(void *data, int dir, int link, const char *path, struct hk_err *err) {
	(void)data; /* the rule is the same for everybody, and everywhere */
	(void)dir;
	struct stat stat;
	int r = hk_sys_fstat(link, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(path));
	}
	if (stat.st_uid == hk_sys_getuid()) {
		return hk_err_say(err, -ELOOP,
			"'%s' is a symbolic link that belongs to the program's own user: refused",
			HK_ESC(path));
	}
	return 0;
}

static int make_directory(void *data, int dir, const char *name, bool last, struct hk_err *err) {
	const struct maker *maker = data;
	int r = hk_sys_mkdirat(dir, name, last ? maker->mode : 0700);
	if (r < 0 && r != -EEXIST) { /* another instance of the identity may be faster */
		return hk_err_step(
			err, r, "create directory '%s' of '%s'", HK_ESC(name), HK_ESC(maker->path));
	}
	return 0;
}

static int record(int fd, const char *path, struct hk_source *ret_source, struct hk_err *err) {
	struct stat stat;
	int r = hk_sys_fstat(fd, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(path));
	}
	*ret_source = (struct hk_source){
		.path = path,
		.dev = stat.st_dev,
		.ino = stat.st_ino,
		.type = stat.st_mode & S_IFMT,
		.device = stat.st_rdev,
	};
	return 0;
}

static int resolve(struct hk_arena *arena, const char *path, struct maker *maker,
	struct hk_source *ret_source, struct hk_err *err) {
	/* Most paths have no link in them: one call. */
	HK_AUTO(fd) int fd = hk_sys_openat2(AT_FDCWD, path, O_PATH, 0, NO_LINKS);
	if (fd >= 0) {
		return record(fd, path, ret_source, err);
	}
	if (fd != -ELOOP && (fd != -ENOENT || !maker)) {
		return hk_err_step(err, fd, "open '%s'", HK_ESC(path));
	}
	HK_AUTO(fd) int root = hk_sys_open("/", O_PATH | O_DIRECTORY, 0);
	if (root < 0) {
		return hk_err_step(err, root, "open '/'");
	}
	const struct hk_walk_rules rules = {
		.root = root,
		.data = maker,
		.check_link = check_owner,
		.make = maker ? make_directory : NULL,
	};
	struct hk_walked walked;
	int r = hk_walk(arena, &rules, path, &walked, err);
	if (r < 0) {
		return r;
	}
	fd = walked.fd;
	return record(fd, walked.path, ret_source, err);
}

int hk_source_resolve(struct hk_arena *arena, const char *path, struct hk_source *ret_source,
	struct hk_err *err) {
	return resolve(arena, path, NULL, ret_source, err);
}

int hk_source_ensure(struct hk_arena *arena, const char *path, mode_t mode,
	struct hk_source *ret_source, struct hk_err *err) {
	struct maker maker = {.path = path, .mode = mode};
	/* The mode is the caller's word, not the umask's. */
	mode_t mask = (mode_t)hk_sys_umask(0);
	int r = resolve(arena, path, &maker, ret_source, err);
	(void)hk_sys_umask(mask); /* cannot fail */
	if (r >= 0 && !S_ISDIR(ret_source->type)) {
		/* Its place is one that programs of this uid can write to. */
		return hk_err_step(err, -ENOTDIR, "use '%s'", HK_ESC(path));
	}
	return r;
}

int hk_source_open(const struct hk_source *source, struct hk_err *err) {
	HK_AUTO(fd) int fd = hk_sys_openat2(AT_FDCWD, source->path, O_PATH, 0, NO_LINKS);
	if (fd < 0) {
		return hk_err_step(err, fd, "open '%s'", HK_ESC(source->path));
	}
	struct stat stat;
	int r = hk_sys_fstat(fd, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(source->path));
	}
	if (stat.st_dev != source->dev || stat.st_ino != source->ino) {
		return hk_err_say(err, -ESTALE, "'%s' was replaced by something else meanwhile",
			HK_ESC(source->path));
	}
	return hk_take(&fd);
}
