/* SPDX-License-Identifier: MIT */
/* tmpdir.c: /tmp: the container's own, or one for all instances of the identity. */
#include "outcome/feature.h"

static bool is_shared(const struct hk_outcome_state *state) {
	return state->config.container->share_tmpdir == HK_TRUE;
}

static int tmpdir_host(struct hk_outcome_state *state, struct hk_err *err) {
	return is_shared(state) ? hk_outcome_add_shared(state, "tmpdir", &state->tmpdir_source, err)
				: 0;
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
	return hk_outcome_add_mount(state, is_shared(state) ? &shared : &private, err);
}

const struct hk_outcome_feature hk_outcome_tmpdir = {
	.name = "tmpdir",
	.host = tmpdir_host,
	.container = tmpdir_container,
};
