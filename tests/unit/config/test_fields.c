/* SPDX-License-Identifier: MIT */
/* test_fields.c: every row of the table is known to the reader, the printer, the template, the
 * fixtures and the manual. */
#include "config/fields.h"

#include <jansson.h>
#include <string.h>

#include "../base/cmocka_all.h"
#include "base/auto.h"
#include "base/str.h"
#include "config/print.h"
#include "support.h"

static inline void hk_auto_json(json_t **json) {
	json_decref(*json);
}

/* Where an object of a section is in a flat document: keys and indices, outermost first. */
static const char *const places[HK_SECTIONS] = {
	[HK_SECTION_TOP] = "",
	[HK_SECTION_PROGRAM] = "",
	[HK_SECTION_ENABLEMENTS] = "enablements",
	[HK_SECTION_BUS] = "session_bus",
	[HK_SECTION_PERM] = "extra_perms",
	[HK_SECTION_CONTAINER] = "container",
	[HK_SECTION_BIND] = "container.filesystem",
	[HK_SECTION_EPHEMERAL] = "container.filesystem",
	[HK_SECTION_OVERLAY] = "container.filesystem",
	[HK_SECTION_LINK] = "container.filesystem",
};

/* The first mount of the row's type that has the key; *ret_index where it is. */
static json_t *find_mount(json_t *root, const struct hk_field *field, size_t *ret_index) {
	json_t *mounts = json_object_get(json_object_get(root, "container"), "filesystem");
	const char *type = hk_config_kinds[field->section - HK_SECTION_BIND];
	size_t index;
	json_t *mount;
	json_array_foreach(mounts, index, mount) {
		json_t *name = json_object_get(mount, "type");
		if (strcmp(json_string_value(name), type) == 0 &&
			json_object_get(mount, field->key)) {
			*ret_index = index;
			return mount;
		}
	}
	return NULL;
}

/* The object of the document that has the row's key, or NULL. Its place goes to ret_place. */
static json_t *find_object(
	json_t *root, const struct hk_field *field, struct hk_arena *arena, char **ret_place) {
	*ret_place = hk_arena_strdup(arena, places[field->section]);
	json_t *object = root;
	size_t index = 0;
	switch (field->section) {
	case HK_SECTION_TOP:
	case HK_SECTION_PROGRAM:
		break;
	case HK_SECTION_PERM:
		/* The first is created and only passed through, the last is for use. */
		object = json_object_get(root, "extra_perms");
		index = strcmp(field->key, "ensure") == 0 ? 0 : json_array_size(object) - 1;
		object = json_array_get(object, index);
		*ret_place = hk_arena_printf(arena, "extra_perms[%zu]", index);
		break;
	case HK_SECTION_BIND:
	case HK_SECTION_EPHEMERAL:
	case HK_SECTION_OVERLAY:
	case HK_SECTION_LINK:
		object = find_mount(root, field, &index);
		*ret_place = hk_arena_printf(arena, "container.filesystem[%zu]", index);
		break;
	default:
		object = json_object_get(root, places[field->section]);
		break;
	}
	return json_object_get(object, field->key) ? object : NULL;
}

static void rows_are_complete_and_none_is_there_twice(void **state) {
	(void)state;
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		const struct hk_field_doc *doc = &hk_config_field_docs[i];
		assert_true(doc->text && doc->text[0] && !(doc->needed && doc->fallback));
		assert_true(field->offset < hk_config_section_sizes[field->section]);
		assert_true(field->min <= field->max);
		assert_ptr_equal(
			hk_config_field_find(HK_SECTION_BIT(field->section), field->key), field);
	}
}

static json_t *parse_json(const char *text) {
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!root) {
		fail_msg("line %d: %s", error.line, error.text);
	}
	return root;
}

/* Fails unless each row's key is in the document; booleans: or only those that are none. */
static void assert_complete(const char *name, const char *text, bool booleans) {
	struct hk_arena arena = {0};
	HK_AUTO(json) json_t *root = parse_json(text);
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		if (!booleans &&
			(field->type == HK_FIELD_BOOL || field->type == HK_FIELD_TRISTATE)) {
			continue;
		}
		char *place;
		if (!find_object(root, field, &arena, &place)) {
			fail_msg("%s: no %s at '%s'", name, field->key, place);
		}
	}
	hk_arena_finish(&arena);
}

static void the_fixture_has_every_key(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	size_t size;
	assert_complete("fixture", hk_test_file(&arena, FLAT, &size), true);
	hk_arena_finish(&arena);
}

static void the_printer_prints_every_key_that_is_set(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	struct hk_config config = hk_test_load(&arena, FLAT);
	assert_complete("printed", hk_test_print(&arena, &config, false), true);
	assert_complete("compact", hk_test_compact(&arena, &config), true);
	hk_arena_finish(&arena);
}

static void the_template_has_every_key(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	struct hk_config config;
	struct hk_err err;
	assert_int_equal(hk_config_template(&arena, &config, &err), 0);
	assert_complete("template", hk_test_print(&arena, &config, true), true);
	/* All but booleans have a value of their own, which says more than a default. */
	assert_complete("template", hk_test_print(&arena, &config, false), false);
	hk_arena_finish(&arena);
}

static void the_wrong_type_is_refused_for_every_key(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	size_t size;
	const char *text = hk_test_file(&arena, FLAT, &size);
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		HK_AUTO(json) json_t *root = parse_json(text);
		char *place;
		json_t *object = find_object(root, field, &arena, &place);
		assert_non_null(object);
		assert_int_equal(json_object_set_new(object, field->key, json_real(0.5)), 0);
		char *changed = json_dumps(root, 0);
		const char *error = hk_test_error(&arena, changed);
		free(changed);
		const char *start = hk_arena_printf(
			&arena, "%s%s%s: expected ", place, place[0] ? "." : "", field->key);
		if (!hk_str_starts(error, start) || !strstr(error, ", found a number")) {
			fail_msg("%s: %s", start, error);
		}
	}
	hk_arena_finish(&arena);
}

static void what_a_key_says_makes_a_difference(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	size_t size;
	const char *text = hk_test_file(&arena, FLAT, &size);
	struct hk_config config = hk_test_load(&arena, FLAT);
	const char *before = hk_test_compact(&arena, &config);
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		HK_AUTO(json) json_t *root = parse_json(text);
		char *place;
		json_t *object = find_object(root, field, &arena, &place);
		assert_int_equal(json_object_del(object, field->key), 0);
		char *changed = json_dumps(root, 0);
		struct hk_config without;
		struct hk_err err;
		/* A key that something needs is an error, which is a difference too. */
		if (hk_config_parse(&arena, changed, strlen(changed), NULL, &without, &err) >= 0 &&
			strcmp(hk_test_compact(&arena, &without), before) == 0) {
			fail_msg("%s.%s", place, field->key);
		}
		free(changed);
	}
	hk_arena_finish(&arena);
}

static void the_manual_has_every_key(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	size_t size;
	const char *text = hk_test_file(&arena, HK_TEST_DOCS "/configuration.md", &size);
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		const char *cell = hk_arena_printf(&arena, "| `%s` |", field->key);
		if (!strstr(text, cell)) {
			fail_msg("no %s in docs/configuration.md", cell);
		}
	}
	hk_arena_finish(&arena);
}

static void the_nearest_key_takes_the_fewest_edits(void **state) {
	(void)state;
	static const struct {
		enum hk_section section;
		const char *key;
		const char *nearest;
	} rows[] = {
		{HK_SECTION_TOP, "Identity", "identity"},
		{HK_SECTION_TOP, "sesion_bus", "session_bus"},
		{HK_SECTION_TOP, "sytem_bus", "system_bus"},
		{HK_SECTION_TOP, "", "id"},
		{HK_SECTION_CONTAINER, "share_tmp", "share_tmpdir"},
		{HK_SECTION_CONTAINER, "hostnet", "host_net"},
		{HK_SECTION_CONTAINER, "map_real_user_id", "map_real_uid"},
		{HK_SECTION_BIND, "writable", "write"},
		{HK_SECTION_LINK, "linkName", "linkname"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(
			hk_config_field_nearest(HK_SECTION_BIT(rows[i].section), rows[i].key),
			rows[i].nearest);
	}
	char longer[10000];
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_non_null(hk_config_field_nearest(HK_SECTION_BIT(HK_SECTION_TOP), longer));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_complete_and_none_is_there_twice),
		cmocka_unit_test(the_fixture_has_every_key),
		cmocka_unit_test(the_printer_prints_every_key_that_is_set),
		cmocka_unit_test(the_template_has_every_key),
		cmocka_unit_test(the_wrong_type_is_refused_for_every_key),
		cmocka_unit_test(what_a_key_says_makes_a_difference),
		cmocka_unit_test(the_manual_has_every_key),
		cmocka_unit_test(the_nearest_key_takes_the_fewest_edits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
