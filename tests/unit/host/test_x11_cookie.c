/* SPDX-License-Identifier: MIT */
#include "host/x11_cookie.h"

#include <string.h>

#include "place.h"

#define NAME	      "\0\022MIT-MAGIC-COOKIE-1"
#define TEXT(literal) (literal), sizeof(literal) - 1

static const struct {
	const char *what;
	const char *bytes;
	size_t size;
	const char *cookie; /* NULL: none */
} cases[] = {
	{"nothing", TEXT(""), NULL},
	{"this host", TEXT("\1\0\0\4host\0\0015" NAME "\0\2ab"), "ab"},
	{"another host", TEXT("\1\0\0\4home\0\0015" NAME "\0\2ab"), NULL},
	{"a longer host", TEXT("\1\0\0\5hosts\0\0015" NAME "\0\2ab"), NULL},
	{"any host", TEXT("\377\377\0\1x\0\0015" NAME "\0\2ab"), "ab"},
	{"any display", TEXT("\1\0\0\4host\0\0" NAME "\0\2ab"), "ab"},
	{"another display", TEXT("\1\0\0\4host\0\00255" NAME "\0\2ab"), NULL},
	{"another family", TEXT("\0\0\0\4host\0\0015" NAME "\0\2ab"), NULL},
	{"another kind of cookie", TEXT("\1\0\0\4host\0\0015\0\1M\0\2ab"), NULL},
	{"no cookie in it", TEXT("\1\0\0\4host\0\0015" NAME "\0\0"), NULL},
	{"the second one",
		TEXT("\1\0\0\4home\0\0015" NAME "\0\2ab\1\0\0\4host\0\0015" NAME "\0\1c"), "c"},
	{"the first of two",
		TEXT("\1\0\0\4host\0\0015" NAME "\0\2ab\1\0\0\4host\0\0015" NAME "\0\1c"), "ab"},
	{"an end in the address", TEXT("\1\0\0\4hos"), NULL},
	{"an end in a count", TEXT("\1\0\0\4host\0"), NULL},
	{"an end in the cookie", TEXT("\1\0\0\4host\0\0015" NAME "\0\3ab"), NULL},
	{"one before the end", TEXT("\1\0\0\4host\0\0015" NAME "\0\2ab\1"), "ab"},
};

static void a_cookie_is_found_as_xlib_would_find_it(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct hk_x11_cookie cookie = {.size = 99};
		bool found =
			hk_x11_cookie_find(cases[i].bytes, cases[i].size, "host", "5", &cookie);
		if (found != (cases[i].cookie != NULL)) {
			fail_msg("%s", cases[i].what);
		}
		if (!found) {
			assert_int_equal(cookie.size, 99);
			continue;
		}
		assert_int_equal(cookie.size, strlen(cases[i].cookie));
		assert_memory_equal(cookie.bytes, cases[i].cookie, cookie.size);
	}
}

static void no_file_is_read_beyond_its_end(void **state) {
	(void)state;
	static const char whole[] = "\1\0\0\4host\0\0015" NAME "\0\2ab";
	for (size_t size = 0; size < sizeof(whole) - 1; size++) {
		char *part = test_malloc(size + 1); /* with a guard behind it */
		memcpy(part, whole, size);
		struct hk_x11_cookie cookie;
		assert_false(hk_x11_cookie_find(part, size, "host", "5", &cookie));
		test_free(part);
	}
}

static void a_cookie_that_is_too_long_is_passed_over(void **state) {
	(void)state;
	char bytes[HK_X11_COOKIE_MAX + 64] = "\1\0\0\4host\0\0015" NAME;
	size_t at = sizeof("\1\0\0\4host\0\0015" NAME) - 1;
	bytes[at] = (HK_X11_COOKIE_MAX + 1) >> 8;
	bytes[at + 1] = (HK_X11_COOKIE_MAX + 1) & 0xff;
	struct hk_x11_cookie cookie;
	assert_false(
		hk_x11_cookie_find(bytes, at + 2 + HK_X11_COOKIE_MAX + 1, "host", "5", &cookie));
	bytes[at + 1]--;
	assert_true(hk_x11_cookie_find(bytes, at + 2 + HK_X11_COOKIE_MAX, "host", "5", &cookie));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cookie_is_found_as_xlib_would_find_it),
		cmocka_unit_test(no_file_is_read_beyond_its_end),
		cmocka_unit_test(a_cookie_that_is_too_long_is_passed_over),
	};
	return cmocka_run_group_tests_name("host/x11_cookie", tests, NULL, NULL);
}
