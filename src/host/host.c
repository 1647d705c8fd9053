/* SPDX-License-Identifier: MIT */
#include "host/host.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "sys/sys.h"

static const struct hk_host_scope *widen(const struct hk_host_scope *scope) {
	return scope->widen ? scope->widen(scope->data) : NULL;
}

bool hk_host_scope_has_target(const struct hk_host_scope *scope, uid_t uid) {
	if (uid == 0 || uid == scope->person) {
		return false;
	}
	for (size_t i = 0; i < scope->target_count; i++) {
		const struct hk_uid_range *range = &scope->targets[i];
		if (uid >= range->first && uid - range->first < range->count) {
			return true;
		}
	}
	const struct hk_host_scope *wider = widen(scope);
	return wider && hk_host_scope_has_target(wider, uid);
}

int hk_host_scope_check_target(const struct hk_host_scope *scope, uid_t uid, struct hk_err *err) {
	return hk_host_scope_has_target(scope, uid)
		       ? 0
		       : hk_err_say(err, -EPERM, "uid %u is not an identity of uid %u", uid,
				 scope->person);
}

bool hk_host_scope_has_path(const struct hk_host_scope *scope, const char *path) {
	for (size_t i = 0; i < scope->roots.count; i++) {
		if (hk_path_below(path, scope->roots.items[i])) {
			return true;
		}
	}
	const struct hk_host_scope *wider = widen(scope);
	return wider && hk_host_scope_has_path(wider, path);
}

static bool stands(const struct hk_host_record *record) {
	return record->looked && !record->reverted;
}

const struct hk_host_record *hk_host_peer_find(
	const struct hk_host_context *context, const struct hk_host_record *record, bool live) {
	for (size_t i = 0; i < context->peers.count; i++) {
		const struct hk_host_peer *peer = &context->peers.items[i];
		const struct hk_host_op *op = &peer->record->op;
		if (peer->record != record && stands(peer->record) && (peer->live || !live) &&
			op->kind == record->op.kind && op->target == record->op.target &&
			strcmp(op->path, record->op.path) == 0) {
			return peer->record;
		}
	}
	return NULL;
}

static int apply_record(struct hk_host_context *context, struct hk_host_records *records,
	size_t index, const struct hk_host_journal *journal, struct hk_err *err) {
	struct hk_host_record *record = &records->items[index];
	const struct hk_host_op_type *type = hk_host_op_types[record->op.kind];
	struct hk_host_found found = {0};
	int r = type->look(context, record, &found, err);
	if (r < 0) {
		return r;
	}
	/* Written before it is done: whoever finds us dead at any point knows what was there. */
	r = journal->write(journal->data, index, &found, err);
	if (r < 0) {
		return r;
	}
	record->found = found;
	record->looked = true;
	hk_log_verbose(context->log, "apply %s '%s'", hk_host_kind_name(record->op.kind),
		HK_ESC(record->op.path));
	r = type->apply ? type->apply(context, record, err) : 0;
	if (r >= 0 && type->keep) {
		record->kept = type->keep(context, record);
	}
	return r;
}

/* Is there something that could not be reverted in this directory? Then it must be found
 * again. */
static bool holds_standing(const struct hk_host_records *records, size_t directory) {
	const char *path = records->items[directory].op.path;
	for (size_t i = directory + 1; i < records->count; i++) {
		if (stands(&records->items[i]) && hk_path_below(records->items[i].op.path, path)) {
			return true;
		}
	}
	return false;
}

/* Reverts what stands; the first error goes to ret_first, all of them to the log. */
static size_t revert_all(struct hk_host_context *context, struct hk_host_records *records,
	struct hk_err *ret_first) {
	size_t left = 0;
	for (size_t i = records->count; i-- > 0;) {
		struct hk_host_record *record = &records->items[i];
		if (!stands(record)) {
			continue;
		}
		if (record->op.kind == HK_HOST_DIRECTORY && holds_standing(records, i)) {
			left++;
			continue;
		}
		hk_log_verbose(context->log, "revert %s '%s'", hk_host_kind_name(record->op.kind),
			HK_ESC(record->op.path));
		struct hk_err err = {0};
		int r = hk_host_op_types[record->op.kind]->revert(context, record, &err);
		if (r == 0) {
			record->reverted = true;
			continue;
		}
		if (r == HK_HOST_LATER) {
			left++;
			continue;
		}
		if (left == 0) {
			*ret_first = err;
		}
		left++;
		if (context->log) {
			hk_log_error(context->log, &err);
		}
	}
	return left;
}

int hk_host_commit(struct hk_host_context *context, struct hk_host_records *records,
	const struct hk_host_journal *journal, struct hk_err *err) {
	for (size_t i = 0; i < records->count; i++) {
		int r = apply_record(context, records, i, journal, err);
		if (r >= 0) {
			continue;
		}
		struct hk_err again = {0};
		context->undo = HK_HOST_UNDO_OWN;
		size_t left = revert_all(context, records, &again);
		context->undo = HK_HOST_UNDO_NONE;
		if (left > 0) {
			const struct hk_err first = *err;
			(void)hk_err_say(
				err, r, "%s; and then, reverting: %s", first.text, again.text);
		}
		return r;
	}
	return 0;
}

/* Those that are waited for later, or the others. */
static int start_some(struct hk_host_context *context, struct hk_host_records *records,
	bool awaited, struct hk_err *err) {
	int r = 0;
	for (size_t i = 0; r >= 0 && i < records->count; i++) {
		struct hk_host_record *record = &records->items[i];
		const struct hk_host_op_type *type = hk_host_op_types[record->op.kind];
		if (type->start && (type->await != NULL) == awaited) {
			hk_log_verbose(context->log, "start %s '%s'",
				hk_host_kind_name(record->op.kind), HK_ESC(record->op.path));
			r = type->start(context, record, err);
		}
	}
	return r;
}

int hk_host_start(
	struct hk_host_context *context, struct hk_host_records *records, struct hk_err *err) {
	/* What is waited for comes up while the others start. */
	int r = start_some(context, records, true, err);
	r = r < 0 ? r : start_some(context, records, false, err);
	for (size_t i = 0; r >= 0 && i < records->count; i++) {
		struct hk_host_record *record = &records->items[i];
		const struct hk_host_op_type *type = hk_host_op_types[record->op.kind];
		r = type->await ? type->await(context, record, err) : 0;
	}
	if (r < 0) {
		hk_host_stop(context, records);
	}
	return r;
}

void hk_host_stop(struct hk_host_context *context, struct hk_host_records *records) {
	for (size_t i = records->count; i-- > 0;) {
		struct hk_host_record *record = &records->items[i];
		if (record->live) {
			hk_host_op_types[record->op.kind]->stop(context, record);
			record->live = NULL;
		}
	}
}

void hk_host_forget(struct hk_host_records *records) {
	for (size_t i = 0; i < records->count; i++) {
		if (records->items[i].kept > 0) {
			(void)hk_sys_close(records->items[i].kept); /* O_PATH */
			records->items[i].kept = 0;
		}
	}
}

size_t hk_host_revert(struct hk_host_context *context, struct hk_host_records *records) {
	struct hk_err first;
	return revert_all(context, records, &first);
}
