/* SPDX-License-Identifier: MIT */
#include "cli/option.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/scan.h"
#include "base/vec.h"

#define HELP_COLUMN 26

static const struct hk_option *find(
	const struct hk_options *options, const char *name, size_t length) {
	for (size_t i = 0; i < options->count; i++) {
		const struct hk_option *row = &options->rows[i];
		if (strlen(row->name) == length && memcmp(row->name, name, length) == 0) {
			return row;
		}
	}
	return NULL;
}

static int store(const struct hk_option *row, struct hk_arena *arena, const char *value,
	void *values, struct hk_err *err) {
	unsigned char *slot = (unsigned char *)values + row->offset;
	uint32_t number;
	switch (row->kind) {
	case HK_OPTION_FLAG:
		*(bool *)slot = true;
		return 0;
	case HK_OPTION_TEXT:
		*(const char **)slot = value;
		return 0;
	case HK_OPTION_LIST:
		return hk_strs_add_borrowed(arena, (struct hk_strs *)slot, value) < 0
			       ? hk_err_oom(err)
			       : 0;
	case HK_OPTION_NUMBER:
	default:
		if (!hk_scan_number(value, UINT32_MAX, &number)) {
			return hk_err_say(err, -EINVAL, "option -%s: '%s' is not a number",
				row->name, HK_ESC(value));
		}
		*(int64_t *)slot = number;
		return 0;
	}
}

int hk_options_parse(const struct hk_options *options, struct hk_arena *arena, int argc,
	char *const argv[], void *values, int *ret_used, struct hk_err *err) {
	int used = 0;
	while (used < argc) {
		const char *word = argv[used];
		if (strcmp(word, "--") == 0) {
			used++;
			break;
		}
		if (word[0] != '-' || word[1] == '\0') {
			break; /* "-" alone is a file name: standard input */
		}
		const char *name = word + 1 + (word[1] == '-');
		const char *equals = strchr(name, '=');
		size_t length = equals ? (size_t)(equals - name) : strlen(name);
		const struct hk_option *row = find(options, name, length);
		if (!row) {
			return hk_err_say(err, -EINVAL, "unknown option '%s'", HK_ESC(word));
		}
		used++;
		const char *value = equals ? equals + 1 : NULL;
		if (!row->argument && value) {
			return hk_err_say(err, -EINVAL, "option -%s takes no value", row->name);
		}
		if (row->argument && !value) {
			if (used == argc) {
				return hk_err_say(err, -EINVAL, "option -%s needs a value: %s",
					row->name, row->argument);
			}
			value = argv[used++];
		}
		int r = store(row, arena, value, values, err);
		if (r < 0) {
			return r;
		}
	}
	*ret_used = used;
	return 0;
}

void hk_options_print(const struct hk_options *options, struct hk_str *out) {
	for (size_t i = 0; i < options->count; i++) {
		const struct hk_option *row = &options->rows[i];
		char head[64];
		(void)snprintf(head, sizeof(head), "-%s%s%s", row->name, row->argument ? " " : "",
			row->argument ? row->argument : "");
		hk_str_addf(out, "  %-*s %s\n", HELP_COLUMN, head, row->help);
	}
}
