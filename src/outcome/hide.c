/* SPDX-License-Identifier: MIT */
/*
 * hide.c: path hiding. A mount of much (the host's root, a home) shows directories of the
 * person's session that no program in a container has any business in. They are covered with an
 * empty tmpfs. A convenience and no boundary: their modes and the target's uid keep them shut.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "outcome/feature.h"
#include "sys/sys.h"

#define HIDE_SIZE 8192

/* Directories of the host that may be missing: nothing to hide then. */
#define NSCD_DIR "/var/run/nscd"

static int add_hidden(
	struct hk_outcome_state *state, const char *path, bool always, struct hk_err *err) {
	const char *resolved;
	int r = hk_outcome_resolve(state->arena, path, &resolved, err);
	if (r < 0) {
		return r;
	}
	struct hk_outcome_hidden *hidden = hk_vec_add(state->arena, &state->hidden);
	if (!hidden) {
		return hk_err_oom(err);
	}
	*hidden = (struct hk_outcome_hidden){.path = resolved, .always = always};
	return 0;
}

/* Is the directory more than a bus's: the root, a home, the place of temporary files? */
static bool is_too_much(const struct hk_outcome_state *state, const char *path) {
	const char *ours[] = {state->runtime_dir, state->plan.share, state->input->store, "/run"};
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (hk_path_below(ours[i], path)) {
			return true;
		}
	}
	return false;
}

/* Over the system bus, things are started: where a socket of it lies, nothing else is looked for.
 */
static int add_system_bus_dirs(struct hk_outcome_state *state, struct hk_err *err) {
	struct hk_strs dirs = {0};
	int r = hk_outcome_find_system_bus_dirs(state->arena, &dirs, err);
	for (size_t i = 0; r == 0 && i < dirs.count; i++) {
		struct stat found;
		if (hk_sys_stat(dirs.items[i], &found) == 0 && !is_too_much(state, dirs.items[i])) {
			r = add_hidden(state, dirs.items[i], true, err);
		}
	}
	return r;
}

static int compare(const void *a, const void *b) {
	const struct hk_outcome_hidden *left = a;
	const struct hk_outcome_hidden *right = b;
	return strcmp(left->path, right->path);
}

int hk_outcome_find_hidden(struct hk_outcome_state *state, struct hk_err *err) {
	/* always: also in a root that is bound whole. There the person wants the host as it is,
	 * but what is started over the system bus, or trusted by recovery, is out of bounds. */
	const struct {
		const char *path;
		bool if_exists;
		bool always;
	} directories[] = {
		{state->runtime_dir, false, false},
		{state->plan.share, false, false},
		{state->input->store, false, true},
		{NSCD_DIR, true, false},
	};
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		struct stat found;
		if (directories[i].if_exists &&
			hk_sys_stat(directories[i].path, &found) == -ENOENT) {
			continue;
		}
		int r = add_hidden(state, directories[i].path, directories[i].always, err);
		if (r < 0) {
			return r;
		}
	}
	int r = add_system_bus_dirs(state, err);
	if (r < 0) {
		return r;
	}
	/* So that a directory comes before what is in it. */
	qsort(state->hidden.items, state->hidden.count, sizeof(*state->hidden.items), compare);
	return 0;
}

/* Where the container has what is at rest below a source of fs; NULL: nowhere. */
static int place_of(struct hk_outcome_state *state, const struct hk_fs *fs, const char *rest,
	const char **ret_place, struct hk_err *err) {
	const char *place;
	if (fs->type == HK_FS_BIND && fs->special && strcmp(fs->dst, "/") == 0) {
		if (hk_outcome_autoroot_skips(rest)) {
			*ret_place = NULL;
			return 0;
		}
		place = hk_path_join(state->arena, "/", rest);
	} else if (fs->type == HK_FS_BIND && fs->special) {
		place = hk_arena_printf(state->arena, "%s/.host/%s/%s", fs->dst,
			hk_id_format(&state->plan.id).text, rest);
	} else {
		place = hk_path_join(state->arena, fs->dst, rest);
	}
	if (!place) {
		return hk_err_oom(err);
	}
	*ret_place = place;
	return 0;
}

/* Would covering place cover something of ours, or be covered by it? */
static bool is_ours(
	const struct hk_outcome_state *state, const struct hk_fs *fs, const char *place) {
	if (fs == state->root && hk_path_below(place, state->inner_runtime)) {
		return true; /* ours is put there later, over whatever the root shows */
	}
	for (size_t i = 0; i < state->places.count; i++) {
		if (hk_path_below(state->places.items[i], place)) {
			return true;
		}
	}
	return false;
}

/* Hides what lies inside source (and is not source itself: that was asked for by name). */
static int hide_in(struct hk_outcome_state *state, const struct hk_fs *fs, const char *source,
	struct hk_err *err) {
	const char *resolved;
	int r = hk_outcome_resolve(state->arena, source, &resolved, err);
	if (r < 0) {
		return r;
	}
	const bool whole_root = fs == state->root && !fs->special;
	const char *covered = NULL; /* host path of the last one that was hidden */
	for (size_t i = 0; i < state->hidden.count; i++) {
		const struct hk_outcome_hidden *hidden = &state->hidden.items[i];
		const char *rest = hk_path_below(hidden->path, resolved);
		if (!rest || !*rest || (whole_root && !hidden->always) ||
			(covered && hk_path_below(hidden->path, covered))) {
			continue;
		}
		const char *place = NULL;
		r = place_of(state, fs, rest, &place, err);
		if (r < 0) {
			return r;
		}
		if (!place || is_ours(state, fs, place)) {
			continue;
		}
		const struct hk_mount_op cover = {
			.kind = HK_MOUNT_TMPFS,
			.target = place,
			.mode = 0755,
			.size = HIDE_SIZE,
			.flags = HK_MOUNT_HIDE,
		};
		r = hk_outcome_add_mount(state, &cover, err);
		if (r < 0) {
			return r;
		}
		covered = hidden->path;
	}
	return 0;
}

int hk_outcome_hide(struct hk_outcome_state *state, const struct hk_fs *fs, struct hk_err *err) {
	if (fs->type == HK_FS_BIND) {
		return hide_in(state, fs, fs->src, err);
	}
	if (fs->type != HK_FS_OVERLAY) {
		return 0;
	}
	int r = fs->upper ? hide_in(state, fs, fs->upper, err) : 0;
	for (size_t i = 0; r == 0 && i < fs->lower.count; i++) {
		r = hide_in(state, fs, fs->lower.items[i], err);
	}
	return r;
}
