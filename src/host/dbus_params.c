/* SPDX-License-Identifier: MIT */
#include "host/dbus_params.h"

#include <errno.h>

#include "base/path.h"
#include "dbus/address.h"
#include "sys/sys.h"

/* In the proxy's container. */
#define SOCKETS	 "/bus.d"    /* op.path */
#define UPSTREAM "/upstream" /* the sockets of the buses, by their names */

/* What a program of the host needs to run. A link stays a link. */
static const char *const system_places[] = {
	"/usr",
	"/bin",
	"/lib",
	"/lib32",
	"/lib64",
	"/libx32",
	"/gnu/store",
	"/nix/store",
	"/etc/ld.so.cache",
};

/* And what it takes to find a host by name. */
static const char *const network_places[] = {
	"/etc/host.conf",
	"/etc/hosts",
	"/etc/nsswitch.conf",
	"/etc/resolv.conf",
};

static int add_mount(struct hk_arena *arena, struct hk_container_params *params,
	const struct hk_mount_op *op, struct hk_err *err) {
	struct hk_mount_op *slot = hk_vec_add(arena, &params->mounts);
	if (!slot) {
		return hk_err_oom(err);
	}
	*slot = *op;
	return 0;
}

static int add_bind(struct hk_arena *arena, struct hk_container_params *params, const char *source,
	const char *target, uint32_t flags, struct hk_err *err) {
	const struct hk_mount_op op = {
		.kind = HK_MOUNT_BIND, .source = source, .target = target, .flags = flags};
	return add_mount(arena, params, &op, err);
}

/* The same thing at the same place, where the host has it. */
static int add_place(struct hk_arena *arena, struct hk_container_params *params, const char *path,
	struct hk_err *err) {
	struct stat stat;
	int r = hk_sys_lstat(path, &stat);
	if (r == -ENOENT || r == -ENOTDIR) {
		return 0;
	}
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", path);
	}
	/* A file that is a link (resolv.conf) leads to what the container does not have. */
	if (!S_ISLNK(stat.st_mode) || hk_path_below(path, "/etc")) {
		return add_bind(arena, params, path, path, HK_MOUNT_OPTIONAL, err);
	}
	char *text;
	r = hk_sys_readlink(arena, path, &text);
	if (r < 0) {
		return hk_err_step(err, r, "read the link '%s'", path);
	}
	const struct hk_mount_op link = {.kind = HK_MOUNT_LINK, .target = path, .text = text};
	return add_mount(arena, params, &link, err);
}

static int add_places(struct hk_arena *arena, struct hk_container_params *params,
	const char *const places[], size_t count, struct hk_err *err) {
	int r = 0;
	for (size_t i = 0; r >= 0 && i < count; i++) {
		r = add_place(arena, params, places[i], err);
	}
	return r;
}

static bool is_in_system(const char *path) {
	for (size_t i = 0; i < sizeof(system_places) / sizeof(system_places[0]); i++) {
		if (hk_path_below(path, system_places[i])) {
			return true;
		}
	}
	return false;
}

/* -- the arguments --------------------------------------------------------------------------- */

/* The address as the container has it. */
static int add_upstream(struct hk_arena *arena, struct hk_host_dbus_plan *plan, const char *address,
	struct hk_host_dbus_bus *bus, struct hk_err *err) {
	struct hk_dbus_entries entries;
	int r = hk_dbus_address_parse(arena, address, &entries, err);
	if (r < 0) {
		return r;
	}
	const struct hk_dbus_entry *entry = &entries.items[0];
	if (entries.count != 1 || entry->way == HK_DBUS_OTHER) {
		return hk_err_say(
			err, -EINVAL, "the proxy cannot use the bus address '%s'", HK_ESC(address));
	}
	const char *inner = address;
	if (entry->way == HK_DBUS_PATH) {
		bus->upstream = entry->place;
		const char *target = hk_path_join(arena, UPSTREAM, bus->name);
		inner = target ? hk_arena_printf(arena, "unix:path=%s", target) : NULL;
		if (!inner) {
			return hk_err_oom(err);
		}
		/* The socket alone: its directory may hold others, and a connection passes
		 * through a read-only mount. */
		r = add_bind(arena, &plan->params, bus->upstream, target, 0, err);
	} else {
		plan->params.host_net = true;
		plan->params.host_abstract |= entry->way == HK_DBUS_ABSTRACT;
	}
	if (r >= 0 && hk_strs_add_borrowed(arena, &plan->args, inner) < 0) {
		return hk_err_oom(err);
	}
	return r;
}

static int add_bus(struct hk_arena *arena, const struct hk_host_op *op,
	struct hk_host_dbus_plan *plan, const char *address, const char *socket,
	struct hk_err *err) {
	const char *name = hk_path_below(socket, op->path);
	if (!name || !*name || hk_path_name(socket) != name) {
		return hk_err_say(err, -EINVAL, "socket '%s' is not in '%s'", HK_ESC(socket),
			HK_ESC(op->path));
	}
	struct hk_host_dbus_bus *bus = hk_vec_add(arena, &plan->buses);
	const char *inner = hk_path_join(arena, SOCKETS, name);
	if (!bus || !inner) {
		return hk_err_oom(err);
	}
	bus->name = name;
	int r = add_upstream(arena, plan, address, bus, err);
	if (r >= 0 && hk_strs_add_borrowed(arena, &plan->args, inner) < 0) {
		return hk_err_oom(err);
	}
	return r;
}

static int add_arguments(struct hk_arena *arena, const struct hk_host_op *op,
	struct hk_host_dbus_plan *plan, struct hk_err *err) {
	int r = 0;
	for (size_t i = 0; r >= 0 && i < op->args.count; i++) {
		const char *arg = op->args.items[i];
		if (!hk_str_starts(arg, "--")) {
			const bool last = i + 1 == op->args.count;
			r = add_bus(arena, op, plan, arg, last ? "" : op->args.items[i + 1], err);
			i++;
		} else if (hk_strs_add_borrowed(arena, &plan->args, arg) < 0) {
			return hk_err_oom(err);
		}
	}
	return r;
}

/* -- the container --------------------------------------------------------------------------- */

static int add_root(struct hk_arena *arena, const struct hk_host_op *op,
	struct hk_container_params *params, struct hk_err *err) {
	int r = add_places(arena, params, system_places,
		sizeof(system_places) / sizeof(system_places[0]), err);
	if (r >= 0 && params->host_net) {
		r = add_places(arena, params, network_places,
			sizeof(network_places) / sizeof(network_places[0]), err);
	}
	if (r >= 0 && !is_in_system(op->source)) {
		r = add_bind(arena, params, op->source, op->source, 0, err);
	}
	r = r < 0 ? r : add_bind(arena, params, op->path, SOCKETS, HK_MOUNT_WRITE, err);
	/* Last: until here mount points could still be made in it. */
	const struct hk_mount_op root = {.kind = HK_MOUNT_REMOUNT, .target = "/"};
	return r < 0 ? r : add_mount(arena, params, &root, err);
}

int hk_host_dbus_plan_make(struct hk_arena *arena, const struct hk_host_op *op,
	struct hk_host_dbus_plan *ret_plan, struct hk_err *err) {
	struct hk_host_dbus_plan plan = {
		.params =
			{
				.uid = hk_sys_getuid(), /* by which the buses know the person */
				.gid = hk_sys_getgid(),
				.hostname = "hakurei-dbus",
				.filter = HK_FILTER_MULTIARCH,
				.path = op->source,
				.directory = "/",
				.umask = 0177, /* sockets are the person's alone until await */
			},
	};
	int r = add_arguments(arena, op, &plan, err);
	r = r < 0 ? r : add_root(arena, op, &plan.params, err);
	if (r < 0) {
		return r;
	}
	*ret_plan = plan;
	return 0;
}
