/* SPDX-License-Identifier: MIT */
#include "config/reader_lists.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"

static int check_length(
	struct hk_config_reader *reader, const struct hk_place *place, size_t count, int64_t max) {
	size_t limit = max ? (size_t)max : HK_CONFIG_LIST_MAX;
	if (count > limit) {
		return hk_config_place_say(
			place, reader->report->err, -EINVAL, "more than %zu entries", limit);
	}
	return 0;
}

int hk_config_reader_read_texts(struct hk_config_reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	int r = check_length(reader, place, json_array_size(json), field->max);
	if (r < 0) {
		return r;
	}
	size_t index;
	json_t *item;
	json_array_foreach(json, index, item) {
		if (!json_is_string(item)) {
			const struct hk_place at = {.up = place, .index = index};
			r = hk_config_reader_keep(reader, &at,
				hk_config_reader_refuse_type(reader, &at, "a string", item));
			if (r < 0) {
				return r;
			}
		}
		const char *text = "";
		if (json_is_string(item)) {
			text = field->type == HK_FIELD_PATHS
				       ? hk_config_reader_copy_path(reader, item)
				       : hk_config_reader_copy(reader, item);
		}
		if (!text || hk_strs_add_borrowed(reader->arena, target, text) < 0) {
			return hk_err_oom(reader->report->err);
		}
	}
	return 0;
}

int hk_config_reader_read_pairs(struct hk_config_reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	struct hk_pairs *pairs = target;
	int r = check_length(reader, place, json_object_size(json), field->max);
	if (r < 0) {
		return r;
	}
	const char *key;
	json_t *item;
	json_object_foreach(json, key, item) {
		bool null = field->null_is_empty && json_is_null(item);
		if (!null && !json_is_string(item)) {
			const struct hk_place at = {.up = place, .key = key};
			r = hk_config_reader_keep(reader, &at,
				hk_config_reader_refuse_type(reader, &at,
					field->null_is_empty ? "a string or null" : "a string",
					item));
			if (r < 0) {
				return r;
			}
		}
		struct hk_pair *pair = hk_vec_add(reader->arena, pairs);
		if (!pair) {
			return hk_err_oom(reader->report->err);
		}
		pair->name = hk_arena_strdup(reader->arena, key);
		pair->value = json_is_string(item) ? hk_config_reader_copy(reader, item) : "";
		if (!pair->name || !pair->value) {
			return hk_err_oom(reader->report->err);
		}
	}
	return 0;
}

static int read_perm(struct hk_config_reader *reader, const struct hk_place *place, json_t *json,
	struct hk_extra_perm *perm) {
	if (!json_is_object(json)) {
		return hk_config_reader_refuse_type(reader, place, "an object", json);
	}
	return hk_config_reader_read_members(
		reader, place, json, HK_SECTION_BIT(HK_SECTION_PERM), perm);
}

int hk_config_reader_read_perms(struct hk_config_reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	struct hk_extra_perms *perms = target;
	int r = check_length(reader, place, json_array_size(json), field->max);
	if (r < 0) {
		return r;
	}
	size_t index;
	json_t *item;
	size_t skipped = 0;
	json_array_foreach(json, index, item) {
		const struct hk_place at = {.up = place, .index = index};
		if (json_is_null(item)) {
			skipped++;
			continue;
		}
		struct hk_extra_perm *perm = hk_vec_add(reader->arena, perms);
		if (!perm) {
			return hk_err_oom(reader->report->err);
		}
		perm->skipped = skipped;
		r = hk_config_reader_keep(reader, &at, read_perm(reader, &at, item, perm));
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

/* The type says which other keys a mount may have. */
static int read_mount(struct hk_config_reader *reader, const struct hk_place *place, json_t *json,
	struct hk_fs *fs) {
	if (!json_is_object(json)) {
		return hk_config_reader_refuse_type(reader, place, "an object", json);
	}
	const struct hk_place at = {.up = place, .key = "type"};
	json_t *type = json_object_get(json, at.key);
	if (!type) {
		return hk_config_report_say_mount(reader->report, place->index, "type is missing");
	}
	if (!json_is_string(type)) {
		return hk_config_reader_keep(
			reader, &at, hk_config_reader_refuse_type(reader, &at, "a string", type));
	}
	const char *name = json_string_value(type);
	for (unsigned int i = 0; i < HK_FS_TYPES; i++) {
		if (strcmp(name, hk_config_kinds[i]) == 0) {
			return hk_config_reader_read_members(
				reader, place, json, HK_SECTION_BIT(HK_SECTION_BIND + i), fs);
		}
	}
	struct hk_str names = {0};
	for (unsigned int i = 0; i < HK_FS_TYPES; i++) {
		hk_str_addf(&names, "%s%s", i ? ", " : "", hk_config_kinds[i]);
	}
	int r = hk_config_place_say(&at, reader->report->err, -EINVAL, "\"%s\" is none of %s",
		HK_ESC(name), names.text ? names.text : "the known types");
	hk_str_finish(&names);
	return hk_config_reader_keep(reader, &at, r);
}

int hk_config_reader_read_mounts(struct hk_config_reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	struct hk_fss *mounts = target;
	int r = check_length(reader, place, json_array_size(json), field->max);
	if (r < 0) {
		return r;
	}
	size_t index;
	json_t *item;
	json_array_foreach(json, index, item) {
		const struct hk_place at = {.up = place, .index = index};
		struct hk_fs *fs = hk_vec_add(reader->arena, mounts);
		if (!fs) {
			return hk_err_oom(reader->report->err);
		}
		r = hk_config_reader_keep(reader, &at, read_mount(reader, &at, item, fs));
		if (r < 0) {
			return r;
		}
	}
	return 0;
}
