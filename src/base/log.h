/* SPDX-License-Identifier: MIT */
/*
 * log.h: what a main program says to the person, on descriptor 2, one line at a time. Libraries
 * do not print: they return errors, and say what they do through a log that they are given.
 */
#ifndef HK_BASE_LOG_H
#define HK_BASE_LOG_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct hk_log {
	const char *name;	   /* in front of every line: "hakurei" */
	bool (*is_coloured)(void); /* is descriptor 2 a place for colours? NULL: no */
	bool verbose;		   /* are lines of hk_log_verbose wanted? */
	bool held;		   /* while true, lines are kept in `kept` instead of printed */
	struct hk_str kept; /* at most HK_LOG_KEPT_MAX bytes; what is over is dropped and counted */
	unsigned int dropped;
};

#define HK_LOG_KEPT_MAX (1024 * 1024)

/* "NAME: TEXT": always shown. Lines are cut at 4 KiB. Strings that are not ours: HK_ESC. */
void hk_log_line(struct hk_log *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "NAME: ERROR TEXT". */
void hk_log_error(struct hk_log *log, const struct hk_err *err);

/* "NAME: warning: TEXT". */
void hk_log_warning(struct hk_log *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "NAME: TEXT" if verbose; tells the story of a start in order. A NULL log says nothing. */
void hk_log_verbose(struct hk_log *log, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Holds lines back (while a program owns the terminal); releasing prints what was kept. */
void hk_log_hold(struct hk_log *log);
void hk_log_release(struct hk_log *log);

#endif
