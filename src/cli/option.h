/* SPDX-License-Identifier: MIT */
/* option.h: command line options from a table: long names with one or two dashes, a value after
 * "=" or as the next argument, and "--" or the first other argument as their end. */
#ifndef HK_CLI_OPTION_H
#define HK_CLI_OPTION_H

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
	const char *argument; /* what to call the value in help; NULL for a flag */
	enum hk_option_kind kind;
	size_t offset; /* where the value goes in the command's options struct */
	const char *help;
};

struct hk_options {
	const struct hk_option *rows;
	size_t count;
};

/*
 * Reads the options at the start of argv[0..argc) into values; *ret_used is how many arguments
 * they were. Texts are borrowed from argv. Errors name the option.
 */
int hk_options_parse(const struct hk_options *options, struct hk_arena *arena, int argc,
	char *const argv[], void *values, int *ret_used, struct hk_err *err);

/* The rows as lines of help. */
void hk_options_print(const struct hk_options *options, struct hk_str *out);

#endif
