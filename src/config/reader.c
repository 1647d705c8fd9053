/* SPDX-License-Identifier: MIT */
#include "config/reader.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "config/fields.h"
#include "config/home.h"
#include "config/report.h"

#define TOP_BIT	      HK_SECTION_BIT(HK_SECTION_TOP)
#define PROGRAM_BIT   HK_SECTION_BIT(HK_SECTION_PROGRAM)
#define CONTAINER_BIT HK_SECTION_BIT(HK_SECTION_CONTAINER)

struct reader {
	struct hk_arena *arena;
	struct hk_config *config;
	bool nested; /* the layout: the section "program" is in the container */
	const struct hk_config_report *report;
};

/* Puts a JSON value of the right type, and not null, into the member at target. */
typedef int read_fn(struct reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target);

struct type_row {
	read_fn *read;
	json_type json;	   /* JSON_TRUE stands for both booleans */
	const char *words; /* what an error calls it */
	bool null;	   /* may be null, which is as good as absent */
};

static int read_members(struct reader *reader, const struct hk_place *place, json_t *object,
	unsigned int sections, void *base);

/* Ends the reading of what is at place. Returns 0 if it goes on with what comes next. */
static int keep(struct reader *reader, const struct hk_place *place, int r) {
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

static int wrong_type(struct reader *reader, const struct hk_place *place, const char *expected,
	const json_t *json) {
	return hk_config_place_say(place, reader->report->err, -EINVAL, "expected %s, found %s",
		expected, describe(json));
}

static int check_length(
	struct reader *reader, const struct hk_place *place, size_t count, int64_t max) {
	size_t limit = max ? (size_t)max : HK_CONFIG_LIST_MAX;
	if (count > limit) {
		return hk_config_place_say(
			place, reader->report->err, -EINVAL, "more than %zu entries", limit);
	}
	return 0;
}

/* Strings hold no NUL byte: the JSON parser refuses them. */
static const char *copy(struct reader *reader, const json_t *json) {
	return hk_arena_strndup(reader->arena, json_string_value(json), json_string_length(json));
}

/* Paths are cleaned. One that is not absolute stays as it is, for the validator to refuse. */
static const char *copy_path(struct reader *reader, const json_t *json) {
	const char *text = json_string_value(json);
	return hk_path_is_absolute(text) ? hk_path_clean(reader->arena, text) : copy(reader, json);
}

/* -- single values --------------------------------------------------------------------------- */

static int read_bool(struct reader *reader, const struct hk_place *place,
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

static int read_integer(struct reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	(void)reader;
	(void)place;
	int64_t value = json_integer_value(json);
	*(int64_t *)target = field->raise && value < field->min ? field->min : value;
	return 0;
}

static int read_text(struct reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	(void)place;
	const char *text = NULL;
	if (field->type == HK_FIELD_PATH) {
		text = copy_path(reader, json);
	} else if (json_string_length(json) > 0) {
		text = copy(reader, json);
	} else {
		return 0; /* the empty text is as good as none */
	}
	if (!text) {
		return hk_err_oom(reader->report->err);
	}
	*(const char **)target = text;
	return 0;
}

static int read_kind(struct reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	(void)reader;
	(void)place;
	(void)json; /* read_mount has looked at it already, and chosen the row by it */
	*(enum hk_fs_type *)target = (enum hk_fs_type)(field->section - HK_SECTION_BIND);
	return 0;
}

/* -- lists ----------------------------------------------------------------------------------- */

static int read_texts(struct reader *reader, const struct hk_place *place,
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
			r = keep(reader, &at, wrong_type(reader, &at, "a string", item));
			if (r < 0) {
				return r;
			}
		}
		const char *text = "";
		if (json_is_string(item)) {
			text = field->type == HK_FIELD_PATHS ? copy_path(reader, item)
							     : copy(reader, item);
		}
		if (!text || hk_strs_add_borrowed(reader->arena, target, text) < 0) {
			return hk_err_oom(reader->report->err);
		}
	}
	return 0;
}

static int read_pairs(struct reader *reader, const struct hk_place *place,
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
			r = keep(reader, &at,
				wrong_type(reader, &at,
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
		pair->value = json_is_string(item) ? copy(reader, item) : "";
		if (!pair->name || !pair->value) {
			return hk_err_oom(reader->report->err);
		}
	}
	return 0;
}

static int read_perm(struct reader *reader, const struct hk_place *place, json_t *json,
	struct hk_extra_perm *perm) {
	if (!json_is_object(json)) {
		return wrong_type(reader, place, "an object", json);
	}
	return read_members(reader, place, json, HK_SECTION_BIT(HK_SECTION_PERM), perm);
}

static int read_perms(struct reader *reader, const struct hk_place *place,
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
		r = keep(reader, &at, read_perm(reader, &at, item, perm));
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

/* The type says which other keys a mount may have. */
static int read_mount(
	struct reader *reader, const struct hk_place *place, json_t *json, struct hk_fs *fs) {
	if (!json_is_object(json)) {
		return wrong_type(reader, place, "an object", json);
	}
	const struct hk_place at = {.up = place, .key = "type"};
	json_t *type = json_object_get(json, at.key);
	if (!type) {
		return hk_config_report_say_mount(reader->report, place->index, "type is missing");
	}
	if (!json_is_string(type)) {
		return keep(reader, &at, wrong_type(reader, &at, "a string", type));
	}
	const char *name = json_string_value(type);
	for (unsigned int i = 0; i < HK_FS_TYPES; i++) {
		if (strcmp(name, hk_config_kinds[i]) == 0) {
			return read_members(
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
	return keep(reader, &at, r);
}

static int read_mounts(struct reader *reader, const struct hk_place *place,
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
		r = keep(reader, &at, read_mount(reader, &at, item, fs));
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

/* -- objects --------------------------------------------------------------------------------- */

static unsigned int sections_of(const struct reader *reader, enum hk_section section) {
	unsigned int sections = HK_SECTION_BIT(section);
	if (section == (reader->nested ? HK_SECTION_CONTAINER : HK_SECTION_TOP)) {
		sections |= PROGRAM_BIT;
	}
	return sections;
}

static int read_object(struct reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	return read_members(reader, place, json, sections_of(reader, field->of), target);
}

static int read_box(struct reader *reader, const struct hk_place *place,
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
	[HK_FIELD_TEXTS] = {read_texts, JSON_ARRAY, "an array of strings", true},
	[HK_FIELD_PATHS] = {read_texts, JSON_ARRAY, "an array of strings", true},
	[HK_FIELD_PAIRS] = {read_pairs, JSON_OBJECT, "an object of strings", true},
	[HK_FIELD_KIND] = {read_kind, JSON_STRING, "a string", false},
	[HK_FIELD_OBJECT] = {read_object, JSON_OBJECT, "an object", true},
	[HK_FIELD_BOX] = {read_box, JSON_OBJECT, "an object", true},
	[HK_FIELD_PERMS] = {read_perms, JSON_ARRAY, "an array of objects", true},
	[HK_FIELD_MOUNTS] = {read_mounts, JSON_ARRAY, "an array of objects", true},
};

static int read_value(struct reader *reader, const struct hk_place *place,
	const struct hk_field *field, json_t *json, void *target) {
	const struct type_row *type = &types[field->type];
	if (type->null && json_is_null(json)) {
		return 0;
	}
	bool boolean = type->json == JSON_TRUE && json_is_boolean(json);
	if (!boolean && json_typeof(json) != type->json) {
		return wrong_type(reader, place, type->words, json);
	}
	return type->read(reader, place, field, json, target);
}

/* The program's keys always go to the configuration itself, wherever the layout has them. */
static void *member(struct reader *reader, const struct hk_field *field, void *base) {
	return hk_config_field_value(
		field, field->section == HK_SECTION_PROGRAM ? reader->config : base);
}

/* What members are when the object does not have them, as far as it is not zero. */
static void set_fallbacks(struct reader *reader, unsigned int sections, void *base) {
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
static void set_likes(struct reader *reader, unsigned int sections, void *base) {
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

static int unknown_key(struct reader *reader, const struct hk_place *place, unsigned int sections) {
	int r = hk_config_place_say(place, reader->report->err, -EINVAL,
		"unknown key, the nearest known one is \"%s\"",
		hk_config_field_nearest(sections, place->key));
	return hk_config_report_keep(reader->report, place, HK_CONFIG_APART, r);
}

static int read_members(struct reader *reader, const struct hk_place *place, json_t *object,
	unsigned int sections, void *base) {
	set_fallbacks(reader, sections, base);
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value) {
		const struct hk_place at = {.up = place, .key = key};
		const struct hk_field *field = hk_config_field_find(sections, key);
		int r = field ? keep(reader, &at,
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
static int refuse_outside(struct reader *reader, json_t *root, const char *inside) {
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
	struct reader reader = {.arena = arena, .config = config, .report = report};
	if (!json_is_object(root)) {
		return keep(&reader, NULL, wrong_type(&reader, NULL, "an object", root));
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
	r = read_members(&reader, NULL, root, sections_of(&reader, HK_SECTION_TOP), config);
	if (r < 0) {
		return r;
	}
	r = hk_config_home_expand(arena, config, report->err);
	return hk_config_report_keep(report, NULL, HK_CONFIG_APART, r);
}

int hk_config_reader_run_policy(
	struct hk_arena *arena, json_t *root, struct hk_bus_policy *policy, struct hk_err *err) {
	const struct hk_config_report report = {.err = err};
	struct reader reader = {.arena = arena, .report = &report};
	if (!json_is_object(root)) {
		return wrong_type(&reader, NULL, "an object", root);
	}
	return read_members(&reader, NULL, root, HK_SECTION_BIT(HK_SECTION_BUS), policy);
}
