/* SPDX-License-Identifier: MIT */
#include "store/servers.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "sys/sys.h"

static const struct hk_host_server_type *server_of(const struct hk_host_record *record) {
	return hk_host_op_types[record->op.kind]->server;
}

static bool stands(const struct hk_host_record *record) {
	return record->looked && !record->reverted;
}

static uint64_t after(uint64_t ns) {
	return hk_sys_monotonic_ns() + ns;
}

static struct hk_host_record *find_record(const struct hk_host_records *records) {
	for (size_t i = 0; i < records->count; i++) {
		if (server_of(&records->items[i])) {
			return &records->items[i];
		}
	}
	return NULL;
}

/* -- one's own ------------------------------------------------------------------------------ */

int hk_store_talk_begin(const struct hk_store *store, struct hk_host_records *records,
	struct hk_log *log, struct hk_store_talk *ret_talk, struct hk_err *err) {
	struct hk_store_talk talk = {.record = find_record(records), .lock = -1};
	if (!talk.record) {
		*ret_talk = talk;
		return 0;
	}
	const struct hk_host_context context = {.scope = store->scope, .log = log};
	const struct hk_host_server_type *server = server_of(talk.record);
	const char *path = talk.record->op.path;
	talk.record->unasked = true;
	/* Connected first: what hangs from the start is not waited for under any lock. */
	int r = server->reach(&context, talk.record, after(HK_STORE_SERVER_WAIT_NS), err);
	if (r == HK_HOST_GONE) {
		return hk_err_say(err, -ECONNREFUSED, "no server listens on '%s'", HK_ESC(path));
	}
	r = r < 0 ? r
		  : hk_store_lock_server(store, server->number(talk.record), true, &talk.lock, err);
	r = r < 0 ? r : server->ask(talk.record, after(HK_STORE_SERVER_WAIT_NS), err);
	if (r < 0) {
		hk_store_talk_finish(&talk);
		return r;
	}
	*ret_talk = talk;
	return 0;
}

int hk_store_talk_put(struct hk_store_talk *talk, struct hk_err *err) {
	if (!talk->record) {
		return 0;
	}
	talk->record->unasked = false;
	int r = server_of(talk->record)->put(talk->record, after(HK_STORE_SERVER_WAIT_NS), err);
	if (r == -EACCES) {
		talk->record->unasked = true;
	}
	return r;
}

void hk_store_talk_resume(const struct hk_store *store, struct hk_host_records *records,
	struct hk_log *log, struct hk_store_talk *ret_talk, struct hk_err *ret_error) {
	struct hk_store_talk talk = {.record = find_record(records), .lock = -1};
	if (talk.record && stands(talk.record)) {
		const struct hk_host_context context = {.scope = store->scope, .log = log};
		struct hk_host_record *record = talk.record;
		int r = server_of(record)->reach(
			&context, record, after(HK_STORE_SERVER_WAIT_NS), ret_error);
		if (r == HK_HOST_GONE) {
			record->reverted = true;
		} else if (r >= 0) {
			r = hk_store_lock_server(store, server_of(record)->number(record), true,
				&talk.lock, ret_error);
		}
		if (r < 0) {
			hk_store_talk_finish(&talk);
		}
	}
	*ret_talk = talk;
}

bool hk_store_talk_is_needed(const struct hk_store_talk *talk) {
	return talk->record && stands(talk->record);
}

int hk_store_talk_take(struct hk_store_talk *talk, struct hk_err *err) {
	struct hk_host_record *record = talk->record;
	int r = server_of(record)->take(record, after(HK_STORE_SERVER_WAIT_NS), err);
	record->reverted = r >= 0;
	return r;
}

void hk_store_talk_finish(struct hk_store_talk *talk) {
	if (talk->record) {
		server_of(talk->record)->leave(talk->record);
	}
	hk_store_unlock(&talk->lock);
}

/* -- what others have left ------------------------------------------------------------------ */

/* All entries as they are now, and in them the dead one that is meant; NULL: it is gone. */
struct again {
	struct hk_store_files files;
	struct hk_host_context context;
	struct hk_store_file *file;
};

static int look_again(const struct hk_store *store, struct hk_arena *arena, struct hk_log *log,
	const struct hk_id *id, struct again *ret_again, struct hk_err *err) {
	struct again again = {0};
	int r = hk_store_files_read(store, arena, NULL, &again.files, err);
	if (r >= 0) {
		r = hk_store_context(store, arena, log, &again.files, NULL, &again.context, err);
	}
	if (r < 0) {
		return r;
	}
	for (size_t i = 0; i < again.files.count; i++) {
		struct hk_store_file *file = &again.files.items[i];
		if (memcmp(&file->id, id, sizeof(*id)) == 0 && !file->live && !file->unreadable) {
			again.file = file;
		}
	}
	*ret_again = again;
	return 0;
}

/* One operation of a dead entry. */
struct left {
	const struct hk_id *id;
	size_t index;
	struct hk_host_record *record; /* ours to talk with */
};

static struct hk_host_record *record_of(const struct again *again, const struct left *left) {
	if (!again->file || left->index >= again->file->document.records.count) {
		return NULL;
	}
	struct hk_host_record *record = &again->file->document.records.items[left->index];
	return stands(record) ? record : NULL;
}

/* Does it have to be taken out? 0: a live entry lists the same, or it was done meanwhile. */
static int decide(const struct hk_store *store, struct hk_log *log, const struct left *left,
	struct hk_err *err) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(fd) int lock = -1;
	struct again again;
	int r = hk_store_lock(store, &lock, err);
	r = r < 0 ? r : look_again(store, &arena, log, left->id, &again, err);
	if (r < 0) {
		return r;
	}
	struct hk_host_record *record = record_of(&again, left);
	return record ? hk_host_op_types[record->op.kind]->revert(&again.context, record, err) : 0;
}

/* It is out of the server: the entry forgets it, and goes if that was all. */
static int note(const struct hk_store *store, struct hk_log *log, const struct left *left,
	struct hk_store_recovered *recovered, struct hk_err *err) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(fd) int lock = -1;
	struct again again;
	int r = hk_store_lock(store, &lock, err);
	r = r < 0 ? r : look_again(store, &arena, log, left->id, &again, err);
	if (r < 0) {
		return r;
	}
	struct hk_host_record *record = record_of(&again, left);
	if (record) {
		record->unasked = true;
		recovered->left -= recovered->left > 0;
		hk_store_recover_file(store, &again.context, again.file, recovered);
	}
	return 0;
}

static int recover_left(const struct hk_store *store, struct hk_log *log, const struct left *left,
	uint64_t patience_ns, struct hk_store_recovered *recovered, struct hk_err *err) {
	const struct hk_host_context context = {.scope = store->scope, .log = log};
	const struct hk_host_server_type *server = server_of(left->record);
	int r = server->reach(&context, left->record, after(patience_ns), err);
	if (r < 0) {
		return r;
	}
	bool gone = r == HK_HOST_GONE;
	HK_AUTO(fd) int lock = -1;
	r = hk_store_lock_server(store, server->number(left->record), false, &lock, err);
	if (r == -EAGAIN) {
		return 0; /* somebody else is at it; whoever comes next looks again */
	}
	r = r < 0 || gone ? r : decide(store, log, left, err);
	if (r == HK_HOST_LATER) {
		r = server->take(left->record, after(patience_ns), err);
	}
	return r < 0 ? r : note(store, log, left, recovered, err);
}

void hk_store_servers_recover(const struct hk_store *store, struct hk_log *log,
	const struct hk_store_files *files, uint64_t patience_ns,
	struct hk_store_recovered *recovered) {
	for (size_t i = 0; i < files->count; i++) {
		const struct hk_store_file *file = &files->items[i];
		const struct hk_host_records *records = &file->document.records;
		for (size_t at = 0; !file->live && !file->removed && at < records->count; at++) {
			struct hk_host_record *record = &records->items[at];
			const struct left left = {.id = &file->id, .index = at, .record = record};
			struct hk_err err = {0};
			if (!server_of(record) || !stands(record)) {
				continue;
			}
			if (recover_left(store, log, &left, patience_ns, recovered, &err) < 0 &&
				log) {
				hk_log_error(log, &err);
			}
			server_of(record)->leave(record);
		}
	}
}
