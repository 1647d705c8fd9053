/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <errno.h>
#include <string.h>

#include "../base/cmocka_all.h"
#include "base/str.h"
#include "support.h"

static int setup(void **state) {
	static struct hk_arena arena;
	arena = (struct hk_arena){0};
	*state = &arena;
	return 0;
}

static int teardown(void **state) {
	hk_arena_finish(*state);
	return 0;
}

static void assert_texts(const struct hk_strs *strs, const char *joined) {
	struct hk_str text = {0};
	hk_str_add(&text, "");
	for (size_t i = 0; i < strs->count; i++) {
		hk_str_addf(&text, "%s%s", i ? "|" : "", strs->items[i]);
	}
	assert_string_equal(text.text, joined);
	hk_str_finish(&text);
}

static void assert_pairs(const struct hk_pairs *pairs, const char *joined) {
	struct hk_str text = {0};
	hk_str_add(&text, "");
	for (size_t i = 0; i < pairs->count; i++) {
		hk_str_addf(&text, "%s%s=%s", i ? "|" : "", pairs->items[i].name,
			pairs->items[i].value);
	}
	assert_string_equal(text.text, joined);
	hk_str_finish(&text);
}

static void every_key_at_the_top_reaches_its_member(void **state) {
	struct hk_config config = hk_test_load(*state, FLAT);
	assert_string_equal(config.id, "org.example.Editor");
	assert_int_equal(config.identity, 42);
	assert_texts(&config.groups, "video|plugdev");
	assert_true(config.enablements.wayland && config.enablements.x11);
	assert_true(config.enablements.dbus && config.enablements.pulse);
	assert_true(config.direct_wayland);
	assert_string_equal(config.path, "/usr/bin/editor");
	assert_texts(&config.args, "editor|--new-window|a file");
	assert_string_equal(config.username, "writer");
	assert_string_equal(config.shell, "/bin/zsh");
	assert_string_equal(config.home, "/home/writer");
	assert_int_equal(config.extra_perms.count, 2); /* the null between them is skipped */
	const struct hk_extra_perm *perms = config.extra_perms.items;
	assert_string_equal(perms[0].path, "/var/lib/editor");
	assert_true(perms[0].ensure && !perms[0].r && !perms[0].w && perms[0].x);
	assert_string_equal(perms[1].path, "/var/lib/editor/u42");
	assert_true(!perms[1].ensure && perms[1].r && perms[1].w && perms[1].x);
}

static void every_key_of_a_bus_reaches_its_member_in_file_order(void **state) {
	struct hk_config config = hk_test_load(*state, FLAT);
	assert_texts(&config.session_bus->see, "org.example.Seen");
	assert_texts(
		&config.session_bus->talk, "org.freedesktop.DBus|org.freedesktop.Notifications");
	assert_texts(&config.session_bus->own, "org.example.Editor.*");
	assert_pairs(&config.session_bus->call,
		"org.freedesktop.portal.*=*|org.example.Called=org.example.Interface.*");
	assert_pairs(&config.session_bus->broadcast,
		"org.freedesktop.portal.*=@/org/freedesktop/portal/*");
	assert_true(config.session_bus->log && config.session_bus->filter);
	assert_texts(&config.system_bus->talk, "org.bluez");
	assert_true(!config.system_bus->log && config.system_bus->filter);
}

static void every_key_of_the_container_reaches_its_member(void **state) {
	struct hk_config config = hk_test_load(*state, FLAT);
	const struct hk_config_container *container = config.container;
	assert_string_equal(container->hostname, "desk");
	assert_int_equal(container->wait_delay, -1);
	assert_true(container->seccomp_compat && container->devel && container->userns);
	assert_true(container->host_net && container->host_abstract && container->tty);
	assert_true(container->multiarch && container->map_real_uid && container->device);
	assert_pairs(&container->env, "LANG=C.UTF-8|EMPTY=|EQUALS=a=b=c");
	assert_int_equal(container->share_runtime, HK_FALSE);
	assert_int_equal(container->share_tmpdir, HK_FALSE);
}

static void mounts_keep_their_order_and_their_paths_are_clean(void **state) {
	struct hk_config config = hk_test_load(*state, FLAT);
	assert_int_equal(config.container->filesystem.count, 10);
	const struct hk_fs *fs = config.container->filesystem.items;
	assert_true(fs[0].type == HK_FS_BIND && fs[0].special && fs[0].write && !fs[0].dev);
	assert_string_equal(fs[0].src, "/var/lib/base");
	assert_string_equal(fs[0].dst, "/");
	assert_string_equal(fs[1].dst, "/etc");
	assert_true(fs[2].type == HK_FS_EPHEMERAL && fs[2].write);
	assert_int_equal(fs[2].size, 8192);
	assert_int_equal(fs[2].perm, 0700);
	assert_false(fs[3].write);
	assert_int_equal(fs[3].size, 0); /* a negative one is none */
	assert_int_equal(fs[3].perm, 0755);
	assert_int_equal(fs[4].type, HK_FS_OVERLAY);
	assert_texts(&fs[4].lower, "/var/lib/base/store|/opt/store");
	assert_string_equal(fs[4].upper, "/var/lib/editor/u42/upper");
	assert_string_equal(fs[4].work, "/var/lib/editor/u42/work");
	assert_true(!fs[5].upper && !fs[5].work);
	assert_true(fs[6].type == HK_FS_LINK && fs[6].dereference);
	assert_string_equal(fs[7].linkname, "usr/bin"); /* a text: not cleaned */
	assert_string_equal(fs[8].dst, "/home/writer");
	assert_true(fs[8].ensure && !fs[8].optional);
	assert_string_equal(fs[9].dst, "/dev/dri"); /* as src */
	assert_true(fs[9].dev && fs[9].optional);
}

static void both_layouts_mean_the_same(void **state) {
	struct hk_config flat = hk_test_load(*state, FLAT);
	struct hk_config nested = hk_test_load(*state, NESTED);
	assert_string_equal(hk_test_compact(*state, &flat), hk_test_compact(*state, &nested));
}

static void sharing_is_the_default_of_the_flat_layout_only(void **state) {
	struct hk_config flat = hk_test_parse(*state,
		"{\"path\": \"/bin/sh\", \"shell\": \"/bin/sh\", \"home\": \"/\","
		" \"container\": {}}");
	assert_int_equal(flat.container->share_runtime, HK_TRUE);
	assert_int_equal(flat.container->share_tmpdir, HK_TRUE);
	struct hk_config nested = hk_test_parse(*state,
		"{\"container\": {\"share_tmpdir\": true,"
		" \"path\": \"/bin/sh\", \"shell\": \"/bin/sh\", \"home\": \"/\"}}");
	assert_int_equal(nested.container->share_runtime, HK_FALSE);
	assert_int_equal(nested.container->share_tmpdir, HK_TRUE);
}

static void one_key_of_the_program_inside_makes_the_layout_nested(void **state) {
	assert_string_equal(
		hk_test_error(*state, "{\"container\": {\"username\": \"u\"}, \"home\": \"/\"}"),
		"home: belongs inside container, where username is");
}

static void a_flat_file_needs_only_a_home(void **state) {
	struct hk_config config = hk_test_parse(*state, "{\"home\": \"/home/u\"}");
	assert_null(config.container);
	assert_null(config.path);
	assert_null(config.shell);
	assert_null(config.session_bus);
	assert_null(config.id);
	assert_null(config.username);
	assert_int_equal(config.identity, 0);
}

static void null_is_absent_for_arrays_objects_and_paths(void **state) {
	struct hk_config config = hk_test_parse(*state,
		"{\"home\": \"/home/u\", \"groups\": null, \"enablements\": null,"
		" \"session_bus\": null, \"system_bus\": null, \"extra_perms\": null,"
		" \"path\": null, \"args\": null, \"shell\": null, \"container\": null}");
	assert_null(config.session_bus);
	assert_null(config.container);
	assert_null(config.path);
	config = hk_test_parse(*state,
		"{\"home\": \"/h\", \"path\": \"/p\", \"shell\": \"/s\","
		" \"session_bus\": {\"see\": null, \"call\": null}, \"container\":"
		" {\"env\": null, \"home\": null, \"filesystem\": [{\"type\": \"overlay\","
		" \"dst\": \"/o\", \"lower\": [\"/a\", \"/b\"], \"upper\": null,"
		" \"work\": null}, {\"type\": \"bind\", \"src\": \"/a\", \"dst\": null}]}}");
	assert_int_equal(config.container->env.count, 0);
	assert_null(config.container->filesystem.items[0].upper);
	assert_string_equal(config.container->filesystem.items[1].dst, "/a");
	/* An absent key says nothing about the layout. */
	assert_int_equal(config.container->share_runtime, HK_TRUE);
	config = hk_test_parse(*state, "{\"home\": null, \"args\": null, \"container\":"
				       " {\"home\": \"/h\", \"path\": \"/p\", \"shell\": \"/s\"}}");
	assert_string_equal(config.home, "/h");
	assert_int_equal(config.container->share_runtime, HK_FALSE);
}

static void an_empty_text_is_as_good_as_none(void **state) {
	struct hk_config config = hk_test_parse(*state,
		"{\"id\": \"\", \"username\": \"\", \"home\": \"/h\", \"path\": \"/p\","
		" \"shell\": \"/s\", \"container\": {\"hostname\": \"\"}}");
	assert_null(config.id);
	assert_null(config.username);
	assert_null(config.container->hostname);
}

static void names_at_their_limits_are_taken(void **state) {
	struct hk_arena *arena = *state;
	char name[256];
	memset(name, 'a', 255);
	name[255] = '\0';
	char *text = hk_arena_printf(arena,
		"{\"id\": \"%s\", \"username\": \"%s\", \"identity\": 9999, \"home\": \"/%s\"}",
		name, name, name);
	struct hk_config config = hk_test_parse(arena, text);
	assert_string_equal(config.id, name);
	static const char *const good[] = {"a", "A9", "user-name_1", "machine$"};
	for (size_t i = 0; i < COUNT(good); i++) {
		config = hk_test_parse(
			arena, hk_arena_printf(
				       arena, "{\"home\": \"/h\", \"username\": \"%s\"}", good[i]));
		assert_string_equal(config.username, good[i]);
	}
}

static void a_source_is_in_front_of_the_error(void **state) {
	struct hk_config config;
	struct hk_err err;
	assert_int_equal(hk_config_parse(*state, "[", 1, "a\033file", &config, &err), -EINVAL);
	assert_string_equal(
		err.text, "a\\x1bfile: line 1, column 1: ']' expected near end of file");
}

static void the_text_ends_where_its_size_says(void **state) {
	const char text[] = "{\"home\": \"/h\"} and more";
	struct hk_config config = {0};
	struct hk_err err;
	assert_int_equal(hk_config_parse(*state, text, 14, NULL, &config, &err), 0);
	assert_string_equal(config.home, "/h");
	assert_int_equal(hk_config_parse(*state, text, 16, NULL, &config, &err), -EINVAL);
	const char nul[] = "{\"home\": \"/h\"}\0";
	assert_int_equal(hk_config_parse(*state, nul, 15, NULL, &config, &err), -EINVAL);
	const char inside[] = "{\"home\": \"/h\0\"}";
	assert_int_equal(
		hk_config_parse(*state, inside, sizeof(inside) - 1, NULL, &config, &err), -EINVAL);
}

/* {"home": "/h", "KEY": [ITEM, ITEM, ...]} */
static char *repeat(struct hk_arena *arena, const char *head, const char *item, size_t count,
	const char *tail) {
	struct hk_str text = {0};
	hk_str_add(&text, head);
	for (size_t i = 0; i < count; i++) {
		hk_str_addf(&text, "%s%s", i ? "," : "", item);
	}
	hk_str_add(&text, tail);
	char *copy = hk_arena_strdup(arena, text.text);
	hk_str_finish(&text);
	return copy;
}

static void lists_are_bounded(void **state) {
	struct hk_arena *arena = *state;
	const char *groups = "{\"home\": \"/h\", \"groups\": [";
	struct hk_config config =
		hk_test_parse(arena, repeat(arena, groups, "\"g\"", HK_CONFIG_LIST_MAX, "]}"));
	assert_int_equal(config.groups.count, HK_CONFIG_LIST_MAX);
	assert_string_equal(
		hk_test_error(arena, repeat(arena, groups, "\"g\"", HK_CONFIG_LIST_MAX + 1, "]}")),
		"groups: more than 4096 entries");
	assert_string_equal(
		hk_test_error(arena, repeat(arena, "{\"home\": \"/h\", \"extra_perms\": [", "null",
					     HK_CONFIG_LIST_MAX + 1, "]}")),
		"extra_perms: more than 4096 entries");
	const char *mounts = "{\"home\": \"/h\", \"container\": {\"filesystem\": [";
	assert_string_equal(
		hk_test_error(arena, repeat(arena, mounts, "{}", HK_CONFIG_LIST_MAX + 1, "]}}")),
		"container.filesystem: more than 4096 entries");
	const char *lower =
		"{\"home\": \"/h\", \"container\": {\"filesystem\": [{\"type\": \"overlay\","
		"\"dst\": \"/o\", \"lower\": [";
	assert_string_equal(hk_test_error(arena, repeat(arena, lower, "\"/l\"",
							 HK_CONFIG_LOWER_MAX + 1, "]}]}}")),
		"container.filesystem[0].lower: more than 500 entries");
}

static void objects_are_bounded(void **state) {
	struct hk_arena *arena = *state;
	struct hk_str text = {0};
	hk_str_add(&text, "{\"home\": \"/h\", \"container\": {\"env\": {\"\": \"\"");
	for (size_t i = 0; i < HK_CONFIG_LIST_MAX; i++) {
		hk_str_addf(&text, ", \"V%zu\": null", i);
	}
	hk_str_add(&text, "}}}");
	assert_string_equal(
		hk_test_error(arena, text.text), "container.env: more than 4096 entries");
	hk_str_finish(&text);
}

static void a_text_above_the_limit_is_not_even_looked_at(void **state) {
	struct hk_arena *arena = *state;
	const size_t size = 64 * 1024 * 1024;
	char *text = hk_arena_alloc(arena, size);
	assert_non_null(text);
	memset(text, '[', size);
	struct hk_config config;
	struct hk_err err;
	assert_int_equal(hk_config_parse(arena, text, size, "f", &config, &err), -EFBIG);
	assert_string_equal(err.text, "f: larger than 1048576 bytes");
	assert_int_equal(
		hk_config_parse(arena, text, HK_CONFIG_BYTES_MAX, "f", &config, &err), -EINVAL);
	assert_string_equal(err.text, "f: line 1, column 2049: nested too deeply");
	memset(text, ' ', HK_CONFIG_BYTES_MAX);
	memcpy(text, "{\"home\": \"/h\"}", 14);
	assert_int_equal(hk_config_parse(arena, text, HK_CONFIG_BYTES_MAX, "f", &config, &err), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(every_key_at_the_top_reaches_its_member),
		TEST(every_key_of_a_bus_reaches_its_member_in_file_order),
		TEST(every_key_of_the_container_reaches_its_member),
		TEST(mounts_keep_their_order_and_their_paths_are_clean),
		TEST(both_layouts_mean_the_same),
		TEST(sharing_is_the_default_of_the_flat_layout_only),
		TEST(one_key_of_the_program_inside_makes_the_layout_nested),
		TEST(a_flat_file_needs_only_a_home),
		TEST(null_is_absent_for_arrays_objects_and_paths),
		TEST(an_empty_text_is_as_good_as_none),
		TEST(names_at_their_limits_are_taken),
		TEST(a_source_is_in_front_of_the_error),
		TEST(the_text_ends_where_its_size_says),
		TEST(lists_are_bounded),
		TEST(objects_are_bounded),
		TEST(a_text_above_the_limit_is_not_even_looked_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
