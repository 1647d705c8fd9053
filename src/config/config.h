/* SPDX-License-Identifier: MIT */
/*
 * config.h: a configuration in memory: what the person wrote, read strictly and not yet looked
 * at in the light of the system. docs/configuration.md describes each field; the table in
 * field_rows.h is the one source of their names, types, limits and texts.
 *
 * All memory lies in the arena that was given to the reader. A pointer is NULL where a key is
 * absent.
 */
#ifndef HK_CONFIG_CONFIG_H
#define HK_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

#define HK_CONFIG_BYTES_MAX (1024 * 1024) /* of one file */
#define HK_CONFIG_LIST_MAX  4096	  /* items of one list, keys of one object */
#define HK_CONFIG_PATH_MAX  4095	  /* bytes of a path */
#define HK_CONFIG_LOWER_MAX 500		  /* lower directories of an overlay, the kernel's limit */
#define HK_IDENTITY_MAX	    9999

/* A boolean whose default depends on who asks. */
enum hk_tristate { HK_UNSET, HK_FALSE, HK_TRUE };

struct hk_enablements {
	bool wayland;
	bool x11;
	bool dbus;
	bool pulse;
};

/* NAME=RULE of a bus policy, NAME=VALUE of an environment; in file order. */
struct hk_pair {
	const char *name;
	const char *value;
};
struct hk_pairs HK_VEC(struct hk_pair);

struct hk_bus_policy {
	struct hk_strs see;
	struct hk_strs talk;
	struct hk_strs own;
	struct hk_pairs call;
	struct hk_pairs broadcast;
	bool log;
	bool filter;
};

/* An ACL entry for the target on a host path. */
struct hk_extra_perm {
	size_t skipped; /* null before it in its list, which its place in the file counts */
	const char *path;
	bool ensure; /* create it first, as a directory 0700 */
	bool r;
	bool w;
	bool x;
};
struct hk_extra_perms HK_VEC(struct hk_extra_perm);

enum hk_fs_type { HK_FS_BIND, HK_FS_EPHEMERAL, HK_FS_OVERLAY, HK_FS_LINK, HK_FS_TYPES };

/* One element of container.filesystem. Only the fields of its type are set. */
struct hk_fs {
	enum hk_fs_type type;
	const char *dst; /* bind: never NULL, src where the file has none */
	/* bind */
	const char *src;
	bool write; /* ephemeral too */
	bool dev;   /* implies write */
	bool ensure;
	bool optional;
	bool special; /* autoroot (dst "/") or autoetc (dst "/etc") */
	/* ephemeral */
	int64_t size; /* bytes; 0: the kernel's default; never negative */
	int64_t perm; /* permission bits, default 0755 */
	/* overlay */
	struct hk_strs lower;
	const char *upper;
	const char *work;
	/* link */
	const char *linkname;
	bool dereference;
};
struct hk_fss HK_VEC(struct hk_fs);

struct hk_config_container {
	const char *hostname;
	int64_t wait_delay; /* ns, as written */
	bool seccomp_compat;
	bool devel;
	bool userns;
	bool host_net;
	bool host_abstract;
	bool tty;
	bool multiarch;
	struct hk_pairs env;
	bool map_real_uid;
	bool device;
	enum hk_tristate share_runtime; /* never HK_UNSET once read: the layout's default */
	enum hk_tristate share_tmpdir;
	struct hk_fss filesystem;
};

struct hk_config {
	const char *id;
	int64_t identity;
	struct hk_strs groups;
	struct hk_enablements enablements;
	struct hk_bus_policy *session_bus; /* NULL: the built-in policy */
	struct hk_bus_policy *system_bus;  /* NULL: no system bus */
	bool direct_wayland;
	struct hk_extra_perms extra_perms;
	const char *path;
	struct hk_strs args;
	const char *username; /* NULL: HK_CONFIG_USERNAME */
	const char *shell;
	const char *home;
	struct hk_config_container *container; /* NULL: permissive defaults */
};

#define HK_CONFIG_USERNAME "chronos"

/*
 * Reads a configuration from the JSON text, which need not be NUL-terminated, in either layout.
 * Everything that one file can tell is checked: syntax, keys, types, ranges, paths (cleaned
 * here), names, mounts. Errors name the place: "container.filesystem[3].dst: not an absolute
 * path"; syntax errors line and column. source is what to call the text in an error, or NULL.
 */
int hk_config_parse(struct hk_arena *arena, const char *text, size_t size, const char *source,
	struct hk_config *ret_config, struct hk_err *err);

/*
 * Reads FILE as the command line names it: "-" is standard input, a number >= 3 an inherited
 * descriptor (which stays open), anything else a path. At most HK_CONFIG_BYTES_MAX. Standard
 * input and descriptors are read to their end, however long that takes; a FIFO that is named by
 * its path has a second to get a writer. Errors name the file.
 */
int hk_config_read(
	struct hk_arena *arena, const char *file, struct hk_config *ret_config, struct hk_err *err);

/* Only the bytes of what the command line calls file, and what to call it in messages (in the
 * arena, or file itself). */
int hk_config_read_text(struct hk_arena *arena, const char *file, struct hk_str *text,
	const char **ret_source, struct hk_err *err);

/*
 * The same for a bus policy in a file of its own: what session_bus and system_bus of a
 * configuration hold. Names in it are checked by hk_config_validate, which knows the bus.
 */
int hk_config_parse_policy(struct hk_arena *arena, const char *text, size_t size,
	const char *source, struct hk_bus_policy *ret_policy, struct hk_err *err);
int hk_config_read_policy(struct hk_arena *arena, const char *file,
	struct hk_bus_policy *ret_policy, struct hk_err *err);

/* The checks that also hold for a configuration made by the command line: what parse checks,
 * but by value. Called by parse. */
int hk_config_validate(const struct hk_config *config, struct hk_err *err);

#endif
