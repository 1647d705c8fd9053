/* SPDX-License-Identifier: MIT */
/* option.h: command line options from a table: long names with one or two dashes, a value after
 * "=" or as the next argument, and "--" or the first other argument as their end. */
#ifndef HK_CLI_OPTION_H
#define HK_CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum hk_option_kind {
	HK_OPTION_FLAG,	  /* bool */
	HK_OPTION_TEXT,	  /* const char * */
	HK_OPTION_LIST,	  /* struct hk_strs: may be given more than once */
	HK_OPTION_NUMBER, /* int64_t: decimal, 0 to 4294967295 */

};

struct hk_option {
	const char *name;     /* without dashes */
	const char *argument; /* the value, as in cli/word.h; NULL for a flag */
	enum hk_option_kind kind;
	size_t offset; /* where the value goes in the command's options struct */
	const char *help;
};

struct hk_options {
	const struct hk_option *rows;
	size_t count;
};

/* A table, and the struct that its values go into. */
struct hk_options_into {
	const struct hk_options *options;
	void *values;
};

/*
 * Reads the options at the start of argv[0..argc), each by the first of the tables that has it;
 * *ret_used is how many arguments they were. Texts are borrowed from argv. of: the command whose
 * options they are, for errors; NULL: of none. Errors name the option, and the one that may have
 * been meant.
 */
int hk_options_parse(const struct hk_options_into *tables, size_t count, const char *of,
	struct hk_arena *arena, int argc, char *const argv[], int *ret_used, struct hk_err *err);

/* What is written in front of the name: one dash where it is a single letter, else two. */
const char *hk_option_dashes(const char *name);

/* Is the row at index another name of the option at first? They set the same. */
bool hk_option_is_alias(const struct hk_options *options, size_t index, size_t first);

/* The rows as lines of help; aliases share one. */
void hk_options_print(const struct hk_options *options, struct hk_str *out);

#endif
