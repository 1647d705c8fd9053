/* SPDX-License-Identifier: MIT */
/*
 * Whole plans as text, compared with the files in golden/. With HK_GOLDEN_WRITE set the files are
 * written instead: look at the difference before you commit it.
 */
#include "config/print.h"

#include <stdio.h>
#include <stdlib.h>

#include "plan/wire.h"
#include "world.h"

static void write_golden(const char *path, const struct hk_str *text) {
	FILE *file = fopen(path, "w");
	if (!file) {
		fail_msg("cannot open %s", path);
		return;
	}
	assert_int_equal(fwrite(text->text, 1, text->length, file), text->length);
	assert_int_equal(fclose(file), 0);
}

static void compare_golden(const char *name, const struct hk_plan *plan) {
	struct hk_str text = {0};
	struct hk_str golden = {0};
	char path[4096];
	(void)snprintf(path, sizeof(path), "%s/%s.txt", HK_GOLDEN, name);
	hk_plan_print(plan, &text);
	if (getenv("HK_GOLDEN_WRITE")) {
		write_golden(path, &text);
	}
	FILE *file = fopen(path, "r");
	if (!file) {
		fail_msg("cannot open %s", path);
		return;
	}
	char line[4096];
	while (fgets(line, sizeof(line), file)) {
		hk_str_add(&golden, line);
	}
	(void)fclose(file);
	assert_false(text.failed || golden.failed);
	assert_string_equal(text.text, golden.text);
	hk_str_finish(&text);
	hk_str_finish(&golden);
}

/* The shim has to see the same container as the person does in the text. */
static void check_wire(struct world *world) {
	struct hk_str bytes = {0};
	struct hk_str before = {0};
	struct hk_str after = {0};
	hk_wire_write(&world->plan.container, &bytes);
	hk_plan_print(&world->plan, &before);
	struct hk_plan read = world->plan;
	int r = hk_wire_read(&world->arena, bytes.text, bytes.length, &read.container, &world->err);
	if (r < 0) {
		fail_msg("%s", world->err.text);
	}
	hk_plan_print(&read, &after);
	assert_string_equal(after.text, before.text);
	hk_str_finish(&bytes);
	hk_str_finish(&before);
	hk_str_finish(&after);
}

static void the_permissive_defaults_become_this_plan(void **state) {
	struct world *world = *state;
	world->config = (struct hk_config){.home = "/home/alice"};
	world_finalise(world);
	compare_golden("permissive", &world->plan);
	check_wire(world);
}

/* Every server that a configuration can ask for. */
static void fake_desktop(void) {
	fake_env("HOME", "/home/alice");
	fake_env("DISPLAY", ":0");
	fake_directory("/tmp/.X11-unix", 01777, 0);
	fake_socket("/tmp/.X11-unix/X0", 0777, 1000);
	fake_file("/proc/net/unix", 0444, 0);
	fake_socket("/run/user/1000/wayland-0", 0755, 1000);
	fake_socket("/run/user/1000/pulse/native", 0777, 1000);
	fake_socket("/run/user/1000/bus", 0666, 1000);
	fake_socket("/run/dbus/system_bus_socket", 0666, 0);
	fake_file("/usr/bin/xdg-dbus-proxy", 0755, 0);
}

static void the_template_becomes_this_plan(void **state) {
	struct world *world = *state;
	fake_link("/lib64", "usr/lib64");
	if (hk_config_template(&world->arena, &world->config, &world->err) < 0) {
		fail_msg("%s", world->err.text);
	}
	fake_desktop();
	world->input.target = 10009;
	world_finalise(world);
	compare_golden("template", &world->plan);
	check_wire(world);
}

static void wayland_and_sound_become_this_plan(void **state) {
	struct world *world = *state;
	world->config.id = "org.example.Player";
	world->config.enablements = (struct hk_enablements){.wayland = true, .pulse = true};
	fake_env("WAYLAND_DISPLAY", "wayland-1");
	fake_env("HOME", "/home/alice");
	fake_socket("/run/user/1000/wayland-1", 0755, 1000);
	fake_socket("/run/user/1000/pulse/native", 0700, 1000);
	fake_file("/home/alice/.config/pulse/cookie", 0600, 1000);
	fake_content("/home/alice/.config/pulse/cookie", "cookie", 6);
	world_finalise(world);
	compare_golden("wayland-pulse", &world->plan);
	check_wire(world);
}

static void a_display_becomes_this_plan(void **state) {
	struct world *world = *state;
	world->config.enablements = (struct hk_enablements){.x11 = true};
	world->container.share_tmpdir = HK_TRUE;
	fake_env("DISPLAY", ":1.2");
	fake_env("XAUTHORITY", "/run/user/1000/Xauthority");
	fake_file("/run/user/1000/Xauthority", 0600, 1000);
	fake_directory("/tmp/.X11-unix", 01777, 0);
	fake_socket("/tmp/.X11-unix/X1", 0755, 1000);
	world_finalise(world);
	compare_golden("x11", &world->plan);
	check_wire(world);
}

static void both_buses_become_this_plan(void **state) {
	struct world *world = *state;
	assert_int_equal(hk_config_template(&world->arena, &world->config, &world->err), 0);
	world->config.enablements = (struct hk_enablements){.dbus = true};
	world->config.container = &world->container;
	fake_socket("/run/user/1000/bus", 0666, 1000);
	fake_socket("/run/dbus/system_bus_socket", 0666, 0);
	fake_file("/usr/bin/xdg-dbus-proxy", 0755, 0);
	world_finalise(world);
	compare_golden("dbus", &world->plan);
	check_wire(world);
}

static void the_same_configuration_is_the_same_plan_every_time(void **state) {
	struct world *world = *state;
	struct hk_str texts[2] = {{0}, {0}};
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(hk_config_template(&world->arena, &world->config, &world->err), 0);
		fake_link("/lib64", "usr/lib64");
		fake_desktop();
		world_finalise(world);
		assert_int_equal(hk_plan_print_json(&world->plan, &texts[i], &world->err), 0);
	}
	assert_string_equal(texts[0].text, texts[1].text);
	hk_str_finish(&texts[0]);
	hk_str_finish(&texts[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(the_permissive_defaults_become_this_plan),
		TEST(the_template_becomes_this_plan),
		TEST(wayland_and_sound_become_this_plan),
		TEST(a_display_becomes_this_plan),
		TEST(both_buses_become_this_plan),
		TEST(the_same_configuration_is_the_same_plan_every_time),
	};
	return cmocka_run_group_tests_name("outcome/golden", tests, NULL, NULL);
}
