/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "errno_name.h"

/* How many bytes at s form one valid UTF-8 character; 0: none do. */
static size_t character(const unsigned char *s, size_t left) {
	if (s[0] < 0x80) {
		return 1;
	}
	size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || length > left) {
		return 0;
	}
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80) {
			return 0;
		}
	}
	bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
	bool forbidden = (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f);
	return overlong || forbidden ? 0 : length;
}

static void quoted(const char *bytes, size_t length) {
	const unsigned char *s = (const unsigned char *)bytes;
	(void)putchar('"');
	for (size_t i = 0; i < length;) {
		size_t size = character(s + i, length - i);
		if (size == 0) {
			printf("\\udc%02x", s[i]);
			i++;
			continue;
		}
		if (s[i] < 0x20 || s[i] == 0x7f) {
			printf("\\u%04x", s[i]);
		} else {
			if (s[i] == '"' || s[i] == '\\') {
				(void)putchar('\\');
			}
			(void)fwrite(s + i, 1, size, stdout);
		}
		i += size;
	}
	(void)putchar('"');
}

static void begin(struct hk_json *json, const char *key) {
	if (json->comma) {
		printf(", ");
	}
	if (key) {
		quoted(key, strlen(key));
		printf(": ");
	}
	json->comma = true;
}

void hk_json_object(struct hk_json *json, const char *key) {
	begin(json, key);
	(void)putchar('{');
	json->comma = false;
}

void hk_json_object_end(struct hk_json *json) {
	(void)putchar('}');
	json->comma = true;
}

void hk_json_list(struct hk_json *json, const char *key) {
	begin(json, key);
	(void)putchar('[');
	json->comma = false;
}

void hk_json_list_end(struct hk_json *json) {
	(void)putchar(']');
	json->comma = true;
}

void hk_json_bytes(struct hk_json *json, const char *key, const char *bytes, size_t length) {
	begin(json, key);
	quoted(bytes, length);
}

void hk_json_string(struct hk_json *json, const char *key, const char *text) {
	if (!text) {
		hk_json_null(json, key);
		return;
	}
	hk_json_bytes(json, key, text, strlen(text));
}

void hk_json_number(struct hk_json *json, const char *key, int64_t number) {
	begin(json, key);
	printf("%" PRId64, number);
}

void hk_json_unsigned(struct hk_json *json, const char *key, uint64_t number) {
	begin(json, key);
	printf("%" PRIu64, number);
}

void hk_json_bool(struct hk_json *json, const char *key, bool value) {
	begin(json, key);
	printf(value ? "true" : "false");
}

void hk_json_null(struct hk_json *json, const char *key) {
	begin(json, key);
	printf("null");
}

void hk_json_errno(struct hk_json *json, const char *key, int code) {
	if (code == 0) {
		hk_json_null(json, key);
		return;
	}
	struct hk_errno_name name = hk_errno_name(code);
	hk_json_string(json, key, name.text);
}

void hk_json_line_end(struct hk_json *json) {
	(void)putchar('\n');
	(void)fflush(stdout);
	json->comma = false;
}
