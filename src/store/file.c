/* SPDX-License-Identifier: MIT */
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "sys/sys.h"

#define LOCK_NAME     "lock"
#define STORE_BYTE    0 /* of the lock: the store; each of the others is for a server */
#define NEW_SUFFIX    ".new"
#define LOCK_TRIES    100
#define LOCK_PAUSE_MS 2
#define LENGTH_LOST   SIZE_MAX /* half a line is at the end and cannot be cut off */

/* -- the lock ------------------------------------------------------------------------------- */

/* Ours, plain, known by this name only: else somebody has been in the store who should not. */
static int check_file(const struct hk_store *store, const struct stat *stat, const char *name,
	struct hk_err *err) {
	if (!S_ISREG(stat->st_mode) || stat->st_uid != store->scope->person ||
		(stat->st_mode & 07777) != 0600 || stat->st_nlink > 1) {
		return hk_err_say(err, -EPERM,
			"'%s' is not a plain file of uid %u with mode 0600 and one name",
			HK_ESC(name), store->scope->person);
	}
	return 0;
}

static int open_lock(const struct hk_store *store, int *ret_fd, struct hk_err *err) {
	HK_AUTO(fd)
	int fd = hk_sys_openat(store->dir, LOCK_NAME, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	int r = fd;
	if (fd >= 0) {
		r = hk_sys_fchmod(fd, 0600); /* whatever the umask left of it */
	} else if (fd == -EEXIST) {
		fd = hk_sys_openat(store->dir, LOCK_NAME, O_RDWR | O_NOFOLLOW | O_NONBLOCK, 0);
		r = fd;
	}
	if (r < 0) {
		return hk_err_step(err, r, "open '" LOCK_NAME "'");
	}
	*ret_fd = hk_take(&fd);
	return 0;
}

/* A lock cannot be polled for, so whoever may be called off asks again and again. */
static int wait_for_byte(const struct hk_store *store, int fd, uint64_t at, bool wait) {
	if (!wait || store->cancel_fd <= 0) {
		return hk_sys_lock_byte(fd, at, wait);
	}
	for (;;) {
		int r = hk_sys_lock_byte(fd, at, false);
		if (r != -EAGAIN) {
			return r;
		}
		struct pollfd poll = {.fd = store->cancel_fd, .events = POLLIN};
		if (hk_sys_poll(&poll, 1, LOCK_PAUSE_MS) > 0) {
			return -ECANCELED;
		}
	}
}

static int lock_byte(
	const struct hk_store *store, uint64_t at, bool wait, int *ret_lock, struct hk_err *err) {
	for (int i = 0; i < LOCK_TRIES; i++) {
		HK_AUTO(fd) int fd = -1;
		int r = open_lock(store, &fd, err);
		if (r < 0) {
			return r;
		}
		struct stat stat;
		r = wait_for_byte(store, fd, at, wait);
		if (r >= 0) {
			r = hk_sys_fstat(fd, &stat);
		}
		if (r < 0) {
			return hk_err_step(err, r, "lock '" LOCK_NAME "'");
		}
		if (stat.st_nlink == 0) {
			continue; /* removed while we waited: this one locks nothing any more */
		}
		r = check_file(store, &stat, LOCK_NAME, err);
		if (r < 0) {
			return r;
		}
		*ret_lock = hk_take(&fd);
		return 0;
	}
	return hk_err_say(err, -EBUSY, "'" LOCK_NAME "' is being removed again and again");
}

int hk_store_lock(const struct hk_store *store, int *ret_lock, struct hk_err *err) {
	int r = lock_byte(store, STORE_BYTE, true, ret_lock, err);
	/* Whoever called it off knows why. */
	return r < 0 && r != -ECANCELED ? hk_err_frame(err, "state directory") : r;
}

int hk_store_lock_server(const struct hk_store *store, uint64_t number, bool wait, int *ret_lock,
	struct hk_err *err) {
	return lock_byte(store, STORE_BYTE + 1 + number % INT64_MAX, wait, ret_lock, err);
}

void hk_store_unlock(int *lock) {
	if (*lock >= 0) {
		(void)hk_sys_close(hk_take(lock)); /* nothing is written to it */
	}
}

/* -- reading ---------------------------------------------------------------------------------- */

/* Errors that say something about the system at this moment, and nothing about the entry. */
static bool is_passing(int r) {
	return r == -ENOMEM || r == -EMFILE || r == -ENFILE || r == -EIO || r == -ENOLCK;
}

/* All of it, of which the store's lock keeps the length as it is. */
static int read_text(
	struct hk_arena *arena, int fd, size_t size, char **ret_text, struct hk_err *err) {
	if (size > HK_STORE_ENTRY_MAX) {
		return hk_err_step(err, -EFBIG, "read");
	}
	char *text = hk_arena_alloc(arena, size + 1);
	if (!text) {
		return hk_err_oom(err);
	}
	size_t used = 0;
	while (used < size) {
		ssize_t n = hk_sys_read(fd, text + used, size - used);
		if (n <= 0) {
			return hk_err_step(err, n < 0 ? (int)n : -EIO, "read");
		}
		used += (size_t)n;
	}
	*ret_text = text;
	return 0;
}

static int read_document(const struct hk_store *store, struct hk_arena *arena, const char *name,
	struct hk_store_file *file, struct hk_err *err) {
	HK_AUTO(fd) int fd = hk_sys_openat(store->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	struct stat stat;
	int r = fd < 0 ? fd : hk_sys_fstat(fd, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "open");
	}
	r = check_file(store, &stat, name, err);
	if (r < 0) {
		return r;
	}
	/* A shared lock, so that two that look do not take each other for the owner. */
	r = hk_sys_lock(fd, false, false);
	if (r < 0 && r != -EAGAIN) {
		return hk_err_step(err, r, "test the lock");
	}
	file->live = r == -EAGAIN;
	HK_AUTO(arena) struct hk_arena scratch = {0};
	char *text = NULL;
	r = read_text(&scratch, fd, (size_t)stat.st_size, &text, err);
	r = r < 0 ? r
		  : hk_store_document_parse(
			    arena, text, (size_t)stat.st_size, &file->document, err);
	if (r < 0) {
		return r;
	}
	if (memcmp(&file->document.instance.id, &file->id, sizeof(file->id)) != 0) {
		file->document = (struct hk_store_document){0};
		return hk_err_say(err, -EPROTO, "is about another instance");
	}
	return 0;
}

static int read_file(const struct hk_store *store, struct hk_arena *arena, const struct hk_id *id,
	struct hk_store_files *files, struct hk_err *err) {
	struct hk_store_file *file = hk_vec_add(arena, files);
	if (!file) {
		return hk_err_oom(err);
	}
	file->id = *id;
	struct hk_err why;
	int r = read_document(store, arena, hk_id_format(id).text, file, &why);
	if (r == -ENOENT) {
		files->count--; /* removed by the person just now */
		return 0;
	}
	if (is_passing(r)) {
		*err = why;
		return hk_err_frame(err, "entry %s", hk_id_format(id).text);
	}
	if (r < 0) {
		file->unreadable = true;
		file->why = hk_arena_strdup(arena, why.text);
		return file->why ? 0 : hk_err_oom(err);
	}
	return 0;
}

static bool is_temporary(const char *name) {
	char id_text[HK_ID_HEX + 1] = "";
	struct hk_id id;
	if (strlen(name) != HK_ID_HEX + strlen(NEW_SUFFIX)) {
		return false;
	}
	memcpy(id_text, name, HK_ID_HEX);
	return hk_id_parse(id_text, &id) && strcmp(name + HK_ID_HEX, NEW_SUFFIX) == 0;
}

int hk_store_files_read(const struct hk_store *store, struct hk_arena *arena,
	const struct hk_id *own, struct hk_store_files *ret_files, struct hk_err *err) {
	struct hk_strs names = {0};
	int r = hk_sys_list_fd(arena, store->dir, &names);
	if (r < 0) {
		return hk_err_step(err, r, "list '%s'", HK_ESC(store->path));
	}
	struct hk_store_files files = {0};
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.items[i];
		struct hk_id id;
		if (is_temporary(name)) {
			/* Whoever writes one holds the lock that we hold now. */
			(void)hk_sys_unlinkat(store->dir, name, 0); /* tried again next time */
			continue;
		}
		if (!hk_id_parse(name, &id) || (own && memcmp(own, &id, sizeof(id)) == 0)) {
			continue;
		}
		r = read_file(store, arena, &id, &files, err);
		if (r < 0) {
			return r;
		}
	}
	*ret_files = files;
	return 0;
}

/* -- writing ---------------------------------------------------------------------------------- */

static int create_locked(
	const struct hk_store *store, const char *name, const struct hk_str *head, int *ret_fd) {
	HK_AUTO(fd)
	int fd = hk_sys_openat(
		store->dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND, 0600);
	if (fd < 0) {
		return fd;
	}
	int r = hk_sys_fchmod(fd, 0600);
	if (r >= 0) {
		r = hk_sys_lock(fd, true, false);
	}
	if (r >= 0) {
		r = hk_sys_write_all(fd, head->text, head->length);
	}
	if (r < 0) {
		return r;
	}
	*ret_fd = hk_take(&fd);
	return 0;
}

int hk_store_file_create(const struct hk_store *store, const struct hk_id *id,
	const struct hk_str *head, int *ret_fd, struct hk_err *err) {
	const struct hk_id_text name = hk_id_format(id);
	char temporary[HK_ID_HEX + sizeof(NEW_SUFFIX)];
	(void)snprintf(temporary, sizeof(temporary), "%s" NEW_SUFFIX, name.text);

	HK_AUTO(fd) int fd = -1;
	int r = create_locked(store, temporary, head, &fd);
	if (r >= 0) {
		r = hk_sys_renameat2(
			store->dir, temporary, store->dir, name.text, RENAME_NOREPLACE);
		if (r == -EINVAL || r == -ENOSYS) { /* a file system that knows no flags */
			r = hk_sys_renameat2(store->dir, temporary, store->dir, name.text, 0);
		}
	}
	if (r < 0) {
		(void)hk_sys_unlinkat(store->dir, temporary, 0); /* else done by the next reader */
		return hk_err_step(
			err, r, "write the state entry '%s/%s'", HK_ESC(store->path), name.text);
	}
	*ret_fd = hk_take(&fd);
	return 0;
}

int hk_store_file_append(int fd, size_t *length, const struct hk_str *lines, struct hk_err *err) {
	int r = lines->failed ? -ENOMEM : 0;
	if (r >= 0 && (*length == LENGTH_LOST || *length + lines->length > HK_STORE_ENTRY_MAX)) {
		r = -EFBIG;
	}
	if (r >= 0) {
		r = hk_sys_write_all(fd, lines->text, lines->length);
		if (r < 0 && hk_sys_ftruncate(fd, (off_t)*length) < 0) {
			*length = LENGTH_LOST;
		}
	}
	if (r < 0) {
		return hk_err_step(err, r, "write to the state entry");
	}
	*length += lines->length;
	return 0;
}

int hk_store_file_reopen(const struct hk_store *store, const struct hk_store_file *file,
	int *ret_fd, struct hk_err *err) {
	const struct hk_id_text name = hk_id_format(&file->id);
	HK_AUTO(fd)
	int fd = hk_sys_openat(store->dir, name.text, O_WRONLY | O_NOFOLLOW | O_APPEND, 0);
	int r = fd < 0 ? fd : hk_sys_ftruncate(fd, (off_t)file->document.length);
	if (r < 0) {
		return hk_err_step(
			err, r, "open the state entry '%s/%s'", HK_ESC(store->path), name.text);
	}
	*ret_fd = hk_take(&fd);
	return 0;
}

int hk_store_file_remove(const struct hk_store *store, const struct hk_id *id, struct hk_err *err) {
	const struct hk_id_text name = hk_id_format(id);
	int r = hk_sys_unlinkat(store->dir, name.text, 0);
	if (r < 0 && r != -ENOENT) {
		return hk_err_step(
			err, r, "remove the state entry '%s/%s'", HK_ESC(store->path), name.text);
	}
	return 0;
}
