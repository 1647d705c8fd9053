/* SPDX-License-Identifier: MIT */
/* recover.h: what every command does first once it has the store's lock. */
#ifndef HK_STORE_RECOVER_H
#define HK_STORE_RECOVER_H

#include "store/file.h"
#include "store/store.h"

/*
 * Reads all entries but that of own (NULL: there is none yet), reverts what dead ones left, and
 * yields them all with what is left of them. own's operations count as live. Reports to the log
 * what is wrong with single entries. Wants the store's lock held.
 */
int hk_store_recover_locked(const struct hk_store *store, struct hk_arena *arena,
	struct hk_log *log, const struct hk_store_entry *own, struct hk_store_files *ret_files,
	struct hk_store_recovered *ret_recovered, struct hk_err *err);

/* One dead entry of files, with the context of all of them. */
void hk_store_recover_file(const struct hk_store *store, struct hk_host_context *context,
	struct hk_store_file *file, struct hk_store_recovered *recovered);

/* What a host operation has to know: all records of the files, and of own (may be NULL). */
int hk_store_context(const struct hk_store *store, struct hk_arena *arena, struct hk_log *log,
	const struct hk_store_files *files, const struct hk_store_entry *own,
	struct hk_host_context *ret_context, struct hk_err *err);

/* Notes in the entry which operations are done with, where others could not be reverted. */
int hk_store_note_reverted(
	int fd, size_t *length, const struct hk_host_records *records, struct hk_err *err);

#endif
