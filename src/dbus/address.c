/* SPDX-License-Identifier: MIT */
#include "dbus/address.h"

#include <errno.h>
#include <string.h>

#include "base/scan.h"

#define LETTERS	 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS	 "0123456789"
#define PLAIN	 LETTERS DIGITS "-_/\\*." /* may stand for themselves in a value */
#define NAME	 LETTERS DIGITS "-_"	  /* of methods and keys */
#define PORT_MAX 65535

/* A part of the text. */
struct span {
	const char *start;
	size_t length;
};

/* Cuts off what is in front of the first mark, and the mark. Without one: everything. */
static struct span cut(struct span *rest, char mark) {
	const char *end = rest->length ? memchr(rest->start, mark, rest->length) : NULL;
	struct span part = *rest;
	if (!end) {
		*rest = (struct span){rest->start + rest->length, 0};
		return part;
	}
	part.length = (size_t)(end - rest->start);
	rest->start = end + 1;
	rest->length -= part.length + 1;
	return part;
}

static char *copy(struct hk_arena *arena, struct span span) {
	return hk_arena_strndup(arena, span.start, span.length);
}

static bool is_name(const char *text) {
	return text[0] && text[strspn(text, NAME)] == '\0';
}

/* -- values -------------------------------------------------------------------------------- */

static int hex_digit(char c) {
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Takes the escapes out of value, in place: the result is never longer. */
static int unescape(const char *key, char *value, struct hk_err *err) {
	char *to = value;
	for (const char *from = value; *from; from++) {
		if (*from != '%') {
			if (!strchr(PLAIN, *from)) {
				const char byte[] = {*from, '\0'};
				return hk_err_say(err, -EINVAL,
					"the value of '%s' has the byte '%s', which must be "
					"escaped as %%%02x",
					HK_ESC(key), HK_ESC(byte), (unsigned char)*from);
			}
			*to++ = *from;
			continue;
		}
		int high = hex_digit(from[1]);
		int low = high < 0 ? -1 : hex_digit(from[2]);
		if (low < 0) {
			return hk_err_say(err, -EINVAL,
				"the value of '%s' has a '%%' that two hexadecimal digits do not "
				"follow",
				HK_ESC(key));
		}
		if (high == 0 && low == 0) {
			return hk_err_say(
				err, -EINVAL, "the value of '%s' contains NUL", HK_ESC(key));
		}
		*to++ = (char)(high << 4 | low);
		from += 2;
	}
	*to = '\0';
	return 0;
}

void hk_dbus_escape(struct hk_str *out, const char *value) {
	for (; *value; value++) {
		if (strchr(PLAIN, *value)) {
			hk_str_add_bytes(out, value, 1);
		} else {
			hk_str_addf(out, "%%%02x", (unsigned char)*value);
		}
	}
}

/* -- entries ------------------------------------------------------------------------------- */

const char *hk_dbus_entry_find(const struct hk_dbus_entry *entry, const char *key) {
	for (size_t i = 0; i < entry->keys.count; i++) {
		if (strcmp(entry->keys.items[i].name, key) == 0) {
			return entry->keys.items[i].value;
		}
	}
	return NULL;
}

static int read_key(
	struct hk_arena *arena, struct span pair, struct hk_dbus_entry *entry, struct hk_err *err) {
	const char *equals = pair.length ? memchr(pair.start, '=', pair.length) : NULL;
	char *whole = copy(arena, pair);
	if (!whole) {
		return hk_err_oom(err);
	}
	if (!equals) {
		return hk_err_say(err, -EINVAL, "'%s' is not KEY=VALUE", HK_ESC(whole));
	}
	char *value = whole + (equals - pair.start);
	*value++ = '\0';
	if (!is_name(whole)) {
		return hk_err_say(err, -EINVAL, "'%s' is not the name of a key", HK_ESC(whole));
	}
	if (hk_dbus_entry_find(entry, whole)) {
		return hk_err_say(err, -EINVAL, "the key '%s' is there twice", HK_ESC(whole));
	}
	if (value[0] == '\0') {
		return hk_err_say(err, -EINVAL, "the key '%s' has no value", HK_ESC(whole));
	}
	if (entry->keys.count == HK_DBUS_KEYS_MAX) {
		return hk_err_say(err, -E2BIG, "more than %d keys", HK_DBUS_KEYS_MAX);
	}
	int r = unescape(whole, value, err);
	if (r < 0) {
		return r;
	}
	struct hk_dbus_key *key = hk_vec_add(arena, &entry->keys);
	if (!key) {
		return hk_err_oom(err);
	}
	*key = (struct hk_dbus_key){.name = whole, .value = value};
	return 0;
}

static int check_unix(struct hk_dbus_entry *entry, struct hk_err *err) {
	const char *path = hk_dbus_entry_find(entry, "path");
	const char *name = hk_dbus_entry_find(entry, "abstract");
	if (!path && !name) {
		return hk_err_say(err, -EINVAL, "unix needs the key 'path' or 'abstract'");
	}
	if (path && name) {
		return hk_err_say(
			err, -EINVAL, "unix cannot have both the keys 'path' and 'abstract'");
	}
	entry->way = path ? HK_DBUS_PATH : HK_DBUS_ABSTRACT;
	entry->place = path ? path : name;
	if (path && path[0] != '/') {
		return hk_err_say(err, -EINVAL, "the path '%s' is not absolute", HK_ESC(path));
	}
	if (strlen(entry->place) > HK_DBUS_PATH_MAX) {
		return hk_err_say(err, -E2BIG,
			"'%s' is longer than %d bytes, too long for a socket", HK_ESC(entry->place),
			HK_DBUS_PATH_MAX);
	}
	return 0;
}

static int check_tcp(struct hk_dbus_entry *entry, struct hk_err *err) {
	const char *port = hk_dbus_entry_find(entry, "port");
	entry->way = HK_DBUS_TCP;
	entry->place = hk_dbus_entry_find(entry, "host");
	if (!entry->place || !port) {
		return hk_err_say(
			err, -EINVAL, "tcp needs the key '%s'", entry->place ? "port" : "host");
	}
	uint32_t number;
	if (!hk_scan_number(port, PORT_MAX, &number) || number == 0) {
		return hk_err_say(err, -EINVAL, "'%s' is not a port", HK_ESC(port));
	}
	return 0;
}

static const struct {
	const char *method;
	int (*check)(struct hk_dbus_entry *entry, struct hk_err *err);
} methods[] = {
	{"tcp", check_tcp},
	{"unix", check_unix},
};

static int read_entry(struct hk_arena *arena, struct span text, struct hk_dbus_entry *ret_entry,
	struct hk_err *err) {
	if (text.length == 0) {
		return hk_err_say(err, -EINVAL, "empty");
	}
	struct hk_dbus_entry entry = {.way = HK_DBUS_OTHER, .text = copy(arena, text)};
	if (!entry.text) {
		return hk_err_oom(err);
	}
	if (!strchr(entry.text, ':')) {
		return hk_err_say(
			err, -EINVAL, "'%s' has no ':' behind its method", HK_ESC(entry.text));
	}
	struct span rest = text;
	entry.method = copy(arena, cut(&rest, ':'));
	if (!entry.method) {
		return hk_err_oom(err);
	}
	if (!is_name(entry.method)) {
		return hk_err_say(
			err, -EINVAL, "'%s' is not the name of a method", HK_ESC(entry.method));
	}
	/* METHOD: alone is an entry without keys. A comma promises one more. */
	for (bool more = rest.length > 0; more;) {
		struct span pair = cut(&rest, ',');
		more = pair.start + pair.length < text.start + text.length;
		int r = read_key(arena, pair, &entry, err);
		if (r < 0) {
			return r;
		}
	}
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		int r = strcmp(entry.method, methods[i].method) == 0 ? methods[i].check(&entry, err)
								     : 0;
		if (r < 0) {
			return r;
		}
	}
	*ret_entry = entry;
	return 0;
}

int hk_dbus_address_parse(struct hk_arena *arena, const char *text,
	struct hk_dbus_entries *ret_entries, struct hk_err *err) {
	struct hk_dbus_entries entries = {0};
	const struct span whole = {text, strlen(text)};
	if (whole.length > HK_DBUS_ADDRESS_MAX) {
		return hk_err_say(err, -E2BIG, "longer than %d bytes", HK_DBUS_ADDRESS_MAX);
	}
	struct span rest = whole;
	for (bool more = true; more;) {
		struct span part = cut(&rest, ';');
		more = part.start + part.length < whole.start + whole.length;
		if (entries.count == HK_DBUS_ENTRIES_MAX) {
			return hk_err_say(err, -E2BIG, "more than %d entries", HK_DBUS_ENTRIES_MAX);
		}
		struct hk_dbus_entry entry;
		int r = read_entry(arena, part, &entry, err);
		if (r < 0) {
			return hk_err_frame(err, "entry %zu", entries.count + 1);
		}
		struct hk_dbus_entry *slot = hk_vec_add(arena, &entries);
		if (!slot) {
			return hk_err_oom(err);
		}
		*slot = entry;
	}
	*ret_entries = entries;
	return 0;
}
