/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT_MAX 12 /* bytes that one character takes when escaped: \u{10FFFF} and NUL */

size_t hk_utf8_decode(const char *text, uint32_t *ret_point) {
	const unsigned char *s = (const unsigned char *)text;
	if (s[0] < 0x80) {
		*ret_point = s[0];
		return 1;
	}
	size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (s[0] < 0xc2 || s[0] > 0xf4) {
		return 0;
	}
	uint32_t point = s[0] & (0xffu >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80) {
			return 0; /* the terminating NUL ends up here too */
		}
		point = point << 6 | (s[i] & 0x3fu);
	}
	if (point < least[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
		return 0;
	}
	*ret_point = point;
	return length;
}

bool hk_utf8_is_unsafe(uint32_t point) {
	return point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0x061c ||
	       (point >= 0x200e && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

/* Writes the next character of *text to unit, as it is or escaped, and steps over it. */
static size_t next_unit(const char **text, char unit[UNIT_MAX]) {
	const unsigned char *s = (const unsigned char *)*text;
	uint32_t point;
	size_t length = hk_utf8_decode(*text, &point);
	*text += length ? length : 1;
	if (!length || (point < 0x80 && hk_utf8_is_unsafe(point))) {
		return (size_t)snprintf(unit, UNIT_MAX, "\\x%02x", s[0]);
	}
	if (hk_utf8_is_unsafe(point)) {
		return (size_t)snprintf(unit, UNIT_MAX, "\\u{%04x}", point);
	}
	memcpy(unit, s, length);
	unit[length] = '\0';
	return length;
}

static size_t escaped_length(const char *text) {
	char unit[UNIT_MAX];
	size_t length = 0;
	while (*text) {
		length += next_unit(&text, unit);
	}
	return length;
}

struct hk_escaped hk_escape(const char *text) {
	struct hk_escaped out = {.text = ""};
	if (!text) {
		text = "(null)";
	}
	const size_t limit = sizeof(out.text) - 1;
	size_t left = escaped_length(text);
	/* Of a long text the first two thirds are shown, and as much of the end as then fits: the
	 * last component of a path says more than the middle. */
	const size_t head = left <= limit ? limit : limit * 2 / 3;
	size_t used = 0;
	char unit[UNIT_MAX];
	while (*text) {
		const char *next = text;
		size_t length = next_unit(&next, unit);
		if (used + length > head) {
			break;
		}
		memcpy(out.text + used, unit, length);
		used += length;
		left -= length;
		text = next;
	}
	if (*text) {
		memcpy(out.text + used, "...", 3);
		used += 3;
	}
	while (left > limit - used) {
		left -= next_unit(&text, unit);
	}
	while (*text) {
		size_t length = next_unit(&text, unit);
		memcpy(out.text + used, unit, length);
		used += length;
	}
	out.text[used] = '\0';
	return out;
}

/* Makes room for length more bytes and a NUL. */
static bool reserve(struct hk_str *str, size_t length) {
	if (str->failed) {
		return false;
	}
	if (length < str->room - str->length && str->text) {
		return true;
	}
	size_t room = str->room ? str->room : 128;
	size_t needed;
	if (__builtin_add_overflow(str->length, length, &needed)) {
		str->failed = true;
		return false;
	}
	while (room <= needed) {
		if (__builtin_mul_overflow(room, (size_t)2, &room)) {
			str->failed = true;
			return false;
		}
	}
	char *text = realloc(str->text, room);
	if (!text) {
		str->failed = true;
		return false;
	}
	str->text = text;
	str->room = room;
	return true;
}

void hk_str_add_bytes(struct hk_str *str, const void *bytes, size_t length) {
	if (!reserve(str, length)) {
		return;
	}
	if (length) {
		memcpy(str->text + str->length, bytes, length);
	}
	str->length += length;
	str->text[str->length] = '\0';
}

void hk_str_add(struct hk_str *str, const char *text) {
	hk_str_add_bytes(str, text, strlen(text));
}

void hk_str_addf(struct hk_str *str, const char *fmt, ...) {
	va_list args;
	va_start(args, fmt);
	int length = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (length < 0 || !reserve(str, (size_t)length)) {
		str->failed = true;
		return;
	}
	va_start(args, fmt);
	(void)vsnprintf(str->text + str->length, (size_t)length + 1, fmt, args);
	va_end(args);
	str->length += (size_t)length;
}

void hk_str_add_escaped(struct hk_str *str, const char *text) {
	char unit[UNIT_MAX];
	while (*text) {
		size_t length = next_unit(&text, unit);
		hk_str_add_bytes(str, unit, length);
	}
}

void hk_str_add_json(struct hk_str *str, const char *json) {
	const char *from = json; /* not added yet */
	while (*json) {
		uint32_t point;
		size_t length = hk_utf8_decode(json, &point);
		if (length > 0 && point != '\n' && hk_utf8_is_unsafe(point)) {
			hk_str_add_bytes(str, from, (size_t)(json - from));
			hk_str_addf(str, "\\u%04x", point);
			from = json + length;
		}
		json += length ? length : 1;
	}
	hk_str_add_bytes(str, from, (size_t)(json - from));
}

void hk_str_finish(struct hk_str *str) {
	free(str->text);
	*str = (struct hk_str){0};
}

bool hk_str_equal(const char *a, const char *b) {
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool hk_str_starts(const char *text, const char *prefix) {
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool hk_str_is_one_of(const char *text, size_t length, const char *const texts[], size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (strlen(texts[i]) == length && memcmp(texts[i], text, length) == 0) {
			return true;
		}
	}
	return false;
}
