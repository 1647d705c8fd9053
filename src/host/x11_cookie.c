/* SPDX-License-Identifier: MIT */
#include "host/x11_cookie.h"

#include <string.h>

#define FAMILY_LOCAL 256
#define FAMILY_WILD  0xffff

/* A counted text in the file; the counts have two bytes, the higher one first. */
struct field {
	const char *bytes;
	size_t size;
};

struct reader {
	const char *at;
	size_t left;
};

static bool read_number(struct reader *reader, uint32_t *ret_number) {
	if (reader->left < 2) {
		return false;
	}
	*ret_number = (uint32_t)(uint8_t)reader->at[0] << 8 | (uint8_t)reader->at[1];
	reader->at += 2;
	reader->left -= 2;
	return true;
}

static bool read_field(struct reader *reader, struct field *ret_field) {
	uint32_t size;
	if (!read_number(reader, &size) || size > reader->left) {
		return false;
	}
	*ret_field = (struct field){.bytes = reader->at, .size = size};
	reader->at += size;
	reader->left -= size;
	return true;
}

static bool field_is(const struct field *field, const char *text) {
	return field->size == strlen(text) && memcmp(field->bytes, text, field->size) == 0;
}

bool hk_x11_cookie_find(const char *bytes, size_t size, const char *hostname, const char *number,
	struct hk_x11_cookie *ret_cookie) {
	struct reader reader = {.at = bytes, .left = size};
	uint32_t family;
	struct field address;
	struct field display;
	struct field name;
	struct field data;
	while (read_number(&reader, &family) && read_field(&reader, &address) &&
		read_field(&reader, &display) && read_field(&reader, &name) &&
		read_field(&reader, &data)) {
		bool here = family == FAMILY_WILD ||
			    (family == FAMILY_LOCAL && field_is(&address, hostname));
		if (here && (display.size == 0 || field_is(&display, number)) &&
			field_is(&name, HK_X11_COOKIE_NAME) && data.size > 0 &&
			data.size <= HK_X11_COOKIE_MAX) {
			struct hk_x11_cookie cookie = {.size = data.size};
			memcpy(cookie.bytes, data.bytes, data.size);
			*ret_cookie = cookie;
			return true;
		}
	}
	return false;
}
