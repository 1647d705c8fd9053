/* SPDX-License-Identifier: MIT */
#include "cli/option.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/near.h"
#include "base/scan.h"
#include "base/vec.h"
#include "cli/word.h"

#define HELP_COLUMN 26
#define CHOICES_MAX 16

const char *hk_option_dashes(const char *name) {
	return name[0] && !name[1] ? "-" : "--";
}

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

static int say_unknown(const struct hk_options_into *tables, size_t count, const char *of,
	const char *word, const char *name, size_t length, struct hk_err *err) {
	char typed[HK_WORD_MAX];
	(void)snprintf(
		typed, sizeof(typed), "%.*s", (int)length, name); /* what is longer is not near */
	struct hk_near near = {.word = typed};
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < tables[i].options->count; j++) {
			hk_near_offer(&near, tables[i].options->rows[j].name);
		}
	}
	HK_AUTO(str) struct hk_str next = {0};
	if (near.best) {
		hk_str_addf(
			&next, "did you mean \"%s%s\"?", hk_option_dashes(near.best), near.best);
	} else {
		hk_str_addf(&next, "see `hakurei help%s%s`", of ? " " : "", of ? of : "");
	}
	return hk_err_say(err, -EINVAL, "%s%s no option \"%s\"%s; %s", of ? of : "",
		of ? " has" : "there is", HK_ESC(word), of ? "" : " in front of a command",
		next.text ? next.text : "");
}

/* The value has to be one of the words that the table has. */
static int check_choice(const struct hk_option *row, const char *value, struct hk_err *err) {
	HK_AUTO(str) struct hk_str known = {0};
	struct hk_word words[CHOICES_MAX];
	struct hk_near near = {.word = value};
	const char *rest = row->argument;
	for (size_t i = 0; i < CHOICES_MAX && hk_word_next(&rest, &words[i]); i++) {
		if (strcmp(words[i].text, value) == 0) {
			return 0;
		}
		hk_near_offer(&near, words[i].text);
		hk_str_addf(&known, "%s%s", i ? ", " : "", words[i].text);
	}
	return hk_err_say(err, -EINVAL, "option %s%s: \"%s\" is none of %s%s%s%s",
		hk_option_dashes(row->name), row->name, HK_ESC(value), known.text ? known.text : "",
		near.best ? "; did you mean \"" : "", near.best ? near.best : "",
		near.best ? "\"?" : "");
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
		return value && hk_word_is_choice(row->argument) ? check_choice(row, value, err)
								 : 0;
	case HK_OPTION_LIST:
		return hk_strs_add_borrowed(arena, (struct hk_strs *)slot, value) < 0
			       ? hk_err_oom(err)
			       : 0;
	case HK_OPTION_NUMBER:
	default:
		if (!hk_scan_number(value, UINT32_MAX, &number)) {
			return hk_err_say(err, -EINVAL, "option %s%s: '%s' is not a number",
				hk_option_dashes(row->name), row->name, HK_ESC(value));
		}
		*(int64_t *)slot = number;
		return 0;
	}
}

/* The value of the option in argv[0]: behind its equals sign, or argv[1], which then counts. */
static int find_value(const struct hk_option *row, const char *equals, int argc, char *const argv[],
	int *used, const char **ret_value, struct hk_err *err) {
	const char *dashes = hk_option_dashes(row->name);
	if (!row->argument && equals) {
		return hk_err_say(err, -EINVAL, "option %s%s takes no value", dashes, row->name);
	}
	if (!row->argument || equals) {
		*ret_value = equals ? equals + 1 : NULL;
		return 0;
	}
	if (argc < 2) {
		return hk_err_say(err, -EINVAL, "option %s%s needs a value: %s", dashes, row->name,
			row->argument);
	}
	*ret_value = argv[1];
	(*used)++;
	return 0;
}

int hk_options_parse(const struct hk_options_into *tables, size_t count, const char *of,
	struct hk_arena *arena, int argc, char *const argv[], int *ret_used, struct hk_err *err) {
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
		const struct hk_option *row = NULL;
		size_t table = 0;
		for (; table < count && !row; table++) {
			row = find(tables[table].options, name, length);
		}
		if (!row) {
			return say_unknown(tables, count, of, word, name, length, err);
		}
		const char *value = NULL;
		int r = find_value(row, equals, argc - used, argv + used, &used, &value, err);
		r = r < 0 ? r : store(row, arena, value, tables[table - 1].values, err);
		if (r < 0) {
			return r;
		}
		used++;
	}
	*ret_used = used;
	return 0;
}

bool hk_option_is_alias(const struct hk_options *options, size_t index, size_t first) {
	return index < options->count &&
	       options->rows[index].offset == options->rows[first].offset &&
	       options->rows[index].kind == options->rows[first].kind;
}

void hk_options_print(const struct hk_options *options, struct hk_str *out) {
	for (size_t i = 0; i < options->count;) {
		const struct hk_option *row = &options->rows[i];
		HK_AUTO(str) struct hk_str head = {0};
		for (size_t first = i; hk_option_is_alias(options, i, first); i++) {
			const char *name = options->rows[i].name;
			hk_str_addf(&head, "%s%s%s", i > first ? ", " : "", hk_option_dashes(name),
				name);
		}
		if (row->argument) {
			hk_str_addf(&head, " %s", row->argument);
		}
		hk_str_addf(out, "  %-*s", HELP_COLUMN, head.text ? head.text : "");
		if (head.length > HELP_COLUMN) {
			hk_str_addf(out, "\n%*s", HELP_COLUMN + 2, "");
		}
		hk_str_addf(out, " %s\n", row->help);
	}
}
