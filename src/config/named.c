/* SPDX-License-Identifier: MIT */
#include "config/named.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/near.h"
#include "base/path.h"
#include "base/str.h"
#include "config/document.h"
#include "config/merge.h"
#include "config/reader.h"
#include "config/validate.h"
#include "sys/sys.h"

#define SUFFIX	      ".json"
#define SUFFIX_LENGTH 5

/* -- names ----------------------------------------------------------------------------------- */

/* The bytes before ".json", or 0. */
static size_t stem(const char *file) {
	size_t length = strlen(file);
	return length > SUFFIX_LENGTH && strcmp(file + length - SUFFIX_LENGTH, SUFFIX) == 0
		       ? length - SUFFIX_LENGTH
		       : 0;
}

bool hk_config_is_name(const char *word) {
	size_t length = strlen(word);
	return !hk_str_equal(word, "-") && !strchr(word, '/') && stem(word) == 0 &&
	       strspn(word, "0123456789") != length;
}

/* Nothing that a shell, a terminal or a path would take for something else. */
static bool is_good(const char *name) {
	size_t length = strlen(name);
	if (length > HK_CONFIG_NAME_MAX || !hk_config_is_name(name) ||
		!isalnum((unsigned char)name[0])) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)name[i]) && !strchr("._+-", name[i])) {
			return false;
		}
	}
	return true;
}

/* -- files ------------------------------------------------------------------------------------ */

struct part {
	const char *path;
	json_t *root;
};
struct parts HK_VEC(struct part);

struct search {
	struct hk_arena *arena;
	const struct hk_config_dirs *dirs;
	const char *name;
	struct parts parts;
	struct hk_config_findings *findings; /* of the whole, or NULL */
	struct hk_err *err;
};

/* Nobody but root and the caller may have a hand in it. */
static int check_owner(
	const struct hk_config_dir *dir, const char *path, int fd, struct hk_err *err) {
	struct stat status;
	int r = hk_sys_fstat(fd, &status);
	if (r < 0) {
		return hk_err_step(err, r, "look at %s", HK_ESC(path));
	}
	bool ours = status.st_uid == 0 || status.st_uid == hk_sys_getuid();
	if (dir->system && (!ours || (status.st_mode & (S_IWGRP | S_IWOTH)))) {
		return hk_err_say(err, -EPERM,
			"%s: not used, because others can write it (uid %u, mode %04o): "
			"it has to be root's alone",
			HK_ESC(path), status.st_uid, status.st_mode & 07777u);
	}
	return 0;
}

/* Opens a directory that is there: *ret_fd, else -1. */
static int open_directory(struct search *search, const struct hk_config_dir *dir, int parent,
	const char *path, int *ret_fd) {
	const char *name = parent == AT_FDCWD ? path : hk_path_name(path);
	HK_AUTO(fd) int fd = hk_sys_openat(parent, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -ENOENT) {
		*ret_fd = -1;
		return 0;
	}
	if (fd < 0) {
		return hk_err_step(search->err, fd, "open %s", HK_ESC(path));
	}
	int r = check_owner(dir, path, fd, search->err);
	if (r >= 0) {
		*ret_fd = hk_take(&fd);
	}
	return r;
}

static int load(
	struct search *search, int fd, const char *path, json_t **ret_root, struct hk_err *err) {
	struct stat status;
	char *text;
	size_t size;
	int r = hk_sys_fstat(fd, &status);
	if (r >= 0 && !S_ISREG(status.st_mode)) {
		return hk_err_say(err, -EINVAL, "%s: not a regular file", HK_ESC(path));
	}
	r = r < 0 ? r : hk_sys_read_all(search->arena, fd, HK_CONFIG_BYTES_MAX, &text, &size);
	if (r < 0 && r != -EFBIG) {
		return hk_err_step(err, r, "read %s", HK_ESC(path));
	}
	if (r == -EFBIG) {
		return hk_err_say(
			err, r, "%s: larger than %d bytes", HK_ESC(path), HK_CONFIG_BYTES_MAX);
	}
	HK_AUTO(json) json_t *root = NULL;
	r = hk_config_document_load(search->arena, text, size, &root, err);
	if (r >= 0 && !json_is_object(root)) {
		r = hk_err_say(err, -EINVAL, "expected an object");
	}
	if (r < 0) {
		return hk_err_frame(err, "%s", HK_ESC(path));
	}
	*ret_root = hk_take_ptr(root);
	return 0;
}

/* Adds a file of an open directory to the parts. Returns 0 if there is none, 1 if there is. */
static int add_part(
	struct search *search, const struct hk_config_dir *dir, int parent, const char *path) {
	/* Opened without blocking: what is there need not be a file. */
	HK_AUTO(fd)
	int fd = hk_sys_openat(parent, hk_path_name(path), O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (fd == -ENOENT) {
		return 0;
	}
	if (fd < 0) {
		return hk_err_step(search->err, fd, "open %s", HK_ESC(path));
	}
	if (search->parts.count == HK_CONFIG_PART_MAX) {
		return hk_err_say(search->err, -EFBIG, "%s: one file more than %d", HK_ESC(path),
			HK_CONFIG_PART_MAX);
	}
	int r = check_owner(dir, path, fd, search->err);
	if (r < 0) {
		return r;
	}
	struct part *part = hk_vec_add(search->arena, &search->parts);
	if (!part) {
		return hk_err_oom(search->err);
	}
	part->path = path;
	r = load(search, fd, path, &part->root, search->err);
	return r < 0 ? r : 1;
}

/* -- where they are --------------------------------------------------------------------------- */

static int find_base(struct search *search) {
	for (size_t i = 0; i < search->dirs->count; i++) {
		const struct hk_config_dir *dir = &search->dirs->items[i];
		const char *path =
			hk_arena_printf(search->arena, "%s/%s" SUFFIX, dir->path, search->name);
		HK_AUTO(fd) int fd = -1;
		int r = path ? open_directory(search, dir, AT_FDCWD, dir->path, &fd)
			     : hk_err_oom(search->err);
		r = r < 0 || fd < 0 ? r : add_part(search, dir, fd, path);
		if (r != 0) {
			return r < 0 ? r : 0;
		}
	}
	return 0;
}

static int add_overrides_of(struct search *search, const struct hk_config_dir *dir, int parent) {
	const char *path = hk_arena_printf(search->arena, "%s/%s.d", dir->path, search->name);
	if (!path) {
		return hk_err_oom(search->err);
	}
	HK_AUTO(fd) int fd = -1;
	int r = open_directory(search, dir, parent, path, &fd);
	if (r < 0 || fd < 0) {
		return r;
	}
	struct hk_strs files;
	r = hk_sys_list_fd(search->arena, fd, &files); /* sorted */
	if (r < 0) {
		return hk_err_step(search->err, r, "list %s", HK_ESC(path));
	}
	for (size_t i = 0; i < files.count; i++) {
		/* Those with a dot in front are what editors leave. */
		if (files.items[i][0] == '.' || stem(files.items[i]) == 0) {
			continue;
		}
		const char *file = hk_path_join(search->arena, path, files.items[i]);
		r = file ? add_part(search, dir, fd, file) : hk_err_oom(search->err);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int find_overrides(struct search *search) {
	for (size_t i = search->dirs->count; i-- > 0;) {
		const struct hk_config_dir *dir = &search->dirs->items[i];
		HK_AUTO(fd) int fd = -1;
		int r = open_directory(search, dir, AT_FDCWD, dir->path, &fd);
		r = r < 0 || fd < 0 ? r : add_overrides_of(search, dir, fd);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

/* -- what is not there ------------------------------------------------------------------------ */

static int say_missing(const struct search *search) {
	HK_AUTO(str) struct hk_str places = {0};
	HK_AUTO(str) struct hk_str known = {0};
	struct hk_strs names;
	struct hk_err ignored; /* the one below says enough */
	struct hk_near near = {.word = search->name};
	for (size_t i = 0; i < search->dirs->count; i++) {
		hk_str_addf(&places, "%s%s", i ? ", " : "", HK_ESC(search->dirs->items[i].path));
	}
	if (hk_config_list_names(search->arena, search->dirs, &names, &ignored) < 0) {
		names = (struct hk_strs){0};
	}
	for (size_t i = 0; i < names.count; i++) {
		hk_str_addf(&known, "%s%s", i ? ", " : "", names.items[i]);
		hk_near_offer(&near, names.items[i]);
	}
	if (hk_sys_access(search->name, F_OK) >= 0) {
		return hk_err_say(search->err, -ENOENT,
			"no configuration named '%s'; the file of that name here is './%s'",
			search->name, search->name);
	}
	if (near.best) {
		return hk_err_say(search->err, -ENOENT,
			"no configuration named '%s'; the nearest one is '%s'", search->name,
			near.best);
	}
	return names.count ? hk_err_say(search->err, -ENOENT,
				     "no configuration named '%s'; there are %s", search->name,
				     HK_ESC(known.text))
			   : hk_err_say(search->err, -ENOENT,
				     "no configuration named '%s', nor any other, in %s",
				     search->name, places.text ? HK_ESC(places.text) : "");
}

static int say_no_base(const struct search *search) {
	return hk_err_say(search->err, -ENOENT, "%s: there is no %s" SUFFIX " that it could change",
		HK_ESC(search->parts.items[0].path), search->name);
}

/* -- the whole -------------------------------------------------------------------------------- */

/* The first count parts as a configuration. parts: NULL, or what each of them decides. */
static int read_parts(const struct search *search, size_t count, struct hk_config *ret_config,
	struct hk_config_parts *parts, struct hk_err *err) {
	HK_AUTO(merge) struct hk_config_merge merge = {0};
	const struct part *all = search->parts.items;
	int r = hk_config_merge_start(&merge, all[0].root, err);
	for (size_t i = 1; r >= 0 && i < count; i++) {
		r = hk_config_merge_add(&merge, search->arena, all[i].root, i, err);
	}
	for (size_t i = 0; r >= 0 && parts && i < count; i++) {
		struct hk_config_part *part = hk_vec_add(search->arena, parts);
		if (!part) {
			return hk_err_oom(err);
		}
		part->path = all[i].path;
		r = hk_config_merge_keys(&merge, i, search->arena, &part->keys, err);
	}
	const struct hk_config_report report = {
		.findings = parts ? search->findings : NULL, .err = err};
	bool nested = false;
	r = r < 0 ? r
		  : hk_config_reader_run(
			    search->arena, merge.document, &report, ret_config, &nested);
	return r < 0 ? r : hk_config_validate_all(&report, nested, ret_config);
}

/* Which part an error of the whole is from: the one after the last that was good. */
static const char *blame(const struct search *search) {
	size_t guilty = 0;
	for (size_t count = 1; count < search->parts.count; count++) {
		struct hk_config config = {0};
		struct hk_err ignored;
		if (read_parts(search, count, &config, NULL, &ignored) >= 0) {
			guilty = count;
		}
	}
	return search->parts.items[guilty].path;
}

static int read_named(struct search *search, struct hk_config *ret_config,
	struct hk_config_parts *ret_parts, struct hk_err *err) {
	int r = find_base(search);
	bool found = search->parts.count > 0;
	r = r < 0 ? r : find_overrides(search);
	if (r < 0) {
		return r;
	}
	if (!found) {
		return search->parts.count > 0 ? say_no_base(search) : say_missing(search);
	}
	struct hk_config config = {0};
	struct hk_config_parts parts = {0};
	r = read_parts(search, search->parts.count, &config, &parts, err);
	if (r < 0) {
		return r == -ENOMEM ? r : hk_err_frame(err, "%s", HK_ESC(blame(search)));
	}
	*ret_config = config;
	*ret_parts = parts;
	return 0;
}

int hk_config_read_named(struct hk_arena *arena, const struct hk_config_dirs *dirs,
	const char *name, struct hk_config_findings *findings, struct hk_config *ret_config,
	struct hk_config_parts *ret_parts, struct hk_err *err) {
	if (!is_good(name)) {
		return hk_err_say(err, -ENOENT,
			"'%s' is no name of a configuration: those are a letter or digit, then "
			"letters, digits, '.', '_', '+' and '-'; a file has a slash or ends "
			"in " SUFFIX,
			HK_ESC(name));
	}
	struct search search = {
		.arena = arena, .dirs = dirs, .name = name, .findings = findings, .err = err};
	int r = read_named(&search, ret_config, ret_parts, err);
	for (size_t i = 0; i < search.parts.count; i++) {
		json_decref(search.parts.items[i].root);
	}
	return r;
}

/* -- a list of them --------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b) {
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int hk_config_list_names(struct hk_arena *arena, const struct hk_config_dirs *dirs,
	struct hk_strs *ret_names, struct hk_err *err) {
	struct hk_strs names = {0};
	for (size_t i = 0; i < dirs->count; i++) {
		struct hk_strs files;
		if (hk_sys_list(arena, dirs->items[i].path, &files) < 0) {
			continue;
		}
		for (size_t j = 0; j < files.count; j++) {
			const char *name =
				hk_arena_strndup(arena, files.items[j], stem(files.items[j]));
			if (!name ||
				(is_good(name) && hk_strs_add_borrowed(arena, &names, name) < 0)) {
				return hk_err_oom(err);
			}
		}
	}
	if (names.count > 0) {
		qsort(names.items, names.count, sizeof(*names.items), compare_names);
	}
	size_t count = 0;
	for (size_t i = 0; i < names.count; i++) {
		if (count == 0 || strcmp(names.items[count - 1], names.items[i]) != 0) {
			names.items[count++] = names.items[i];
		}
	}
	names.count = count;
	*ret_names = names;
	return 0;
}
