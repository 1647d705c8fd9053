/* SPDX-License-Identifier: MIT */
#include "store/document.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/auto.h"
#include "base/str.h"
#include "config/print.h"
#include "store/plain.h"
#include "store/values.h"

#define FLAGS_IN  (JSON_REJECT_DUPLICATES)
#define FLAGS_OUT (JSON_COMPACT)

static void free_json(json_t **json) {
	json_decref(*json);
}
#define AUTO_JSON __attribute__((cleanup(free_json)))

/* -- writing ---------------------------------------------------------------------------------- */

static json_t *pack_operations(const struct hk_host_ops *ops) {
	AUTO_JSON json_t *list = json_array();
	for (size_t i = 0; list && i < ops->count; i++) {
		const struct hk_host_op *op = &ops->items[i];
		/* args are what one process is started with; nobody reverts by them. */
		json_t *item = json_pack("{s:s, s:s, s:I, s:I, s:I, s:b, s:s*, s:s*}", "kind",
			hk_host_kind_name(op->kind), "path", op->path, "target",
			(json_int_t)op->target, "perm", (json_int_t)op->perm, "mode",
			(json_int_t)op->mode, "stays", op->stays, "source", op->source, "text",
			op->text);
		if (json_array_append_new(list, item) < 0) {
			return NULL;
		}
	}
	return hk_take_ptr(list);
}

/* The configuration as a document in ours. NULL: no memory. */
static json_t *pack_config(const struct hk_config *config) {
	if (!config) {
		return json_null();
	}
	HK_AUTO(str) struct hk_str text = {0};
	hk_config_print_compact(config, &text);
	return text.failed ? NULL : json_loadb(text.text, text.length, FLAGS_IN, NULL);
}

static json_t *pack_head(const struct hk_store_info *info) {
	const struct hk_plan *plan = info->plan;
	struct hk_enablements enabled = {0};
	if (info->config) {
		enabled = info->config->enablements;
	}
	return json_pack("{s:i, s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:{s:b, s:b, s:b, s:b}, s:o, "
			 "s:o}",
		"version", HK_STORE_VERSION, "instance", hk_id_format(&plan->id).text, "identity",
		(json_int_t)plan->identity, "target", (json_int_t)plan->target, "pid",
		(json_int_t)info->pid, "shim_pid", (json_int_t)info->shim_pid, "time",
		(json_int_t)info->time, "backend", info->backend, "enablements", "wayland",
		enabled.wayland, "x11", enabled.x11, "dbus", enabled.dbus, "pulse", enabled.pulse,
		"config", pack_config(info->config), "operations", pack_operations(&plan->host));
}

static bool is_text(const char *path) {
	uint32_t point;
	while (path && *path) {
		size_t length = hk_utf8_decode(path, &point);
		if (length == 0) {
			return false;
		}
		path += length;
	}
	return true;
}

static int check_path(const char *path, struct hk_err *err) {
	if (path && strlen(path) > HK_STORE_PATH_MAX) {
		return hk_err_step(err, -ENAMETOOLONG, "save '%s'", HK_ESC(path));
	}
	return is_text(path) ? 0
			     : hk_err_say(err, -EILSEQ, "cannot save '%s': not valid UTF-8",
				       HK_ESC(path));
}

int hk_store_document_print_head(
	const struct hk_store_info *info, struct hk_str *out, struct hk_err *err) {
	const struct hk_host_ops *ops = &info->plan->host;
	for (size_t i = 0; i < ops->count; i++) {
		int r = check_path(ops->items[i].path, err);
		r = r < 0 ? r : check_path(ops->items[i].source, err);
		if (r < 0) {
			return r;
		}
	}
	if (ops->count > HK_STORE_OPS_MAX) {
		return hk_err_say(err, -E2BIG, "more than %d host operations", HK_STORE_OPS_MAX);
	}
	AUTO_JSON json_t *head = pack_head(info);
	HK_AUTO(free) char *text = head ? json_dumps(head, FLAGS_OUT) : NULL;
	if (!text) {
		return hk_err_say(err, -EILSEQ,
			"cannot save the instance: a word of it is not valid UTF-8, or there is no "
			"memory");
	}
	if (strlen(text) > HK_STORE_ENTRY_MAX / 2) { /* the rest is for the lines to come */
		return hk_err_step(err, -EFBIG, "save the instance");
	}
	hk_str_add(out, text);
	hk_str_add(out, "\n");
	return out->failed ? hk_err_oom(err) : 0;
}

void hk_store_document_print_found(
	size_t index, const struct hk_host_found *found, struct hk_str *out) {
	hk_str_addf(out, "{\"operation\":%zu,\"found\":{", index);
	for (size_t i = 0; i < HK_STORE_FOUND_FIELDS; i++) {
		const struct hk_store_found_field *field = &hk_store_found_fields[i];
		int64_t value = hk_store_found_get(found, i);
		hk_str_add(out, field->key);
		if (field->type == HK_STORE_FOUND_BOOL) {
			hk_str_add(out, value ? "true" : "false");
		} else {
			hk_str_addf(out, "%lld", (long long)value);
		}
	}
	hk_str_add(out, "}}\n");
}

void hk_store_document_print_reverted(size_t index, struct hk_str *out) {
	hk_str_addf(out, "{\"operation\":%zu,\"reverted\":true}\n", index);
}

void hk_store_document_print_committed(struct hk_str *out) {
	hk_str_add(out, "{\"committed\":true}\n");
}

/* -- reading ---------------------------------------------------------------------------------- */

static int malformed(struct hk_err *err, const char *what) {
	return hk_err_say(err, -EPROTO, "%s", what);
}

/* NULL stays NULL; else the copy is NULL where there is no memory. */
static const char *copy_text(struct hk_arena *arena, const char *text) {
	return text ? hk_arena_strdup(arena, text) : NULL;
}

static int parse_operation(
	struct hk_arena *arena, json_t *item, struct hk_host_record *record, struct hk_err *err) {
	const char *kind;
	const char *path;
	json_int_t target;
	json_int_t perm;
	json_int_t mode;
	int stays;
	const char *source = NULL;
	const char *text = NULL;
	if (json_unpack_ex(item, NULL, JSON_STRICT, "{s:s, s:s, s:I, s:I, s:I, s:b, s?s, s?s}",
		    "kind", &kind, "path", &path, "target", &target, "perm", &perm, "mode", &mode,
		    "stays", &stays, "source", &source, "text", &text) < 0) {
		return malformed(err, "malformed operation");
	}
	struct hk_store_operation_values values = {
		.path = copy_text(arena, path),
		.target = target,
		.perm = perm,
		.mode = mode,
		.stays = stays,
		.source = copy_text(arena, source),
		.text = copy_text(arena, text),
	};
	if (!values.path || !values.source != !source || !values.text != !text) {
		return hk_err_oom(err);
	}
	if (!hk_host_kind_parse(kind, &values.kind)) {
		return hk_err_say(err, -EPROTO, "unknown operation '%s'", HK_ESC(kind));
	}
	return hk_store_operation_take(&values, &record->op)
		       ? 0
		       : malformed(err, "operation out of range");
}

static int parse_operations(
	struct hk_arena *arena, json_t *list, struct hk_host_records *records, struct hk_err *err) {
	size_t count = json_array_size(list);
	if (!json_is_array(list) || count > HK_STORE_OPS_MAX) {
		return malformed(err, "malformed operations");
	}
	for (size_t i = 0; i < count; i++) {
		struct hk_host_record *record = hk_vec_add(arena, records);
		if (!record) {
			return hk_err_oom(err);
		}
		int r = parse_operation(arena, json_array_get(list, i), record, err);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static int parse_config(struct hk_arena *arena, const json_t *config,
	struct hk_store_instance *instance, struct hk_err *err) {
	if (json_is_null(config)) {
		return 0;
	}
	if (!json_is_object(config)) { /* or it would be printed as nothing, like without memory */
		return malformed(err, "malformed configuration");
	}
	HK_AUTO(free) char *text = json_dumps(config, FLAGS_OUT);
	const char *id = json_string_value(json_object_get(config, "id"));
	instance->config = copy_text(arena, text);
	instance->application = copy_text(arena, id);
	return instance->config && !instance->application == !id ? 0 : hk_err_oom(err);
}

static int parse_head(struct hk_arena *arena, json_t *head, struct hk_store_document *document,
	struct hk_err *err) {
	const char *id;
	const char *backend;
	json_int_t version = 0;
	json_int_t identity;
	json_int_t target;
	json_int_t pid;
	json_int_t shim_pid;
	json_int_t time;
	int enabled[4];
	json_t *config;
	json_t *operations;
	if (json_unpack(head, "{s:I}", "version", &version) < 0) {
		return malformed(err, "no version");
	}
	if (version != HK_STORE_VERSION) {
		return hk_err_say(err, -EPROTO, "version %lld", (long long)version);
	}
	if (json_unpack_ex(head, NULL, JSON_STRICT,
		    "{s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:{s:b, s:b, s:b, s:b}, s:o, s:o}",
		    "version", &version, "instance", &id, "identity", &identity, "target", &target,
		    "pid", &pid, "shim_pid", &shim_pid, "time", &time, "backend", &backend,
		    "enablements", "wayland", &enabled[0], "x11", &enabled[1], "dbus", &enabled[2],
		    "pulse", &enabled[3], "config", &config, "operations", &operations) < 0) {
		return malformed(err, "malformed head");
	}
	const struct hk_store_head_values values = {
		.id = id,
		.identity = identity,
		.target = target,
		.pid = pid,
		.shim_pid = shim_pid,
		.time = time,
		.backend = copy_text(arena, backend),
		.enablements = {.wayland = enabled[0],
			.x11 = enabled[1],
			.dbus = enabled[2],
			.pulse = enabled[3]},
	};
	if (!values.backend) {
		return hk_err_oom(err);
	}
	if (!hk_store_head_take(&values, &document->instance)) {
		return malformed(err, "head out of range");
	}
	int r = parse_config(arena, config, &document->instance, err);
	return r < 0 ? r : parse_operations(arena, operations, &document->records, err);
}

static int parse_found(const json_t *json, struct hk_host_found *ret_found) {
	struct hk_host_found found = {0};
	if (json_object_size(json) != HK_STORE_FOUND_FIELDS) {
		return -EPROTO;
	}
	for (size_t i = 0; i < HK_STORE_FOUND_FIELDS; i++) {
		const struct hk_store_found_field *field = &hk_store_found_fields[i];
		const json_t *value = json_object_get(json, field->name);
		bool is_bool = field->type == HK_STORE_FOUND_BOOL;
		if (is_bool ? !json_is_boolean(value) : !json_is_integer(value)) {
			return -EPROTO;
		}
		if (!hk_store_found_set(
			    &found, i, is_bool ? json_is_true(value) : json_integer_value(value))) {
			return -EPROTO;
		}
	}
	*ret_found = found;
	return 0;
}

/* What did not happen has no line: a false is nothing that we have written. */
static int parse_event(json_t *event, struct hk_store_document *document, struct hk_err *err) {
	json_int_t index;
	json_t *found;
	int yes;
	if (json_unpack_ex(event, NULL, JSON_STRICT, "{s:b}", "committed", &yes) >= 0 && yes) {
		document->committed = true;
		return 0;
	}
	if (json_unpack(event, "{s:I}", "operation", &index) < 0 || index < 0 ||
		(uint64_t)index >= document->records.count) {
		return malformed(err, "malformed event");
	}
	struct hk_host_record *record = &document->records.items[index];
	if (json_unpack_ex(event, NULL, JSON_STRICT, "{s:I, s:b}", "operation", &index, "reverted",
		    &yes) >= 0 &&
		yes) {
		record->reverted = true;
		return 0;
	}
	if (record->looked ||
		json_unpack_ex(event, NULL, JSON_STRICT, "{s:I, s:o}", "operation", &index, "found",
			&found) < 0 ||
		parse_found(found, &record->found) < 0) {
		return malformed(err, "malformed event");
	}
	record->looked = true;
	return 0;
}

static int parse_line(struct hk_arena *arena, const char *line, size_t length, bool first,
	struct hk_store_document *document, struct hk_err *err) {
	int r = first ? hk_store_plain_head(arena, line, length, document)
		      : hk_store_plain_event(line, length, document);
	if (r != 0) {
		return r < 0 ? hk_err_oom(err) : 0;
	}
	json_error_t why;
	AUTO_JSON json_t *json = json_loadb(line, length, FLAGS_IN, &why);
	if (!json && json_error_code(&why) == json_error_out_of_memory) {
		return hk_err_oom(err);
	}
	if (!json) {
		return malformed(err, "not JSON");
	}
	return first ? parse_head(arena, json, document, err) : parse_event(json, document, err);
}

int hk_store_document_parse(struct hk_arena *arena, const char *text, size_t size,
	struct hk_store_document *ret_document, struct hk_err *err) {
	struct hk_store_document document = {0};
	const char *end;
	while ((end = memchr(text + document.length, '\n', size - document.length))) {
		const char *line = text + document.length;
		int r = parse_line(
			arena, line, (size_t)(end - line), document.length == 0, &document, err);
		if (r < 0) {
			return r;
		}
		document.length = (size_t)(end - text) + 1;
	}
	if (document.length == 0) {
		return malformed(err, "empty");
	}
	*ret_document = document;
	return 0;
}
