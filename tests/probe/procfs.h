/* SPDX-License-Identifier: MIT */
/* procfs.h: reading the kernel's text files. Where there is no /proc, nothing is found. */
#ifndef HK_PROBE_PROCFS_H
#define HK_PROBE_PROCFS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HK_PROBE_FILE_MAX (4 * 1024 * 1024)

/* The whole file, NUL-terminated, for free(). NULL with errno set on failure. */
char *hk_probe_read_file(const char *path, size_t *ret_length);

/* What follows "NAME:" and blanks in a status file; NULL: no such line. Points into status. */
const char *hk_probe_status_field(const char *status, const char *name);

struct hk_probe_link {
	char text[PATH_MAX];
};

/* The text of a symbolic link. False with errno set on failure. */
bool hk_probe_read_link(const char *path, struct hk_probe_link *ret_link);

#endif
