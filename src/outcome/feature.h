/* SPDX-License-Identifier: MIT */
/*
 * feature.h: the inside of finalise: what a feature is, what it is told, and how it adds to the
 * plan. Order and list of the features: features.c.
 */
#ifndef HK_OUTCOME_FEATURE_H
#define HK_OUTCOME_FEATURE_H

#include "outcome/outcome.h"

/* Where the files of hakurei are in every container. A small tmpfs, read-only in the end. */
#define HK_OUTCOME_INNER "/.hakurei"

/* A host directory that no mount should show by accident. */
struct hk_outcome_hidden {
	const char *path; /* without links */
	bool always;	  /* also in a root that is bound as a whole */
};
struct hk_outcome_hiddens HK_VEC(struct hk_outcome_hidden);

/* What the features read, and the plan that they fill. */
struct hk_outcome_state {
	/* read-only for features */
	const struct hk_outcome_input *input;
	struct hk_config config;   /* the defaults filled in: container, path and shell are set */
	struct hk_arena *arena;	   /* of the plan */
	const char *runtime_dir;   /* the person's, on the host: holds the run directory */
	bool runtime_in_share;	   /* there was none: it is ours to make */
	const char *inner_runtime; /* the runtime directory in the container */
	const struct hk_fs *root;  /* the mount whose place is "/", or NULL: an empty tmpfs */
	struct hk_outcome_hiddens hidden; /* sorted by path */

	/* filled by features */
	const char *runtime_source; /* shared directories on the host; NULL: private ones */
	const char *tmpdir_source;
	struct hk_plan plan;
	struct hk_pairs env;   /* the configuration's, then the features', which win */
	struct hk_strs places; /* container paths that a later mount should not cover */
};

/*
 * One feature. First every enabled feature adds its host half, then every one its container
 * half, both in the table's order. A half may be NULL.
 */
struct hk_outcome_feature {
	const char *name;
	bool (*enabled)(const struct hk_config *config); /* NULL: always */
	int (*host)(struct hk_outcome_state *state, struct hk_err *err);
	int (*container)(struct hk_outcome_state *state, struct hk_err *err);
};

/* -- the features, one file each ---------------------------------------------------------- */

extern const struct hk_outcome_feature hk_outcome_params;
extern const struct hk_outcome_feature hk_outcome_runtime;
extern const struct hk_outcome_feature hk_outcome_tmpdir;
extern const struct hk_outcome_feature hk_outcome_account;
extern const struct hk_outcome_feature hk_outcome_wayland;
extern const struct hk_outcome_feature hk_outcome_x11;
extern const struct hk_outcome_feature hk_outcome_pulse;
extern const struct hk_outcome_feature hk_outcome_dbus;
extern const struct hk_outcome_feature hk_outcome_filesystem;

/* The table: features.c. */
extern const struct hk_outcome_feature *const hk_outcome_features[];
extern const size_t hk_outcome_feature_count;

/* -- adding to the plan (add.c): texts are borrowed, all return 0 or an error --------------- */

/* A host directory, once; stays: not removed when the last instance that lists it ends. */
int hk_outcome_add_directory(struct hk_outcome_state *state, const char *path, uint32_t mode,
	bool stays, struct hk_err *err);

/* An ACL entry for the target, with all the HK_ACL_* bits that are asked for on that path. */
int hk_outcome_add_acl(
	struct hk_outcome_state *state, const char *path, uint32_t bits, struct hk_err *err);

/*
 * The directory that instances of one identity share: share/KIND/IDENTITY, where the target may
 * do as it likes, with everything above it. ret_source: the directory in there that the shim
 * makes, as the target, and the container gets.
 */
int hk_outcome_add_shared(struct hk_outcome_state *state, const char *kind, const char **ret_source,
	struct hk_err *err);

/* A copy of op at the end of the mounts. */
int hk_outcome_add_mount(
	struct hk_outcome_state *state, const struct hk_mount_op *op, struct hk_err *err);

/* A variable of the program. One that is there already is replaced; if that was the
 * configuration's and had another value, a warning says so. */
int hk_outcome_add_env(
	struct hk_outcome_state *state, const char *name, const char *value, struct hk_err *err);

/* A container path, clean, that the features have put something on. */
int hk_outcome_add_place(struct hk_outcome_state *state, const char *path, struct hk_err *err);

/* A line for the person. Not escaped: whoever shows it does that. */
int hk_outcome_add_warning(struct hk_outcome_state *state, struct hk_err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A line for whoever wonders why something does not work: less than a warning. Likewise. */
int hk_outcome_add_hint(struct hk_outcome_state *state, struct hk_err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* -- sockets of the person's servers (socket.c) --------------------------------------------- */

/* Is there a socket at path, where the server has to be? what: the server, for the error. */
int hk_outcome_check_socket(
	const char *what, const char *path, mode_t *ret_mode, struct hk_err *err);

/* Gives socket, of that mode, the name in the instance directory, and the target the right to
 * connect to it. */
int hk_outcome_link_socket(struct hk_outcome_state *state, const char *name, const char *socket,
	mode_t mode, struct hk_err *err);

/* Puts a socket at target. source: absolute, or a name in the instance directory. */
int hk_outcome_bind_socket(
	struct hk_outcome_state *state, const char *source, const char *target, struct hk_err *err);

/* A link to target in the runtime directory inside, for programs that know no other place, if
 * that directory is the instance's own. */
int hk_outcome_link_runtime(
	struct hk_outcome_state *state, const char *name, const char *target, struct hk_err *err);

/* -- parts of finalise --------------------------------------------------------------------- */

/* Fills in runtime_dir, share, the inner ids and inner_runtime (paths.c). */
int hk_outcome_find_paths(struct hk_outcome_state *state, struct hk_err *err);

/* Fills in hidden (hide.c). */
int hk_outcome_find_hidden(struct hk_outcome_state *state, struct hk_err *err);

/* Covers what fs, which has just been added, shows of the hidden directories (hide.c). */
int hk_outcome_hide(struct hk_outcome_state *state, const struct hk_fs *fs, struct hk_err *err);

/* Adds the configured mount, and what has to be hidden in it (mount.c). */
int hk_outcome_mount(struct hk_outcome_state *state, const struct hk_fs *fs, struct hk_err *err);

/* Does autoroot leave out the entry that rest, a path relative to its source, begins with? */
bool hk_outcome_autoroot_skips(const char *rest);

/* Warns of groups that give away more than their name says (groups.c). */
int hk_outcome_warn_groups(struct hk_outcome_state *state, struct hk_err *err);

/* The directories that sockets of the system bus are in; those of ours, too, of an address that
 * says so (dbus.c). */
int hk_outcome_find_system_bus_dirs(
	struct hk_arena *arena, struct hk_strs *ret_dirs, struct hk_err *err);

/* The path without a link in it; of what does not exist (yet), its parents' (paths.c). */
int hk_outcome_resolve(
	struct hk_arena *arena, const char *path, const char **ret_path, struct hk_err *err);

#endif
