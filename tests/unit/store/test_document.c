/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "world.h"

#include "base/auto.h"
#include "config/config.h"
#include "store/document.h"

static const struct hk_host_found some_found = {.existed = true,
	.dev = 0xfedcba9876543210,
	.fs = 1,
	.ino = 0xffffffffffffffff,
	.had_mask = true,
	.mask = 5,
	.had_entry = false,
	.entry = 7};

static void print_all(struct hk_test_world *world, struct hk_plan *plan, struct hk_str *out) {
	*plan = hk_test_world_plan(world, 9, HK_TEST_TARGET, HK_ACL_R);
	hk_test_world_print_head(world, plan, &world->config, "subuid", out);
	hk_store_document_print_found(0, &some_found, out);
	hk_store_document_print_found(1, &(struct hk_host_found){0}, out);
	hk_store_document_print_reverted(1, out);
	hk_store_document_print_committed(out);
	assert_false(out->failed);
}

static void what_was_written_is_read(void **state) {
	struct hk_test_world *world = *state;
	HK_AUTO(str) struct hk_str text = {0};
	struct hk_plan plan;
	print_all(world, &plan, &text);
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_store_document document;
	if (hk_store_document_parse(&arena, text.text, text.length, &document, &world->err) < 0) {
		fail_msg("%s", world->err.text);
	}
	assert_int_equal(document.length, text.length);
	assert_true(document.committed);
	const struct hk_store_instance *instance = &document.instance;
	assert_memory_equal(&instance->id, &plan.id, sizeof(plan.id));
	assert_int_equal(instance->identity, 3);
	assert_int_equal(instance->target, HK_TEST_TARGET);
	assert_int_equal(instance->pid, 100);
	assert_int_equal(instance->shim_pid, 101);
	assert_true(instance->time == 1234567890123456789);
	assert_string_equal(instance->backend, "subuid");
	assert_true(instance->enablements.wayland);
	assert_false(instance->enablements.pulse);
	assert_int_equal(document.records.count, plan.host.count);
	for (size_t i = 0; i < plan.host.count; i++) {
		const struct hk_host_op *got = &document.records.items[i].op;
		const struct hk_host_op *want = &plan.host.items[i];
		assert_int_equal(got->kind, want->kind);
		assert_string_equal(got->path, want->path);
		assert_int_equal(got->target, want->target);
		assert_int_equal(got->perm, want->perm);
		assert_int_equal(got->mode, want->mode);
		assert_int_equal(got->stays, want->stays);
		assert_int_equal(document.records.items[i].looked, i < 2);
		assert_int_equal(document.records.items[i].reverted, i == 1);
	}
	const struct hk_host_found *found = &document.records.items[0].found;
	assert_true(found->existed && found->had_mask && !found->had_entry);
	assert_true(found->dev == some_found.dev && found->ino == some_found.ino);
	assert_true(found->fs == 1 && found->mask == 5 && found->entry == 7);
}

static void the_configuration_in_it_loads_again(void **state) {
	struct hk_test_world *world = *state;
	HK_AUTO(str) struct hk_str text = {0};
	struct hk_plan plan;
	print_all(world, &plan, &text);
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_store_document document;
	assert_int_equal(
		hk_store_document_parse(&arena, text.text, text.length, &document, &world->err), 0);
	struct hk_config config = {0};
	const char *json = document.instance.config;
	assert_non_null(json);
	if (hk_config_parse(&arena, json, strlen(json), NULL, &config, &world->err) < 0) {
		fail_msg("%s", world->err.text);
	}
	assert_string_equal(config.id, "org.example.App");
	assert_int_equal(config.identity, 3);
}

/* A writer can be killed after any byte. */
static void every_beginning_of_an_entry_is_read_as_far_as_its_lines_are_whole(void **state) {
	struct hk_test_world *world = *state;
	HK_AUTO(str) struct hk_str text = {0};
	struct hk_plan plan;
	print_all(world, &plan, &text);
	size_t head = (size_t)(strchr(text.text, '\n') - text.text) + 1;
	for (size_t size = 0; size <= text.length; size++) {
		HK_AUTO(arena) struct hk_arena arena = {0};
		struct hk_store_document document;
		int r = hk_store_document_parse(&arena, text.text, size, &document, &world->err);
		assert_int_equal(r, size < head ? -EPROTO : 0);
		if (r < 0) {
			continue;
		}
		size_t whole = size;
		while (text.text[whole - 1] != '\n') {
			whole--;
		}
		assert_int_equal(document.length, whole);
		assert_int_equal(document.committed, size == text.length);
	}
}

static void a_path_that_is_not_utf8_is_an_error(void **state) {
	struct hk_test_world *world = *state;
	struct hk_plan plan = hk_test_world_plan(world, 9, HK_TEST_TARGET, HK_ACL_R);
	plan.host.items[0].path = "/tmp/\xff";
	const struct hk_store_info info = {.plan = &plan, .backend = "hsu", .identifier_fd = -1};
	HK_AUTO(str) struct hk_str text = {0};
	assert_int_equal(hk_store_document_print_head(&info, &text, &world->err), -EILSEQ);
}

/* An argument of `run` may be any bytes; only what is shown of it suffers. */
static void a_configuration_that_is_not_utf8_is_saved_as_well_as_json_can(void **state) {
	struct hk_test_world *world = *state;
	world->config.id = "\xff";
	HK_AUTO(str) struct hk_str text = {0};
	struct hk_plan plan;
	print_all(world, &plan, &text);
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_store_document document;
	assert_int_equal(
		hk_store_document_parse(&arena, text.text, text.length, &document, &world->err), 0);
	assert_non_null(strstr(document.instance.config, "\"id\":\"\xef\xbf\xbd\""));
}

/* from is replaced by to, at its first place; the rest is as it was written. */
static const struct {
	const char *from;
	const char *to;
	const char *says;
} damages[] = {
	{"\"version\":1", "\"version\":2", "version 2"},
	{"\"version\":1", "\"version\":\"1\"", "no version"},
	{"\"version\":1", "\"version\":1,\"version\":1", "not JSON"},
	{"\"version\":1", "\"version\":1,\"more\":1", "malformed head"},
	{"\"identity\":3", "\"identity\":10000", "head out of range"},
	{"\"identity\":3", "\"identity\":-1", "head out of range"},
	{"\"target\":1010000", "\"target\":4294967295", "head out of range"},
	{"\"pid\":100", "\"pid\":4294967296", "head out of range"},
	{"\"instance\":\"0", "\"instance\":\"X", "head out of range"},
	{"\"kind\":\"directory\"", "\"kind\":\"rm\"", "unknown operation 'rm'"},
	{"\"kind\":\"directory\",", "", "malformed operation"},
	{"\"path\":\"/tmp", "\"path\":\"/tmp/../etc", "operation out of range"},
	{"\"path\":\"/tmp", "\"path\":\"tmp", "operation out of range"},
	{"\"mode\":448", "\"mode\":2048", "operation out of range"},
	{"\"perm\":1", "\"perm\":8", "operation out of range"},
	{"\"operation\":0", "\"operation\":8", "malformed event"},
	{"\"operation\":0", "\"operation\":-1", "malformed event"},
	{"\"operation\":1", "\"operation\":0", "malformed event"},
	{"\"existed\":true", "\"existed\":1", "malformed event"},
	{"\"mask\":5", "\"mask\":8", "malformed event"},
	{"\"entry\":7", "\"other\":7", "malformed event"},
	{"\"reverted\":true", "\"removed\":true", "malformed event"},
	{"\"reverted\":true", "\"reverted\":false", "malformed event"},
	{"\"committed\":true", "\"committed\":false", "malformed event"},
	{"{\"committed\"", "[\"committed\"", "not JSON"},
};

static void a_damaged_entry_is_an_error_that_says_what(void **state) {
	struct hk_test_world *world = *state;
	HK_AUTO(str) struct hk_str text = {0};
	struct hk_plan plan;
	print_all(world, &plan, &text);
	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		const char *at = strstr(text.text, damages[i].from);
		if (!at) {
			fail_msg("no %s in %s", damages[i].from, text.text);
			return;
		}
		HK_AUTO(str) struct hk_str damaged = {0};
		hk_str_add_bytes(&damaged, text.text, (size_t)(at - text.text));
		hk_str_add(&damaged, damages[i].to);
		hk_str_add(&damaged, at + strlen(damages[i].from));
		HK_AUTO(arena) struct hk_arena arena = {0};
		struct hk_store_document document;
		assert_int_equal(hk_store_document_parse(&arena, damaged.text, damaged.length,
					 &document, &world->err),
			-EPROTO);
		if (!strstr(world->err.text, damages[i].says)) {
			fail_msg(
				"%zu: '%s' does not say '%s'", i, world->err.text, damages[i].says);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		HK_WORLD_TEST(what_was_written_is_read),
		HK_WORLD_TEST(the_configuration_in_it_loads_again),
		HK_WORLD_TEST(every_beginning_of_an_entry_is_read_as_far_as_its_lines_are_whole),
		HK_WORLD_TEST(a_path_that_is_not_utf8_is_an_error),
		HK_WORLD_TEST(a_configuration_that_is_not_utf8_is_saved_as_well_as_json_can),
		HK_WORLD_TEST(a_damaged_entry_is_an_error_that_says_what),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
