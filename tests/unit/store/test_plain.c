/* SPDX-License-Identifier: MIT */
/* What is read the short way is what the JSON library reads. */
#include <errno.h>
#include <string.h>

#include "world.h"

#include "base/auto.h"
#include "config/config.h"
#include "store/document.h"
#include "store/plain.h"

static const struct hk_host_found some_found = {.existed = true,
	.dev = 0xfedcba9876543210,
	.fs = 1,
	.ino = 0x8000000000000000,
	.had_mask = true,
	.mask = 5,
	.entry = 7};

static void print_all(struct hk_test_world *world, struct hk_str *out) {
	struct hk_plan plan = hk_test_world_plan(world, 9, HK_TEST_TARGET, HK_ACL_R);
	plan.host.count = 3; /* every byte of it is going to be damaged */
	plan.host.items[2].source = "/source";
	plan.host.items[2].text = "text";
	hk_test_world_print_head(world, &plan, &world->config, "hsu", out);
	hk_store_document_print_found(0, &some_found, out);
	hk_store_document_print_found(2, &(struct hk_host_found){0}, out);
	hk_store_document_print_reverted(2, out);
	hk_store_document_print_committed(out);
	assert_false(out->failed);
}

/* The whole entry the short way; false: the JSON library would have been asked. */
static bool is_plain(struct hk_arena *arena, const char *text) {
	struct hk_store_document document = {0};
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		size_t length = strcspn(line, "\n");
		if ((line == text ? hk_store_plain_head(arena, line, length, &document)
				  : hk_store_plain_event(line, length, &document)) != 1) {
			return false;
		}
	}
	return true;
}

static void every_line_that_we_write_is_read_the_short_way(void **state) {
	struct hk_test_world *world = *state;
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(str) struct hk_str text = {0};
	print_all(world, &text);
	assert_true(is_plain(&arena, text.text));

	HK_AUTO(str) struct hk_str least = {0};
	const struct hk_plan plan = {.target = 1};
	hk_test_world_print_head(world, &plan, NULL, "hsu", &least);
	assert_true(is_plain(&arena, least.text));
}

static void texts_of_any_language_are_read_the_short_way(void **state) {
	struct hk_test_world *world = *state;
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(str) struct hk_str text = {0};
	struct hk_plan plan = hk_test_world_plan(world, 9, HK_TEST_TARGET, HK_ACL_R);
	plan.host.items[0].path = "/home/J\xc3\xbcrgen \xe6\x97\xa5\xf0\x9f\x98\x80";
	hk_test_world_print_head(world, &plan, &world->config, "hsu", &text);
	assert_true(is_plain(&arena, text.text));
	struct hk_store_document document;
	assert_int_equal(
		hk_store_document_parse(&arena, text.text, text.length, &document, &world->err), 0);
	assert_string_equal(document.records.items[0].op.path, plan.host.items[0].path);
}

static void a_text_with_escapes_is_left_to_the_json_library(void **state) {
	struct hk_test_world *world = *state;
	static const char *const paths[] = {"/a\"b", "/a\\b", "/a\nb"};
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		HK_AUTO(arena) struct hk_arena arena = {0};
		HK_AUTO(str) struct hk_str text = {0};
		struct hk_plan plan = hk_test_world_plan(world, 9, HK_TEST_TARGET, HK_ACL_R);
		plan.host.items[0].path = paths[i];
		hk_test_world_print_head(world, &plan, &world->config, "hsu", &text);
		assert_false(is_plain(&arena, text.text));
		struct hk_store_document document;
		assert_int_equal(hk_store_document_parse(
					 &arena, text.text, text.length, &document, &world->err),
			0);
		assert_string_equal(document.records.items[0].op.path, paths[i]);
	}
}

static void the_application_is_the_id_of_the_configuration(void **state) {
	struct hk_test_world *world = *state;
	static const char *const ids[] = {"org.example.App", "org.\"example\"", NULL};
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		HK_AUTO(arena) struct hk_arena arena = {0};
		HK_AUTO(str) struct hk_str text = {0};
		const struct hk_plan plan = {.target = 1};
		struct hk_config config = world->config;
		config.id = ids[i];
		hk_test_world_print_head(world, &plan, &config, "hsu", &text);
		struct hk_store_document document;
		assert_int_equal(hk_store_document_parse(
					 &arena, text.text, text.length, &document, &world->err),
			0);
		if (ids[i]) {
			assert_string_equal(document.instance.application, ids[i]);
		} else {
			assert_null(document.instance.application);
		}
		assert_non_null(strstr(document.instance.config, "\"wayland\":true"));
	}
}

/* The same, but with a space in front of each whole line: nothing is plain any more. */
static void add_spaced(const char *text, size_t length, struct hk_str *out) {
	const char *end = text + length;
	const char *newline;
	while ((newline = memchr(text, '\n', (size_t)(end - text)))) {
		hk_str_add(out, " ");
		hk_str_add_bytes(out, text, (size_t)(newline + 1 - text));
		text = newline + 1;
	}
	hk_str_add_bytes(out, text, (size_t)(end - text));
}

static void assert_same_text(const char *a, const char *b) {
	assert_int_equal(!a, !b);
	if (a) {
		assert_string_equal(a, b);
	}
}

static void assert_same(
	const struct hk_store_document *a, const struct hk_store_document *b, bool config) {
	const struct hk_store_instance *one = &a->instance;
	const struct hk_store_instance *other = &b->instance;
	assert_memory_equal(&one->id, &other->id, sizeof(one->id));
	assert_int_equal(one->identity, other->identity);
	assert_int_equal(one->target, other->target);
	assert_int_equal(one->pid, other->pid);
	assert_int_equal(one->shim_pid, other->shim_pid);
	assert_true(one->time == other->time && a->committed == b->committed);
	assert_string_equal(one->backend, other->backend);
	assert_memory_equal(&one->enablements, &other->enablements, sizeof(one->enablements));
	if (config) {
		assert_same_text(one->config, other->config);
		assert_same_text(one->application, other->application);
	}
	assert_int_equal(a->records.count, b->records.count);
	for (size_t i = 0; i < a->records.count; i++) {
		const struct hk_host_record *x = &a->records.items[i];
		const struct hk_host_record *y = &b->records.items[i];
		assert_int_equal(x->op.kind, y->op.kind);
		assert_int_equal(x->op.target, y->op.target);
		assert_int_equal(x->op.perm, y->op.perm);
		assert_int_equal(x->op.mode, y->op.mode);
		assert_true(x->op.stays == y->op.stays);
		assert_same_text(x->op.path, y->op.path);
		assert_same_text(x->op.source, y->op.source);
		assert_same_text(x->op.text, y->op.text);
		assert_true(x->looked == y->looked && x->reverted == y->reverted);
		assert_memory_equal(&x->found, &y->found, sizeof(x->found));
	}
}

/* in_config: that it is no JSON there is nothing that the short way would notice. */
static void compare(const char *text, size_t length, bool in_config) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(str) struct hk_str spaced = {0};
	struct hk_store_document one;
	struct hk_store_document other;
	struct hk_err err = {0};
	add_spaced(text, length, &spaced);
	int r = hk_store_document_parse(&arena, text, length, &one, &err);
	int s = hk_store_document_parse(&arena, spaced.text, spaced.length, &other, &err);
	if (!in_config || (r < 0 && s == 0)) {
		assert_int_equal(r, s);
	}
	if (r == 0 && s == 0) {
		assert_same(&one, &other, !in_config);
	}
}

/* One byte is another one, or missing, or there twice. */
static void whatever_is_damaged_is_read_the_same_both_ways(void **state) {
	struct hk_test_world *world = *state;
	static const char others[] = "\"\\{}],:-079e \n\x7f\xc3";
	HK_AUTO(str) struct hk_str text = {0};
	print_all(world, &text);
	size_t config = (size_t)(strstr(text.text, "\"config\":") - text.text);
	size_t behind = (size_t)(strstr(text.text, ",\"operations\":") - text.text);
	for (size_t at = 0; at < text.length; at++) {
		bool in_config = at >= config && at < behind;
		char *damaged = hk_arena_strndup(&world->place->arena, text.text, text.length);
		assert_non_null(damaged);
		for (size_t i = 0; i < sizeof(others); i++) { /* its NUL, too */
			damaged[at] = others[i];
			compare(damaged, text.length, in_config);
		}
		memmove(damaged + at, text.text + at + 1, text.length - at - 1);
		compare(damaged, text.length - 1, in_config);
		HK_AUTO(str) struct hk_str twice = {0};
		hk_str_add_bytes(&twice, text.text, at + 1);
		hk_str_add(&twice, text.text + at);
		compare(twice.text, twice.length, in_config);
	}
}

static void numbers_are_read_the_same_both_ways(void **state) {
	struct hk_test_world *world = *state;
	static const char *const numbers[] = {"0", "-0", "00", "01", "-1", "1.0", "1e1", "+1", "",
		"-", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
		"-9223372036854775809", "99999999999999999999999999", "1 "};
	HK_AUTO(str) struct hk_str text = {0};
	print_all(world, &text);
	const char *at = strstr(text.text, "\"fs\":1");
	assert_non_null(at);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		HK_AUTO(str) struct hk_str other = {0};
		hk_str_add_bytes(&other, text.text, (size_t)(at - text.text) + 5);
		hk_str_add(&other, numbers[i]);
		hk_str_add(&other, at + 6);
		compare(other.text, other.length, false);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		HK_WORLD_TEST(every_line_that_we_write_is_read_the_short_way),
		HK_WORLD_TEST(texts_of_any_language_are_read_the_short_way),
		HK_WORLD_TEST(a_text_with_escapes_is_left_to_the_json_library),
		HK_WORLD_TEST(the_application_is_the_id_of_the_configuration),
		HK_WORLD_TEST(whatever_is_damaged_is_read_the_same_both_ways),
		HK_WORLD_TEST(numbers_are_read_the_same_both_ways),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
