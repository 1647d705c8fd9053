/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: D-Bus addresses. What is accepted is written again from its parts, and that must be
 * accepted too and mean the same.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "dbus/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
	if (!holds) {
		abort();
	}
}

static void write_entry(const struct hk_dbus_entry *entry, struct hk_str *out) {
	hk_str_addf(out, "%s:", entry->method);
	for (size_t i = 0; i < entry->keys.count; i++) {
		const struct hk_dbus_key *key = &entry->keys.items[i];
		hk_str_addf(out, "%s%s=", i > 0 ? "," : "", key->name);
		hk_dbus_escape(out, key->value);
	}
}

static void compare(const struct hk_dbus_entry *a, const struct hk_dbus_entry *b) {
	check(a->way == b->way && hk_str_equal(a->method, b->method));
	check(hk_str_equal(a->place, b->place) && a->keys.count == b->keys.count);
	check((a->place == NULL) == (a->way == HK_DBUS_OTHER));
	check(a->way != HK_DBUS_PATH || a->place[0] == '/');
	for (size_t i = 0; i < a->keys.count; i++) {
		check(hk_str_equal(a->keys.items[i].name, b->keys.items[i].name));
		check(hk_str_equal(a->keys.items[i].value, b->keys.items[i].value));
		check(a->keys.items[i].value[0] != '\0');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	char *text = malloc(size + 1); /* of its exact size: a byte too far is noticed */
	if (!text) {
		return 0;
	}
	if (size > 0) {
		memcpy(text, data, size);
	}
	text[size] = '\0';
	struct hk_dbus_entries first = {0};
	struct hk_err err;
	int r = hk_dbus_address_parse(&arena, text, &first, &err);
	free(text);
	if (r < 0) {
		check(err.code == r && err.text[0] != '\0');
		return 0;
	}
	check(first.count >= 1 && first.count <= HK_DBUS_ENTRIES_MAX);
	HK_AUTO(str) struct hk_str again = {0};
	for (size_t i = 0; i < first.count; i++) {
		hk_str_add(&again, i > 0 ? ";" : "");
		write_entry(&first.items[i], &again);
	}
	struct hk_dbus_entries second = {0};
	/* Never longer: what is escaped again was escaped before, for it would not have been read.
	 */
	check(again.length <= size);
	check(hk_dbus_address_parse(&arena, again.text, &second, &err) == 0);
	check(second.count == first.count);
	for (size_t i = 0; i < first.count; i++) {
		compare(&first.items[i], &second.items[i]);
	}
	return 0;
}
