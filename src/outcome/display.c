/* SPDX-License-Identifier: MIT */
#include "outcome/display.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "base/scan.h"
#include "base/str.h"

#define SOCKET_NAME "X"
#define FREE_FIRST  100 /* real servers count up from 0 */

/* "N" or "N.S" */
static bool parse_number(const char *text, struct hk_display *display) {
	const char *dot = strchr(text, '.');
	size_t length = dot ? (size_t)(dot - text) : strlen(text);
	return hk_scan_number_n(text, length, HK_DISPLAY_NUMBER_MAX, &display->number) &&
	       (!dot || hk_scan_number(dot + 1, HK_DISPLAY_NUMBER_MAX, &display->screen));
}

/* A server that was told to listen elsewhere may still be named like the others. */
static uint32_t number_of_path(const char *path) {
	const char *name = hk_path_name(path);
	uint32_t number = 0;
	if (hk_str_starts(name, SOCKET_NAME)) {
		(void)hk_scan_number(name + strlen(SOCKET_NAME), HK_DISPLAY_NUMBER_MAX, &number);
	}
	return number;
}

static int parse_path(struct hk_arena *arena, const char *text, struct hk_display *ret_display,
	struct hk_err *err) {
	struct hk_display display = {.socket = hk_path_clean(arena, text)};
	if (!display.socket) {
		return hk_err_oom(err);
	}
	const char *dot = strrchr(display.socket, '.');
	if (dot && dot > strrchr(display.socket, '/') + 1 &&
		hk_scan_number(dot + 1, HK_DISPLAY_NUMBER_MAX, &display.screen)) {
		display.socket_without_screen =
			hk_arena_strndup(arena, display.socket, (size_t)(dot - display.socket));
		if (!display.socket_without_screen) {
			return hk_err_oom(err);
		}
	}
	display.number = number_of_path(
		display.socket_without_screen ? display.socket_without_screen : display.socket);
	*ret_display = display;
	return 0;
}

int hk_display_parse(struct hk_arena *arena, const char *text, struct hk_display *ret_display,
	struct hk_err *err) {
	const char *rest = hk_str_starts(text, "unix:") ? text + strlen("unix:") : text;
	if (hk_path_is_absolute(rest)) {
		return parse_path(arena, rest, ret_display, err);
	}
	const char *colon = strrchr(text, ':');
	struct hk_display display = {0};
	if (!colon || !parse_number(colon + 1, &display)) {
		return hk_err_say(err, -EINVAL, "invalid DISPLAY '%s'", HK_ESC(text));
	}
	if (colon != text && rest != colon + 1) {
		return hk_err_say(err, -EOPNOTSUPP,
			"DISPLAY '%s' is reached over the network, where the X server cannot tell "
			"one user from another: only local displays can be let through",
			HK_ESC(text));
	}
	display.socket =
		hk_arena_printf(arena, HK_DISPLAY_SOCKETS "/" SOCKET_NAME "%u", display.number);
	if (!display.socket) {
		return hk_err_oom(err);
	}
	*ret_display = display;
	return 0;
}

static bool is_taken(const char *table, uint32_t number) {
	char name[64];
	int length =
		snprintf(name, sizeof(name), "@" HK_DISPLAY_SOCKETS "/" SOCKET_NAME "%u", number);
	for (const char *at = table; (at = strstr(at, name)); at += length) {
		/* Padding with NULs is shown as "@". Anybody can choose a name like this, so what
		 * cannot be told apart is taken. */
		if (at[length] < '0' || at[length] > '9') {
			return true;
		}
	}
	return false;
}

uint32_t hk_display_find_free(const char *table) {
	uint32_t number = FREE_FIRST;
	while (number < HK_DISPLAY_NUMBER_MAX && is_taken(table, number)) {
		number++;
	}
	return number;
}
