/* SPDX-License-Identifier: MIT */
/* config_manual.c: the keys of each section as scdoc has definitions: a line, and an indented one.
 */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "generate/generate.h"

static void add_plain(struct hk_str *out, const char *text) {
	hk_generate_plain(out, text, "_*\\#~<");
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

static void add_section(struct hk_str *out, const struct hk_piece *piece, void *data) {
	(void)data;
	bool first = true;
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		const struct hk_field_doc *doc = &hk_config_field_docs[i];
		if (field->section != piece->section) {
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

static const struct hk_piece pieces[] = {
	{.name = "top", .add = add_section, .section = HK_SECTION_TOP},
	{.name = "program", .add = add_section, .section = HK_SECTION_PROGRAM},
	{.name = "enablements", .add = add_section, .section = HK_SECTION_ENABLEMENTS},
	{.name = "bus", .add = add_section, .section = HK_SECTION_BUS},
	{.name = "permission", .add = add_section, .section = HK_SECTION_PERM},
	{.name = "container", .add = add_section, .section = HK_SECTION_CONTAINER},
	{.name = "bind", .add = add_section, .section = HK_SECTION_BIND},
	{.name = "ephemeral", .add = add_section, .section = HK_SECTION_EPHEMERAL},
	{.name = "overlay", .add = add_section, .section = HK_SECTION_OVERLAY},
	{.name = "link", .add = add_section, .section = HK_SECTION_LINK},
};
const struct hk_pieces hk_pieces_config = {pieces, sizeof(pieces) / sizeof(pieces[0])};
