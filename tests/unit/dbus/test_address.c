/* SPDX-License-Identifier: MIT */
#include "dbus/address.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../base/cmocka_all.h"
#include "base/auto.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void parse(struct hk_arena *arena, const char *text, struct hk_dbus_entries *ret_entries) {
	struct hk_err err;
	if (hk_dbus_address_parse(arena, text, ret_entries, &err) < 0) {
		fail_msg("%s: %s", text, err.text);
	}
}

static void refuse(const char *text, int code, const char *message) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_dbus_entries entries = {.count = 77};
	struct hk_err err;
	int r = hk_dbus_address_parse(&arena, text, &entries, &err);
	if (r != code || strcmp(err.text, message) != 0) {
		fail_msg("%.60s: %d, %s", text, r, r < 0 ? err.text : "");
	}
	assert_int_equal(err.code, code);
	assert_int_equal(entries.count, 77);
}

static void each_way_to_a_bus_is_told_from_the_others(void **state) {
	(void)state;
	static const struct {
		const char *text;
		enum hk_dbus_way way;
		const char *place;
	} rows[] = {
		{"unix:path=/run/user/1000/bus", HK_DBUS_PATH, "/run/user/1000/bus"},
		{"unix:guid=0123,path=/run/bus", HK_DBUS_PATH, "/run/bus"},
		{"unix:abstract=/tmp/dbus-x", HK_DBUS_ABSTRACT, "/tmp/dbus-x"},
		{"unix:abstract=name", HK_DBUS_ABSTRACT, "name"},
		{"tcp:host=localhost,port=1234", HK_DBUS_TCP, "localhost"},
		{"tcp:port=65535,host=%3a%3a1,family=ipv6", HK_DBUS_TCP, "::1"},
		{"autolaunch:", HK_DBUS_OTHER, NULL},
		{"unixexec:path=ssh,argv1=-xT", HK_DBUS_OTHER, NULL},
		{"nonce-tcp:host=a,port=1,noncefile=/x", HK_DBUS_OTHER, NULL},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		HK_AUTO(arena) struct hk_arena arena = {0};
		struct hk_dbus_entries entries;
		parse(&arena, rows[i].text, &entries);
		assert_int_equal(entries.count, 1);
		assert_int_equal(entries.items[0].way, rows[i].way);
		assert_string_equal(entries.items[0].text, rows[i].text);
		if (rows[i].place) {
			assert_string_equal(entries.items[0].place, rows[i].place);
		} else {
			assert_null(entries.items[0].place);
		}
	}
}

static void entries_and_keys_keep_their_order(void **state) {
	(void)state;
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_dbus_entries entries;
	parse(&arena, "unix:path=/a,guid=1;tcp:host=h,port=9,family=ipv4;autolaunch:", &entries);
	assert_int_equal(entries.count, 3);
	assert_string_equal(entries.items[0].text, "unix:path=/a,guid=1");
	assert_string_equal(entries.items[1].text, "tcp:host=h,port=9,family=ipv4");
	assert_string_equal(entries.items[2].text, "autolaunch:");
	assert_string_equal(entries.items[2].method, "autolaunch");
	assert_int_equal(entries.items[2].keys.count, 0);
	assert_int_equal(entries.items[1].keys.count, 3);
	assert_string_equal(entries.items[1].keys.items[2].name, "family");
	assert_string_equal(entries.items[1].keys.items[2].value, "ipv4");
	assert_string_equal(hk_dbus_entry_find(&entries.items[0], "guid"), "1");
	assert_null(hk_dbus_entry_find(&entries.items[0], "gui"));
}

static void every_byte_can_be_escaped_but_nul(void **state) {
	(void)state;
	for (unsigned int byte = 1; byte < 256; byte++) {
		for (int upper = 0; upper < 2; upper++) {
			HK_AUTO(arena) struct hk_arena arena = {0};
			char text[64];
			(void)snprintf(text, sizeof(text),
				upper ? "unix:path=/%%%02Xz" : "unix:path=/%%%02xz", byte);
			struct hk_dbus_entries entries;
			parse(&arena, text, &entries);
			const char expected[] = {'/', (char)byte, 'z', '\0'};
			assert_string_equal(entries.items[0].place, expected);
		}
	}
	refuse("unix:path=/a%00b", -EINVAL, "entry 1: the value of 'path' contains NUL");
}

static bool is_plain(unsigned int byte) {
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
	       (byte >= 'A' && byte <= 'Z') || (byte < 128 && strchr("-_/\\*.", (int)byte));
}

static void only_the_bytes_of_the_specification_stand_for_themselves(void **state) {
	(void)state;
	for (unsigned int byte = 1; byte < 256; byte++) {
		HK_AUTO(arena) struct hk_arena arena = {0};
		const char text[] = {'x', ':', 'k', '=', (char)byte, 'z', 'z', '\0'};
		struct hk_dbus_entries entries;
		struct hk_err err;
		int r = hk_dbus_address_parse(&arena, text, &entries, &err);
		/* These end the value, or begin an escape. */
		if (byte == ',' || byte == ';' || byte == '%') {
			assert_int_equal(r, -EINVAL);
			continue;
		}
		assert_int_equal(r, is_plain(byte) ? 0 : -EINVAL);
		if (r == 0) {
			const char value[] = {(char)byte, 'z', 'z', '\0'};
			assert_string_equal(entries.items[0].keys.items[0].value, value);
		}
	}
}

static void what_is_escaped_is_read_again_as_it_was(void **state) {
	(void)state;
	char value[256] = "/";
	for (unsigned int byte = 1; byte < 100; byte++) {
		value[byte] = (char)(byte < 50 ? byte : 156 + byte);
	}
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(str) struct hk_str text = {0};
	hk_str_add(&text, "unix:path=");
	hk_dbus_escape(&text, value);
	struct hk_dbus_entries entries;
	parse(&arena, text.text, &entries);
	assert_string_equal(entries.items[0].place, value);
}

static void an_escape_is_a_percent_sign_and_two_hexadecimal_digits(void **state) {
	(void)state;
	static const char *const bad[] = {
		"%", "%4", "%4g", "%g4", "%%41", "% 4", "%-1", "a%", "a%f"};
	for (size_t i = 0; i < COUNT(bad); i++) {
		char text[64];
		(void)snprintf(text, sizeof(text), "unix:path=%s", bad[i]);
		refuse(text, -EINVAL,
			"entry 1: the value of 'path' has a '%' that two hexadecimal digits do not "
			"follow");
	}
}

static void a_malformed_address_is_an_error_that_says_which_entry_and_why(void **state) {
	(void)state;
	static const struct {
		const char *text;
		const char *message;
	} rows[] = {
		{"", "entry 1: empty"},
		{";", "entry 1: empty"},
		{"unix:path=/a;", "entry 2: empty"},
		{"unix:path=/a;;tcp:host=a,port=1", "entry 2: empty"},
		{"/run/bus", "entry 1: '/run/bus' has no ':' behind its method"},
		{"unix:path=/a;unix", "entry 2: 'unix' has no ':' behind its method"},
		{":path=/a", "entry 1: '' is not the name of a method"},
		{"un ix:path=/a", "entry 1: 'un ix' is not the name of a method"},
		{"un\tix:path=/a", "entry 1: 'un\\x09ix' is not the name of a method"},
		{"unix:/run/bus", "entry 1: '/run/bus' is not KEY=VALUE"},
		{"unix:path=/a,", "entry 1: '' is not KEY=VALUE"},
		{"unix:,path=/a", "entry 1: '' is not KEY=VALUE"},
		{"unix:path=/a,guid", "entry 1: 'guid' is not KEY=VALUE"},
		{"unix:=/a", "entry 1: '' is not the name of a key"},
		{"unix:pa%74h=/a", "entry 1: 'pa%74h' is not the name of a key"},
		{"unix:path=", "entry 1: the key 'path' has no value"},
		{"unix:path=/a,path=/b", "entry 1: the key 'path' is there twice"},
		{"unix:path=/a=b",
			"entry 1: the value of 'path' has the byte '=', which must be escaped as "
			"%3d"},
		{"unix:path=/a\xff",
			"entry 1: the value of 'path' has the byte '\\xff', which must be escaped "
			"as %ff"},
		{"unix:guid=1", "entry 1: unix needs the key 'path' or 'abstract'"},
		{"unix:", "entry 1: unix needs the key 'path' or 'abstract'"},
		{"unix:runtime=yes", "entry 1: unix needs the key 'path' or 'abstract'"},
		{"unix:tmpdir=/tmp", "entry 1: unix needs the key 'path' or 'abstract'"},
		{"unix:path=/a,abstract=b",
			"entry 1: unix cannot have both the keys 'path' and 'abstract'"},
		{"unix:path=run/bus", "entry 1: the path 'run/bus' is not absolute"},
		{"tcp:port=1", "entry 1: tcp needs the key 'host'"},
		{"tcp:host=a", "entry 1: tcp needs the key 'port'"},
		{"tcp:host=a,port=0", "entry 1: '0' is not a port"},
		{"tcp:host=a,port=65536", "entry 1: '65536' is not a port"},
		{"tcp:host=a,port=http", "entry 1: 'http' is not a port"},
		{"unix:path=/a;tcp:host=a", "entry 2: tcp needs the key 'port'"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		refuse(rows[i].text, -EINVAL, rows[i].message);
	}
}

/* head, then count times part. */
static const char *repeat(
	struct hk_arena *arena, const char *head, const char *part, unsigned int count) {
	const char *text = head;
	for (unsigned int i = 0; i < count; i++) {
		text = hk_arena_printf(arena, "%s%s", text, part);
	}
	return text;
}

static void a_path_fits_into_a_socket_address(void **state) {
	(void)state;
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_dbus_entries entries;
	const char *most = repeat(&arena, "unix:path=/", "a", HK_DBUS_PATH_MAX - 1);
	parse(&arena, most, &entries);
	assert_int_equal(strlen(entries.items[0].place), HK_DBUS_PATH_MAX);
	struct hk_err err;
	assert_int_equal(
		hk_dbus_address_parse(&arena, hk_arena_printf(&arena, "%sa", most), &entries, &err),
		-E2BIG);
	assert_non_null(strstr(err.text, "is longer than 107 bytes, too long for a socket"));
}

static void the_limits_hold(void **state) {
	(void)state;
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_dbus_entries entries;
	parse(&arena, repeat(&arena, "x:", ";x:", HK_DBUS_ENTRIES_MAX - 1), &entries);
	assert_int_equal(entries.count, HK_DBUS_ENTRIES_MAX);
	refuse(repeat(&arena, "x:", ";x:", HK_DBUS_ENTRIES_MAX), -E2BIG, "more than 16 entries");
	const char *text = "x:k=v";
	for (int i = 1; i < HK_DBUS_KEYS_MAX; i++) {
		text = hk_arena_printf(&arena, "%s,k%d=v", text, i);
	}
	parse(&arena, text, &entries);
	assert_int_equal(entries.items[0].keys.count, HK_DBUS_KEYS_MAX);
	refuse(hk_arena_printf(&arena, "%s,l=v", text), -E2BIG, "entry 1: more than 16 keys");
	refuse(repeat(&arena, "x:k=v", "v", HK_DBUS_ADDRESS_MAX - 4), -E2BIG,
		"longer than 8192 bytes");
	parse(&arena, repeat(&arena, "x:k=v", "v", HK_DBUS_ADDRESS_MAX - 5), &entries);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_to_a_bus_is_told_from_the_others),
		cmocka_unit_test(entries_and_keys_keep_their_order),
		cmocka_unit_test(every_byte_can_be_escaped_but_nul),
		cmocka_unit_test(only_the_bytes_of_the_specification_stand_for_themselves),
		cmocka_unit_test(what_is_escaped_is_read_again_as_it_was),
		cmocka_unit_test(an_escape_is_a_percent_sign_and_two_hexadecimal_digits),
		cmocka_unit_test(a_malformed_address_is_an_error_that_says_which_entry_and_why),
		cmocka_unit_test(a_path_fits_into_a_socket_address),
		cmocka_unit_test(the_limits_hold),
	};
	return cmocka_run_group_tests_name("dbus/address", tests, NULL, NULL);
}
