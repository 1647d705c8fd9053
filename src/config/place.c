/* SPDX-License-Identifier: MIT */
#include "config/place.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"

#define PLACE_TEXT_MAX 1024 /* a longer one loses its end */
#define MESSAGE_MAX    1024

/* Returns the bytes used so far. */
static size_t write_place(const struct hk_place *place, char *text, size_t used) {
	if (place->up) {
		used = write_place(place->up, text, used);
	}
	int length;
	if (place->key) {
		length = snprintf(text + used, PLACE_TEXT_MAX - used, "%s%s", place->up ? "." : "",
			HK_ESC(place->key));
	} else {
		length = snprintf(text + used, PLACE_TEXT_MAX - used, "[%zu]", place->index);
	}
	if (length > 0) {
		used += (size_t)length;
	}
	return used < PLACE_TEXT_MAX ? used : PLACE_TEXT_MAX - 1;
}

int hk_config_place_say(
	const struct hk_place *place, struct hk_err *err, int code, const char *fmt, ...) {
	char message[MESSAGE_MAX];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	(void)hk_err_say(err, code, "%s", message);
	if (!place) {
		return code;
	}
	char text[PLACE_TEXT_MAX];
	(void)write_place(place, text, 0);
	return hk_err_frame(err, "%s", text);
}
