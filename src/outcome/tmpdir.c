/* SPDX-License-Identifier: MIT */
/* tmpdir.c: /tmp: the container's own, or one for all instances of the identity. */
#include "base/path.h"
#include "outcome/display.h"
#include "outcome/feature.h"

static bool is_shared(const struct hk_outcome_state *state) {
	return state->config.container->share_tmpdir == HK_TRUE;
}

static int tmpdir_host(struct hk_outcome_state *state, struct hk_err *err) {
	return is_shared(state) ? hk_outcome_add_shared(state, "tmpdir", &state->tmpdir_source, err)
				: 0;
}

/*
 * The one mount point in the shared directory: x11 puts a directory of its own there, and nothing
 * is made in what is bound. Every instance has a mount there, for where there is none the directory
 * can be removed, which takes away the mounts of all others.
 */
static int add_display_sockets(struct hk_outcome_state *state, struct hk_err *err) {
	const struct hk_mount_op place = {
		.kind = HK_MOUNT_BIND,
		.target = HK_DISPLAY_SOCKETS,
		.source = hk_path_join(
			state->arena, state->tmpdir_source, hk_path_name(HK_DISPLAY_SOCKETS)),
		.mode = 01777,
		.flags = HK_MOUNT_WRITE | HK_MOUNT_ENSURE,
	};
	return place.source ? hk_outcome_add_mount(state, &place, err) : hk_err_oom(err);
}

static int tmpdir_container(struct hk_outcome_state *state, struct hk_err *err) {
	const struct hk_mount_op shared = {
		.kind = HK_MOUNT_BIND,
		.target = "/tmp",
		.source = state->tmpdir_source,
		.mode = 01777,
		.flags = HK_MOUNT_WRITE | HK_MOUNT_ENSURE,
	};
	const struct hk_mount_op private = {
		.kind = HK_MOUNT_TMPFS,
		.target = "/tmp",
		.mode = 01777,
		.flags = HK_MOUNT_WRITE,
	};
	if (!is_shared(state)) {
		return hk_outcome_add_mount(state, &private, err);
	}
	int r = hk_outcome_add_mount(state, &shared, err);
	return r < 0 ? r : add_display_sockets(state, err);
}

const struct hk_outcome_feature hk_outcome_tmpdir = {
	.name = "tmpdir",
	.host = tmpdir_host,
	.container = tmpdir_container,
};
