/* SPDX-License-Identifier: MIT */
#include "store/guard.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"
#include "host/walk.h"
#include "sys/sys.h"

struct place {
	dev_t dev;
	ino_t ino;
	bool closed; /* to reading, too */
	const char *path;
};
struct places HK_VEC(struct place);

/* 1 and the object's stat; 0 if there is nothing, or nothing that can be reached. */
static int find(
	const struct hk_store *store, const char *path, struct stat *ret_stat, struct hk_err *err) {
	/* Most are there, or are to be made yet, and have no link on the way: one call. */
	HK_AUTO(fd) int fd = hk_host_walk_at_once(path);
	int r = fd;
	if (r < 0 && r != -ENOENT) {
		r = hk_host_walk(path, 0, store->scope->person, &fd, err);
	}
	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -EACCES) {
		return 0; /* applying it will say so */
	}
	if (r < 0) {
		return r;
	}
	r = hk_sys_fstat(fd, ret_stat);
	return r < 0 ? hk_err_step(err, r, "look at '%s'", HK_ESC(path)) : 1;
}

/* The store alone, which is open already. */
static int add_store(const struct hk_store *store, struct hk_arena *arena, struct places *places,
	struct hk_err *err) {
	struct stat stat;
	int r = hk_sys_fstat(store->dir, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(store->path));
	}
	struct place *place = hk_vec_add(arena, places);
	if (!place) {
		return hk_err_oom(err);
	}
	*place = (struct place){
		.dev = stat.st_dev, .ino = stat.st_ino, .closed = true, .path = store->path};
	return 0;
}

/* The object at path and all above it. */
static int add_places(const struct hk_store *store, struct hk_arena *arena, const char *path,
	bool closed, struct places *places, struct hk_err *err) {
	for (;;) {
		struct stat stat;
		int r = find(store, path, &stat, err);
		if (r < 0) {
			return r;
		}
		if (r > 0) {
			struct place *place = hk_vec_add(arena, places);
			if (!place) {
				return hk_err_oom(err);
			}
			*place = (struct place){.dev = stat.st_dev,
				.ino = stat.st_ino,
				.closed = closed,
				.path = path};
		}
		if (strcmp(path, "/") == 0) {
			return 0;
		}
		closed = false;
		path = hk_path_parent(arena, path);
		if (!path) {
			return hk_err_oom(err);
		}
	}
}

/* Is the object at path one of the places? closed: only of those that are closed to reading. */
static int is_place(const struct hk_store *store, const struct places *places, const char *path,
	bool closed, struct hk_err *err) {
	struct stat stat;
	int r = find(store, path, &stat, err);
	if (r <= 0) {
		return r;
	}
	for (size_t i = 0; i < places->count; i++) {
		const struct place *place = &places->items[i];
		if (place->dev == stat.st_dev && place->ino == stat.st_ino &&
			(place->closed || !closed)) {
			return 1;
		}
	}
	return 0;
}

static int check_op(const struct hk_store *store, struct hk_arena *arena,
	const struct places *places, const struct hk_host_op *op, struct hk_err *err) {
	int r = is_place(store, places, op->path, !(op->perm & HK_ACL_W), err);
	if (r == 0 && strcmp(op->path, "/") != 0) {
		/* The lock and the entries, too: they lie in the store itself. */
		const char *parent = hk_path_parent(arena, op->path);
		r = parent ? is_place(store, places, parent, true, err) : hk_err_oom(err);
	}
	if (r <= 0) {
		return r;
	}
	return hk_err_say(err, -EPERM,
		"cannot give uid %u access to '%s': hakurei keeps its own state there", op->target,
		HK_ESC(op->path));
}

static bool gives_writing(const struct hk_host_ops *ops) {
	for (size_t i = 0; i < ops->count; i++) {
		if (ops->items[i].kind == HK_HOST_ACL && (ops->items[i].perm & HK_ACL_W)) {
			return true;
		}
	}
	return false;
}

static int find_places(const struct hk_store *store, struct hk_arena *arena, struct places *places,
	struct hk_err *err) {
	int r = add_places(store, arena, store->path, true, places, err);
	const struct hk_strs *roots = &store->scope->roots;
	for (size_t i = 0; r >= 0 && i < roots->count; i++) {
		r = add_places(store, arena, roots->items[i], false, places, err);
	}
	return r;
}

int hk_store_guard_check(
	const struct hk_store *store, const struct hk_host_ops *ops, struct hk_err *err) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct places places = {0};
	/* Where nothing may be written, only the store itself is closed. */
	int r = gives_writing(ops) ? find_places(store, &arena, &places, err)
				   : add_store(store, &arena, &places, err);
	for (size_t i = 0; r >= 0 && i < ops->count; i++) {
		if (ops->items[i].kind == HK_HOST_ACL) {
			r = check_op(store, &arena, &places, &ops->items[i], err);
		}
	}
	return r < 0 ? r : 0;
}
