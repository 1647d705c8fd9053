/* SPDX-License-Identifier: MIT */
/*
 * wayland.c: the person's compositor: through a socket of the instance's own, whose clients the
 * compositor knows for what they are; or, with direct_wayland, through the person's own socket.
 */
#include "base/path.h"
#include "outcome/advice.h"
#include "outcome/feature.h"
#include "sys/sys.h"

#define DEFAULT "wayland-0"
#define NAME	"wayland" /* in the instance directory */
#define INNER	HK_OUTCOME_INNER "/wayland-0"

static bool wayland_enabled(const struct hk_config *config) {
	return config->enablements.wayland;
}

static int find_compositor(
	struct hk_outcome_state *state, const char **ret_path, struct hk_err *err) {
	const char *name = hk_sys_getenv("WAYLAND_DISPLAY");
	name = name && *name ? name : DEFAULT;
	const char *path = hk_path_is_absolute(name) ? name
						     : hk_arena_printf(state->arena, "%s/%s",
							       state->runtime_dir, name);
	path = path ? hk_path_clean(state->arena, path) : NULL;
	if (!path) {
		return hk_err_oom(err);
	}
	*ret_path = path;
	return 0;
}

/* What the compositor is to call the application. */
static const char *app_id(struct hk_outcome_state *state) {
	const char *id = state->config.id;
	return id && *id ? id
			 : hk_arena_printf(state->arena, "app.hakurei.%s",
				   hk_id_format(&state->plan.id).text);
}

static int add_context(struct hk_outcome_state *state, const char *compositor, struct hk_err *err) {
	const char *path = hk_path_join(state->arena, state->plan.instance_dir, NAME);
	const char *id = app_id(state);
	struct hk_host_op *op = path && id ? hk_vec_add(state->arena, &state->plan.host) : NULL;
	if (!op) {
		return hk_err_oom(err);
	}
	*op = (struct hk_host_op){
		.kind = HK_HOST_WAYLAND,
		.path = path,
		.target = state->plan.target,
		.source = compositor,
		.text = id,
	};
	return 0;
}

static int wayland_host(struct hk_outcome_state *state, struct hk_err *err) {
	const char *compositor = NULL;
	mode_t mode;
	int r = find_compositor(state, &compositor, err);
	r = r < 0 ? r : hk_outcome_check_socket("Wayland compositor", compositor, &mode, err);
	if (r < 0) {
		return r;
	}
	if (!state->config.direct_wayland) {
		return add_context(state, compositor, err);
	}
	r = hk_outcome_link_socket(state, NAME, compositor, mode, err);
	return r < 0 ? r
		     : hk_outcome_add_warning(
			       state, err, "direct_wayland: " HK_OUTCOME_DIRECT_WAYLAND);
}

static int wayland_container(struct hk_outcome_state *state, struct hk_err *err) {
	int r = hk_outcome_bind_socket(state, NAME, INNER, err);
	r = r < 0 ? r : hk_outcome_add_env(state, "WAYLAND_DISPLAY", INNER, err);
	return r < 0 ? r : hk_outcome_link_runtime(state, DEFAULT, INNER, err);
}

const struct hk_outcome_feature hk_outcome_wayland = {
	.name = "wayland",
	.enabled = wayland_enabled,
	.host = wayland_host,
	.container = wayland_container,
};
