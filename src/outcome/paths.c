/* SPDX-License-Identifier: MIT */
/* paths.c: where things are, on the host and in the container. */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "outcome/feature.h"
#include "sys/sys.h"

#define RUN_DIR "hakurei" /* below the runtime directory */

int hk_outcome_resolve(
	struct hk_arena *arena, const char *path, const char **ret_path, struct hk_err *err) {
	const char *head = path;
	for (;;) {
		char *real;
		int r = hk_sys_realpath(arena, head, &real);
		if (r == 0) {
			const char *rest = hk_path_below(path, head);
			const char *whole = *rest ? hk_path_join(arena, real, rest) : real;
			if (!whole) {
				return hk_err_oom(err);
			}
			*ret_path = whole;
			return 0;
		}
		if (r == -ENOMEM) {
			return hk_err_oom(err);
		}
		if (strcmp(head, "/") == 0) {
			*ret_path = path;
			return 0;
		}
		/* Not there yet, or not for the person's eyes: what is above it will do. */
		head = hk_path_parent(arena, head);
		if (!head) {
			return hk_err_oom(err);
		}
	}
}

/* The value of a variable that names a directory, cleaned; NULL if it is no absolute path. */
static int directory_from_env(struct hk_outcome_state *state, const char *name,
	const char **ret_path, struct hk_err *err) {
	const char *value = hk_sys_getenv(name);
	if (!hk_path_is_absolute(value)) {
		*ret_path = NULL;
		return 0;
	}
	if (strlen(value) > HK_CONFIG_PATH_MAX) {
		return hk_err_say(
			err, -ENAMETOOLONG, "%s is longer than %d bytes", name, HK_CONFIG_PATH_MAX);
	}
	const char *path = hk_path_clean(state->arena, value);
	if (!path) {
		return hk_err_oom(err);
	}
	*ret_path = path;
	return 0;
}

static int find_share(struct hk_outcome_state *state, struct hk_err *err) {
	const char *tmp = NULL;
	int r = directory_from_env(state, "TMPDIR", &tmp, err);
	if (r < 0) {
		return r;
	}
	state->plan.share =
		hk_path_join(state->arena, tmp ? tmp : "/tmp", state->input->share_name);
	return state->plan.share ? 0 : hk_err_oom(err);
}

static int find_runtime_dir(struct hk_outcome_state *state, struct hk_err *err) {
	int r = directory_from_env(state, "XDG_RUNTIME_DIR", &state->runtime_dir, err);
	if (r < 0 || state->runtime_dir) {
		return r;
	}
	uid_t person = hk_sys_getuid();
	const char *usual = hk_arena_printf(state->arena, "/run/user/%u", person);
	if (!usual) {
		return hk_err_oom(err);
	}
	struct stat found;
	if (hk_sys_stat(usual, &found) == 0 && S_ISDIR(found.st_mode) && found.st_uid == person) {
		state->runtime_dir = usual;
		return 0;
	}
	state->runtime_in_share = true;
	state->runtime_dir = hk_path_join(state->arena, state->plan.share, "run");
	return state->runtime_dir ? 0 : hk_err_oom(err);
}

int hk_outcome_find_roots(
	struct hk_arena *arena, const char *share_name, struct hk_strs *roots, struct hk_err *err) {
	const struct hk_outcome_input input = {.share_name = share_name};
	struct hk_outcome_state state = {.input = &input, .arena = arena};
	int r = find_share(&state, err);
	r = r < 0 ? r : find_runtime_dir(&state, err);
	if (r < 0) {
		return r;
	}
	const char *run_dir = hk_path_join(arena, state.runtime_dir, RUN_DIR);
	if (!run_dir || hk_strs_add_borrowed(arena, roots, run_dir) < 0 ||
		hk_strs_add_borrowed(arena, roots, state.plan.share) < 0) {
		return hk_err_oom(err);
	}
	return 0;
}

int hk_outcome_spaces(const struct hk_config *config, struct hk_container_spaces *ret_spaces,
	struct hk_err *err) {
	const struct hk_config_container *container = config->container;
	struct hk_container_spaces spaces = {
		.uid = hk_sys_getuid(),
		.gid = hk_sys_getgid(),
		.host_net = !container || container->host_net,
	};
	int r = container && container->map_real_uid
			? 0
			: hk_sys_overflow_ids(&spaces.uid, &spaces.gid);
	if (r < 0) {
		return hk_err_step(err, r, "read the kernel's overflow ids");
	}
	*ret_spaces = spaces;
	return 0;
}

static int find_spaces(struct hk_outcome_state *state, struct hk_err *err) {
	struct hk_container_params *params = &state->plan.container;
	struct hk_container_spaces spaces = {0};
	int r = hk_outcome_spaces(&state->config, &spaces, err);
	if (r < 0) {
		return r;
	}
	params->uid = spaces.uid;
	params->gid = spaces.gid;
	params->host_net = spaces.host_net;
	return 0;
}

/* -- the runtime directory in the container ------------------------------------------------- */

/* Will path be a directory where the host directory source is the root? A link that leads out
 * of source leads somewhere else there. */
static int has_directory(struct hk_outcome_state *state, const char *source, const char *path,
	bool *ret_has, struct hk_err *err) {
	const char *place = hk_path_join(state->arena, source, path + 1);
	const char *base = NULL;
	int r = place ? hk_outcome_resolve(state->arena, source, &base, err) : hk_err_oom(err);
	if (r < 0) {
		return r;
	}
	char *real;
	r = hk_sys_realpath(state->arena, place, &real);
	if (r == -ENOMEM) {
		return hk_err_oom(err);
	}
	struct stat found;
	*ret_has = r == 0 && hk_path_below(real, base) && hk_sys_stat(real, &found) == 0 &&
		   S_ISDIR(found.st_mode);
	return 0;
}

/* Nothing is created in what is bound: is there a directory /run/user/UID, or is the root, so
 * far as it matters, a tmpfs of ours? */
static int has_place(
	struct hk_outcome_state *state, const char *path, bool *ret_has, struct hk_err *err) {
	const struct hk_fs *root = state->root;
	*ret_has = false;
	if (!root || root->type == HK_FS_EPHEMERAL) {
		*ret_has = true;
		return 0;
	}
	if (root->type == HK_FS_BIND) {
		struct stat found;
		const char *run = hk_path_join(state->arena, root->src, "run");
		if (!run) {
			return hk_err_oom(err);
		}
		if (root->special && hk_sys_lstat(run, &found) == -ENOENT) {
			*ret_has = true; /* autoroot without a /run */
			return 0;
		}
		return has_directory(state, root->src, path, ret_has, err);
	}
	if (root->type == HK_FS_OVERLAY) {
		int r = root->upper ? has_directory(state, root->upper, path, ret_has, err) : 0;
		for (size_t i = 0; r == 0 && !*ret_has && i < root->lower.count; i++) {
			r = has_directory(state, root->lower.items[i], path, ret_has, err);
		}
		return r;
	}
	return 0;
}

static int find_inner_runtime(struct hk_outcome_state *state, struct hk_err *err) {
	const char *usual =
		hk_arena_printf(state->arena, "/run/user/%u", state->plan.container.uid);
	if (!usual) {
		return hk_err_oom(err);
	}
	bool has;
	int r = has_place(state, usual, &has, err);
	if (r < 0) {
		return r;
	}
	state->inner_runtime = has ? usual : HK_OUTCOME_INNER "/run";
	return 0;
}

int hk_outcome_find_paths(struct hk_outcome_state *state, struct hk_err *err) {
	int r = find_share(state, err);
	if (r == 0) {
		r = find_runtime_dir(state, err);
	}
	if (r == 0) {
		r = find_spaces(state, err);
	}
	if (r == 0) {
		r = find_inner_runtime(state, err);
	}
	if (r < 0) {
		return r;
	}
	struct hk_plan *plan = &state->plan;
	plan->run_dir = hk_path_join(state->arena, state->runtime_dir, RUN_DIR);
	plan->instance_dir = plan->run_dir ? hk_path_join(state->arena, plan->run_dir,
						     hk_id_format(&plan->id).text)
					   : NULL;
	return plan->instance_dir ? 0 : hk_err_oom(err);
}
