/* SPDX-License-Identifier: MIT */
/* socket.c: sockets of the person's servers, brought into the container. */
#include <errno.h>
#include <sys/stat.h>

#include "base/path.h"
#include "outcome/feature.h"
#include "sys/sys.h"

int hk_outcome_check_socket(
	const char *what, const char *path, mode_t *ret_mode, struct hk_err *err) {
	struct stat stat;
	int r = hk_sys_stat(path, &stat);
	if (r == -ENOENT) {
		return hk_err_say(
			err, r, "cannot find the %s: there is no '%s'", what, HK_ESC(path));
	}
	if (r < 0) {
		return hk_err_step(err, r, "find the %s: look at '%s'", what, HK_ESC(path));
	}
	if (!S_ISSOCK(stat.st_mode)) {
		return hk_err_say(err, -ENOTSOCK, "cannot find the %s: '%s' is not a socket", what,
			HK_ESC(path));
	}
	*ret_mode = stat.st_mode;
	return 0;
}

int hk_outcome_link_socket(struct hk_outcome_state *state, const char *name, const char *socket,
	mode_t mode, struct hk_err *err) {
	const char *path = hk_path_join(state->arena, state->plan.instance_dir, name);
	struct hk_host_op *op = path ? hk_vec_add(state->arena, &state->plan.host) : NULL;
	if (!op) {
		return hk_err_oom(err);
	}
	*op = (struct hk_host_op){.kind = HK_HOST_HARDLINK, .path = path, .source = socket};
	/* Most servers leave their socket open, in a directory that is closed. */
	return mode & S_IWOTH ? 0 : hk_outcome_add_acl(state, path, HK_ACL_R | HK_ACL_W, err);
}

int hk_outcome_bind_socket(struct hk_outcome_state *state, const char *source, const char *target,
	struct hk_err *err) {
	/* Read-only: a connection passes through it all the same. */
	const struct hk_mount_op bind = {
		.kind = HK_MOUNT_BIND,
		.target = target,
		.source = source,
	};
	return hk_outcome_add_mount(state, &bind, err);
}

int hk_outcome_link_runtime(
	struct hk_outcome_state *state, const char *name, const char *target, struct hk_err *err) {
	if (state->runtime_source) {
		return 0; /* of all instances of the identity, and each would have its own link */
	}
	const struct hk_mount_op link = {
		.kind = HK_MOUNT_LINK,
		.target = hk_path_join(state->arena, state->inner_runtime, name),
		.text = target,
	};
	return link.target ? hk_outcome_add_mount(state, &link, err) : hk_err_oom(err);
}
