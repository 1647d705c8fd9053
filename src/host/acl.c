/* SPDX-License-Identifier: MIT */
#include "host/acl.h"

#include <errno.h>
#include <fcntl.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/str.h"
#include "host/acl_ask.h"
#include "host/acl_list.h"
#include "host/walk.h"
#include "sys/sys.h"

/* -- the object ------------------------------------------------------------------------------ */

struct identity {
	uint64_t dev;
	uint64_t fs;
	uint64_t ino;
};

static int identify(int fd, struct identity *ret_identity, struct stat *ret_stat) {
	struct statfs fs;
	int r = hk_sys_fstat(fd, ret_stat);
	if (r >= 0) {
		r = hk_sys_fstatfs(fd, &fs);
	}
	if (r < 0) {
		return r;
	}
	*ret_identity = (struct identity){
		.dev = ret_stat->st_dev,
		.fs = (uint64_t)(uint32_t)fs.f_fsid.__val[0] << 32 | (uint32_t)fs.f_fsid.__val[1],
		.ino = ret_stat->st_ino,
	};
	return 0;
}

static bool is_object(const struct hk_host_found *found, uint64_t dev, uint64_t fs, uint64_t ino) {
	return found->ino == ino && (found->dev == dev || (fs != 0 && found->fs == fs));
}

static int open_object(const struct hk_host_context *context, const struct hk_host_op *op,
	struct identity *ret_identity, int *ret_fd, struct hk_err *err) {
	HK_AUTO(fd) int fd = -1;
	int r = hk_host_walk(op->path, 0, context->scope->person, &fd, err);
	if (r < 0) {
		return r;
	}
	struct stat stat;
	r = identify(fd, ret_identity, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(op->path));
	}
	if (stat.st_uid != context->scope->person) {
		return hk_err_say(err, -EPERM, "cannot set an ACL on '%s': it belongs to uid %u",
			HK_ESC(op->path), stat.st_uid);
	}
	*ret_fd = hk_take(&fd);
	return 0;
}

static int read_list(struct hk_arena *arena, const struct hk_host_op *op, int fd,
	struct hk_acl_list *ret_list, struct hk_err *err) {
	int r = hk_acl_list_read(arena, fd, false, ret_list);
	return r < 0 ? hk_err_step(err, r, "read the ACL of '%s'", HK_ESC(op->path)) : 0;
}

/* -- what others ask of the same object ------------------------------------------------------- */

/* The next peer after *from (start with 0) that stands on the same object. */
static const struct hk_host_peer *next_on_object(const struct hk_host_context *context,
	const struct hk_host_record *but, const struct hk_host_found *object, size_t *from) {
	while (*from < context->peers.count) {
		const struct hk_host_peer *peer = &context->peers.items[(*from)++];
		const struct hk_host_record *record = peer->record;
		if (record != but && record->op.kind == HK_HOST_ACL && record->looked &&
			!record->reverted &&
			is_object(&record->found, object->dev, object->fs, object->ino)) {
			return peer;
		}
	}
	return NULL;
}

static struct hk_acl_ask ask_of(
	const struct hk_host_context *context, const struct hk_host_record *record) {
	struct hk_acl_ask ask = {.path = record->op.path,
		.target = record->op.target,
		.perm = record->op.perm,
		.found = &record->found};
	size_t at = 0;
	const struct hk_host_peer *peer;
	while ((peer = next_on_object(context, record, &record->found, &at))) {
		ask.shared = true;
		ask.any |= peer->record->op.perm;
		if (peer->live && peer->record->op.target == ask.target) {
			ask.live |= peer->record->op.perm;
		}
	}
	return ask;
}

/* -- look ---------------------------------------------------------------------------------------
 */

static int look(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_host_found *ret_found, struct hk_err *err) {
	const struct hk_host_op *op = &record->op;
	int allowed = hk_host_scope_check_target(context->scope, op->target, err);
	if (allowed < 0) {
		return allowed;
	}
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(fd) int fd = -1;
	struct identity object;
	struct hk_acl_list list = {0};
	int r = open_object(context, op, &object, &fd, err);
	if (r >= 0) {
		r = read_list(&arena, op, fd, &list, err);
	}
	if (r < 0) {
		return r;
	}
	struct hk_host_found found = {.dev = object.dev, .fs = object.fs, .ino = object.ino};
	const struct hk_acl_entry *mask = hk_acl_list_find(&list, ACL_MASK, 0);
	const struct hk_acl_entry *entry = hk_acl_list_find(&list, ACL_USER, op->target);
	found.had_mask = mask != NULL;
	found.mask = mask ? mask->perm : 0;
	found.had_entry = entry != NULL;
	found.entry = entry ? entry->perm : 0;
	/* Where others of ours were first, what was before us is what was before them. */
	size_t at = 0;
	const struct hk_host_peer *peer;
	while ((peer = next_on_object(context, record, &found, &at))) {
		const struct hk_host_found *theirs = &peer->record->found;
		if (mask) {
			found.had_mask = theirs->had_mask;
			found.mask = theirs->mask;
		}
		if (entry && peer->record->op.target == op->target) {
			found.had_entry = theirs->had_entry;
			found.entry = theirs->entry;
		}
	}
	*ret_found = found;
	return 0;
}

/* -- apply --------------------------------------------------------------------------------------
 */

static int write_list(const struct hk_host_op *op, int fd, const struct hk_acl_list *before,
	const struct hk_acl_list *after, struct hk_err *err) {
	if (hk_acl_list_equal(before, after)) {
		return 0;
	}
	int r = hk_acl_list_write(fd, after);
	return r < 0 ? hk_err_step(err, r, "set the ACL of '%s'", HK_ESC(op->path)) : 0;
}

static int copy_list(struct hk_arena *arena, const struct hk_acl_list *from,
	struct hk_acl_list *ret_copy, struct hk_err *err) {
	struct hk_acl_list copy = {0};
	for (size_t i = 0; i < from->count; i++) {
		struct hk_acl_entry *entry = hk_vec_add(arena, &copy);
		if (!entry) {
			return hk_err_oom(err);
		}
		*entry = from->items[i];
	}
	*ret_copy = copy;
	return 0;
}

/* Setting an ACL clears the set-group-ID bit for whoever is not in the group. */
static int check_setgid(const struct hk_host_op *op, int fd, struct hk_err *err) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct stat stat;
	gid_t *gids = NULL;
	size_t count = 0;
	int r = hk_sys_fstat(fd, &stat);
	if (r >= 0 && (!(stat.st_mode & S_ISGID) || stat.st_gid == hk_sys_getgid())) {
		return 0;
	}
	if (r >= 0) {
		r = hk_sys_getgroups(&arena, &gids, &count);
	}
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(op->path));
	}
	for (size_t i = 0; i < count; i++) {
		if (gids[i] == stat.st_gid) {
			return 0;
		}
	}
	return hk_err_say(err, -EPERM,
		"cannot set an ACL on '%s': it would lose its set-group-ID bit, for you are not in "
		"group %u",
		HK_ESC(op->path), stat.st_gid);
}

static int apply(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_err *err) {
	const struct hk_host_op *op = &record->op;
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(fd) int fd = -1;
	struct identity object;
	int r = open_object(context, op, &object, &fd, err);
	if (r < 0) {
		return r;
	}
	if (!is_object(&record->found, object.dev, object.fs, object.ino)) {
		return hk_err_say(err, -EAGAIN, "'%s' was replaced just now", HK_ESC(op->path));
	}
	struct hk_acl_list before = {0};
	struct hk_acl_list after = {0};
	r = check_setgid(op, fd, err);
	if (r >= 0) {
		r = read_list(&arena, op, fd, &before, err);
	}
	if (r >= 0) {
		r = copy_list(&arena, &before, &after, err);
	}
	if (r >= 0) {
		const struct hk_acl_ask ask = ask_of(context, record);
		r = hk_acl_ask_add(&arena, &after, &ask, err);
	}
	return r < 0 ? r : write_list(op, fd, &before, &after, err);
}

/* -- revert -------------------------------------------------------------------------------------
 */

/* In a directory that somebody else may write to, or the person, a name can come to mean another
 * object. Our own places are closed. */
static int keep(const struct hk_host_context *context, const struct hk_host_record *record) {
	struct identity object = {0};
	struct hk_err err;
	int fd = -1;
	if (hk_host_scope_has_path(context->scope, record->op.path) ||
		open_object(context, &record->op, &object, &fd, &err) < 0) {
		return 0; /* then its path has to do */
	}
	if (!is_object(&record->found, object.dev, object.fs, object.ino)) {
		(void)hk_sys_close(fd); /* O_PATH */
		return 0;
	}
	return fd;
}

/* By its path: *ret_fd stays -1 where the object is gone, or something else has its name. */
static int find_object(const struct hk_host_context *context, const struct hk_host_record *record,
	int *ret_fd, struct hk_err *err) {
	const struct hk_host_op *op = &record->op;
	HK_AUTO(fd) int fd = -1;
	int r = hk_host_walk(op->path, 0, context->scope->person, &fd, err);
	if (r == -ENOENT || r == -ENOTDIR) {
		/* Removed, or moved: a target that may write to the directory can do that, too. */
		if (context->log && !hk_host_scope_has_path(context->scope, op->path)) {
			hk_log_warning(context->log,
				"'%s' is gone; if it was moved, uid %u still has access to it",
				HK_ESC(op->path), op->target);
		}
		return 0;
	}
	struct identity object;
	struct stat stat;
	if (r >= 0) {
		r = identify(fd, &object, &stat);
		if (r < 0) {
			return hk_err_step(err, r, "look at '%s'", HK_ESC(op->path));
		}
	}
	if (r == -ELOOP ||
		(r >= 0 && !is_object(&record->found, object.dev, object.fs, object.ino))) {
		if (context->log) {
			hk_log_warning(context->log,
				"'%s' is not what uid %u was given access to any more",
				HK_ESC(op->path), op->target);
		}
		return 0;
	}
	if (r >= 0) {
		*ret_fd = hk_take(&fd);
	}
	return r;
}

/* The same by what was kept: -1 where nothing has the object any more. */
static int find_kept(const struct hk_host_record *record, int *ret_fd, struct hk_err *err) {
	struct stat stat;
	int r = hk_sys_fstat(record->kept, &stat);
	if (r >= 0 && stat.st_nlink > 0) {
		r = hk_sys_dup_above(record->kept, 3);
		if (r >= 0) {
			*ret_fd = r;
		}
	}
	return r < 0 ? hk_err_step(err, r, "look at '%s'", HK_ESC(record->op.path)) : 0;
}

static int revert(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_err *err) {
	const struct hk_host_op *op = &record->op;
	int allowed = hk_host_scope_check_target(context->scope, op->target, err);
	if (allowed < 0) {
		return allowed;
	}
	HK_AUTO(fd) int fd = -1;
	int r = record->kept > 0 ? find_kept(record, &fd, err)
				 : find_object(context, record, &fd, err);
	if (r < 0 || fd < 0) {
		return r;
	}
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_acl_list before = {0};
	struct hk_acl_list after = {0};
	r = read_list(&arena, op, fd, &before, err);
	if (r >= 0) {
		r = copy_list(&arena, &before, &after, err);
	}
	if (r < 0) {
		return r;
	}
	const struct hk_acl_ask ask = ask_of(context, record);
	hk_acl_ask_take(&after, &ask);
	return write_list(op, fd, &before, &after, err);
}

const struct hk_host_op_type hk_host_acl = {
	.look = look,
	.apply = apply,
	.revert = revert,
	.keep = keep,
};
