/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/auto.h"
#include "store/file.h"
#include "store/guard.h"
#include "store/recover.h"
#include "store/servers.h"
#include "store/store.h"
#include "sys/sys.h"

void hk_store_entry_finish(struct hk_store_entry *entry) {
	if (entry->fd >= 0) {
		(void)hk_sys_close(entry->fd); /* every line was written by its own call */
		entry->fd = -1;
	}
	hk_host_forget(&entry->records);
	hk_arena_finish(&entry->arena);
	entry->records = (struct hk_host_records){0};
}

/* What is learnt under the store's lock, and used after it. */
struct pass {
	struct hk_log *log;
	struct hk_arena arena;
	struct hk_store_files files;
	struct hk_store_recovered recovered;
};

/* Nobody waits for us any more: now servers are asked about what dead instances left there. */
static void finish_pass(const struct hk_store *store, struct pass *pass) {
	hk_store_servers_recover(
		store, pass->log, &pass->files, HK_STORE_SERVER_PATIENCE_NS, &pass->recovered);
	hk_arena_finish(&pass->arena);
}

static int copy_text(struct hk_arena *arena, const char **text) {
	if (*text) {
		*text = hk_arena_strdup(arena, *text);
		return *text ? 0 : -ENOMEM;
	}
	return 0;
}

static int copy_operations(struct hk_store_entry *entry, const struct hk_host_ops *ops) {
	for (size_t i = 0; i < ops->count; i++) {
		struct hk_host_record *record = hk_vec_add(&entry->arena, &entry->records);
		if (!record) {
			return -ENOMEM;
		}
		const struct hk_host_op *op = &ops->items[i];
		record->op = *op;
		record->op.args = (struct hk_strs){0};
		int r = copy_text(&entry->arena, &record->op.path);
		r = r < 0 ? r : copy_text(&entry->arena, &record->op.source);
		r = r < 0 ? r : copy_text(&entry->arena, &record->op.text);
		for (size_t arg = 0; r >= 0 && arg < op->args.count; arg++) {
			r = hk_strs_add(&entry->arena, &record->op.args, op->args.items[arg]);
		}
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int write_found(
	void *data, size_t index, const struct hk_host_found *found, struct hk_err *err) {
	struct hk_store_entry *entry = data;
	HK_AUTO(str) struct hk_str line = {0};
	hk_store_document_print_found(index, found, &line);
	return hk_store_file_append(entry->fd, &entry->length, &line, err);
}

static int create_entry(const struct hk_store *store, const struct hk_store_info *info,
	struct hk_store_entry *entry, struct hk_err *err) {
	HK_AUTO(str) struct hk_str head = {0};
	int r = hk_store_document_print_head(info, &head, err);
	if (r >= 0) {
		r = hk_store_file_create(store, &entry->id, &head, &entry->fd, err);
	}
	if (r >= 0) {
		entry->length = head.length;
	}
	return r;
}

/* Tells who asked which instance it is: it can be listed from now on. */
static int write_identifier(const struct hk_store_info *info, struct hk_err *err) {
	if (info->identifier_fd < 0) {
		return 0;
	}
	/* The store is locked: a full pipe must not stop all others. */
	struct pollfd poll = {.fd = info->identifier_fd, .events = POLLOUT};
	int r = hk_sys_poll(&poll, 1, 0);
	r = r == 0 ? -EAGAIN : r;
	if (r >= 0) {
		r = hk_sys_write_all(
			info->identifier_fd, info->plan->id.bytes, sizeof(info->plan->id.bytes));
	}
	return r < 0 ? hk_err_step(
			       err, r, "write the identifier to descriptor %d", info->identifier_fd)
		     : 0;
}

/* Applies everything, or nothing. Returns what is left in *ret_left. */
static int commit(
	struct hk_host_context *context, struct hk_store_entry *entry, struct hk_err *err) {
	const struct hk_host_journal journal = {.write = write_found, .data = entry};
	int r = hk_host_commit(context, &entry->records, &journal, err);
	if (r < 0) {
		return r;
	}
	HK_AUTO(str) struct hk_str line = {0};
	hk_store_document_print_committed(&line);
	r = hk_store_file_append(entry->fd, &entry->length, &line, err);
	if (r < 0) {
		context->undo = HK_HOST_UNDO_OWN;
		(void)hk_host_revert(context, &entry->records); /* what is left still stands */
		context->undo = HK_HOST_UNDO_NONE;
	}
	return r;
}

/* Removes the entry once nothing of it stands any more; else notes what does. Returns how many
 * operations do. */
static int settle(const struct hk_store *store, struct hk_store_entry *entry, struct hk_err *err) {
	int left = 0;
	for (size_t i = 0; i < entry->records.count; i++) {
		const struct hk_host_record *record = &entry->records.items[i];
		left += record->looked && !record->reverted;
	}
	int r = left == 0 ? hk_store_file_remove(store, &entry->id, err)
			  : hk_store_note_reverted(entry->fd, &entry->length, &entry->records, err);
	return r < 0 ? r : left;
}

/* Removes the entry after a commit that failed, or keeps it for the next command. */
static int give_up(
	const struct hk_store *store, struct hk_store_entry *entry, int r, struct hk_err *err) {
	struct hk_err again = {0};
	if (settle(store, entry, &again) < 0) {
		const struct hk_err first = *err;
		(void)hk_err_say(err, r, "%s; and then: %s", first.text, again.text);
	}
	return r;
}

static int begin_locked(const struct hk_store *store, const struct hk_store_info *info,
	struct pass *pass, struct hk_store_entry *entry, struct hk_err *err) {
	struct hk_host_context context = {0};
	int r = hk_store_recover_locked(
		store, &pass->arena, pass->log, NULL, &pass->files, &pass->recovered, err);
	if (r >= 0) {
		r = hk_store_guard_check(store, &info->plan->host, err);
	}
	if (r >= 0) {
		r = hk_store_context(
			store, &pass->arena, pass->log, &pass->files, entry, &context, err);
	}
	if (r >= 0) {
		r = create_entry(store, info, entry, err);
	}
	if (r < 0) {
		return r;
	}
	r = write_identifier(info, err);
	if (r >= 0) {
		r = commit(&context, entry, err);
	}
	return r < 0 ? give_up(store, entry, r, err) : 0;
}

/* A server does not do what it was asked: everything else is taken back. Did it perhaps do it
 * all the same, the entry stays, and recovery takes it out. */
static void take_back(const struct hk_store *store, struct pass *pass, struct hk_store_entry *entry,
	int r, struct hk_err *err) {
	struct hk_store_files files = {0};
	struct hk_host_context context = {0};
	struct hk_err again = {0};
	HK_AUTO(fd) int lock = -1;
	if (hk_store_lock(store, &lock, &again) < 0 ||
		hk_store_files_read(store, &pass->arena, &entry->id, &files, &again) < 0 ||
		hk_store_context(store, &pass->arena, pass->log, &files, entry, &context, &again) <
			0) {
		const struct hk_err first = *err;
		(void)hk_err_say(err, r, "%s; and then: %s", first.text, again.text);
		return; /* the next command finds a dead entry */
	}
	context.undo = HK_HOST_UNDO_OWN;
	(void)hk_host_revert(&context, &entry->records); /* settle counts what is left */
	(void)give_up(store, entry, r, err);
}

static int begin_in_order(const struct hk_store *store, const struct hk_store_info *info,
	struct pass *pass, struct hk_store_entry *entry, struct hk_err *err) {
	struct hk_store_talk talk = {.lock = -1};
	HK_AUTO(fd) int lock = -1;
	int r = hk_store_talk_begin(store, &entry->records, pass->log, &talk, err);
	if (r < 0) {
		return r;
	}
	r = hk_store_lock(store, &lock, err);
	r = r < 0 ? r : begin_locked(store, info, pass, entry, err);
	hk_store_unlock(&lock);
	if (r >= 0) {
		r = hk_store_talk_put(&talk, err);
		if (r < 0) {
			take_back(store, pass, entry, r, err);
		}
	}
	hk_store_talk_finish(&talk);
	return r;
}

int hk_store_begin(const struct hk_store *store, const struct hk_store_info *info,
	struct hk_log *log, struct hk_store_entry *ret_entry, struct hk_err *err) {
	struct hk_store_entry entry = {.id = info->plan->id, .fd = -1};
	struct pass pass = {.log = log};
	int r = copy_operations(&entry, &info->plan->host);
	r = r < 0 ? hk_err_oom(err) : begin_in_order(store, info, &pass, &entry, err);
	finish_pass(store, &pass);
	if (r < 0) {
		hk_store_entry_finish(&entry);
		return r;
	}
	*ret_entry = entry;
	return 0;
}

/* Reverts all but what is in a server that has to be asked. Yields how many are left. */
static int end_locked(const struct hk_store *store, struct hk_store_entry *entry, struct pass *pass,
	struct hk_err *err) {
	struct hk_host_context context = {0};
	int r = hk_store_recover_locked(
		store, &pass->arena, pass->log, entry, &pass->files, &pass->recovered, err);
	if (r >= 0) {
		r = hk_store_context(
			store, &pass->arena, pass->log, &pass->files, entry, &context, err);
	}
	context.undo = entry->failed ? HK_HOST_UNDO_OWN : HK_HOST_UNDO_NONE;
	return r < 0 ? r : (int)hk_host_revert(&context, &entry->records);
}

static int end_in_order(const struct hk_store *store, struct hk_store_entry *entry,
	struct pass *pass, struct hk_store_talk *talk, struct hk_err *err) {
	HK_AUTO(fd) int lock = -1;
	struct hk_err why = {0};
	hk_store_talk_resume(store, &entry->records, pass->log, talk, &why);
	int r = hk_store_lock(store, &lock, err);
	r = r < 0 ? r : end_locked(store, entry, pass, err);
	if (r < 0) {
		return r;
	}
	if (hk_store_talk_is_needed(talk)) {
		/* The entry still counts as live: whoever comes now must not take what has just
		 * been reverted for something that is needed, and leave it to us. */
		r = hk_store_note_reverted(entry->fd, &entry->length, &entry->records, err);
		if (r < 0) {
			return r;
		}
		hk_store_unlock(&lock);
		if (why.code == 0) {
			(void)hk_store_talk_take(talk, &why); /* settle counts what is left */
		}
		if (why.code < 0 && pass->log) {
			hk_log_error(pass->log, &why);
		}
		r = hk_store_lock(store, &lock, err);
	}
	return r < 0 ? r : settle(store, entry, err);
}

int hk_store_end(const struct hk_store *store, struct hk_store_entry *entry, struct hk_log *log) {
	struct pass pass = {.log = log};
	struct hk_store_talk talk = {.lock = -1};
	struct hk_err err = {0};
	int r = end_in_order(store, entry, &pass, &talk, &err);
	if (r < 0 && log) {
		hk_log_error(log, &err);
	}
	hk_store_talk_finish(&talk);
	hk_store_entry_finish(entry);
	finish_pass(store, &pass);
	return r;
}
