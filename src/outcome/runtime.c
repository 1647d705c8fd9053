/* SPDX-License-Identifier: MIT */
/* runtime.c: XDG_RUNTIME_DIR: the container's own, or one for all instances of the identity. */
#include "outcome/feature.h"

static bool is_shared(const struct hk_outcome_state *state) {
	return state->config.container->share_runtime == HK_TRUE;
}

static int runtime_host(struct hk_outcome_state *state, struct hk_err *err) {
	return is_shared(state)
		       ? hk_outcome_add_shared(state, "runtime", &state->runtime_source, err)
		       : 0;
}

/* What logind would call the session. */
static const char *session_type(const struct hk_enablements *enablements) {
	if (enablements->wayland) {
		return "wayland";
	}
	return enablements->x11 ? "x11" : "tty";
}

static int runtime_container(struct hk_outcome_state *state, struct hk_err *err) {
	/* Libraries insist on owning the directory, with 0700: so the shim makes it, under the
	 * target's uid, instead of the person on the target's behalf. */
	const struct hk_mount_op shared = {
		.kind = HK_MOUNT_BIND,
		.target = state->inner_runtime,
		.source = state->runtime_source,
		.mode = 0700,
		.flags = HK_MOUNT_WRITE | HK_MOUNT_ENSURE,
	};
	const struct hk_mount_op private = {
		.kind = HK_MOUNT_TMPFS,
		.target = state->inner_runtime,
		.mode = 0700,
		.flags = HK_MOUNT_WRITE,
	};
	int r = hk_outcome_add_mount(state, is_shared(state) ? &shared : &private, err);
	if (r == 0) {
		r = hk_outcome_add_place(state, state->inner_runtime, err);
	}
	if (r == 0) {
		r = hk_outcome_add_env(state, "XDG_RUNTIME_DIR", state->inner_runtime, err);
	}
	if (r == 0) {
		r = hk_outcome_add_env(state, "XDG_SESSION_CLASS", "user", err);
	}
	if (r == 0) {
		r = hk_outcome_add_env(
			state, "XDG_SESSION_TYPE", session_type(&state->config.enablements), err);
	}
	return r;
}

const struct hk_outcome_feature hk_outcome_runtime = {
	.name = "runtime",
	.host = runtime_host,
	.container = runtime_container,
};
