/* SPDX-License-Identifier: MIT */
/*
 * dbus.c: the person's buses, through a filtering proxy that lives as long as the instance. The
 * program reaches the proxy's sockets and nothing else; host/dbus.c runs the proxy, in a
 * container of its own.
 */
#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/path.h"
#include "dbus/address.h"
#include "outcome/bus_policy.h"
#include "paths.h"
#include "sys/sys.h"

#define PROXY	   "xdg-dbus-proxy"
#define SOCKET_DIR "bus.d" /* in the instance directory */

struct bus {
	const char *name;     /* also of its socket in SOCKET_DIR */
	const char *variable; /* its address, outside and inside */
	const char *place;    /* its socket on the host, if the variable is not set */
	const char *inner;    /* its socket in the container */
};

static const struct bus system_bus = {"system", "DBUS_SYSTEM_BUS_ADDRESS",
	"/run/dbus/system_bus_socket", HK_OUTCOME_INNER "/system_bus_socket"};

static int find_session_bus(struct hk_arena *arena, struct bus *ret_bus, struct hk_err *err) {
	const char *place = hk_arena_printf(arena, "/run/user/%u/bus", hk_sys_getuid());
	if (!place) {
		return hk_err_oom(err);
	}
	*ret_bus =
		(struct bus){"session", "DBUS_SESSION_BUS_ADDRESS", place, HK_OUTCOME_INNER "/bus"};
	return 0;
}

static bool is_enabled(const struct hk_config *config) {
	return config->enablements.dbus;
}

/* -- the buses of the host ------------------------------------------------------------------- */

/* The address of a bus, and the value of its variable; NULL where it is the usual one. */
static int read_address(struct hk_arena *arena, const struct bus *bus,
	struct hk_dbus_entries *ret_entries, const char **ret_value, struct hk_err *err) {
	const char *value = hk_sys_getenv(bus->variable);
	if (value && value[0]) {
		*ret_value = value;
		int r = hk_dbus_address_parse(arena, value, ret_entries, err);
		return r < 0 ? hk_err_frame(err, "%s", bus->variable) : r;
	}
	struct hk_dbus_entries entries = {0};
	struct hk_dbus_entry *entry = hk_vec_add(arena, &entries);
	if (!entry) {
		return hk_err_oom(err);
	}
	*entry = (struct hk_dbus_entry){.way = HK_DBUS_PATH, .place = bus->place};
	*ret_value = NULL;
	*ret_entries = entries;
	return 0;
}

static void add_problem(struct hk_str *problems, const char *fmt, const char *what) {
	hk_str_add(problems, problems->length ? "; " : "");
	hk_str_addf(problems, "'%s' %s", HK_ESC(what), fmt);
}

/* The address of the socket at path, without links in it: the proxy sees the socket alone. */
static int address_of(
	struct hk_arena *arena, const char *path, const char **ret_address, struct hk_err *err) {
	char *real;
	int r = hk_sys_realpath(arena, path, &real);
	if (r < 0) {
		return hk_err_step(err, r, "resolve '%s'", HK_ESC(path));
	}
	HK_AUTO(str) struct hk_str text = {0};
	hk_str_add(&text, "unix:path=");
	hk_dbus_escape(&text, real);
	const char *address = text.failed ? NULL : hk_arena_strdup(arena, text.text);
	if (!address) {
		return hk_err_oom(err);
	}
	*ret_address = address;
	return 0;
}

/* The first entry that can be used: as a client would try them. */
static int choose_entry(struct hk_arena *arena, const struct hk_dbus_entries *entries,
	struct hk_str *problems, const char **ret_address, struct hk_err *err) {
	for (size_t i = 0; i < entries->count; i++) {
		const struct hk_dbus_entry *entry = &entries->items[i];
		if (entry->way == HK_DBUS_OTHER) {
			add_problem(
				problems, "is not a method that the proxy can use", entry->method);
			continue;
		}
		if (entry->way != HK_DBUS_PATH) {
			*ret_address = entry->text; /* only a connection could tell */
			return 0;
		}
		struct stat found;
		int r = hk_sys_stat(entry->place, &found);
		if (r == 0 && S_ISSOCK(found.st_mode)) {
			return address_of(arena, entry->place, ret_address, err);
		}
		add_problem(problems,
			r == 0	       ? "is not a socket"
			: r == -ENOENT ? "does not exist"
				       : strerror(-r),
			entry->place);
	}
	*ret_address = NULL;
	return problems->failed ? hk_err_oom(err) : 0;
}

/* The address that the proxy gets. */
static int find_upstream(struct hk_arena *arena, const struct bus *bus, const char **ret_address,
	struct hk_err *err) {
	struct hk_dbus_entries entries = {0};
	const char *value = NULL;
	int r = read_address(arena, bus, &entries, &value, err);
	if (r < 0) {
		return r;
	}
	HK_AUTO(str) struct hk_str problems = {0};
	const char *address = NULL;
	r = choose_entry(arena, &entries, &problems, &address, err);
	if (r < 0) {
		return r;
	}
	if (address) {
		*ret_address = address;
		return 0;
	}
	if (value) {
		return hk_err_say(err, -ENOENT, "no %s bus: %s (%s is '%s')", bus->name,
			problems.text, bus->variable, HK_ESC(value));
	}
	return hk_err_say(err, -ENOENT, "no %s bus: %s (%s is not set)", bus->name, problems.text,
		bus->variable);
}

int hk_outcome_find_system_bus_dirs(
	struct hk_arena *arena, struct hk_strs *ret_dirs, struct hk_err *err) {
	const char *usual = hk_path_parent(arena, system_bus.place);
	if (!usual || hk_strs_add_borrowed(arena, ret_dirs, usual) < 0) {
		return hk_err_oom(err);
	}
	struct hk_dbus_entries entries = {0};
	const char *value = NULL;
	struct hk_err why; /* one that nobody can read leads nowhere */
	int r = read_address(arena, &system_bus, &entries, &value, &why);
	for (size_t i = 0; r == 0 && value && i < entries.count; i++) {
		if (entries.items[i].way != HK_DBUS_PATH) {
			continue;
		}
		const char *path = hk_path_clean(arena, entries.items[i].place);
		const char *dir = path ? hk_path_parent(arena, path) : NULL;
		if (!dir || hk_strs_add_borrowed(arena, ret_dirs, dir) < 0) {
			return hk_err_oom(err);
		}
	}
	return 0;
}

/* -- the host half --------------------------------------------------------------------------- */

static int find_proxy(struct hk_arena *arena, const char **ret_path, struct hk_err *err) {
	const char *name = HK_DBUS_PROXY[0] ? HK_DBUS_PROXY : PROXY;
	struct hk_err why;
	const char *path;
	int r = hk_outcome_find_program(arena, name, &path, &why);
	if (r == -ENOMEM) {
		return hk_err_oom(err);
	}
	if (r < 0) {
		return hk_err_say(
			err, r, "no D-Bus without " PROXY ", a package of its own: %s", why.text);
	}
	char *real;
	r = hk_sys_realpath(arena, path, &real);
	if (r < 0) {
		return hk_err_step(err, r, "resolve '%s'", HK_ESC(path));
	}
	*ret_path = real;
	return 0;
}

/* ADDRESS, SOCKET, and what passes between them. */
static int add_bus(struct hk_outcome_state *state, struct hk_host_op *op, const struct bus *bus,
	const struct hk_bus_policy *policy, struct hk_err *err) {
	struct hk_arena *arena = state->arena;
	const char *address;
	int r = find_upstream(arena, bus, &address, err);
	if (r < 0) {
		return r;
	}
	const char *socket = hk_path_join(arena, op->path, bus->name);
	if (!socket || hk_strs_add_borrowed(arena, &op->args, address) < 0 ||
		hk_strs_add_borrowed(arena, &op->args, socket) < 0) {
		return hk_err_oom(err);
	}
	r = hk_outcome_policy_warn(state, policy, bus->name, err);
	return r < 0 ? r : hk_outcome_policy_arguments(arena, policy, &op->args, err);
}

static int add_buses(struct hk_outcome_state *state, struct hk_host_op *op, struct hk_err *err) {
	const struct hk_config *config = &state->config;
	struct bus session_bus;
	struct hk_bus_policy *policy = config->session_bus;
	int r = find_session_bus(state->arena, &session_bus, err);
	if (r >= 0 && !policy) {
		r = hk_outcome_builtin_policy(state->arena, config->id, false, &policy, err);
	}
	r = r < 0 ? r : add_bus(state, op, &session_bus, policy, err);
	if (r >= 0 && config->system_bus) {
		r = add_bus(state, op, &system_bus, config->system_bus, err);
	}
	return r;
}

static int dbus_host(struct hk_outcome_state *state, struct hk_err *err) {
	const char *path = hk_path_join(state->arena, state->plan.instance_dir, SOCKET_DIR);
	if (!path) {
		return hk_err_oom(err);
	}
	struct hk_host_op op = {.kind = HK_HOST_DBUS, .path = path, .target = state->plan.target};
	int r = add_buses(state, &op, err);
	r = r < 0 ? r : find_proxy(state->arena, &op.source, err);
	/* The only place that the proxy can write to; the target passes through. */
	r = r < 0 ? r : hk_outcome_add_directory(state, path, 0700, false, err);
	r = r < 0 ? r : hk_outcome_add_acl(state, path, HK_ACL_X, err);
	if (r < 0) {
		return r;
	}
	struct hk_host_op *slot = hk_vec_add(state->arena, &state->plan.host);
	if (!slot) {
		return hk_err_oom(err);
	}
	*slot = op;
	return 0;
}

/* -- the container half ---------------------------------------------------------------------- */

static int add_socket(struct hk_outcome_state *state, const struct bus *bus, struct hk_err *err) {
	const struct hk_mount_op mount = {
		.kind = HK_MOUNT_BIND,
		.target = bus->inner,
		/* from the shim's working directory, the instance's own */
		.source = hk_path_join(state->arena, SOCKET_DIR, bus->name),
	};
	const char *address = hk_arena_printf(state->arena, "unix:path=%s", bus->inner);
	if (!mount.source || !address) {
		return hk_err_oom(err);
	}
	int r = hk_outcome_add_mount(state, &mount, err);
	return r < 0 ? r : hk_outcome_add_env(state, bus->variable, address, err);
}

/* For programs that do not look at the variable. In a shared directory it would be litter. */
static int add_runtime_link(
	struct hk_outcome_state *state, const struct bus *bus, struct hk_err *err) {
	const struct hk_mount_op mount = {
		.kind = HK_MOUNT_LINK,
		.target = hk_path_join(state->arena, state->inner_runtime, "bus"),
		.text = bus->inner,
	};
	if (!mount.target) {
		return hk_err_oom(err);
	}
	return hk_outcome_add_mount(state, &mount, err);
}

static int dbus_container(struct hk_outcome_state *state, struct hk_err *err) {
	struct bus session_bus;
	int r = find_session_bus(state->arena, &session_bus, err);
	r = r < 0 ? r : add_socket(state, &session_bus, err);
	if (r >= 0 && !state->runtime_source) {
		r = add_runtime_link(state, &session_bus, err);
	}
	if (r >= 0 && state->config.system_bus) {
		r = add_socket(state, &system_bus, err);
	}
	if (r >= 0 && !state->config.container->map_real_uid) {
		/* EXTERNAL authentication: the proxy passes on what the client says. */
		r = hk_outcome_add_hint(state, err,
			"D-Bus libraries introduce themselves with the uid that they see, which "
			"is %u here, and the bus refuses it: most programs need map_real_uid",
			state->plan.container.uid);
	}
	return r;
}

const struct hk_outcome_feature hk_outcome_dbus = {
	.name = "dbus",
	.enabled = is_enabled,
	.host = dbus_host,
	.container = dbus_container,
};
