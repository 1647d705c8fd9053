/* SPDX-License-Identifier: MIT */
/* str.h: texts: escaping what is not ours, and a buffer that grows. */
#ifndef HK_BASE_STR_H
#define HK_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An escaped text longer than this is shortened in its middle, with "..." there. */
#define HK_ESCAPED_MAX 600

struct hk_escaped {
	char text[HK_ESCAPED_MAX];
};

/*
 * A string from outside (path, name, what another process said) made safe to print on a
 * terminal: control characters (C0, DEL, C1), bidirectional marks, byte order marks and invalid
 * UTF-8 appear as \xNN or \u{NNNN}; everything else is unchanged. NULL yields "(null)".
 */
struct hk_escaped hk_escape(const char *text);

/* For printf's arguments: valid until the end of the full expression. */
#define HK_ESC(string) (hk_escape(string).text)

/* Decodes the first character (RFC 3629: no surrogates, no overlong forms) of a string that does
 * not end here. Returns its length in bytes, 0 if the bytes are not valid UTF-8. */
size_t hk_utf8_decode(const char *text, uint32_t *ret_point);

/* Characters that move the cursor, end the line, or turn the direction of what follows. */
bool hk_utf8_is_unsafe(uint32_t point);

/*
 * A text buffer. All zero is the empty one. A failed allocation is remembered: add as often as
 * you like, and look once at the end.
 */
struct hk_str {
	char *text; /* NUL-terminated once something was added, else NULL */
	size_t length;
	size_t room;
	bool failed;
};

void hk_str_add(struct hk_str *str, const char *text);
void hk_str_add_bytes(struct hk_str *str, const void *bytes, size_t length);
void hk_str_addf(struct hk_str *str, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Adds text escaped like hk_escape does, but never shortened. */
void hk_str_add_escaped(struct hk_str *str, const char *text);

/* Adds a JSON document, with what is unsafe in its strings as \uNNNN: it means the same, and can be
 * looked at on a terminal. Line feeds, which are between its parts only, stay. */
void hk_str_add_json(struct hk_str *str, const char *json);

/* Frees the text; the buffer is empty and usable again. */
void hk_str_finish(struct hk_str *str);

static inline void hk_auto_str(struct hk_str *str) {
	hk_str_finish(str);
}

bool hk_str_equal(const char *a, const char *b); /* NULL equals only NULL */
bool hk_str_starts(const char *text, const char *prefix);

/* Is text[0..length) one of the texts? */
bool hk_str_is_one_of(const char *text, size_t length, const char *const texts[], size_t count);

#endif
