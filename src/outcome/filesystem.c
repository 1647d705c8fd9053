/* SPDX-License-Identifier: MIT */
/* filesystem.c: what the configuration mounts, and the end of building the root. */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "outcome/feature.h"
#include "sys/sys.h"

static int filesystem_host(struct hk_outcome_state *state, struct hk_err *err) {
	const struct hk_extra_perms *perms = &state->config.extra_perms;
	for (size_t i = 0; i < perms->count; i++) {
		const struct hk_extra_perm *perm = &perms->items[i];
		uint32_t bits = (perm->r ? HK_ACL_R : 0u) | (perm->w ? HK_ACL_W : 0u) |
				(perm->x ? HK_ACL_X : 0u);
		struct stat found;
		int r = 0;
		/* One that exists is as the person made it, and not ours to have an opinion on. */
		if (perm->ensure &&
			(hk_sys_stat(perm->path, &found) < 0 || !S_ISDIR(found.st_mode))) {
			r = hk_outcome_add_directory(state, perm->path, 0700, true, err);
		}
		if (r == 0 && bits) {
			r = hk_outcome_add_acl(state, perm->path, bits, err);
		}
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

/* Says so when the mount lies over something that the features have put there. */
static int warn_of_cover(
	struct hk_outcome_state *state, const struct hk_fs *fs, struct hk_err *err) {
	if (fs->type == HK_FS_BIND && fs->special) {
		return 0; /* autoetc goes around passwd and group */
	}
	for (size_t i = 0; i < state->places.count; i++) {
		const char *place = state->places.items[i];
		if (!hk_path_below(place, fs->dst)) {
			continue;
		}
		int r = hk_outcome_add_warning(
			state, err, "the mount on '%s' covers '%s' of hakurei", fs->dst, place);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

/* -- the home directory ------------------------------------------------------------------- */

/* Is path one that an extra permission makes before anything is mounted? */
static bool is_ensured(const struct hk_outcome_state *state, const char *path) {
	const struct hk_extra_perms *perms = &state->config.extra_perms;
	for (size_t i = 0; i < perms->count; i++) {
		if (perms->items[i].ensure && strcmp(perms->items[i].path, path) == 0) {
			return true;
		}
	}
	return false;
}

/* Is path certainly not there below source? What the person may not see may exist. */
static int is_absent(struct hk_outcome_state *state, const char *source, const char *path,
	bool *ret_absent, struct hk_err *err) {
	const char *place = *path ? hk_path_join(state->arena, source, path) : source;
	if (!place) {
		return hk_err_oom(err);
	}
	struct stat found;
	*ret_absent = !is_ensured(state, place) && hk_sys_lstat(place, &found) == -ENOENT;
	return 0;
}

/*
 * Is the home missing where the mount fs is what it lies in, so that it cannot be made either?
 * rest is its path below fs. In a tmpfs it can; in what is bound it has to be there already.
 */
static int home_is_lost(struct hk_outcome_state *state, const struct hk_fs *fs, const char *rest,
	bool *ret_lost, struct hk_err *err) {
	*ret_lost = false;
	if (fs->type == HK_FS_OVERLAY) {
		int r = fs->upper ? is_absent(state, fs->upper, rest, ret_lost, err) : 0;
		*ret_lost = fs->upper ? *ret_lost : true;
		for (size_t i = 0; r == 0 && *ret_lost && i < fs->lower.count; i++) {
			r = is_absent(state, fs->lower.items[i], rest, ret_lost, err);
		}
		return r;
	}
	if (fs->type != HK_FS_BIND || (fs->ensure && !*rest)) {
		return 0;
	}
	if (fs->special) {
		if (hk_outcome_autoroot_skips(rest)) {
			return 0;
		}
		/* An entry that the source does not have can be made beside the others. */
		const char *entry = hk_arena_strndup(state->arena, rest, strcspn(rest, "/"));
		bool absent = false;
		int r = entry ? is_absent(state, fs->src, entry, &absent, err) : hk_err_oom(err);
		if (r < 0 || absent) {
			return r;
		}
	}
	return is_absent(state, fs->src, rest, ret_lost, err);
}

/* Does the home lie in what the features have put over the root? */
static bool is_home_in_ours(const struct hk_outcome_state *state) {
	const char *home = state->config.home;
	for (size_t i = 0; i < state->places.count; i++) {
		if (hk_path_below(home, state->places.items[i])) {
			return true;
		}
	}
	return hk_path_below(home, "/tmp");
}

/* Refuses a home that is not there and cannot be made, before anything is started. */
static int check_home(struct hk_outcome_state *state, struct hk_err *err) {
	const char *home = state->config.home;
	const struct hk_fss *mounts = &state->config.container->filesystem;
	for (size_t i = mounts->count; i-- > 0;) {
		const struct hk_fs *fs = &mounts->items[i];
		const char *rest = hk_path_below(home, fs->dst);
		if (!rest || (fs == state->root && is_home_in_ours(state))) {
			continue;
		}
		bool gone = false;
		int r = fs->type == HK_FS_BIND && fs->optional
				? is_absent(state, fs->src, "", &gone, err)
				: 0;
		if (r < 0) {
			return r;
		}
		if (gone) {
			continue; /* nothing will be mounted: what is below decides */
		}
		bool lost = false;
		r = home_is_lost(state, fs, rest, &lost, err);
		if (r < 0 || !lost) {
			return r;
		}
		return hk_err_say(err, -ENOENT,
			"home directory '%s' does not exist in the container, and cannot be made "
			"in what is mounted on '%s'",
			HK_ESC(home), HK_ESC(fs->dst));
	}
	return 0;
}

static int add_home(struct hk_outcome_state *state, struct hk_err *err) {
	int r = check_home(state, err);
	if (r < 0) {
		return r;
	}
	const struct hk_mount_op home = {
		.kind = HK_MOUNT_TMPFS,
		.target = state->config.home,
		.mode = 0700,
		.flags = HK_MOUNT_MISSING | HK_MOUNT_WRITE,
	};
	return hk_outcome_add_mount(state, &home, err);
}

static int filesystem_container(struct hk_outcome_state *state, struct hk_err *err) {
	const struct hk_fss *mounts = &state->config.container->filesystem;
	for (size_t i = state->root ? 1 : 0; i < mounts->count; i++) {
		int r = warn_of_cover(state, &mounts->items[i], err);
		if (r == 0) {
			r = hk_outcome_mount(state, &mounts->items[i], err);
		}
		if (r < 0) {
			return r;
		}
	}
	int r = add_home(state, err);
	if (r < 0) {
		return r;
	}
	/* Last: until here mount points could still be made in it. */
	const struct hk_mount_op root = {.kind = HK_MOUNT_REMOUNT, .target = "/"};
	return hk_outcome_add_mount(state, &root, err);
}

const struct hk_outcome_feature hk_outcome_filesystem = {
	.name = "filesystem",
	.host = filesystem_host,
	.container = filesystem_container,
};
