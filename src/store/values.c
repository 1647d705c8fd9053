/* SPDX-License-Identifier: MIT */
#include "store/values.h"

#include <string.h>

#include "base/path.h"

static bool fits(int64_t number, int64_t max) {
	return number >= 0 && number <= max;
}

bool hk_store_head_take(
	const struct hk_store_head_values *values, struct hk_store_instance *instance) {
	struct hk_id id;
	if (!hk_id_parse(values->id, &id) || !fits(values->identity, HK_IDENTITY_MAX) ||
		!fits(values->target, UINT32_MAX - 1) || !fits(values->pid, INT32_MAX) ||
		!fits(values->shim_pid, INT32_MAX) || values->time < 0) {
		return false;
	}
	instance->id = id;
	instance->identity = (uint32_t)values->identity;
	instance->target = (uid_t)values->target;
	instance->pid = (pid_t)values->pid;
	instance->shim_pid = (pid_t)values->shim_pid;
	instance->time = (uint64_t)values->time;
	instance->backend = values->backend;
	instance->enablements = values->enablements;
	return true;
}

static bool is_path(const char *path) {
	return hk_path_is_clean(path) && strlen(path) <= HK_STORE_PATH_MAX;
}

bool hk_store_operation_take(
	const struct hk_store_operation_values *values, struct hk_host_op *op) {
	if (!is_path(values->path) || strcmp(values->path, "/") == 0 ||
		!fits(values->target, UINT32_MAX - 1) || !fits(values->perm, 7) ||
		!fits(values->mode, 01777) || (values->source && !is_path(values->source)) ||
		(values->text && strlen(values->text) > HK_STORE_PATH_MAX)) {
		return false;
	}
	*op = (struct hk_host_op){
		.kind = values->kind,
		.path = values->path,
		.target = (uid_t)values->target,
		.perm = (uint32_t)values->perm,
		.mode = (uint32_t)values->mode,
		.stays = values->stays,
		.source = values->source,
		.text = values->text,
	};
	return true;
}

#define FIELD(type, name, key)                                                                     \
	{ #name, key, sizeof(key) - 1, offsetof(struct hk_host_found, name), HK_STORE_FOUND_##type }
const struct hk_store_found_field hk_store_found_fields[HK_STORE_FOUND_FIELDS] = {
	FIELD(BOOL, existed, "\"existed\":"),
	FIELD(U64, dev, ",\"dev\":"),
	FIELD(U64, fs, ",\"fs\":"),
	FIELD(U64, ino, ",\"ino\":"),
	FIELD(BOOL, had_mask, ",\"had_mask\":"),
	FIELD(PERM, mask, ",\"mask\":"),
	FIELD(BOOL, had_entry, ",\"had_entry\":"),
	FIELD(PERM, entry, ",\"entry\":"),
};

int64_t hk_store_found_get(const struct hk_host_found *found, size_t field) {
	const char *at = (const char *)found + hk_store_found_fields[field].offset;
	uint64_t number = 0;
	uint32_t perm;
	bool yes;
	switch (hk_store_found_fields[field].type) {
	case HK_STORE_FOUND_BOOL:
		memcpy(&yes, at, sizeof(yes));
		return yes;
	case HK_STORE_FOUND_PERM:
		memcpy(&perm, at, sizeof(perm));
		return perm;
	case HK_STORE_FOUND_U64:
		memcpy(&number, at, sizeof(number));
		break;
	}
	return (int64_t)number;
}

bool hk_store_found_set(struct hk_host_found *found, size_t field, int64_t value) {
	char *at = (char *)found + hk_store_found_fields[field].offset;
	switch (hk_store_found_fields[field].type) {
	case HK_STORE_FOUND_BOOL:
		memcpy(at, &(bool){value != 0}, sizeof(bool));
		return fits(value, 1);
	case HK_STORE_FOUND_PERM:
		memcpy(at, &(uint32_t){(uint32_t)value}, sizeof(uint32_t));
		return fits(value, 7);
	case HK_STORE_FOUND_U64:
		memcpy(at, &(uint64_t){(uint64_t)value}, sizeof(uint64_t));
		return true;
	}
	return false;
}
