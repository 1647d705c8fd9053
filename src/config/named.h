/* SPDX-License-Identifier: MIT */
/*
 * named.h: configurations by name. A directory may hold NAME.json, the base, and overrides
 * in NAME.d, which end in .json, too. The base is the first that is found; all overrides of that
 * name change it. So what a person changed stays changed when a package brings a new base.
 *
 * A configuration says what of the person a program gets. So what somebody else can write is not
 * used: the files and directories of a system directory have to be root's or the caller's own, and
 * writable for nobody else.
 */
#ifndef HK_CONFIG_NAMED_H
#define HK_CONFIG_NAMED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "config/config.h"
#include "config/findings.h"

#define HK_CONFIG_NAME_MAX 128 /* bytes of a name */
#define HK_CONFIG_PART_MAX 256 /* files of one configuration */

struct hk_config_dir {
	const char *path; /* absolute; need not exist */
	bool system;	  /* shared by all persons */
};

/* The first to last: where a base is looked for. Overrides are applied from last to first, those
 * of one directory in the order of their names, bytewise: so the first directory has the last
 * word. */
struct hk_config_dirs HK_VEC(struct hk_config_dir);

/* A file of a configuration, and the keys that it decides (config/merge.h). */
struct hk_config_part {
	const char *path;
	struct hk_strs keys;
};
struct hk_config_parts HK_VEC(struct hk_config_part); /* the base, then overrides in order */

/*
 * Is this word of a command line a name rather than a file? It is unless it is "-" or a number,
 * has a slash or ends in ".json". It may still be a bad name: hk_config_read_named says so. Nothing
 * is looked up.
 */
bool hk_config_is_name(const char *word);

/*
 * Reads the configuration of that name. Errors are one line that names the file; for a name that is
 * not there, the nearest one or what there is. findings: NULL, or where the problems go of what the
 * files are together, without lines; errors are then about single files.
 */
int hk_config_read_named(struct hk_arena *arena, const struct hk_config_dirs *dirs,
	const char *name, struct hk_config_findings *findings, struct hk_config *ret_config,
	struct hk_config_parts *ret_parts, struct hk_err *err);

/* The names of all bases, sorted, each once. Directories that cannot be read have none. */
int hk_config_list_names(struct hk_arena *arena, const struct hk_config_dirs *dirs,
	struct hk_strs *ret_names, struct hk_err *err);

#endif
