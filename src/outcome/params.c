/* SPDX-License-Identifier: MIT */
/* params.c: the frame of every container: its directories on the host, its root, its program. */
#include "outcome/feature.h"
#include "sys/sys.h"

#define SECOND		   INT64_C(1000000000)
#define WAIT_DELAY_DEFAULT (5 * SECOND)
#define WAIT_DELAY_MAX	   (30 * SECOND)
#define ADOPT_DELAY	   (5 * SECOND)
#define INNER_SIZE	   (64 * 1024) /* of HK_OUTCOME_INNER: names and a cookie */

static int params_host(struct hk_outcome_state *state, struct hk_err *err) {
	const struct hk_plan *plan = &state->plan;
	int r = 0;
	if (state->runtime_in_share) {
		/* The person has no runtime directory: one in share, which targets cannot enter. */
		r = hk_outcome_add_directory(state, state->plan.share, 0711, true, err);
		if (r == 0) {
			r = hk_outcome_add_directory(state, state->runtime_dir, 0700, false, err);
		}
	}
	if (r == 0) {
		r = hk_outcome_add_directory(state, plan->run_dir, 0700, false, err);
	}
	if (r == 0) {
		r = hk_outcome_add_directory(state, plan->instance_dir, 0700, false, err);
	}
	if (r == 0) {
		/* hsu and the shim start in it, and reach what is in it from there. */
		r = hk_outcome_add_acl(state, plan->instance_dir, HK_ACL_X, err);
	}
	return r;
}

static uint32_t filter_flags(const struct hk_config_container *container) {
	return (container->seccomp_compat ? HK_FILTER_COMPAT : 0u) |
	       (container->userns ? HK_FILTER_USERNS : 0u) | (container->tty ? HK_FILTER_TTY : 0u) |
	       (container->devel ? HK_FILTER_DEVEL : 0u) |
	       (container->multiarch ? HK_FILTER_MULTIARCH : 0u);
}

static int64_t wait_delay(int64_t configured) {
	if (configured < 0) {
		return 0;
	}
	if (configured == 0) {
		return WAIT_DELAY_DEFAULT;
	}
	return configured > WAIT_DELAY_MAX ? WAIT_DELAY_MAX : configured;
}

static int add_program(struct hk_outcome_state *state, struct hk_err *err) {
	const struct hk_config *config = &state->config;
	struct hk_container_params *params = &state->plan.container;
	params->path = config->path;
	params->argv = config->args;
	if (params->argv.count == 0 &&
		hk_strs_add_borrowed(state->arena, &params->argv, config->path) < 0) {
		return hk_err_oom(err);
	}
	params->umask = 022;
	const char *term = hk_sys_getenv("TERM");
	return term ? hk_outcome_add_env(state, "TERM", term, err) : 0;
}

/* The private /dev, or the host's. */
static int add_devices(struct hk_outcome_state *state, struct hk_err *err) {
	const struct hk_config_container *container = state->config.container;
	const struct hk_mount_op private = {
		.kind = HK_MOUNT_DEV,
		.target = "/dev",
		.flags = container->tty ? HK_MOUNT_CONSOLE : 0,
	};
	const struct hk_mount_op host = {
		.kind = HK_MOUNT_BIND,
		.target = "/dev",
		.source = "/dev",
		.flags = HK_MOUNT_WRITE | HK_MOUNT_DEVICES,
	};
	int r = hk_outcome_add_mount(state, container->device ? &host : &private, err);
	if (r < 0) {
		return r;
	}
	struct stat shm;
	if (container->device && (hk_sys_stat("/dev/shm", &shm) < 0 || !S_ISDIR(shm.st_mode))) {
		return 0; /* nothing is shared there, and nothing can be made on the host */
	}
	/* Also over the host's: programs open what they find there by name. */
	const struct hk_mount_op memory = {
		.kind = HK_MOUNT_TMPFS,
		.target = "/dev/shm",
		.mode = 01777,
		.flags = HK_MOUNT_WRITE,
	};
	return hk_outcome_add_mount(state, &memory, err);
}

static int add_root(struct hk_outcome_state *state, struct hk_err *err) {
	int r = state->root ? hk_outcome_mount(state, state->root, err) : 0;
	if (r < 0) {
		return r;
	}
	const struct hk_mount_op proc = {.kind = HK_MOUNT_PROC, .target = "/proc"};
	r = hk_outcome_add_mount(state, &proc, err);
	if (r < 0) {
		return r;
	}
	const struct hk_mount_op inner = {
		.kind = HK_MOUNT_TMPFS,
		.target = HK_OUTCOME_INNER,
		.mode = 0755,
		.size = INNER_SIZE,
	};
	r = hk_outcome_add_mount(state, &inner, err);
	if (r < 0) {
		return r;
	}
	r = hk_outcome_add_place(state, HK_OUTCOME_INNER, err);
	return r < 0 ? r : add_devices(state, err);
}

static int params_container(struct hk_outcome_state *state, struct hk_err *err) {
	const struct hk_config_container *container = state->config.container;
	struct hk_container_params *params = &state->plan.container;
	params->hostname = container->hostname;
	params->userns = container->userns;
	params->host_abstract = container->host_abstract;
	params->keep_session = container->tty;
	params->filter = filter_flags(container);
	params->forward_cancel = container->wait_delay >= 0;
	params->wait_delay = wait_delay(container->wait_delay);
	params->adopt_delay = ADOPT_DELAY;
	int r = add_program(state, err);
	return r < 0 ? r : add_root(state, err);
}

const struct hk_outcome_feature hk_outcome_params = {
	.name = "params",
	.host = params_host,
	.container = params_container,
};
