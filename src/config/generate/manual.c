/* SPDX-License-Identifier: MIT */
/* manual.c: the keys of each section as scdoc has definitions: a line, and an indented one. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "config/generate/generate.h"

/* What the template calls the sections. */
static const struct {
	const char *name;
	enum hk_section section;
} sections[] = {
	{"@top@", HK_SECTION_TOP},
	{"@program@", HK_SECTION_PROGRAM},
	{"@enablements@", HK_SECTION_ENABLEMENTS},
	{"@bus@", HK_SECTION_BUS},
	{"@permission@", HK_SECTION_PERM},
	{"@container@", HK_SECTION_CONTAINER},
	{"@bind@", HK_SECTION_BIND},
	{"@ephemeral@", HK_SECTION_EPHEMERAL},
	{"@overlay@", HK_SECTION_OVERLAY},
	{"@link@", HK_SECTION_LINK},
};

#define SECTIONS (sizeof(sections) / sizeof(sections[0]))

/* Text in which nothing is mark-up. */
static void add_plain(struct hk_str *out, const char *text) {
	for (; *text; text++) {
		hk_str_add(out, strchr("_*\\#~<", *text) ? "\\" : "");
		hk_str_add_bytes(out, text, 1);
	}
}

static void add_type(struct hk_str *out, const struct hk_field *field) {
	static const char *const names[HK_FIELD_TYPES] = {
		[HK_FIELD_BOOL] = "boolean",
		[HK_FIELD_TRISTATE] = "boolean",
		[HK_FIELD_INTEGER] = "integer",
		[HK_FIELD_TEXT] = "string",
		[HK_FIELD_PATH] = "path",
		[HK_FIELD_TEXTS] = "list of strings",
		[HK_FIELD_PATHS] = "list of paths",
		[HK_FIELD_PAIRS] = "object, names to strings",
		[HK_FIELD_OBJECT] = "object",
		[HK_FIELD_BOX] = "object",
		[HK_FIELD_PERMS] = "list of objects",
		[HK_FIELD_MOUNTS] = "list of mounts",
	};
	if (field->type == HK_FIELD_KIND) {
		hk_str_addf(out, "\"%s\"", hk_config_kinds[field->section - HK_SECTION_BIND]);
		return;
	}
	hk_str_add(out, names[field->type]);
	hk_str_add(out, field->outside ? " on the host" : "");
	hk_str_add(out, field->null_is_empty ? " or null" : "");
	if (field->type == HK_FIELD_INTEGER && field->max < INT64_MAX) {
		hk_str_addf(out, ", %" PRId64 " to %" PRId64, field->min, field->max);
	} else if (field->type == HK_FIELD_TEXT && field->max) {
		hk_str_addf(out, ", at most %" PRId64 " bytes", field->max);
	}
}

static void add_default(
	struct hk_str *out, const struct hk_field *field, const struct hk_field_doc *doc) {
	if (doc->needed) {
		hk_str_add(out, "needed");
	} else if (doc->fallback) {
		hk_str_add(out, doc->needed_inside ? "needed in a container, else " : "default: ");
		add_plain(out, doc->fallback);
	} else if (field->type == HK_FIELD_BOOL) {
		hk_str_add(out, "default: false");
	} else if (field->type == HK_FIELD_INTEGER) {
		hk_str_addf(out, "default: %" PRId64, field->fallback);
	} else {
		hk_str_add(out, "default: none");
	}
}

static bool starts_with_key(enum hk_section section, const char *text, size_t length) {
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		if (field->section == section && strlen(field->key) == length &&
			memcmp(field->key, text, length) == 0) {
			return true;
		}
	}
	return false;
}

/* As a sentence, whose first word is a key now and then. */
static void add_sentence(
	struct hk_str *out, const struct hk_field *field, const struct hk_field_doc *doc) {
	char first[2] = {doc->text[0], '\0'};
	if (!starts_with_key(field->section, doc->text, strcspn(doc->text, " "))) {
		first[0] = (char)toupper((unsigned char)first[0]);
	}
	add_plain(out, first);
	add_plain(out, doc->text + 1);
	hk_str_add(out, ".\n");
}

static void add_section(struct hk_str *out, enum hk_section section) {
	bool first = true;
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		const struct hk_field_doc *doc = &hk_config_field_docs[i];
		if (field->section != section) {
			continue;
		}
		hk_str_add(out, first ? "*" : "\n*");
		add_plain(out, field->key);
		hk_str_add(out, "* (");
		add_type(out, field);
		hk_str_add(out, "; ");
		add_default(out, field, doc);
		hk_str_add(out, ")\n\t");
		add_sentence(out, field, doc);
		first = false;
	}
}

int hk_generate_manual(const char *template, struct hk_str *out, struct hk_err *err) {
	bool used[SECTIONS] = {false};
	while (*template) {
		size_t length = strcspn(template, "\n");
		bool piece = length > 2 && template[0] == '@' && template[length - 1] == '@';
		size_t i = 0;
		while (piece && i < SECTIONS &&
			(strlen(sections[i].name) != length ||
				memcmp(sections[i].name, template, length) != 0)) {
			i++;
		}
		if (piece && i == SECTIONS) {
			return hk_err_say(
				err, -EINVAL, "there is no section %.*s", (int)length, template);
		}
		if (piece) {
			used[i] = true;
			add_section(out, sections[i].section);
		} else {
			hk_str_add_bytes(out, template, length);
			hk_str_add(out, "\n");
		}
		template += length + (template[length] == '\n');
	}
	for (size_t i = 0; i < SECTIONS; i++) {
		if (!used[i]) {
			return hk_err_say(err, -EINVAL, "the template lacks %s", sections[i].name);
		}
	}
	return out->failed ? hk_err_oom(err) : 0;
}
