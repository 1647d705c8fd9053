/* SPDX-License-Identifier: MIT */
#include "cli/colour.h"

#include <string.h>
#include <unistd.h>

#include "base/colour.h"
#include "sys/sys.h"

/* no-color.org: any value but the empty one. */
static bool is_wanted(int fd) {
	const char *no_color = hk_sys_getenv("NO_COLOR");
	if ((no_color && no_color[0]) || hk_sys_isatty(fd) != 1) {
		return false;
	}
	const char *term = hk_sys_getenv("TERM");
	return term && term[0] && strcmp(term, "dumb") != 0;
}

static void add(struct hk_str *out, const char *colour, const char *text) {
	bool wanted = is_wanted(STDOUT_FILENO);
	hk_str_addf(out, "%s%s%s", wanted ? colour : "", text, wanted ? HK_COLOUR_END : "");
}

void hk_colour_add_head(struct hk_str *out, const char *text) {
	add(out, HK_COLOUR_BOLD, text);
}

void hk_colour_add_bad(struct hk_str *out, const char *text) {
	add(out, HK_COLOUR_RED, text);
}

bool hk_colour_of_errors(void) {
	return is_wanted(STDERR_FILENO);
}
