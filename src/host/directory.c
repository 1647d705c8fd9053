/* SPDX-License-Identifier: MIT */
#include "host/directory.h"

#include <errno.h>
#include <fcntl.h>

#include "base/arena.h"
#include "base/auto.h"
#include "base/path.h"
#include "base/str.h"
#include "host/acl_list.h"
#include "host/walk.h"
#include "sys/sys.h"

#define LEFTOVER_DEPTH 2 /* the instance directory, and one directory in it */

static uint32_t walk_flags(const struct hk_host_context *context, const struct hk_host_op *op) {
	return hk_host_scope_has_path(context->scope, op->path) ? HK_HOST_WALK_GUARDED : 0;
}

/* -- making ------------------------------------------------------------------------------- */

/* Exactly the mode, whatever the umask and a default ACL above had to say. The access list goes
 * before the mode, for with a mask in it fchmod would set that instead of the group's bits. */
static int set_mode(int fd, mode_t mode) {
	struct hk_acl_entry entries[] = {
		{.tag = ACL_USER_OBJ, .perm = mode >> 6 & 7},
		{.tag = ACL_GROUP_OBJ, .perm = mode >> 3 & 7},
		{.tag = ACL_OTHER, .perm = mode & 7},
	};
	const struct hk_acl_list list = {.items = entries, .count = 3};
	int r = hk_acl_list_write(fd, &list);
	if (r < 0 && r != -EOPNOTSUPP) {
		return r;
	}
	r = hk_sys_acl_delete_default(fd);
	if (r < 0 && r != -EOPNOTSUPP) {
		return r;
	}
	return hk_sys_fchmod(fd, mode);
}

/* Or does it look so, to somebody who cannot tell? */
static bool has_acl(int fd) {
	static const char *const names[] = {"system.posix_acl_access", "system.posix_acl_default"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int r = hk_sys_fgetxattr(fd, names[i], NULL, 0);
		if (r != -ENODATA && r != -EOPNOTSUPP) {
			return true;
		}
	}
	return false;
}

static int open_made(int parent, const char *name, mode_t mode, uid_t person, int *ret_fd) {
	HK_AUTO(fd) int fd = hk_sys_openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0) {
		return fd;
	}
	/* Between the two calls the name can have been given to something else, where others
	 * may write to the parent. */
	struct stat stat;
	int r = hk_sys_fstat(fd, &stat);
	if (r < 0) {
		return r;
	}
	if (stat.st_uid != person) {
		return -EPERM;
	}
	/* As a rule it is as it should be: then nothing is written. */
	if ((stat.st_mode & 07777) != mode || has_acl(fd)) {
		r = set_mode(fd, mode);
	}
	if (r < 0) {
		return r;
	}
	*ret_fd = hk_take(&fd);
	return 0;
}

int hk_host_directory_make(int parent, const char *name, mode_t mode, uid_t person,
	const char *path, int *ret_fd, struct hk_err *err) {
	/* Closed to others until its list is ours: a default ACL above may name people. Not to
	 * us, for we have to open it, whatever the umask. */
	mode_t mask = (mode_t)hk_sys_umask(077);
	int r = hk_sys_mkdirat(parent, name, 0700);
	(void)hk_sys_umask(mask); /* cannot fail */
	if (r < 0) {
		return hk_err_step(err, r, "create directory '%s'", HK_ESC(path));
	}
	r = open_made(parent, name, mode, person, ret_fd);
	if (r < 0) {
		(void)hk_sys_unlinkat(parent, name, AT_REMOVEDIR); /* r is the error to tell */
		return hk_err_step(err, r, "set up the new directory '%s'", HK_ESC(path));
	}
	return 0;
}

/* -- an existing one ------------------------------------------------------------------------ */

/* What the entry gives to people other than the person and the targets, in bits of the mode. */
static uint32_t given_to_others(const struct hk_host_scope *scope, const struct hk_acl_entry *entry,
	uint32_t mask, uint32_t mode) {
	switch (entry->tag) {
	case ACL_OTHER:
		return entry->perm & ~mode & 7;
	case ACL_GROUP_OBJ:
		return entry->perm & mask & ~(mode >> 3) & 7;
	case ACL_USER:
		return hk_host_scope_has_target(scope, entry->id) || entry->id == scope->person
			       ? 0
			       : entry->perm & mask;
	case ACL_GROUP:
		return entry->perm & mask;
	default:
		return 0;
	}
}

static int check_closed(const struct hk_host_context *context, const struct hk_host_op *op, int fd,
	struct hk_err *err) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_acl_list list = {0};
	struct hk_acl_list inherited = {0};
	int r = hk_acl_list_read(&arena, fd, false, &list);
	if (r >= 0) {
		r = hk_acl_list_read(&arena, fd, true, &inherited);
	}
	if (r < 0) {
		return hk_err_step(err, r, "read the ACL of '%s'", HK_ESC(op->path));
	}
	if (inherited.count > 0) {
		return hk_err_say(
			err, -EPERM, "directory '%s' has a default ACL", HK_ESC(op->path));
	}
	const struct hk_acl_entry *mask = hk_acl_list_find(&list, ACL_MASK, 0);
	for (size_t i = 0; i < list.count; i++) {
		if (given_to_others(
			    context->scope, &list.items[i], mask ? mask->perm : 7, op->mode) != 0) {
			return hk_err_say(err, -EPERM,
				"directory '%s' is open to others, more than mode %04o",
				HK_ESC(op->path), op->mode);
		}
	}
	return 0;
}

static int check_existing(const struct hk_host_context *context, const struct hk_host_op *op,
	int parent, const char *name, struct hk_err *err) {
	HK_AUTO(fd) int fd = hk_sys_openat(parent, name, O_PATH | O_NOFOLLOW, 0);
	struct stat stat;
	int r = fd < 0 ? fd : hk_sys_fstat(fd, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "open '%s'", HK_ESC(op->path));
	}
	if (S_ISLNK(stat.st_mode)) {
		return hk_err_say(err, -ELOOP, "'%s' is a symbolic link", HK_ESC(op->path));
	}
	if (stat.st_uid != context->scope->person) {
		return hk_err_say(
			err, -EPERM, "'%s' was created by uid %u", HK_ESC(op->path), stat.st_uid);
	}
	if (!S_ISDIR(stat.st_mode)) {
		return hk_err_step(err, -ENOTDIR, "use '%s'", HK_ESC(op->path));
	}
	/* Elsewhere the person decides how open their directories are. */
	return hk_host_scope_has_path(context->scope, op->path) ? check_closed(context, op, fd, err)
								: 0;
}

/* -- the operation -------------------------------------------------------------------------- */

/* The environment says where these two are; the path alone would not tell. */
static int name_variable(const struct hk_host_op *op, struct hk_err *err) {
	static const char *const names[] = {"XDG_RUNTIME_DIR", "TMPDIR"};
	HK_AUTO(arena) struct hk_arena arena = {0};
	const char *parent = hk_path_parent(&arena, op->path);
	for (size_t i = 0; parent && i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = hk_sys_getenv(names[i]);
		const char *path = hk_path_is_absolute(value) ? hk_path_clean(&arena, value) : NULL;
		if (hk_str_equal(path, parent)) {
			return hk_err_frame(err, "%s", names[i]);
		}
	}
	return err->code;
}

static int find(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_host_found *ret_found, struct hk_err *err) {
	const struct hk_host_op *op = &record->op;
	if (!op->stays && !hk_host_scope_has_path(context->scope, op->path)) {
		return hk_err_say(err, -EINVAL, "directory '%s' could not be removed again",
			HK_ESC(op->path));
	}
	HK_AUTO(fd) int parent = -1;
	const char *name;
	int r = hk_host_walk_parent(
		op->path, walk_flags(context, op), context->scope->person, &parent, &name, err);
	if (r < 0) {
		return r;
	}
	struct stat stat;
	r = hk_sys_fstatat(parent, name, &stat, AT_SYMLINK_NOFOLLOW);
	if (r == -ENOENT) {
		ret_found->existed = false;
		return 0;
	}
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(op->path));
	}
	r = check_existing(context, op, parent, name, err);
	if (r < 0) {
		return r;
	}
	const struct hk_host_record *peer = hk_host_peer_find(context, record, false);
	ret_found->existed = peer ? peer->found.existed : true;
	return 0;
}

static int look(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_host_found *ret_found, struct hk_err *err) {
	int r = find(context, record, ret_found, err);
	return r < 0 ? name_variable(&record->op, err) : r;
}

static int make(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_err *err) {
	const struct hk_host_op *op = &record->op;
	HK_AUTO(fd) int parent = -1;
	const char *name;
	int r = hk_host_walk_parent(
		op->path, walk_flags(context, op), context->scope->person, &parent, &name, err);
	if (r < 0) {
		return r;
	}
	HK_AUTO(fd) int made = -1;
	r = hk_host_directory_make(
		parent, name, op->mode, context->scope->person, op->path, &made, err);
	return r == -EEXIST ? check_existing(context, op, parent, name, err) : r;
}

static int apply(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_err *err) {
	if (record->found.existed) {
		return 0; /* look has just seen that it is as it should be */
	}
	int r = make(context, record, err);
	return r < 0 ? name_variable(&record->op, err) : r;
}

/* Takes out what an instance can have left in its own directory: nothing but kinds that we
 * make. A regular file is not, and stays. */
static int remove_leftovers(int parent, const char *name, uid_t person, unsigned int depth) {
	HK_AUTO(fd) int dir = hk_sys_openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (dir < 0) {
		return dir;
	}
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_strs names = {0};
	int r = hk_sys_list_fd(&arena, dir, &names);
	for (size_t i = 0; r >= 0 && i < names.count; i++) {
		struct stat stat;
		r = hk_sys_fstatat(dir, names.items[i], &stat, AT_SYMLINK_NOFOLLOW);
		if (r < 0) {
			break;
		}
		if (S_ISSOCK(stat.st_mode) || S_ISLNK(stat.st_mode)) {
			r = hk_sys_unlinkat(dir, names.items[i], 0);
		} else if (S_ISDIR(stat.st_mode) && stat.st_uid == person && depth > 1) {
			r = remove_leftovers(dir, names.items[i], person, depth - 1);
		}
	}
	return r < 0 ? r : hk_sys_unlinkat(parent, name, AT_REMOVEDIR);
}

/* Only instance directories are named by an id; elsewhere what is inside is not ours. */
static bool is_instance_dir(const char *name) {
	struct hk_id id;
	return hk_id_parse(name, &id);
}

static int remove_own(const struct hk_host_context *context, const struct hk_host_op *op,
	int parent, const char *name, struct hk_err *err) {
	struct stat stat;
	int r = hk_sys_fstatat(parent, name, &stat, AT_SYMLINK_NOFOLLOW);
	if (r == -ENOENT ||
		(r >= 0 && (!S_ISDIR(stat.st_mode) || stat.st_uid != context->scope->person))) {
		return 0; /* gone, and perhaps something else has the name now */
	}
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(op->path));
	}
	r = hk_sys_unlinkat(parent, name, AT_REMOVEDIR);
	if (r == -ENOTEMPTY || r == -EEXIST) {
		if (!is_instance_dir(name)) {
			return 0;
		}
		r = remove_leftovers(parent, name, context->scope->person, LEFTOVER_DEPTH);
	}
	if (r < 0 && r != -ENOENT) {
		return hk_err_step(err, r, "remove directory '%s'", HK_ESC(op->path));
	}
	return 0;
}

static int revert(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_err *err) {
	const struct hk_host_op *op = &record->op;
	if (record->found.existed || hk_host_peer_find(context, record, true)) {
		return 0;
	}
	bool in_reach = context->undo == HK_HOST_UNDO_OWN ||
			hk_host_scope_has_path(context->scope, op->path);
	if (op->stays && (context->undo == HK_HOST_UNDO_NONE || !in_reach)) {
		return 0;
	}
	if (!in_reach) {
		/* Our places are what the environment says today; of an instance that had others
		 * there may be nothing left to remove, after a logout for one. */
		return hk_host_walk_is_gone(op->path, context->scope->person)
			       ? 0
			       : hk_err_say(err, -EPERM,
					 "directory '%s' is not in a place of ours, as "
					 "XDG_RUNTIME_DIR and TMPDIR are now",
					 HK_ESC(op->path));
	}
	HK_AUTO(fd) int parent = -1;
	const char *name;
	int r = hk_host_walk_parent(
		op->path, walk_flags(context, op), context->scope->person, &parent, &name, err);
	if (r == -ENOENT || r == -ENOTDIR) {
		return 0;
	}
	return r < 0 ? r : remove_own(context, op, parent, name, err);
}

const struct hk_host_op_type hk_host_directory = {
	.look = look,
	.apply = apply,
	.revert = revert,
};
