/* SPDX-License-Identifier: MIT */
/*
 * fake_sys.h: a little world in memory behind the looking part of sys/sys.h: environment, ids,
 * files, links, directories, users and groups. Linked instead of the real thing. Every path is
 * absolute; what is above it is made on the way, root's and 0755.
 */
#ifndef HK_TESTS_FAKE_SYS_H
#define HK_TESTS_FAKE_SYS_H

#include <stddef.h>
#include <sys/types.h>

/* An empty world: "/" and nothing else, uid and gid 1000, overflow ids 65534. */
void fake_reset(void);

void fake_ids(uid_t uid, gid_t gid);
void fake_overflow_ids(uid_t uid, gid_t gid);
void fake_env(const char *name, const char *value); /* NULL: not set */
void fake_working_directory(const char *path);
void fake_user(uid_t uid, const char *name, const char *home, const char *shell);
void fake_group(const char *name, gid_t gid);

void fake_directory(const char *path, mode_t mode, uid_t uid);
void fake_file(const char *path, mode_t mode, uid_t uid);
void fake_link(const char *path, const char *text);
void fake_socket(const char *path, mode_t mode, uid_t uid);

/* What the file at path, which exists, holds. */
void fake_content(const char *path, const void *bytes, size_t size);

/* A directory that the person cannot enter: whatever is below it answers -EACCES. */
void fake_closed(const char *path);

#endif
