/* SPDX-License-Identifier: MIT */
/* schema.c: the JSON Schema of a configuration. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "config/check.h"
#include "generate/generate.h"

/* Where memory runs out an object is NULL, which the library passes on: the end is a NULL
 * document, or one that lacks something. Whoever builds with that little has other problems. */

/* At the end of the text, in every dialect: some take "$" for the place before a last newline. */
#define END "$(?!\n)"

#define BUS_NAME "^[A-Za-z0-9_.-]*\\.[A-Za-z0-9_.-]*(\\.\\*)?" END

/* What the checks of single values say, for strings. */
static const struct {
	hk_config_check_fn *check;
	const char *pattern;
	int length_max; /* 0: the field's own */
} patterns[] = {
	{hk_config_check_id, "^([A-Za-z0-9_][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)*)?" END, 255},
	{hk_config_check_username, "^([A-Za-z][A-Za-z0-9_-]*\\$?)?" END, 255},
	{hk_config_check_passwd_path, "^/[^:\n]*" END, 0},
};

/* Those whose rule is with what they are about: a range, the names of lists and objects. */
static hk_config_check_fn *const others[] = {
	hk_config_check_bus, hk_config_check_env, hk_config_check_identity};

/* Names of sections that have one object schema whoever uses them. */
static const char *const definitions[HK_SECTIONS] = {
	[HK_SECTION_ENABLEMENTS] = "enablements",
	[HK_SECTION_BUS] = "bus-policy",
	[HK_SECTION_PERM] = "permission",
	[HK_SECTION_BIND] = "bind",
	[HK_SECTION_EPHEMERAL] = "ephemeral",
	[HK_SECTION_OVERLAY] = "overlay",
	[HK_SECTION_LINK] = "link",
};

static json_t *reference(const char *name) {
	return json_pack("{s:s+}", "$ref", "#/definitions/", name);
}

static void set(json_t *object, const char *key, json_t *value) {
	(void)json_object_set_new(object, key, value);
}

/* -- values ---------------------------------------------------------------------------------- */

/* A type that null is as good as absent for. */
static json_t *type_or_null(const char *type, bool needed) {
	return needed ? json_string(type) : json_pack("[s, s]", type, "null");
}

static void add_pattern(json_t *schema, const struct hk_field *field) {
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (field->check != patterns[i].check) {
			continue;
		}
		set(schema, "pattern", json_string(patterns[i].pattern));
		if (patterns[i].length_max) {
			set(schema, "maxLength", json_integer(patterns[i].length_max));
		}
	}
}

static json_t *path_of(const struct hk_field *field) {
	return json_string(field->outside ? "^(/|~(/|$))" : "^/");
}

static json_t *text(const struct hk_field *field, bool needed) {
	json_t *schema = json_pack("{s:s}", "type", "string");
	if (field->max) {
		/* Of characters, which are no more than the bytes. */
		set(schema, "maxLength", json_integer(field->max));
	}
	if (needed) {
		set(schema, "minLength", json_integer(1));
	}
	add_pattern(schema, field);
	return schema;
}

static json_t *path(const struct hk_field *field, bool needed) {
	json_t *schema = json_pack(
		"{s:o, s:o}", "type", type_or_null("string", needed), "pattern", path_of(field));
	add_pattern(schema, field);
	return schema;
}

static json_t *integer(const struct hk_field *field) {
	return json_pack("{s:s, s:I, s:I, s:I}", "type", "integer", "minimum",
		(json_int_t)(field->raise ? INT64_MIN : field->min), "maximum",
		(json_int_t)field->max, "default", (json_int_t)field->fallback);
}

static json_t *list(const struct hk_field *field, bool needed, json_t *items) {
	return json_pack("{s:o, s:I, s:o}", "type", type_or_null("array", needed), "maxItems",
		(json_int_t)(field->max ? field->max : HK_CONFIG_LIST_MAX), "items", items);
}

static json_t *strings(const struct hk_field *field, bool needed) {
	json_t *item = json_pack("{s:s}", "type", "string");
	if (field->type == HK_FIELD_PATHS) {
		set(item, "pattern", path_of(field));
	} else if (field->section == HK_SECTION_BUS) {
		set(item, "pattern", json_string(BUS_NAME));
	}
	return list(field, needed, item);
}

static json_t *pairs(const struct hk_field *field) {
	const char *names = field->section == HK_SECTION_BUS ? BUS_NAME : "^[^=]+$";
	return json_pack("{s:o, s:i, s:{s:s}, s:{s:o}}", "type", type_or_null("object", false),
		"maxProperties", HK_CONFIG_LIST_MAX, "propertyNames", "pattern", names,
		"additionalProperties", "type", type_or_null("string", !field->null_is_empty));
}

static json_t *object_or_null(json_t *object) {
	return json_pack("{s:[{s:s}, o]}", "anyOf", "type", "null", object);
}

/* Only the first can be on /: as far as that can be seen. */
static json_t *mounts(const struct hk_field *field) {
	json_t *on_root = json_pack(
		"{s:[s], s:{s:{s:s}}}", "required", "dst", "properties", "dst", "const", "/");
	json_t *of_root = json_pack("{s:[s], s:{s:[s]}, s:{s:{s:s}}}", "required", "src", "not",
		"required", "dst", "properties", "src", "const", "/");
	json_t *schema = list(field, false, json_pack("[o]", reference("mount")));
	set(schema, "additionalItems",
		json_pack("{s:[o, {s:{s:[o, o]}}]}", "allOf", reference("mount"), "not", "anyOf",
			on_root, of_root));
	return schema;
}

/* layout: of the container, where the value is one. */
static json_t *value(const struct hk_field *field, bool needed, const char *layout) {
	switch (field->type) {
	case HK_FIELD_BOOL:
		return json_pack("{s:s, s:b}", "type", "boolean", "default", 0);
	case HK_FIELD_TRISTATE:
		return json_pack("{s:s}", "type", "boolean");
	case HK_FIELD_INTEGER:
		return integer(field);
	case HK_FIELD_TEXT:
		return text(field, needed);
	case HK_FIELD_PATH:
		return path(field, needed);
	case HK_FIELD_TEXTS:
	case HK_FIELD_PATHS:
		return strings(field, needed);
	case HK_FIELD_PAIRS:
		return pairs(field);
	case HK_FIELD_KIND:
		return json_pack(
			"{s:s}", "const", hk_config_kinds[field->section - HK_SECTION_BIND]);
	case HK_FIELD_PERMS:
		return list(field, false, object_or_null(reference(definitions[HK_SECTION_PERM])));
	case HK_FIELD_MOUNTS:
		return mounts(field);
	case HK_FIELD_OBJECT:
	case HK_FIELD_BOX:
	case HK_FIELD_TYPES:
		break;
	}
	const char *name = definitions[field->of];
	return object_or_null(reference(name ? name : layout));
}

static void describe(json_t *schema, const struct hk_field_doc *doc) {
	HK_AUTO(str) struct hk_str out = {0};
	hk_str_add(&out, doc->text);
	if (doc->fallback) {
		hk_str_addf(&out, " (default%s: %s)",
			doc->needed_inside ? " without a container" : "", doc->fallback);
	}
	set(schema, "description", json_string(out.text));
}

/* -- objects --------------------------------------------------------------------------------- */

/*
 * An object with the keys of the sections. nulls: sections whose keys may be there as null, where
 * that is as good as absent. inside: are the program's keys in the container with the others?
 */
static json_t *object(
	unsigned int sections, unsigned int nulls, bool inside, const char *container) {
	json_t *properties = json_object();
	json_t *required = json_array();
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		const struct hk_field_doc *doc = &hk_config_field_docs[i];
		bool needed = doc->needed || (inside && doc->needed_inside);
		bool null = field->type == HK_FIELD_PATH || field->type == HK_FIELD_TEXTS;
		if (sections & HK_SECTION_BIT(field->section)) {
			json_t *schema = value(field, needed, container);
			describe(schema, doc);
			set(properties, field->key, schema);
			if (needed) {
				(void)json_array_append_new(required, json_string(field->key));
			}
		} else if ((nulls & HK_SECTION_BIT(field->section)) && null) {
			set(properties, field->key, json_pack("{s:s}", "type", "null"));
		}
	}
	return json_pack("{s:s, s:b, s:o, s:o}", "type", "object", "additionalProperties", 0,
		"required", required, "properties", properties);
}

/* One of the known types; which one says what else there can be. */
static json_t *any_mount(void) {
	json_t *names = json_array();
	json_t *choices = json_array();
	for (unsigned int i = 0; i < HK_FS_TYPES; i++) {
		const char *name = hk_config_kinds[i];
		(void)json_array_append_new(names, json_string(name));
		(void)json_array_append_new(
			choices, json_pack("{s:{s:{s:{s:s}}}, s:o}", "if", "properties", "type",
					 "const", name, "then", reference(name)));
	}
	return json_pack("{s:s, s:[s], s:{s:{s:o}}, s:o}", "type", "object", "required", "type",
		"properties", "type", "enum", names, "allOf", choices);
}

/* Is any of the program's keys in the container? Null says nothing. */
static json_t *is_nested(void) {
	json_t *any = json_array();
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		if (field->section == HK_SECTION_PROGRAM) {
			(void)json_array_append_new(
				any, json_pack("{s:[s], s:{s:{s:{s:s}}}}", "required", field->key,
					     "properties", field->key, "not", "type", "null"));
		}
	}
	return json_pack("{s:[s], s:{s:{s:s, s:o}}}", "required", "container", "properties",
		"container", "type", "object", "anyOf", any);
}

/* Where there is a container, what is looked up elsewhere without one has to be there. */
static json_t *needs_of_container(void) {
	json_t *required = json_array();
	json_t *properties = json_object();
	for (size_t i = 0; i < hk_config_field_count; i++) {
		if (hk_config_field_docs[i].needed_inside) {
			const char *key = hk_config_fields[i].key;
			(void)json_array_append_new(required, json_string(key));
			set(properties, key, json_pack("{s:s}", "type", "string"));
		}
	}
	return json_pack("{s:{s:[s], s:{s:{s:s}}}, s:{s:o, s:o}}", "if", "required", "container",
		"properties", "container", "type", "object", "then", "required", required,
		"properties", properties);
}

/* -- all of it ------------------------------------------------------------------------------- */

static json_t *make_definitions(void) {
	const unsigned int top = HK_SECTION_BIT(HK_SECTION_TOP);
	const unsigned int program = HK_SECTION_BIT(HK_SECTION_PROGRAM);
	const unsigned int container = HK_SECTION_BIT(HK_SECTION_CONTAINER);
	json_t *all = json_object();
	json_t *flat = object(top | program, 0, false, "flat-container");
	set(flat, "allOf", json_pack("[o]", needs_of_container()));
	set(all, "flat", flat);
	set(all, "flat-container", object(container, program, false, NULL));
	set(all, "nested", object(top, program, true, "nested-container"));
	set(all, "nested-container", object(container | program, 0, true, NULL));
	for (unsigned int i = 0; i < HK_SECTIONS; i++) {
		if (!definitions[i]) {
			continue;
		}
		json_t *schema = object(HK_SECTION_BIT(i), 0, false, NULL);
		json_t *rules =
			i < HK_SECTION_BIND
				? NULL
				: hk_generate_mount_rules((enum hk_fs_type)(i - HK_SECTION_BIND));
		if (json_array_size(rules) > 0) {
			(void)json_object_set(schema, "allOf", rules);
		}
		json_decref(rules);
		set(all, definitions[i], schema);
	}
	set(all, "mount", any_mount());
	return all;
}

/* A check that nobody has said here would be one that the schema silently lacks. */
static int check_complete(struct hk_err *err) {
	for (size_t i = 0; i < hk_config_field_count; i++) {
		hk_config_check_fn *check = hk_config_fields[i].check;
		bool known = !check;
		for (size_t j = 0; j < sizeof(patterns) / sizeof(patterns[0]); j++) {
			known = known || check == patterns[j].check;
		}
		for (size_t j = 0; j < sizeof(others) / sizeof(others[0]); j++) {
			known = known || check == others[j];
		}
		if (!known) {
			return hk_err_say(err, -EINVAL, "the check of '%s' is in no table",
				hk_config_fields[i].key);
		}
	}
	return 0;
}

int hk_generate_schema(struct hk_str *out, struct hk_err *err) {
	int r = check_complete(err);
	if (r < 0) {
		return r;
	}
	json_t *schema = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "$schema",
		"http://json-schema.org/draft-07/schema#", "title", "hakurei configuration",
		"description", "a program, its container, and what of the host it can reach",
		"type", "object", "if", is_nested(), "then", reference("nested"), "else",
		reference("flat"), "definitions", make_definitions());
	HK_AUTO(free) char *text = schema ? json_dumps(schema, JSON_INDENT(2)) : NULL;
	json_decref(schema);
	if (!text) {
		return hk_err_oom(err);
	}
	hk_str_addf(out, "%s\n", text);
	return out->failed ? hk_err_oom(err) : 0;
}
