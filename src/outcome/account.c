/* SPDX-License-Identifier: MIT */
/* account.c: the user that the program finds itself to be. */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "outcome/feature.h"

/* Would the text be one field of a passwd line? $SHELL has been through no other check. */
static bool is_field(const char *text) {
	return !strpbrk(text, ":\n");
}

static int account_host(struct hk_outcome_state *state, struct hk_err *err) {
	const struct hk_config *config = &state->config;
	if (!*config->username || !is_field(config->username)) {
		return hk_err_say(
			err, -EINVAL, "invalid user name \"%s\"", HK_ESC(config->username));
	}
	if (!hk_path_is_clean(config->home) || !is_field(config->home)) {
		return hk_err_say(err, -EINVAL, "invalid path to home directory");
	}
	if (!hk_path_is_clean(config->shell) || !is_field(config->shell)) {
		return hk_err_say(err, -EINVAL, "invalid shell path");
	}
	return 0;
}

static int add_file(
	struct hk_outcome_state *state, const char *path, const char *content, struct hk_err *err) {
	if (!content) {
		return hk_err_oom(err);
	}
	const struct hk_mount_op file = {
		.kind = HK_MOUNT_FILE,
		.target = path,
		.text = content,
		.mode = 0444,
	};
	int r = hk_outcome_add_mount(state, &file, err);
	return r < 0 ? r : hk_outcome_add_place(state, path, err);
}

static int account_container(struct hk_outcome_state *state, struct hk_err *err) {
	const struct hk_config *config = &state->config;
	struct hk_container_params *params = &state->plan.container;
	params->directory = config->home;
	int r = hk_outcome_add_env(state, "HOME", config->home, err);
	if (r == 0) {
		r = hk_outcome_add_env(state, "USER", config->username, err);
	}
	if (r == 0) {
		r = hk_outcome_add_env(state, "SHELL", config->shell, err);
	}
	if (r == 0) {
		r = add_file(state, "/etc/passwd",
			hk_arena_printf(state->arena, "%s:x:%u:%u:Hakurei:%s:%s\n",
				config->username, params->uid, params->gid, config->home,
				config->shell),
			err);
	}
	if (r == 0) {
		r = add_file(state, "/etc/group",
			hk_arena_printf(state->arena, "hakurei:x:%u:\n", params->gid), err);
	}
	return r;
}

const struct hk_outcome_feature hk_outcome_account = {
	.name = "account",
	.host = account_host,
	.container = account_container,
};
