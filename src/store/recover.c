/* SPDX-License-Identifier: MIT */
#include "store/recover.h"

#include "base/auto.h"
#include "store/servers.h"
#include "sys/sys.h"

static int add_peers(struct hk_arena *arena, struct hk_host_peers *peers,
	const struct hk_host_records *records, bool live, struct hk_err *err) {
	for (size_t i = 0; i < records->count; i++) {
		struct hk_host_peer *peer = hk_vec_add(arena, peers);
		if (!peer) {
			return hk_err_oom(err);
		}
		*peer = (struct hk_host_peer){.record = &records->items[i], .live = live};
	}
	return 0;
}

int hk_store_context(const struct hk_store *store, struct hk_arena *arena, struct hk_log *log,
	const struct hk_store_files *files, const struct hk_store_entry *own,
	struct hk_host_context *ret_context, struct hk_err *err) {
	struct hk_host_context context = {.scope = store->scope, .log = log};
	int r = 0;
	for (size_t i = 0; r >= 0 && i < files->count; i++) {
		const struct hk_store_file *file = &files->items[i];
		r = add_peers(arena, &context.peers, &file->document.records, file->live, err);
	}
	if (r >= 0 && own) {
		r = add_peers(arena, &context.peers, &own->records, true, err);
	}
	if (r < 0) {
		return r;
	}
	*ret_context = context;
	return 0;
}

int hk_store_note_reverted(
	int fd, size_t *length, const struct hk_host_records *records, struct hk_err *err) {
	HK_AUTO(str) struct hk_str lines = {0};
	for (size_t i = 0; i < records->count; i++) {
		if (records->items[i].looked && records->items[i].reverted) {
			hk_store_document_print_reverted(i, &lines);
		}
	}
	return lines.length > 0 ? hk_store_file_append(fd, length, &lines, err) : 0;
}

static size_t count_standing(const struct hk_host_records *records) {
	size_t count = 0;
	for (size_t i = 0; i < records->count; i++) {
		count += records->items[i].looked && !records->items[i].reverted;
	}
	return count;
}

static int keep_rest(
	const struct hk_store *store, const struct hk_store_file *file, struct hk_err *err) {
	HK_AUTO(fd) int fd = -1;
	int r = hk_store_file_reopen(store, file, &fd, err);
	size_t length = file->document.length;
	return r < 0 ? r : hk_store_note_reverted(fd, &length, &file->document.records, err);
}

/* A dead instance that had not applied everything yet is as if it had never started: what stays
 * behind on purpose, and was perhaps only half made, goes too. */
void hk_store_recover_file(const struct hk_store *store, struct hk_host_context *context,
	struct hk_store_file *file, struct hk_store_recovered *recovered) {
	struct hk_host_records *records = &file->document.records;
	size_t before = count_standing(records);
	hk_log_verbose(context->log, "recover %s", hk_id_format(&file->id).text);
	context->undo = file->document.committed ? HK_HOST_UNDO_NONE : HK_HOST_UNDO_READ;
	size_t left = hk_host_revert(context, records);
	context->undo = HK_HOST_UNDO_NONE;

	struct hk_err err = {0};
	int r = 0;
	if (left == 0) {
		r = hk_store_file_remove(store, &file->id, &err);
		file->removed = r >= 0;
	} else if (left < before) {
		r = keep_rest(store, file, &err);
	}
	if (r < 0 && context->log) {
		hk_log_error(context->log, &err);
	}
	recovered->operations += (unsigned int)(before - left);
	*(file->removed ? &recovered->entries : &recovered->left) += 1;
}

int hk_store_recover_locked(const struct hk_store *store, struct hk_arena *arena,
	struct hk_log *log, const struct hk_store_entry *own, struct hk_store_files *ret_files,
	struct hk_store_recovered *ret_recovered, struct hk_err *err) {
	struct hk_store_files files = {0};
	struct hk_host_context context = {0};
	int r = hk_store_files_read(store, arena, own ? &own->id : NULL, &files, err);
	if (r >= 0) {
		r = hk_store_context(store, arena, log, &files, own, &context, err);
	}
	if (r < 0) {
		return r;
	}
	struct hk_store_recovered recovered = {0};
	for (size_t i = 0; i < files.count; i++) {
		struct hk_store_file *file = &files.items[i];
		if (file->unreadable) {
			recovered.unreadable++;
			if (log) {
				hk_log_warning(log, "state entry %s left alone: %s",
					hk_id_format(&file->id).text, file->why);
			}
		} else if (!file->live) {
			hk_store_recover_file(store, &context, file, &recovered);
		}
	}
	*ret_files = files;
	*ret_recovered = recovered;
	return 0;
}

/* What takes the store's lock, and asks servers when it has given it back. */
static int recover_all(const struct hk_store *store, struct hk_arena *arena, struct hk_log *log,
	uint64_t patience_ns, struct hk_store_files *ret_files,
	struct hk_store_recovered *ret_recovered, struct hk_err *err) {
	HK_AUTO(fd) int lock = -1;
	int r = hk_store_lock(store, &lock, err);
	if (r >= 0) {
		r = hk_store_recover_locked(store, arena, log, NULL, ret_files, ret_recovered, err);
	}
	if (r < 0) {
		return r;
	}
	hk_store_unlock(&lock);
	hk_store_servers_recover(store, log, ret_files, patience_ns, ret_recovered);
	return 0;
}

int hk_store_recover(const struct hk_store *store, struct hk_log *log,
	struct hk_store_recovered *ret_recovered, struct hk_err *err) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_store_files files = {0};
	return recover_all(store, &arena, log, HK_STORE_SERVER_WAIT_NS, &files, ret_recovered, err);
}

int hk_store_list(const struct hk_store *store, struct hk_arena *arena, struct hk_log *log,
	struct hk_store_instances *ret_instances, struct hk_err *err) {
	struct hk_store_files files = {0};
	struct hk_store_recovered recovered = {0};
	int r = recover_all(
		store, arena, log, HK_STORE_SERVER_PATIENCE_NS, &files, &recovered, err);
	if (r < 0) {
		return r;
	}
	struct hk_store_instances instances = {0};
	for (size_t i = 0; i < files.count; i++) {
		if (!files.items[i].live || files.items[i].unreadable) {
			continue;
		}
		struct hk_store_instance *instance = hk_vec_add(arena, &instances);
		if (!instance) {
			return hk_err_oom(err);
		}
		*instance = files.items[i].document.instance;
	}
	*ret_instances = instances;
	return 0;
}
