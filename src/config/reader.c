/* SPDX-License-Identifier: MIT */
#include "config/reader.h"

#include <errno.h>

#include "base/path.h"
#include "config/fields.h"
#include "config/home.h"
#include "config/reader_lists.h"

#define PROGRAM_BIT HK_SECTION_BIT(HK_SECTION_PROGRAM)

struct type_row {
	hk_config_read_fn *read;
	json_type json;	   /* JSON_TRUE stands for both booleans */
	const char *words; /* what an error calls it */
	bool null;	   /* may be null, which is as good as absent */
};

int hk_config_reader_keep(struct hk_config_reader *reader, const struct hk_place *place, int r) {
	return hk_config_report_keep(reader->report, place, HK_CONFIG_SPOILS, r);
}

static const char *describe(const json_t *json) {
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return "an integer";
	case JSON_REAL:
		return "a number with a fraction or an exponent";
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_NULL:
		break;
	}
	return "null";
}

int hk_config_reader_refuse_type(struct hk_config_reader *reader, const struct hk_place *place,
	const char *expected, const json_t *json) {
	return hk_config_place_say(place, reader->report->err, -EINVAL, "expected %s, found %s",
		expected, describe(json));
}

const char *hk_config_reader_copy(struct hk_config_reader *reader, const json_t *json) {
	return hk_arena_strndup(reader->arena, json_string_value(json), json_string_length(json));
}

const char *hk_config_reader_copy_path(struct hk_config_reader *reader, const json_t *json) {
	const char *text = json_string_value(json);
	return hk_path_is_absolute(text) ? hk_path_clean(reader->arena, text)
					 : hk_config_reader_copy(reader, json);
}

/* -- single values --------------------------------------------------------------------------- */

static int read_bool(struct hk_config_reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	(void)reader;
	(void)place;
	if (field->type == HK_FIELD_TRISTATE) {
		*(enum hk_tristate *)target = json_is_true(json) ? HK_TRUE : HK_FALSE;
	} else {
		*(bool *)target = json_is_true(json);
	}
	return 0;
}

static int read_integer(struct hk_config_reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	(void)reader;
	(void)place;
	int64_t value = json_integer_value(json);
	*(int64_t *)target = field->raise && value < field->min ? field->min : value;
	return 0;
}

static int read_text(struct hk_config_reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	(void)place;
	const char *text = NULL;
	if (field->type == HK_FIELD_PATH) {
		text = hk_config_reader_copy_path(reader, json);
	} else if (json_string_length(json) > 0) {
		text = hk_config_reader_copy(reader, json);
	} else {
		return 0; /* the empty text is as good as none */
	}
	if (!text) {
		return hk_err_oom(reader->report->err);
	}
	*(const char **)target = text;
	return 0;
}

static int read_kind(struct hk_config_reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	(void)reader;
	(void)place;
	(void)json; /* read_mount has looked at it already, and chosen the row by it */
	*(enum hk_fs_type *)target = (enum hk_fs_type)(field->section - HK_SECTION_BIND);
	return 0;
}

/* -- objects --------------------------------------------------------------------------------- */

static unsigned int sections_of(const struct hk_config_reader *reader, enum hk_section section) {
	unsigned int sections = HK_SECTION_BIT(section);
	if (section == (reader->nested ? HK_SECTION_CONTAINER : HK_SECTION_TOP)) {
		sections |= PROGRAM_BIT;
	}
	return sections;
}

static int read_object(struct hk_config_reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	return hk_config_reader_read_members(
		reader, place, json, sections_of(reader, field->of), target);
}

static int read_box(struct hk_config_reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	void *base = hk_arena_alloc(reader->arena, hk_config_section_sizes[field->of]);
	if (!base) {
		return hk_err_oom(reader->report->err);
	}
	*(void **)target = base;
	return read_object(reader, place, field, json, base);
}

static const struct type_row types[HK_FIELD_TYPES] = {
	[HK_FIELD_BOOL] = {read_bool, JSON_TRUE, "true or false", false},
	[HK_FIELD_TRISTATE] = {read_bool, JSON_TRUE, "true or false", false},
	[HK_FIELD_INTEGER] = {read_integer, JSON_INTEGER, "an integer", false},
	[HK_FIELD_TEXT] = {read_text, JSON_STRING, "a string", false},
	[HK_FIELD_PATH] = {read_text, JSON_STRING, "a string", true},
	[HK_FIELD_TEXTS] = {hk_config_reader_read_texts, JSON_ARRAY, "an array of strings", true},
	[HK_FIELD_PATHS] = {hk_config_reader_read_texts, JSON_ARRAY, "an array of strings", true},
	[HK_FIELD_PAIRS] = {hk_config_reader_read_pairs, JSON_OBJECT, "an object of strings", true},
	[HK_FIELD_KIND] = {read_kind, JSON_STRING, "a string", false},
	[HK_FIELD_OBJECT] = {read_object, JSON_OBJECT, "an object", true},
	[HK_FIELD_BOX] = {read_box, JSON_OBJECT, "an object", true},
	[HK_FIELD_PERMS] = {hk_config_reader_read_perms, JSON_ARRAY, "an array of objects", true},
	[HK_FIELD_MOUNTS] = {hk_config_reader_read_mounts, JSON_ARRAY, "an array of objects", true},
};

static int read_value(struct hk_config_reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	const struct type_row *type = &types[field->type];
	if (type->null && json_is_null(json)) {
		return 0;
	}
	bool boolean = type->json == JSON_TRUE && json_is_boolean(json);
	if (!boolean && json_typeof(json) != type->json) {
		return hk_config_reader_refuse_type(reader, place, type->words, json);
	}
	return type->read(reader, place, field, json, target);
}

/* The program's keys always go to the configuration itself, wherever the layout has them. */
static void *member(struct hk_config_reader *reader, const struct hk_field *field, void *base) {
	return hk_config_field_value(
		field, field->section == HK_SECTION_PROGRAM ? reader->config : base);
}

/* What members are when the object does not have them, as far as it is not zero. */
static void set_fallbacks(struct hk_config_reader *reader, unsigned int sections, void *base) {
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		if (!(sections & HK_SECTION_BIT(field->section))) {
			continue;
		}
		if (field->type == HK_FIELD_INTEGER) {
			*(int64_t *)member(reader, field, base) = field->fallback;
		} else if (field->type == HK_FIELD_TRISTATE) {
			*(enum hk_tristate *)member(reader, field, base) =
				reader->nested ? HK_FALSE : HK_TRUE;
		}
	}
}

/* Paths that are what another key says where they are absent. */
static void set_likes(struct hk_config_reader *reader, unsigned int sections, void *base) {
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		if (!(sections & HK_SECTION_BIT(field->section)) || !field->like) {
			continue;
		}
		const char **path = member(reader, field, base);
		const struct hk_field *other = hk_config_field_find(sections, field->like);
		if (!*path && other) {
			*path = *(const char **)member(reader, other, base);
		}
	}
}

static int unknown_key(
	struct hk_config_reader *reader, const struct hk_place *place, unsigned int sections) {
	int r = hk_config_place_say(place, reader->report->err, -EINVAL,
		"unknown key, the nearest known one is \"%s\"",
		hk_config_field_nearest(sections, place->key));
	return hk_config_report_keep(reader->report, place, HK_CONFIG_APART, r);
}

int hk_config_reader_read_members(struct hk_config_reader *reader, const struct hk_place *place,
	json_t *object, unsigned int sections, void *base) {
	set_fallbacks(reader, sections, base);
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value) {
		const struct hk_place at = {.up = place, .key = key};
		const struct hk_field *field = hk_config_field_find(sections, key);
		int r = field ? hk_config_reader_keep(reader, &at,
					read_value(reader, &at, field, value,
						member(reader, field, base)))
			      : unknown_key(reader, &at, sections);
		if (r < 0) {
			return r;
		}
	}
	set_likes(reader, sections, base);
	return 0;
}

/* -- the layout ------------------------------------------------------------------------------ */

/* The first of the program's keys that an object has, null being as good as absent. */
static const char *program_key(json_t *object) {
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value) {
		if (!json_is_null(value) && hk_config_field_find(PROGRAM_BIT, key)) {
			return key;
		}
	}
	return NULL;
}

/* In the nested layout the program's keys are unknown at the top. Files written by a machine may
 * still have them there as null, which says nothing. */
static int drop_nulls(json_t *root) {
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		if (field->section == HK_SECTION_PROGRAM && types[field->type].null &&
			json_is_null(json_object_get(root, field->key)) &&
			json_object_del(root, field->key) < 0) {
			return -ENOMEM;
		}
	}
	return 0;
}

/* Some of the program's keys are in the container: they cannot be at the top as well. */
static int refuse_outside(struct hk_config_reader *reader, json_t *root, const char *inside) {
	const char *outside;
	while ((outside = program_key(root))) {
		const struct hk_place at = {.key = hk_config_field_find(PROGRAM_BIT, outside)->key};
		int r = hk_config_place_say(&at, reader->report->err, -EINVAL,
			"belongs inside container, where %s is", inside);
		r = hk_config_report_keep(reader->report, &at, HK_CONFIG_APART, r);
		if (r < 0) {
			return r;
		}
		/* Or it would be unknown there, too. */
		(void)json_object_del(root, at.key); /* is there */
	}
	return 0;
}

int hk_config_reader_run(struct hk_arena *arena, json_t *root,
	const struct hk_config_report *report, struct hk_config *config, bool *ret_nested) {
	struct hk_config_reader reader = {.arena = arena, .config = config, .report = report};
	if (!json_is_object(root)) {
		return hk_config_reader_keep(&reader, NULL,
			hk_config_reader_refuse_type(&reader, NULL, "an object", root));
	}
	json_t *container = json_object_get(root, "container");
	const char *inside = json_is_object(container) ? program_key(container) : NULL;
	int r = inside ? refuse_outside(&reader, root, inside) : 0;
	if (r < 0) {
		return r;
	}
	reader.nested = inside;
	*ret_nested = reader.nested;
	json_t *object = reader.nested ? root : container;
	if (json_is_object(object) && drop_nulls(object) < 0) {
		return hk_err_oom(report->err);
	}
	r = hk_config_reader_read_members(
		&reader, NULL, root, sections_of(&reader, HK_SECTION_TOP), config);
	if (r < 0) {
		return r;
	}
	r = hk_config_home_expand(arena, config, report->err);
	return hk_config_report_keep(report, NULL, HK_CONFIG_APART, r);
}

int hk_config_reader_run_policy(
	struct hk_arena *arena, json_t *root, struct hk_bus_policy *policy, struct hk_err *err) {
	const struct hk_config_report report = {.err = err};
	struct hk_config_reader reader = {.arena = arena, .report = &report};
	if (!json_is_object(root)) {
		return hk_config_reader_refuse_type(&reader, NULL, "an object", root);
	}
	return hk_config_reader_read_members(
		&reader, NULL, root, HK_SECTION_BIT(HK_SECTION_BUS), policy);
}
