/* SPDX-License-Identifier: MIT */
/* command.h: what a command of hakurei is. One file each, and a row in command.c. */
#ifndef HK_CLI_COMMAND_H
#define HK_CLI_COMMAND_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "cli/option.h"

/* Exit statuses of hakurei itself. A program's own status is passed on, 128+N when signal N
 * killed it; 126 and 127 say that it could not be executed, or does not exist. */
enum hk_status {
	HK_STATUS_OK = 0,
	HK_STATUS_NO = 1, /* the answer is no: what show was asked about is not valid */
	HK_STATUS_FAILED = 125,
	HK_STATUS_NOT_EXECUTABLE = 126,
	HK_STATUS_NOT_FOUND = 127,
};

/* What every command is told. */
struct hk_cli {
	struct hk_arena *arena; /* until the program ends */
	struct hk_log *log;
	bool json;
};

struct hk_command {
	const char *name;
	const char *arguments; /* "[options] FILE [ARGUMENT...]": cli/word.h says what that means */
	const char *summary;
	struct hk_options options;
	size_t values_size; /* of the struct that the options are read into, zeroed */
	bool for_root;	    /* does nothing that root must not */
	bool passes_on;	    /* what follows its first argument is a program's */
	/* Returns an exit status, or a negative number and an error (status 125). values: the
	 * options; argv: what follows them. */
	int (*run)(const struct hk_cli *cli, void *values, int argc, char *const argv[],
		struct hk_err *err);
};

extern const struct hk_command hk_command_run;
extern const struct hk_command hk_command_app;
extern const struct hk_command hk_command_check;
extern const struct hk_command hk_command_show;
extern const struct hk_command hk_command_ps;
extern const struct hk_command hk_command_recover;
extern const struct hk_command hk_command_doctor;
extern const struct hk_command hk_command_template;
extern const struct hk_command hk_command_version;
extern const struct hk_command hk_command_license;
extern const struct hk_command hk_command_help;

/* The table; NULL behind the last. */
const struct hk_command *hk_command_at(size_t index);
const struct hk_command *hk_command_find(const char *name);

/* What can be said in front of every command; the common ones also behind it. */
struct hk_global {
	bool verbose;
	bool json;
	bool help;
	bool version;
};
extern const struct hk_options hk_global_options;
extern const struct hk_options hk_common_options;

/* What the exit statuses mean, for help and manual. */
struct hk_status_meaning {
	const char *status;
	const char *meaning;
};
/* The table; NULL behind the last. */
const struct hk_status_meaning *hk_status_meaning_at(size_t index);

/* The error that there is no such command, with the one that may have been meant. */
int hk_command_say_unknown(const char *name, struct hk_err *err);

/* Writes out to standard output. A reader that is gone is an error. */
int hk_cli_print(const struct hk_str *out, struct hk_err *err);

/* No argument may follow. */
int hk_cli_no_arguments(const struct hk_command *command, int argc, struct hk_err *err);

#endif
