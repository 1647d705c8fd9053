/* SPDX-License-Identifier: MIT */
/* place.h: where in a configuration an error is: "container.filesystem[3].dst". */
#ifndef HK_CONFIG_PLACE_H
#define HK_CONFIG_PLACE_H

#include <stddef.h>

#include "base/err.h"

#define HK_CONFIG_PLACE_MAX 1024 /* bytes of a place as text; a longer one loses its end */

/* A chain on the stack of whoever walks down; NULL is the whole configuration. */
struct hk_place {
	const struct hk_place *up;
	const char *key; /* of an object; NULL: an item of a list */
	size_t index;
};

/* Opens an error: "PLACE: MESSAGE". Returns code. */
int hk_config_place_say(const struct hk_place *place, struct hk_err *err, int code, const char *fmt,
	...) __attribute__((format(printf, 4, 5)));

/* The place as text, its keys escaped. */
void hk_config_place_write(const struct hk_place *place, char text[static HK_CONFIG_PLACE_MAX]);

/* Adds one step, a key or else an index, behind the first used bytes of the text. Returns how many
 * are used then. */
size_t hk_config_place_step(
	const char *key, size_t index, char text[static HK_CONFIG_PLACE_MAX], size_t used);

#endif
