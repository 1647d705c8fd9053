/* SPDX-License-Identifier: MIT */
#include "config/place.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"

#define MESSAGE_MAX 1024

size_t hk_config_place_step(
	const char *key, size_t index, char text[static HK_CONFIG_PLACE_MAX], size_t used) {
	size_t room = HK_CONFIG_PLACE_MAX - used;
	int length = key ? snprintf(text + used, room, "%s%s", used ? "." : "", HK_ESC(key))
			 : snprintf(text + used, room, "[%zu]", index);
	if (length > 0) {
		used += (size_t)length;
	}
	return used < HK_CONFIG_PLACE_MAX ? used : HK_CONFIG_PLACE_MAX - 1;
}

static size_t write_place(
	const struct hk_place *place, char text[static HK_CONFIG_PLACE_MAX], size_t used) {
	if (place->up) {
		used = write_place(place->up, text, used);
	}
	return hk_config_place_step(place->key, place->index, text, used);
}

void hk_config_place_write(const struct hk_place *place, char text[static HK_CONFIG_PLACE_MAX]) {
	text[0] = '\0';
	if (place) {
		(void)write_place(place, text, 0);
	}
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
	char text[HK_CONFIG_PLACE_MAX];
	hk_config_place_write(place, text);
	return hk_err_frame(err, "%s", text);
}
