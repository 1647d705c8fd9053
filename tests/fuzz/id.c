/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: ids of instances. A text is accepted exactly if it is the one that is printed of
 * what was read; any 16 bytes print as a text that is accepted, and sort like it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
	if (!holds) {
		abort();
	}
}

static bool is_id(const char *text) {
	size_t length = 0;
	for (; text[length] != '\0'; length++) {
		bool digit = text[length] >= '0' && text[length] <= '9';
		if (!digit && !(text[length] >= 'a' && text[length] <= 'f')) {
			return false;
		}
	}
	return length == HK_ID_HEX;
}

static void try_text(const char *text) {
	struct hk_id id;
	memset(&id, 0x5a, sizeof(id));
	const struct hk_id before = id;
	bool accepted = hk_id_parse(text, &id);
	check(accepted == is_id(text));
	if (accepted) {
		check(strcmp(hk_id_format(&id).text, text) == 0);
	} else {
		check(memcmp(&id, &before, sizeof(id)) == 0);
	}
}

static uint64_t number_of(const uint8_t *bytes) {
	uint64_t number = 0;
	for (size_t i = 0; i < sizeof(number); i++) {
		number = number << 8 | bytes[i];
	}
	return number;
}

static void try_bytes(const uint8_t *one, const uint8_t *other) {
	struct hk_id id;
	struct hk_id again;
	memcpy(id.bytes, one, sizeof(id.bytes));
	struct hk_id_text text = hk_id_format(&id);
	check(hk_id_parse(text.text, &again) && memcmp(&id, &again, sizeof(id)) == 0);
	struct hk_id_text brief = hk_id_format_short(&id);
	check(strlen(brief.text) == HK_ID_SHORT_HEX && strstr(text.text, brief.text));
	again = hk_id_make(number_of(other), number_of(other + 8));
	check(memcmp(again.bytes, other, sizeof(again.bytes)) == 0);
	int by_bytes = memcmp(id.bytes, again.bytes, sizeof(id.bytes));
	int by_text = strcmp(text.text, hk_id_format(&again).text);
	check((by_bytes < 0) == (by_text < 0) && (by_bytes > 0) == (by_text > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	char *text = malloc(size + 1); /* of its exact size: a byte too far is noticed */
	if (!text) {
		return 0;
	}
	if (size > 0) {
		memcpy(text, data, size);
	}
	text[size] = '\0';
	try_text(text);
	free(text);
	if (size >= (size_t)2 * HK_ID_SIZE) {
		try_bytes(data, data + HK_ID_SIZE);
	}
	return 0;
}
