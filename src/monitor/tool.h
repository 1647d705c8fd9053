/* SPDX-License-Identifier: MIT */
/* tool.h: programs of the system that the person could start as well. */
#ifndef HK_MONITOR_TOOL_H
#define HK_MONITOR_TOOL_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

#define HK_TOOL_OUTPUT_MAX (1024 * 1024)
#define HK_TOOL_TIMEOUT_MS 5000 /* a name service that does not answer must not hold us */

/* The first executable file of that name in an absolute directory of PATH. -ENOENT: none; another
 * error: none, and somewhere it could not be told whether there is one. */
int hk_tool_find(struct hk_arena *arena, const char *name, const char **ret_path);

/* Runs the program to its end, with no environment, and reads what it prints (errors too), at most
 * HK_TOOL_OUTPUT_MAX bytes. Returns its wait status; -ETIMEDOUT when it says nothing for longer
 * than HK_TOOL_TIMEOUT_MS. */
int hk_tool_read(struct hk_arena *arena, const char *path, const char *const argv[],
	char **ret_text, size_t *ret_size, struct hk_err *err);

/* Waits for a child that is such a program, HK_TOOL_TIMEOUT_MS at most: one that takes longer is
 * killed, and -ETIMEDOUT. */
int hk_tool_wait(pid_t pid, int *ret_status);

#endif
