/* SPDX-License-Identifier: MIT */
/*
 * need.h: the things that a backend needs, as rows of a table: a start wants to know whether they
 * are all there, `doctor` shows each.
 */
#ifndef HK_MONITOR_NEED_H
#define HK_MONITOR_NEED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/* In the arena; NULL where there is nothing to say. */
struct hk_need_answer {
	const char *there;  /* it is: what was found */
	const char *repair; /* it is not: the command for root that repairs it */
};

struct hk_need {
	const char *name;
	bool late; /* takes its time, or shows in the launch anyway: not looked at before a start */
	/* Is it there? The error says what is missing, and not how to repair it. */
	int (*look)(struct hk_arena *arena, struct hk_need_answer *answer, struct hk_err *err);
};

struct hk_needs {
	const struct hk_need *rows;
	size_t count;
};

/* Puts the command that repairs it behind what the error says; NULL: there is none. Returns the
 * error's code. */
int hk_need_say_repair(const char *repair, struct hk_err *err);

/* Looks at those that are not late, up to the first that is missing. */
int hk_needs_check(const struct hk_needs *needs, struct hk_arena *arena, struct hk_err *err);

/* That setuid programs work: no_new_privs is not set. */
int hk_need_privileges(struct hk_arena *arena, struct hk_need_answer *answer, struct hk_err *err);

/* That the system allows user namespaces, in which every container begins: a row for each of the
 * switches that may forbid them. */
extern const struct hk_needs hk_needs_userns;

#endif
