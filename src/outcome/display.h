/* SPDX-License-Identifier: MIT */
/* display.h: the name of an X display, as texts. Nothing here looks at a file system. */
#ifndef HK_OUTCOME_DISPLAY_H
#define HK_OUTCOME_DISPLAY_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define HK_DISPLAY_SOCKETS    "/tmp/.X11-unix" /* where the servers of ":N" listen */
#define HK_DISPLAY_NUMBER_MAX 65535

struct hk_display {
	const char *socket; /* absolute, clean */
	/* Where the name was a path that ends like ".S": the path without that, else NULL. Xlib
	 * takes it for a screen if nothing is at the whole path. */
	const char *socket_without_screen;
	uint32_t number; /* what the authority file calls it by; 0 for most paths */
	uint32_t screen;
};

/*
 * Reads ":N", ":N.S", "unix:N", "unix:N.S", "unix:/PATH" or "/PATH"; texts in the arena. Errors:
 * -EOPNOTSUPP for a display that is reached over the network ("HOST:N"), for its server cannot
 * know a uid; -EINVAL for what is no display.
 */
int hk_display_parse(struct hk_arena *arena, const char *text, struct hk_display *ret_display,
	struct hk_err *err);

/* The first number from 100 up that no abstract socket of an X display has. table: the text of
 * /proc/net/unix. */
uint32_t hk_display_find_free(const char *table);

#endif
