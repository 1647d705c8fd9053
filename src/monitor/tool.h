/* SPDX-License-Identifier: MIT */
/* tool.h: programs of the system that the person could start as well. */
#ifndef HK_MONITOR_TOOL_H
#define HK_MONITOR_TOOL_H

#include "base/arena.h"
#include "base/err.h"

#define HK_TOOL_OUTPUT_MAX (1024 * 1024)

/* The first executable file of that name in an absolute directory of PATH. -ENOENT: none. */
int hk_tool_find(struct hk_arena *arena, const char *name, const char **ret_path);

/* Runs the program to its end, with no environment, and reads what it prints (errors too), at most
 * HK_TOOL_OUTPUT_MAX bytes. Returns its wait status. */
int hk_tool_read(struct hk_arena *arena, const char *path, const char *const argv[],
	char **ret_text, size_t *ret_size, struct hk_err *err);

#endif
