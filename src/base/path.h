/* SPDX-License-Identifier: MIT */
/* path.h: paths as texts. Nothing here looks at a file system. */
#ifndef HK_BASE_PATH_H
#define HK_BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

bool hk_path_is_absolute(const char *path);

/* Absolute, and no empty, "." or ".." component, no slash at the end (but "/" itself). */
bool hk_path_is_clean(const char *path);

/* The lexical clean-up of an absolute path: "/a//b/../c" is "/a/c", "/.." is "/". NULL: out of
 * memory. */
char *hk_path_clean(struct hk_arena *arena, const char *path);

/* parent and name with one slash between them. NULL: out of memory. */
char *hk_path_join(struct hk_arena *arena, const char *parent, const char *name);

/*
 * If the clean path lies in the clean directory (or is it), what remains below it: "" for the
 * directory itself, else a relative path; points into path. NULL if it lies elsewhere.
 */
const char *hk_path_below(const char *path, const char *directory);

/* What follows the last slash; for "/" itself "". Points into path. */
const char *hk_path_name(const char *path);

/* The directory that holds the clean path; "/" for "/" and its children. NULL: out of memory. */
char *hk_path_parent(struct hk_arena *arena, const char *path);

#endif
