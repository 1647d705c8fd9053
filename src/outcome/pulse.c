/* SPDX-License-Identifier: MIT */
/*
 * pulse.c: the person's sound server, PulseAudio or what speaks its protocol. The protocol knows
 * one right: whoever may connect may play, record, and load modules.
 */
#include <errno.h>

#include "base/path.h"
#include "outcome/feature.h"
#include "sys/sys.h"

#define SOCKET	   "pulse/native" /* below the runtime directory */
#define NAME	   "pulse"	  /* in the instance directory */
#define INNER	   HK_OUTCOME_INNER "/pulse"
#define COOKIE	   HK_OUTCOME_INNER "/pulse-cookie"
#define COOKIE_MAX 256 /* what a cookie has; a larger file is something else */

static bool pulse_enabled(const struct hk_config *config) {
	return config->enablements.pulse;
}

static int pulse_host(struct hk_outcome_state *state, struct hk_err *err) {
	const char *path = hk_path_join(state->arena, state->runtime_dir, SOCKET);
	if (!path) {
		return hk_err_oom(err);
	}
	mode_t mode;
	int r = hk_outcome_check_socket("sound server", path, &mode, err);
	r = r < 0 ? r : hk_outcome_link_socket(state, NAME, path, mode, err);
	return r < 0 ? r
		     : hk_outcome_add_warning(state, err,
			       "pulse: whoever can play can record too, and have the sound server "
			       "load modules: its protocol has no smaller right");
}

/* -- the cookie ------------------------------------------------------------------------------- */

/* Where it may be, in the order of libpulse. */
static const struct {
	const char *variable; /* unset, or no absolute path: the next row */
	const char *below;    /* of what the variable names; NULL: that itself */
	bool required;	      /* asked for by name */
} places[] = {
	{"PULSE_COOKIE", NULL, true},
	{"HOME", ".pulse-cookie", false},
	{"XDG_CONFIG_HOME", "pulse/cookie", false},
	{"HOME", ".config/pulse/cookie", false},
};

static int read_cookie(struct hk_outcome_state *state, const char *path,
	struct hk_secret *ret_cookie, struct hk_err *err) {
	char *bytes;
	size_t size;
	int r = hk_sys_read_file(state->arena, path, COOKIE_MAX, &bytes, &size);
	if (r == -EINVAL) {
		return hk_err_say(
			err, r, "PulseAudio cookie '%s' is not a regular file", HK_ESC(path));
	}
	if (r == -EFBIG) {
		return hk_err_say(err, r, "PulseAudio cookie '%s' is larger than %d bytes",
			HK_ESC(path), COOKIE_MAX);
	}
	if (r < 0) {
		return hk_err_step(err, r, "read the PulseAudio cookie '%s'", HK_ESC(path));
	}
	*ret_cookie = (struct hk_secret){.bytes = bytes, .size = (uint32_t)size};
	return 0;
}

/* The first that is there. A server that asks for none needs none. */
static int find_cookie(
	struct hk_outcome_state *state, struct hk_secret *ret_cookie, struct hk_err *err) {
	bool config_home = hk_path_is_absolute(hk_sys_getenv("XDG_CONFIG_HOME"));
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const char *path = hk_sys_getenv(places[i].variable);
		if (!hk_path_is_absolute(path) ||
			(config_home && i == sizeof(places) / sizeof(places[0]) - 1)) {
			continue;
		}
		if (places[i].below) {
			path = hk_path_join(state->arena, path, places[i].below);
		}
		if (!path) {
			return hk_err_oom(err);
		}
		struct stat stat;
		if (places[i].required || hk_sys_stat(path, &stat) != -ENOENT) {
			return read_cookie(state, path, ret_cookie, err);
		}
	}
	*ret_cookie = (struct hk_secret){0};
	return 0;
}

static int add_cookie(struct hk_outcome_state *state, struct hk_err *err) {
	struct hk_mount_op file = {.kind = HK_MOUNT_FILE, .target = COOKIE, .mode = 0400};
	int r = find_cookie(state, &file.secret, err);
	if (r < 0 || !file.secret.bytes) {
		return r;
	}
	r = hk_outcome_add_mount(state, &file, err);
	return r < 0 ? r : hk_outcome_add_env(state, "PULSE_COOKIE", COOKIE, err);
}

/* -- the container ---------------------------------------------------------------------------- */

static int pulse_container(struct hk_outcome_state *state, struct hk_err *err) {
	int r = hk_outcome_bind_socket(state, NAME, INNER, err);
	r = r < 0 ? r : hk_outcome_add_env(state, "PULSE_SERVER", "unix:" INNER, err);
	r = r < 0 ? r : add_cookie(state, err);
	if (r >= 0 && !state->runtime_source) {
		/* Closed, or libpulse wants none of it. */
		const struct hk_mount_op directory = {
			.kind = HK_MOUNT_MKDIR,
			.target = hk_path_join(state->arena, state->inner_runtime, "pulse"),
			.mode = 0700,
		};
		r = directory.target ? hk_outcome_add_mount(state, &directory, err)
				     : hk_err_oom(err);
	}
	return r < 0 ? r : hk_outcome_link_runtime(state, SOCKET, INNER, err);
}

const struct hk_outcome_feature hk_outcome_pulse = {
	.name = "pulse",
	.enabled = pulse_enabled,
	.host = pulse_host,
	.container = pulse_container,
};
