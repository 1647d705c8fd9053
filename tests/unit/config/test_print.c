/* SPDX-License-Identifier: MIT */
#include "config/print.h"

#include <string.h>

#include "../base/cmocka_all.h"
#include "support.h"

/* Printed in each way and read again, a configuration is the same. */
static void assert_round_trip(struct hk_arena *arena, const struct hk_config *config) {
	const char *texts[] = {
		hk_test_print(arena, config, false),
		hk_test_print(arena, config, true),
		hk_test_compact(arena, config),
	};
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct hk_config again = hk_test_parse(arena, texts[i]);
		assert_string_equal(hk_test_print(arena, &again, true), texts[1]);
		assert_string_equal(hk_test_compact(arena, &again), texts[2]);
	}
}

static void what_is_printed_reads_back_the_same(void **state) {
	(void)state;
	static const char *const texts[] = {
		"{\"home\": \"/\"}",
		"{\"home\": \"/\", \"session_bus\": {}, \"system_bus\": {\"log\": true}}",
		"{\"home\": \"/\", \"path\": \"/p\", \"shell\": \"/s\", \"container\": {}}",
		"{\"home\": \"/\", \"path\": \"/p\", \"shell\": \"/s\","
		" \"container\": {\"share_runtime\": false, \"share_tmpdir\": true}}",
		"{\"container\": {\"home\": \"/\", \"path\": \"/p\", \"shell\": \"/s\"}}",
		"{\"home\": \"/a\\u001b[0m\\u202eb\\\"\\\\c\\u00e9\\ud83d\\ude00\","
		" \"args\": [\"\", \"\\t\\u007f\\u0085\"]}",
		"{\"home\": \"/\", \"path\": \"/p\", \"shell\": \"/s\", \"container\":"
		" {\"wait_delay\": -9223372036854775808, \"filesystem\": [{\"type\":"
		" \"ephemeral\", \"dst\": \"/t\", \"perm\": 0, \"size\": 9223372036854775807}]}}",
	};
	struct hk_arena arena = {0};
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct hk_config config = hk_test_parse(&arena, texts[i]);
		assert_round_trip(&arena, &config);
	}
	struct hk_config flat = hk_test_load(&arena, FLAT);
	assert_round_trip(&arena, &flat);
	struct hk_config nested = hk_test_load(&arena, NESTED);
	assert_round_trip(&arena, &nested);
	hk_arena_finish(&arena);
}

static void the_template_is_valid_and_reads_back_the_same(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	struct hk_config config;
	struct hk_err err;
	assert_int_equal(hk_config_template(&arena, &config, &err), 0);
	assert_int_equal(hk_config_validate(&config, &err), 0);
	assert_round_trip(&arena, &config);
	hk_arena_finish(&arena);
}

static void private_directories_survive_the_change_of_layout(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	struct hk_config config = hk_test_parse(
		&arena, "{\"container\": {\"home\": \"/\", \"path\": \"/p\", \"shell\": \"/s\"}}");
	struct hk_config again = hk_test_parse(&arena, hk_test_compact(&arena, &config));
	assert_int_equal(again.container->share_runtime, HK_FALSE);
	assert_int_equal(again.container->share_tmpdir, HK_FALSE);
	hk_arena_finish(&arena);
}

static void keys_are_in_the_order_of_the_table_and_defaults_are_left_out(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	struct hk_config config = hk_test_parse(&arena,
		"{\"home\": \"/h\", \"identity\": 1, \"container\": {\"filesystem\":"
		" [{\"dst\": \"/b\", \"src\": \"/b\", \"type\": \"bind\", \"write\": false}],"
		" \"env\": {\"Z\": null, \"A\": \"1\"}, \"tty\": false},"
		" \"path\": \"/p\", \"shell\": \"/s\", \"groups\": [\"video\", \"audio\"],"
		" \"enablements\": {\"dbus\": false}}");
	assert_string_equal(hk_test_print(&arena, &config, false),
		"{\n"
		"    \"identity\": 1,\n"
		"    \"groups\": [\n"
		"        \"video\",\n"
		"        \"audio\"\n"
		"    ],\n"
		"    \"path\": \"/p\",\n"
		"    \"shell\": \"/s\",\n"
		"    \"home\": \"/h\",\n"
		"    \"container\": {\n"
		"        \"env\": {\n"
		"            \"Z\": \"\",\n"
		"            \"A\": \"1\"\n"
		"        },\n"
		"        \"filesystem\": [\n"
		"            {\n"
		"                \"type\": \"bind\",\n"
		"                \"src\": \"/b\"\n"
		"            }\n"
		"        ]\n"
		"    }\n"
		"}\n");
	assert_string_equal(hk_test_compact(&arena, &config),
		"{\"identity\":1,\"groups\":[\"video\",\"audio\"],\"path\":\"/p\",\"shell\":\"/s\","
		"\"home\":\"/h\",\"container\":{\"env\":{\"Z\":\"\",\"A\":\"1\"},"
		"\"filesystem\":[{\"type\":\"bind\",\"src\":\"/b\"}]}}");
	hk_arena_finish(&arena);
}

static void all_prints_defaults_but_not_in_lists(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	struct hk_config config = hk_test_parse(&arena, "{\"home\": \"/h\"}");
	assert_string_equal(hk_test_print(&arena, &config, true), "{\n"
								  "    \"id\": \"\",\n"
								  "    \"identity\": 0,\n"
								  "    \"groups\": [],\n"
								  "    \"enablements\": {\n"
								  "        \"wayland\": false,\n"
								  "        \"x11\": false,\n"
								  "        \"dbus\": false,\n"
								  "        \"pulse\": false\n"
								  "    },\n"
								  "    \"session_bus\": null,\n"
								  "    \"system_bus\": null,\n"
								  "    \"direct_wayland\": false,\n"
								  "    \"extra_perms\": [],\n"
								  "    \"path\": null,\n"
								  "    \"args\": [],\n"
								  "    \"username\": \"\",\n"
								  "    \"shell\": null,\n"
								  "    \"home\": \"/h\",\n"
								  "    \"container\": null\n"
								  "}\n");
	config = hk_test_parse(&arena,
		"{\"home\": \"/h\", \"path\": \"/p\", \"shell\": \"/s\", \"container\":"
		" {\"filesystem\": [{\"type\": \"bind\", \"src\": \"/b\"}]}}");
	const char *text = hk_test_print(&arena, &config, true);
	assert_non_null(strstr(text, "\"tty\": false"));
	assert_non_null(strstr(text, "\"share_runtime\": true"));
	assert_null(strstr(text, "\"optional\""));
	hk_arena_finish(&arena);
}

static void what_a_terminal_would_act_on_is_escaped(void **state) {
	(void)state;
	struct hk_arena arena = {0};
	struct hk_config config = {.home = "/h"};
	assert_int_equal(hk_strs_add(&arena, &config.args, "\033[2J\n\x7f\xc2\x9b"), 0);
	assert_int_equal(hk_strs_add(&arena, &config.args, "\xe2\x80\xae\xc3\xa9\xff"), 0);
	assert_string_equal(hk_test_compact(&arena, &config),
		"{\"args\":[\"\\u001b[2J\\u000a\\u007f\\u009b\",\"\\u202e\xc3\xa9\\ufffd\"],"
		"\"home\":\"/h\"}");
	hk_arena_finish(&arena);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_reads_back_the_same),
		cmocka_unit_test(the_template_is_valid_and_reads_back_the_same),
		cmocka_unit_test(private_directories_survive_the_change_of_layout),
		cmocka_unit_test(keys_are_in_the_order_of_the_table_and_defaults_are_left_out),
		cmocka_unit_test(all_prints_defaults_but_not_in_lists),
		cmocka_unit_test(what_a_terminal_would_act_on_is_escaped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
