/* SPDX-License-Identifier: MIT */
#include "outcome/feature.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/path.h"
#include "base/str.h"

/* The operation that is the same one, by kind, path and target, or a new one with perm 0. */
static struct hk_host_op *host_op(
	struct hk_outcome_state *state, enum hk_host_kind kind, const char *path, uid_t target) {
	struct hk_host_ops *ops = &state->plan.host;
	for (size_t i = 0; i < ops->count; i++) {
		struct hk_host_op *op = &ops->items[i];
		if (op->kind == kind && op->target == target && hk_str_equal(op->path, path)) {
			return op;
		}
	}
	struct hk_host_op *op = hk_vec_add(state->arena, ops);
	if (op) {
		*op = (struct hk_host_op){.kind = kind, .path = path, .target = target};
	}
	return op;
}

int hk_outcome_add_directory(struct hk_outcome_state *state, const char *path, uint32_t mode,
	bool stays, struct hk_err *err) {
	struct hk_host_op *op = host_op(state, HK_HOST_DIRECTORY, path, 0);
	if (!op) {
		return hk_err_oom(err);
	}
	if (op->mode == 0) { /* new: else whoever asked first decides */
		op->mode = mode;
		op->stays = stays;
	}
	return 0;
}

int hk_outcome_add_acl(
	struct hk_outcome_state *state, const char *path, uint32_t bits, struct hk_err *err) {
	struct hk_host_op *op = host_op(state, HK_HOST_ACL, path, state->plan.target);
	if (!op) {
		return hk_err_oom(err);
	}
	op->perm |= bits;
	return 0;
}

int hk_outcome_add_shared(struct hk_outcome_state *state, const char *kind, const char **ret_source,
	struct hk_err *err) {
	struct hk_arena *arena = state->arena;
	const char *all = hk_path_join(arena, state->plan.share, kind);
	const char *own = all ? hk_arena_printf(arena, "%s/%u", all, state->plan.identity) : NULL;
	const char *source = own ? hk_path_join(arena, own, "user") : NULL;
	if (!source) {
		return hk_err_oom(err);
	}
	/* 0711: targets pass through it, and cannot see who else has something in it. */
	int r = hk_outcome_add_directory(state, state->plan.share, 0711, true, err);
	if (r == 0) {
		r = hk_outcome_add_directory(state, all, 0700, true, err);
	}
	if (r == 0) {
		r = hk_outcome_add_acl(state, all, HK_ACL_X, err);
	}
	if (r == 0) {
		r = hk_outcome_add_directory(state, own, 0700, true, err);
	}
	if (r == 0) {
		r = hk_outcome_add_acl(state, own, HK_ACL_R | HK_ACL_W | HK_ACL_X, err);
	}
	if (r < 0) {
		return r;
	}
	*ret_source = source;
	return 0;
}

int hk_outcome_add_mount(
	struct hk_outcome_state *state, const struct hk_mount_op *op, struct hk_err *err) {
	struct hk_mount_op *slot = hk_vec_add(state->arena, &state->plan.container.mounts);
	if (!slot) {
		return hk_err_oom(err);
	}
	*slot = *op;
	return 0;
}

/* Does the configuration set the variable to something else? */
static bool is_overridden(
	const struct hk_outcome_state *state, const char *name, const char *value) {
	const struct hk_pairs *env = &state->config.container->env;
	for (size_t i = 0; i < env->count; i++) {
		if (hk_str_equal(env->items[i].name, name)) {
			return !hk_str_equal(env->items[i].value, value);
		}
	}
	return false;
}

int hk_outcome_add_env(
	struct hk_outcome_state *state, const char *name, const char *value, struct hk_err *err) {
	if (is_overridden(state, name, value)) {
		int r = hk_outcome_add_warning(state, err,
			"the configured environment variable '%s' is replaced: hakurei sets it",
			name);
		if (r < 0) {
			return r;
		}
	}
	for (size_t i = 0; i < state->env.count; i++) {
		if (hk_str_equal(state->env.items[i].name, name)) {
			state->env.items[i].value = value;
			return 0;
		}
	}
	struct hk_pair *pair = hk_vec_add(state->arena, &state->env);
	if (!pair) {
		return hk_err_oom(err);
	}
	*pair = (struct hk_pair){.name = name, .value = value};
	return 0;
}

int hk_outcome_add_place(struct hk_outcome_state *state, const char *path, struct hk_err *err) {
	return hk_strs_add_borrowed(state->arena, &state->places, path) < 0 ? hk_err_oom(err) : 0;
}

__attribute__((format(printf, 3, 0))) static int add_line(struct hk_outcome_state *state,
	struct hk_strs *lines, const char *fmt, va_list args, struct hk_err *err) {
	char text[HK_ERR_TEXT_MAX];
	(void)vsnprintf(text, sizeof(text), fmt, args); /* a long one is cut, as errors are */
	return hk_strs_add(state->arena, lines, text) < 0 ? hk_err_oom(err) : 0;
}

int hk_outcome_add_warning(
	struct hk_outcome_state *state, struct hk_err *err, const char *fmt, ...) {
	va_list args;
	va_start(args, fmt);
	int r = add_line(state, &state->plan.warnings, fmt, args, err);
	va_end(args);
	return r;
}

int hk_outcome_add_hint(struct hk_outcome_state *state, struct hk_err *err, const char *fmt, ...) {
	va_list args;
	va_start(args, fmt);
	int r = add_line(state, &state->plan.hints, fmt, args, err);
	va_end(args);
	return r;
}
