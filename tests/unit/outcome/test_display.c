/* SPDX-License-Identifier: MIT */
#include "outcome/display.h"

#include <errno.h>

#include "world.h"

static const struct {
	const char *name;
	int error;
	const char *socket;
	const char *without;
	uint32_t number;
	uint32_t screen;
} cases[] = {
	{":0", 0, "/tmp/.X11-unix/X0", NULL, 0, 0},
	{":12.3", 0, "/tmp/.X11-unix/X12", NULL, 12, 3},
	{":65535.65535", 0, "/tmp/.X11-unix/X65535", NULL, 65535, 65535},
	{"unix:1", 0, "/tmp/.X11-unix/X1", NULL, 1, 0},
	{"unix:1.2", 0, "/tmp/.X11-unix/X1", NULL, 1, 2},
	{"unix:/run/x", 0, "/run/x", NULL, 0, 0},
	{"unix:/run/X7", 0, "/run/X7", NULL, 7, 0},
	{"/run/X7", 0, "/run/X7", NULL, 7, 0},
	{"/run/X7.2", 0, "/run/X7.2", "/run/X7", 7, 2},
	{"/run/a.b", 0, "/run/a.b", NULL, 0, 0},
	{"/run/.5", 0, "/run/.5", NULL, 0, 0},
	{"/run/org.xquartz:0", 0, "/run/org.xquartz:0", NULL, 0, 0},
	{"/run//a/../X3/", 0, "/run/X3", NULL, 3, 0},
	{"/run/Xa", 0, "/run/Xa", NULL, 0, 0},
	{"", -EINVAL, NULL, NULL, 0, 0},
	{"0", -EINVAL, NULL, NULL, 0, 0},
	{":", -EINVAL, NULL, NULL, 0, 0},
	{":.0", -EINVAL, NULL, NULL, 0, 0},
	{":0.", -EINVAL, NULL, NULL, 0, 0},
	{":0.0.0", -EINVAL, NULL, NULL, 0, 0},
	{":-1", -EINVAL, NULL, NULL, 0, 0},
	{":+1", -EINVAL, NULL, NULL, 0, 0},
	{":01", -EINVAL, NULL, NULL, 0, 0},
	{":1 ", -EINVAL, NULL, NULL, 0, 0},
	{":65536", -EINVAL, NULL, NULL, 0, 0},
	{":0/../../etc", -EINVAL, NULL, NULL, 0, 0},
	{"unix:", -EINVAL, NULL, NULL, 0, 0},
	{"unix:run/x", -EINVAL, NULL, NULL, 0, 0},
	{"localhost:0", -EOPNOTSUPP, NULL, NULL, 0, 0},
	{"localhost:10.0", -EOPNOTSUPP, NULL, NULL, 0, 0},
	{"::1:0", -EOPNOTSUPP, NULL, NULL, 0, 0},
	{"host::0", -EOPNOTSUPP, NULL, NULL, 0, 0},
	{"tcp/host:0", -EOPNOTSUPP, NULL, NULL, 0, 0},
	{"unix::0", -EOPNOTSUPP, NULL, NULL, 0, 0},
};

static void each_name_is_a_socket_or_an_error(void **state) {
	struct world *world = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct hk_display display = {.number = 99};
		int r = hk_display_parse(&world->arena, cases[i].name, &display, &world->err);
		if (r != cases[i].error) {
			fail_msg("'%s': %d", cases[i].name, r);
		}
		if (r < 0) {
			assert_int_equal(display.number, 99);
			continue;
		}
		assert_string_equal(display.socket, cases[i].socket);
		assert_int_equal(display.number, cases[i].number);
		assert_int_equal(display.screen, cases[i].screen);
		assert_true(hk_str_equal(display.socket_without_screen, cases[i].without));
	}
}

static void the_number_is_one_that_no_abstract_socket_has(void **state) {
	(void)state;
	static const struct {
		const char *table;
		uint32_t number;
	} tables[] = {
		{"", 100},
		{"0000: 2 0 10000 1 1 99 @/tmp/.X11-unix/X0\n", 100},
		{"0000: 2 0 10000 1 1 99 @/tmp/.X11-unix/X100\n", 101},
		{"0000: 2 0 10000 1 1 99 @/tmp/.X11-unix/X100", 101},
		{"0000: 2 0 10000 1 1 99 @/tmp/.X11-unix/X100@@\n", 101},
		{"a @/tmp/.X11-unix/X1001\nb @/tmp/.X11-unix/X100\n", 101},
		{"a @/tmp/.X11-unix/X1001\nb /tmp/.X11-unix/X100\n", 100},
		{"a @/tmp/.X11-unix/X101\nb @/tmp/.X11-unix/X100\nc @/tmp/.X11-unix/X103\n", 102},
	};
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		assert_int_equal(hk_display_find_free(tables[i].table), tables[i].number);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(each_name_is_a_socket_or_an_error),
		TEST(the_number_is_one_that_no_abstract_socket_has),
	};
	return cmocka_run_group_tests_name("outcome/display", tests, NULL, NULL);
}
