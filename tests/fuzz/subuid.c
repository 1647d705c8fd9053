/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: subordinate ids. An input that starts with 's' is an /etc/subuid, one with 'g' what
 * getsubids prints, one with 'n' an nsswitch.conf; the rest of it is the text. Each range that is
 * read can be written again and is what stands in its line; what is found among them is compared
 * with what a plain search finds.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "monitor/getsubids.h"
#include "monitor/subid.h"

#define USER  "alice"
#define UID   1000
#define LEAST 10000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
	if (!holds) {
		abort();
	}
}

static uint64_t end_of(const struct hk_subid *subid) {
	return (uint64_t)subid->first + subid->count;
}

/* Line number `number` of the text is OWNER:FIRST:COUNT. */
static void check_line(const char *text, size_t size, const struct hk_subid *subid) {
	const char *end = text + size;
	for (unsigned int i = 1; i < subid->line; i++) {
		text = memchr(text, '\n', (size_t)(end - text));
		check(text != NULL);
		text++;
	}
	const char *newline = memchr(text, '\n', (size_t)(end - text));
	char *again = NULL;
	int length = asprintf(
		&again, "%s:%" PRIu32 ":%" PRIu32, subid->owner, subid->first, subid->count);
	check(length > 0);
	size_t line = (size_t)((newline ? newline : end) - text);
	/* A NUL in a name ends it here, and nowhere else. */
	check(memchr(text, '\0', line) ||
		(line == (size_t)length && memcmp(text, again, line) == 0));
	free(again);
}

static void check_found(const struct hk_subids *subids) {
	const struct hk_subid *found = hk_subid_find(subids, UID, USER, LEAST);
	const struct hk_subid *last = NULL;
	uint64_t end = HK_SUBID_LEAST;
	for (size_t i = 0; i < subids->count; i++) {
		const struct hk_subid *subid = &subids->items[i];
		bool own = strcmp(subid->owner, USER) == 0 || strcmp(subid->owner, "1000") == 0;
		check(own == hk_subid_is_of(subid, UID, USER));
		last = own && subid->count >= LEAST ? subid : last;
		end = end_of(subid) > end ? end_of(subid) : end;
	}
	check(found == last);
	uint32_t first = 0;
	bool room = hk_subid_find_free(subids, LEAST, &first);
	check(room == (end + LEAST <= UINT32_MAX) && (!room || first == end));
	if (room) {
		check(hk_subid_find_foreign(subids, UID, USER, first, LEAST) == NULL);
	}
	if (!found) {
		return;
	}
	first = found->first + (found->count - LEAST);
	const struct hk_subid *foreign = hk_subid_find_foreign(subids, UID, USER, first, LEAST);
	for (size_t i = 0; i < subids->count; i++) {
		const struct hk_subid *subid = &subids->items[i];
		bool meets = subid->first < (uint64_t)first + LEAST && end_of(subid) > first &&
			     !hk_subid_is_of(subid, UID, USER);
		check(!meets || (foreign && foreign <= subid));
		check(meets || foreign != subid);
	}
}

static void check_all(const struct hk_subids *subids, const char *text, size_t size, bool file) {
	unsigned int line = 0;
	for (size_t i = 0; i < subids->count; i++) {
		const struct hk_subid *subid = &subids->items[i];
		check(subid->count > 0 && end_of(subid) <= (uint64_t)UINT32_MAX + 1);
		check(subid->line > line);
		line = subid->line;
		if (file) {
			check_line(text, size, subid);
		}
	}
	check_found(subids);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	if (size < 1) {
		return 0;
	}
	/* Not a copy: reading the byte behind the text must be noticed. */
	const char *text = (const char *)data + 1;
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_subids subids = {0};
	if (data[0] == 's') {
		check(hk_subid_parse(&arena, text, size - 1, &subids) == 0);
		check_all(&subids, text, size - 1, true);
	} else if (data[0] == 'g') {
		check(hk_getsubids_parse(&arena, text, size - 1, &subids) == 0);
		check_all(&subids, text, size - 1, false);
	} else if (data[0] == 'n') {
		(void)hk_getsubids_is_asked(text, size - 1);
	}
	return 0;
}
