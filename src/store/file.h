/* SPDX-License-Identifier: MIT */
/* file.h: the files of the store. All of this wants the store's lock held, lock itself apart. */
#ifndef HK_STORE_FILE_H
#define HK_STORE_FILE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "store/document.h"
#include "store/store.h"

/* Waits for the store's lock; closing the descriptor gives it back. */
int hk_store_lock(const struct hk_store *store, int *ret_lock, struct hk_err *err);
/* Gives any lock back before its descriptor leaves the scope. */
void hk_store_unlock(int *lock);

/*
 * The lock of one server that host operations are put into: from the decision what to do with it
 * until it is done. Always taken before the store's, never while that is held. number: what the
 * server's type says (host.h). wait: else -EAGAIN when somebody holds it.
 */
int hk_store_lock_server(const struct hk_store *store, uint64_t number, bool wait, int *ret_lock,
	struct hk_err *err);

/* An entry as it lies in the store. */
struct hk_store_file {
	struct hk_id id;
	bool live;	 /* somebody holds its lock */
	bool unreadable; /* why says why; document is empty */
	bool removed;	 /* by hk_store_file_remove */
	const char *why;
	struct hk_store_document document;
};
struct hk_store_files HK_VEC(struct hk_store_file);

/* All entries but that of `own` (may be NULL), oldest first. Removes what writers that died left
 * under temporary names. What is wrong with one entry is said in it; errors are those of the
 * store and of the system, which must not be taken for an answer. */
int hk_store_files_read(const struct hk_store *store, struct hk_arena *arena,
	const struct hk_id *own, struct hk_store_files *ret_files, struct hk_err *err);

/* Writes a new entry, locks it, and only then gives it its name. */
int hk_store_file_create(const struct hk_store *store, const struct hk_id *id,
	const struct hk_str *head, int *ret_fd, struct hk_err *err);

/* Adds whole lines behind the *length bytes that are there, or nothing. */
int hk_store_file_append(int fd, size_t *length, const struct hk_str *lines, struct hk_err *err);

/* Opens a dead entry for appending, its unfinished last line cut off. */
int hk_store_file_reopen(const struct hk_store *store, const struct hk_store_file *file,
	int *ret_fd, struct hk_err *err);

/* One that is gone already is fine. */
int hk_store_file_remove(const struct hk_store *store, const struct hk_id *id, struct hk_err *err);

#endif
