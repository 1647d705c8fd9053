/* SPDX-License-Identifier: MIT */
#include "outcome/outcome.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "outcome/advice.h"
#include "outcome/feature.h"

/* What the features take for granted. The reader has said it before, with the place in the
 * file; the command line may have made a configuration too. */
static int check_config(const struct hk_config *config, struct hk_err *err) {
	if (config->identity < 0 || config->identity > HK_IDENTITY_MAX) {
		return hk_err_say(
			err, -EINVAL, "identity %" PRId64 " out of range", config->identity);
	}
	if (!hk_path_is_clean(config->home)) {
		return hk_err_say(err, -EINVAL, "invalid path to home directory");
	}
	if (!hk_path_is_clean(config->shell)) {
		return hk_err_say(err, -EINVAL, "invalid shell path");
	}
	if (!hk_path_is_clean(config->path)) {
		return hk_err_say(err, -EINVAL, "invalid program path");
	}
	return 0;
}

static int fill_defaults(struct hk_outcome_state *state, struct hk_err *err) {
	struct hk_config *config = &state->config;
	if (!config->username) {
		config->username = HK_CONFIG_USERNAME;
	}
	if (config->container) {
		return 0;
	}
	int r = hk_outcome_permissive(state->arena, config, err);
	if (r < 0) {
		return r;
	}
	return hk_outcome_add_warning(state, err, HK_OUTCOME_NO_CONTAINER);
}

/* The configuration's own variables, before any feature's. */
static int copy_env(struct hk_outcome_state *state, struct hk_err *err) {
	const struct hk_pairs *env = &state->config.container->env;
	for (size_t i = 0; i < env->count; i++) {
		const struct hk_pair *from = &env->items[i];
		if (!from->name[0] || strchr(from->name, '=')) {
			return hk_err_say(err, -EINVAL, "invalid environment variable \"%s\"",
				HK_ESC(from->name));
		}
		struct hk_pair *pair = hk_vec_add(state->arena, &state->env);
		if (!pair) {
			return hk_err_oom(err);
		}
		*pair = *from;
	}
	return 0;
}

bool hk_outcome_find_unused(
	const struct hk_config *config, size_t *index, struct hk_outcome_unused *ret_unused) {
	const struct {
		const char *name;
		bool set;
		const char *service;
		bool enabled;
	} settings[] = {
		{"session_bus", config->session_bus, "dbus", config->enablements.dbus},
		{"system_bus", config->system_bus, "dbus", config->enablements.dbus},
		{"direct_wayland", config->direct_wayland, "wayland", config->enablements.wayland},
	};
	while (*index < sizeof(settings) / sizeof(settings[0])) {
		size_t i = (*index)++;
		if (settings[i].set && !settings[i].enabled) {
			*ret_unused =
				(struct hk_outcome_unused){settings[i].name, settings[i].service};
			return true;
		}
	}
	return false;
}

/* Settings of a service that is not enabled do nothing: said, for nothing that was asked for is
 * left out in silence. */
static int warn_unused(struct hk_outcome_state *state, struct hk_err *err) {
	struct hk_outcome_unused unused;
	size_t index = 0;
	int r = 0;
	while (r >= 0 && hk_outcome_find_unused(&state->config, &index, &unused)) {
		r = hk_outcome_add_warning(state, err,
			"%s is set, but %s is not enabled: it does nothing", unused.setting,
			unused.service);
	}
	return r;
}

static int prepare(struct hk_outcome_state *state, struct hk_err *err) {
	int r = fill_defaults(state, err);
	if (r == 0) {
		r = check_config(&state->config, err);
	}
	struct hk_gids gids;
	if (r == 0) {
		r = hk_outcome_groups(&state->config, state->arena, &gids, err);
	}
	if (r == 0) {
		r = hk_outcome_warn_groups(state, err);
	}
	if (r == 0) {
		r = warn_unused(state, err);
	}
	if (r == 0) {
		r = copy_env(state, err);
	}
	if (r < 0) {
		return r;
	}
	const struct hk_fss *mounts = &state->config.container->filesystem;
	if (mounts->count > 0 && strcmp(mounts->items[0].dst, "/") == 0) {
		state->root = &mounts->items[0];
	}
	state->plan.id = state->input->id;
	state->plan.identity = (uint32_t)state->config.identity;
	state->plan.target = state->input->target;
	r = hk_outcome_find_paths(state, err);
	return r < 0 ? r : hk_outcome_find_hidden(state, err);
}

static int run_features(struct hk_outcome_state *state, struct hk_err *err) {
	for (int half = 0; half < 2; half++) {
		for (size_t i = 0; i < hk_outcome_feature_count; i++) {
			const struct hk_outcome_feature *feature = hk_outcome_features[i];
			if (feature->enabled && !feature->enabled(&state->config)) {
				continue;
			}
			int (*add)(struct hk_outcome_state *, struct hk_err *) =
				half == 0 ? feature->host : feature->container;
			int r = add ? add(state, err) : 0;
			if (r < 0) {
				return r;
			}
		}
	}
	return 0;
}

static int compare_texts(const void *a, const void *b) {
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* NAME=VALUE, sorted: the same configuration is the same plan every time. */
static int flatten_env(struct hk_outcome_state *state, struct hk_err *err) {
	struct hk_strs *env = &state->plan.container.env;
	for (size_t i = 0; i < state->env.count; i++) {
		const struct hk_pair *pair = &state->env.items[i];
		const char *text = hk_arena_printf(
			state->arena, "%s=%s", pair->name, pair->value ? pair->value : "");
		if (!text || hk_strs_add_borrowed(state->arena, env, text) < 0) {
			return hk_err_oom(err);
		}
	}
	if (env->count) {
		qsort(env->items, env->count, sizeof(*env->items), compare_texts);
	}
	return 0;
}

int hk_outcome_finalise(const struct hk_outcome_input *input, struct hk_arena *arena,
	struct hk_plan *ret_plan, struct hk_err *err) {
	struct hk_outcome_state state = {
		.input = input,
		.config = *input->config,
		.arena = arena,
	};
	int r = prepare(&state, err);
	if (r == 0) {
		r = run_features(&state, err);
	}
	if (r == 0) {
		r = flatten_env(&state, err);
	}
	if (r < 0) {
		return r;
	}
	*ret_plan = state.plan;
	return 0;
}
