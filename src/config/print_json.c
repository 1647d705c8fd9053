/* SPDX-License-Identifier: MIT */
#include "config/print.h"

#include <inttypes.h>
#include <string.h>

#include "config/fields.h"

#define INDENT 4

struct printer {
	struct hk_str *out;
	bool compact;
	bool all;	    /* keys with their default value too */
	unsigned int depth; /* of brackets that are open */
};

/* Prints the value of a member. */
typedef void print_fn(struct printer *printer, const struct hk_field *field, const void *value);
/* Is it what an absent key means? */
typedef bool default_fn(const struct hk_field *field, const void *value);

struct type_row {
	print_fn *print;
	default_fn *is_default;
};

static void print_members(struct printer *printer, unsigned int sections, const void *base);
static bool all_default(unsigned int sections, const void *base);

static void line(struct printer *printer) {
	if (printer->compact) {
		return;
	}
	hk_str_addf(printer->out, "\n%*s", (int)(INDENT * printer->depth), "");
}

static void open_bracket(struct printer *printer, const char *bracket) {
	hk_str_add(printer->out, bracket);
	printer->depth++;
}

/* Before each entry of an object or a list. */
static void separate(struct printer *printer, bool first) {
	if (!first) {
		hk_str_add(printer->out, ",");
	}
	line(printer);
}

static void close_bracket(struct printer *printer, bool empty, const char *bracket) {
	printer->depth--;
	if (!empty) {
		line(printer);
	}
	hk_str_add(printer->out, bracket);
}

/* Characters that a terminal would act on are escaped: the text is for reading, too. Invalid
 * UTF-8, which JSON cannot hold, becomes the replacement character. */
static void print_string(struct printer *printer, const char *text) {
	hk_str_add(printer->out, "\"");
	while (*text) {
		uint32_t point;
		size_t length = hk_utf8_decode(text, &point);
		if (length == 0) {
			hk_str_add(printer->out, "\\ufffd");
			length = 1;
		} else if (point == '"' || point == '\\') {
			hk_str_addf(printer->out, "\\%c", (char)point);
		} else if (hk_utf8_is_unsafe(point)) {
			hk_str_addf(printer->out, "\\u%04" PRIx32, point);
		} else {
			hk_str_add_bytes(printer->out, text, length);
		}
		text += length;
	}
	hk_str_add(printer->out, "\"");
}

static void print_key(struct printer *printer, bool first, const char *key) {
	separate(printer, first);
	print_string(printer, key);
	hk_str_add(printer->out, printer->compact ? ":" : ": ");
}

/* -- one function a type --------------------------------------------------------------------- */

static void print_bool(struct printer *printer, const struct hk_field *field, const void *value) {
	(void)field;
	hk_str_add(printer->out, *(const bool *)value ? "true" : "false");
}

static bool bool_is_default(const struct hk_field *field, const void *value) {
	(void)field;
	return !*(const bool *)value;
}

static void print_tristate(
	struct printer *printer, const struct hk_field *field, const void *value) {
	(void)field;
	hk_str_add(printer->out, *(const enum hk_tristate *)value == HK_FALSE ? "false" : "true");
}

/* Of the flat layout, which is what we print. */
static bool tristate_is_default(const struct hk_field *field, const void *value) {
	(void)field;
	return *(const enum hk_tristate *)value != HK_FALSE;
}

static void print_integer(
	struct printer *printer, const struct hk_field *field, const void *value) {
	(void)field;
	hk_str_addf(printer->out, "%" PRId64, *(const int64_t *)value);
}

static bool integer_is_default(const struct hk_field *field, const void *value) {
	return *(const int64_t *)value == field->fallback;
}

static void print_text(struct printer *printer, const struct hk_field *field, const void *value) {
	const char *text = *(const char *const *)value;
	if (text) {
		print_string(printer, text);
	} else {
		hk_str_add(printer->out, field->type == HK_FIELD_PATH ? "null" : "\"\"");
	}
}

static bool pointer_is_default(const struct hk_field *field, const void *value) {
	(void)field;
	return !*(const void *const *)value;
}

static void print_texts(struct printer *printer, const struct hk_field *field, const void *value) {
	(void)field;
	const struct hk_strs *strs = value;
	open_bracket(printer, "[");
	for (size_t i = 0; i < strs->count; i++) {
		separate(printer, i == 0);
		print_string(printer, strs->items[i]);
	}
	close_bracket(printer, strs->count == 0, "]");
}

static bool texts_are_default(const struct hk_field *field, const void *value) {
	(void)field;
	return ((const struct hk_strs *)value)->count == 0;
}

static void print_pairs(struct printer *printer, const struct hk_field *field, const void *value) {
	(void)field;
	const struct hk_pairs *pairs = value;
	open_bracket(printer, "{");
	for (size_t i = 0; i < pairs->count; i++) {
		print_key(printer, i == 0, pairs->items[i].name);
		print_string(printer, pairs->items[i].value);
	}
	close_bracket(printer, pairs->count == 0, "}");
}

static bool pairs_are_default(const struct hk_field *field, const void *value) {
	(void)field;
	return ((const struct hk_pairs *)value)->count == 0;
}

static void print_kind(struct printer *printer, const struct hk_field *field, const void *value) {
	(void)field;
	enum hk_fs_type type = *(const enum hk_fs_type *)value;
	print_string(printer, type < HK_FS_TYPES ? hk_config_kinds[type] : "");
}

static bool kind_is_default(const struct hk_field *field, const void *value) {
	(void)field;
	(void)value;
	return false; /* nothing can be read without it */
}

static void print_object(struct printer *printer, const struct hk_field *field, const void *value) {
	print_members(printer, HK_SECTION_BIT(field->of), value);
}

static bool object_is_default(const struct hk_field *field, const void *value) {
	return all_default(HK_SECTION_BIT(field->of), value);
}

static void print_box(struct printer *printer, const struct hk_field *field, const void *value) {
	const void *base = *(const void *const *)value;
	if (base) {
		print_object(printer, field, base);
	} else {
		hk_str_add(printer->out, "null");
	}
}

/* Entries of lists never show their default values: there are many, and each is short. */
static void print_entry(
	struct printer *printer, bool first, enum hk_section section, const void *base) {
	separate(printer, first);
	bool all = printer->all;
	printer->all = false;
	print_members(printer, HK_SECTION_BIT(section), base);
	printer->all = all;
}

static void print_perms(struct printer *printer, const struct hk_field *field, const void *value) {
	(void)field;
	const struct hk_extra_perms *perms = value;
	open_bracket(printer, "[");
	for (size_t i = 0; i < perms->count; i++) {
		print_entry(printer, i == 0, HK_SECTION_PERM, &perms->items[i]);
	}
	close_bracket(printer, perms->count == 0, "]");
}

static bool perms_are_default(const struct hk_field *field, const void *value) {
	(void)field;
	return ((const struct hk_extra_perms *)value)->count == 0;
}

static void print_mounts(struct printer *printer, const struct hk_field *field, const void *value) {
	(void)field;
	const struct hk_fss *mounts = value;
	open_bracket(printer, "[");
	for (size_t i = 0; i < mounts->count; i++) {
		const struct hk_fs *fs = &mounts->items[i];
		print_entry(printer, i == 0, HK_SECTION_BIND + fs->type, fs);
	}
	close_bracket(printer, mounts->count == 0, "]");
}

static bool mounts_are_default(const struct hk_field *field, const void *value) {
	(void)field;
	return ((const struct hk_fss *)value)->count == 0;
}

static const struct type_row types[HK_FIELD_TYPES] = {
	[HK_FIELD_BOOL] = {print_bool, bool_is_default},
	[HK_FIELD_TRISTATE] = {print_tristate, tristate_is_default},
	[HK_FIELD_INTEGER] = {print_integer, integer_is_default},
	[HK_FIELD_TEXT] = {print_text, pointer_is_default},
	[HK_FIELD_PATH] = {print_text, pointer_is_default},
	[HK_FIELD_TEXTS] = {print_texts, texts_are_default},
	[HK_FIELD_PATHS] = {print_texts, texts_are_default},
	[HK_FIELD_PAIRS] = {print_pairs, pairs_are_default},
	[HK_FIELD_KIND] = {print_kind, kind_is_default},
	[HK_FIELD_OBJECT] = {print_object, object_is_default},
	[HK_FIELD_BOX] = {print_box, pointer_is_default},
	[HK_FIELD_PERMS] = {print_perms, perms_are_default},
	[HK_FIELD_MOUNTS] = {print_mounts, mounts_are_default},
};

/* -- members --------------------------------------------------------------------------------- */

static bool is_default(const struct hk_field *field, const void *base) {
	const void *value = hk_config_field_look(field, base);
	if (field->like) {
		const struct hk_field *other =
			hk_config_field_find(HK_SECTION_BIT(field->section), field->like);
		const void *origin = other ? hk_config_field_look(other, base) : NULL;
		return origin &&
		       hk_str_equal(*(const char *const *)value, *(const char *const *)origin);
	}
	return types[field->type].is_default(field, value);
}

static bool all_default(unsigned int sections, const void *base) {
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		if ((sections & HK_SECTION_BIT(field->section)) && !is_default(field, base)) {
			return false;
		}
	}
	return true;
}

static void print_members(struct printer *printer, unsigned int sections, const void *base) {
	open_bracket(printer, "{");
	bool first = true;
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		if (!(sections & HK_SECTION_BIT(field->section)) ||
			(!printer->all && is_default(field, base))) {
			continue;
		}
		print_key(printer, first, field->key);
		first = false;
		types[field->type].print(printer, field, hk_config_field_look(field, base));
	}
	close_bracket(printer, first, "}");
}

static const unsigned int flat =
	HK_SECTION_BIT(HK_SECTION_TOP) | HK_SECTION_BIT(HK_SECTION_PROGRAM);

void hk_config_print_json(const struct hk_config *config, bool all, struct hk_str *out) {
	struct printer printer = {.out = out, .all = all};
	print_members(&printer, flat, config);
	hk_str_add(out, "\n");
}

void hk_config_print_compact(const struct hk_config *config, struct hk_str *out) {
	struct printer printer = {.out = out, .compact = true};
	print_members(&printer, flat, config);
}
