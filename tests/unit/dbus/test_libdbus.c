/* SPDX-License-Identifier: MIT */
/*
 * test_libdbus.c: addresses, as we read them and as libdbus does, by which programs find their bus.
 * What we accept it reads in the same way, part by part; what only we refuse has a reason of ours.
 */
#include "dbus/address.h"

#include <dbus/dbus.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/cmocka_all.h"
#include "base/auto.h"

#define COUNT(table)	(sizeof(table) / sizeof((table)[0]))
#define TEXT_MAX	4096
#define GENERATED_COUNT 20000
#define LONG		"/40-bytes-and-three-times-that-is-too-much"
#define PARTS_MAX	24

/* Where we are stricter, in words of our errors. Any other refusal must be libdbus's too. */
static const char *const ours_alone[] = {
	": empty",
	"is not the name of a method",
	"is not the name of a key",
	"'' is not KEY=VALUE", /* a comma at the end; it takes that for nothing */
	"is there twice",
	"contains NUL",
	"unix needs the key",
	"unix cannot have both",
	"is not absolute",
	"too long for a socket",
	"tcp needs the key",
	"is not a port",
	"more than 16",
};

struct sums {
	size_t both;	 /* accepted */
	size_t stricter; /* accepted by libdbus alone */
	size_t neither;
	size_t reasons[COUNT(ours_alone)]; /* how often each was one */
};

static bool is_ours_alone(const char *reason, struct sums *sums) {
	for (size_t i = 0; i < COUNT(ours_alone); i++) {
		if (strstr(reason, ours_alone[i])) {
			sums->reasons[i]++;
			return true;
		}
	}
	return false;
}

static void compare_entry(
	const char *text, const struct hk_dbus_entry *ours, DBusAddressEntry *theirs) {
	const char *method = dbus_address_entry_get_method(theirs);
	if (strcmp(ours->method, method) != 0) {
		fail_msg("'%s': method '%s' instead of '%s'", text, ours->method, method);
	}
	for (size_t i = 0; i < ours->keys.count; i++) {
		const struct hk_dbus_key *key = &ours->keys.items[i];
		const char *value = dbus_address_entry_get_value(theirs, key->name);
		if (!value || strcmp(value, key->value) != 0) {
			fail_msg("'%s': key '%s' is '%s' instead of '%s'", text, key->name,
				key->value, value ? value : "(none)");
		}
	}
	/* It does not tell the names of its keys: those that lead somewhere are enough. */
	static const char *const ways[] = {"path", "abstract", "host", "port", "family", "guid"};
	for (size_t i = 0; i < COUNT(ways); i++) {
		if (dbus_address_entry_get_value(theirs, ways[i]) &&
			!hk_dbus_entry_find(ours, ways[i])) {
			fail_msg("'%s': key '%s' was not found", text, ways[i]);
		}
	}
}

static void compare(const char *text, struct sums *sums) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_dbus_entries ours = {0};
	struct hk_err err;
	int r = hk_dbus_address_parse(&arena, text, &ours, &err);
	DBusAddressEntry **theirs = NULL;
	int count = 0;
	bool accepted = dbus_parse_address(text, &theirs, &count, NULL);
	if (r < 0) {
		if (accepted && !is_ours_alone(err.text, sums)) {
			fail_msg("'%s': only we refuse it: %s", text, err.text);
		}
		*(accepted ? &sums->stricter : &sums->neither) += 1;
	} else {
		if (!accepted || (size_t)count != ours.count) {
			fail_msg("'%s': %zu entries instead of %d", text, ours.count, count);
		}
		for (size_t i = 0; i < ours.count; i++) {
			compare_entry(text, &ours.items[i], theirs[i]);
		}
		sums->both++;
	}
	if (accepted) {
		dbus_address_entries_free(theirs);
	}
}

/* -- generated ----------------------------------------------------------------------------- */

/* Reproducible: a failure is seen again. */
static uint32_t next_random(uint32_t *seed, uint32_t end) {
	*seed = *seed * 1664525U + 1013904223U;
	return (*seed >> 8) % end;
}

static void addresses_made_of_pieces_are_read_alike(void **state) {
	(void)state;
	static const char *const pieces[] = {"unix:", "tcp:", "autolaunch:", "path=", "abstract=",
		"host=", "port=", "guid=", "runtime=yes", "/a", "/run/bus", "x", "1", ",", ";", ":",
		"=", "%", "%41", "%2f", "%00", "%4", "%fF", "-_/\\*.", " ", "\xff", "\n",
		"unix:path=/a", "unix:abstract=b", "tcp:host=h,port=1", ",k=v", ";",
		"unix:path=/a,abstract=b", LONG LONG LONG, "x:;x:;x:;x:;x:;x:;x:;x:;x:"};
	struct sums sums = {0};
	uint32_t seed = 1;
	for (size_t i = 0; i < GENERATED_COUNT; i++) {
		char text[PARTS_MAX * sizeof(LONG LONG LONG)] = "";
		size_t length = 0;
		for (uint32_t left = next_random(&seed, PARTS_MAX); left > 0; left--) {
			const char *piece = pieces[next_random(&seed, COUNT(pieces))];
			(void)strcpy(text + length, piece);
			length += strlen(piece);
			compare(text, &sums);
		}
	}
	assert_true(sums.both > 1000 && sums.stricter > 1000 && sums.neither > 1000);
	for (size_t i = 0; i < COUNT(ours_alone); i++) {
		if (sums.reasons[i] == 0) {
			fail_msg("'%s' never was the reason", ours_alone[i]);
		}
	}
}

/* -- the corpus of the fuzzer ---------------------------------------------------------------- */

static void compare_changed(const char *text, struct sums *sums) {
	static const char bytes[] = ",;:=%/ a0\xff\\";
	size_t length = strlen(text);
	compare(text, sums);
	for (size_t at = 0; at < length; at++) {
		char changed[TEXT_MAX];
		for (size_t i = 0; i < sizeof(bytes) - 1; i++) {
			memcpy(changed, text, length + 1);
			changed[at] = bytes[i];
			compare(changed, sums);
		}
		memcpy(changed, text, at); /* one byte less */
		memcpy(changed + at, text + at + 1, length - at);
		compare(changed, sums);
	}
}

static void the_fuzzers_corpus_is_read_alike_whichever_byte_changes(void **state) {
	const char *directory = *state;
	struct sums sums = {0};
	HK_AUTO(dir) DIR *dir = opendir(directory);
	assert_non_null(dir);
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		char path[TEXT_MAX];
		char text[TEXT_MAX] = "";
		(void)snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "re");
		if (file) {
			assert_true(fread(text, 1, sizeof(text) - 1, file) > 0 || feof(file));
			(void)fclose(file);
			compare_changed(text, &sums);
		}
	}
	assert_true(sums.both > 100 && sums.stricter > 100 && sums.neither > 100);
}

int main(int argc, char **argv) {
	assert_int_equal(argc, 2);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_made_of_pieces_are_read_alike),
		cmocka_unit_test_prestate(
			the_fuzzers_corpus_is_read_alike_whichever_byte_changes, argv[1]),
	};
	int r = cmocka_run_group_tests_name("dbus/libdbus", tests, NULL, NULL);
	dbus_shutdown();
	return r;
}
