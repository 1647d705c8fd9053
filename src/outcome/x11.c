/* SPDX-License-Identifier: MIT */
/*
 * x11.c: the person's X server, for the target by its uid. The authority file is the monitor's
 * alone: whoever has the cookie in it keeps access for as long as the server runs.
 */
#include <errno.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/str.h"
#include "outcome/display.h"
#include "outcome/feature.h"
#include "sys/sys.h"

#define LINK		   "x11" /* in the instance directory */
#define ABSTRACT_TABLE	   "/proc/net/unix"
#define ABSTRACT_TABLE_MAX (16 * 1024 * 1024)

static bool x11_enabled(const struct hk_config *config) {
	return config->enablements.x11;
}

/* What DISPLAY names, its socket being one that exists. */
static int find_display(struct hk_outcome_state *state, struct hk_display *ret_display,
	mode_t *ret_mode, struct hk_err *err) {
	const char *name = hk_sys_getenv("DISPLAY");
	if (!name || !*name) {
		return hk_err_say(err, -ENOENT, "DISPLAY is not set");
	}
	struct hk_display display;
	struct stat stat;
	int r = hk_display_parse(state->arena, name, &display, err);
	if (r < 0) {
		return r;
	}
	if (display.socket_without_screen) {
		if (hk_sys_stat(display.socket, &stat) == -ENOENT) {
			display.socket = display.socket_without_screen;
		} else {
			display.screen = 0;
		}
	}
	const char *what = hk_arena_printf(state->arena, "X server of DISPLAY '%s'", HK_ESC(name));
	r = what ? hk_outcome_check_socket(what, display.socket, ret_mode, err) : hk_err_oom(err);
	if (r < 0) {
		return r;
	}
	*ret_display = display;
	return 0;
}

/* A directory that only the person can enter: the container gets at it by another name. */
static bool is_private(const struct hk_outcome_state *state, const struct hk_display *display) {
	return hk_path_below(display->socket, state->runtime_dir) != NULL;
}

/* The file with the cookies, or NULL: then the server has to know the person by uid. */
static int find_authority(
	struct hk_outcome_state *state, const char **ret_path, struct hk_err *err) {
	const char *path = hk_sys_getenv("XAUTHORITY");
	if (!path || !*path) {
		const char *home = hk_sys_getenv("HOME");
		path = hk_path_is_absolute(home) ? hk_path_join(state->arena, home, ".Xauthority")
						 : NULL;
	}
	*ret_path = NULL;
	struct stat stat;
	if (!hk_path_is_absolute(path) || hk_sys_stat(path, &stat) < 0) {
		return 0;
	}
	*ret_path = hk_path_clean(state->arena, path);
	return *ret_path ? 0 : hk_err_oom(err);
}

static int x11_host(struct hk_outcome_state *state, struct hk_err *err) {
	struct hk_display display;
	mode_t mode;
	const char *authority = NULL;
	int r = find_display(state, &display, &mode, err);
	r = r < 0 ? r : find_authority(state, &authority, err);
	if (r >= 0 && is_private(state, &display)) {
		r = hk_outcome_link_socket(state, LINK, display.socket, mode, err);
	} else if (r >= 0 && !(mode & S_IWOTH)) {
		r = hk_outcome_add_acl(state, display.socket, HK_ACL_R | HK_ACL_W, err);
	}
	if (r < 0) {
		return r;
	}
	struct hk_host_op *op = hk_vec_add(state->arena, &state->plan.host);
	const char *number = hk_arena_printf(state->arena, "%u", display.number);
	if (!op || !number) {
		return hk_err_oom(err);
	}
	*op = (struct hk_host_op){
		.kind = HK_HOST_X11,
		.path = display.socket,
		.target = state->plan.target,
		.source = authority,
		.text = number,
	};
	return hk_outcome_add_warning(state, err,
		"x11: every program on the display '%s' can see and type into all of the others",
		hk_sys_getenv("DISPLAY"));
}

/*
 * Clients try the abstract socket of a number first. Where the network is the host's, and
 * abstract sockets are closed all the same, they get EPERM for one that exists and give up.
 */
static int find_number(struct hk_outcome_state *state, const struct hk_display *display,
	uint32_t *ret_number, struct hk_err *err) {
	const struct hk_config_container *container = state->config.container;
	*ret_number = display->number;
	if (!container->host_net || container->host_abstract) {
		return 0;
	}
	char *table = NULL;
	size_t size;
	int r = hk_sys_read_file(state->arena, ABSTRACT_TABLE, ABSTRACT_TABLE_MAX, &table, &size);
	if (r < 0) {
		return hk_err_step(err, r, "read '" ABSTRACT_TABLE "'");
	}
	*ret_number = hk_display_find_free(table);
	return 0;
}

/* A directory of the container's own, with nothing but the socket in it. */
static int add_directory(struct hk_outcome_state *state, struct hk_err *err) {
	const struct hk_mount_op own = {
		.kind = HK_MOUNT_TMPFS,
		.target = HK_DISPLAY_SOCKETS,
		.mode = 01777,
		.flags = HK_MOUNT_WRITE, /* for nested servers */
	};
	int r = hk_outcome_add_mount(state, &own, err);
	return r < 0 ? r : hk_outcome_add_place(state, HK_DISPLAY_SOCKETS, err);
}

static int x11_container(struct hk_outcome_state *state, struct hk_err *err) {
	struct hk_display display;
	mode_t mode;
	uint32_t number;
	int r = find_display(state, &display, &mode, err);
	r = r < 0 ? r : find_number(state, &display, &number, err);
	r = r < 0 ? r : add_directory(state, err);
	if (r < 0) {
		return r;
	}
	const char *inner = hk_arena_printf(state->arena, HK_DISPLAY_SOCKETS "/X%u", number);
	const char *name = display.screen
				   ? hk_arena_printf(state->arena, ":%u.%u", number, display.screen)
				   : hk_arena_printf(state->arena, ":%u", number);
	if (!inner || !name) {
		return hk_err_oom(err);
	}
	r = hk_outcome_bind_socket(
		state, is_private(state, &display) ? LINK : display.socket, inner, err);
	return r < 0 ? r : hk_outcome_add_env(state, "DISPLAY", name, err);
}

const struct hk_outcome_feature hk_outcome_x11 = {
	.name = "x11",
	.enabled = x11_enabled,
	.host = x11_host,
	.container = x11_container,
};
