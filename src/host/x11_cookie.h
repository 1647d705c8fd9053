/* SPDX-License-Identifier: MIT */
/* x11_cookie.h: the person's authority file (~/.Xauthority): what shows an X server who we are. */
#ifndef HK_HOST_X11_COOKIE_H
#define HK_HOST_X11_COOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HK_X11_AUTHORITY_MAX (1024 * 1024) /* bytes of a file */
#define HK_X11_COOKIE_MAX    256	   /* bytes of a cookie; they have 16 */
#define HK_X11_COOKIE_NAME   "MIT-MAGIC-COOKIE-1"

struct hk_x11_cookie {
	uint8_t bytes[HK_X11_COOKIE_MAX];
	size_t size; /* 0: there is none */
};

/*
 * The first cookie for the local display of that number, of a host of that name or of any, in
 * the text of an authority file. What is malformed ends the search, as it does for Xlib. False:
 * there is none.
 */
bool hk_x11_cookie_find(const char *bytes, size_t size, const char *hostname, const char *number,
	struct hk_x11_cookie *ret_cookie);

#endif
