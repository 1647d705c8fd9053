/* SPDX-License-Identifier: MIT */
#include "host/dbus.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/path.h"
#include "base/str.h"
#include "container/container.h"
#include "host/dbus_output.h"
#include "host/dbus_params.h"
#include "host/socket.h"
#include "host/walk.h"
#include "sys/sys.h"

#define SOCKET_DIR "bus.d"
#define TIMEOUT_MS 5000
#define END_MS	   1000 /* for the proxy to notice that we are done */
#define NS_PER_MS  UINT64_C(1000000)

/* A proxy that runs, or has run. */
struct live {
	struct hk_arena arena;
	struct hk_host_dbus_plan plan;
	struct hk_container container;
	int sync; /* a byte comes when the sockets are there; hung up, the proxy ends */
	struct hk_host_dbus_output output;
	bool ended; /* before it was meant to, and we have said so */
};

/* -- on the host's disk ---------------------------------------------------------------------- */

/* Only the directory of that name in an instance's own is ours to work in. */
static int check_place(
	const struct hk_host_context *context, const struct hk_host_op *op, struct hk_err *err) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	const char *parent = hk_path_parent(&arena, op->path);
	if (!parent) {
		return hk_err_oom(err);
	}
	struct hk_id id;
	if (!hk_host_scope_has_path(context->scope, op->path) ||
		strcmp(hk_path_name(op->path), SOCKET_DIR) != 0 ||
		!hk_id_parse(hk_path_name(parent), &id)) {
		return hk_err_say(err, -EPERM, "'%s' is not in a place of ours", HK_ESC(op->path));
	}
	return 0;
}

static int look(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_host_found *ret_found, struct hk_err *err) {
	(void)ret_found; /* the directory was made just before: there is nothing in it */
	const struct hk_host_op *op = &record->op;
	int allowed = hk_host_scope_check_target(context->scope, op->target, err);
	if (allowed < 0) {
		return allowed;
	}
	return check_place(context, op, err);
}

/* Every socket in the directory: what the proxy was told to make, or made on its own. */
static int revert(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_err *err) {
	const struct hk_host_op *op = &record->op;
	if (hk_host_walk_is_gone(op->path, context->scope->person)) {
		return 0; /* wherever it was */
	}
	int r = check_place(context, op, err);
	if (r < 0) {
		return r;
	}
	HK_AUTO(arena) struct hk_arena arena = {0};
	HK_AUTO(fd) int dir = -1;
	r = hk_host_walk(op->path, HK_HOST_WALK_GUARDED, context->scope->person, &dir, err);
	if (r == -ENOENT || r == -ENOTDIR) {
		return 0;
	}
	struct hk_strs names = {0};
	if (r >= 0) {
		r = hk_sys_list_fd(&arena, dir, &names);
		r = r < 0 ? hk_err_step(err, r, "list '%s'", HK_ESC(op->path)) : 0;
	}
	for (size_t i = 0; r >= 0 && i < names.count; i++) {
		struct hk_host_op socket = *op;
		socket.path = hk_path_join(&arena, op->path, names.items[i]);
		r = socket.path ? hk_host_socket_remove(context, &socket, 0, err) : hk_err_oom(err);
	}
	return r;
}

/* The proxy can have put something else in its place. */
static int open_to_target(
	const struct hk_host_op *op, uid_t person, int dir, const char *name, struct hk_err *err) {
	int r = hk_host_socket_open_to(dir, name, person, op->target);
	if (r == -EPERM) {
		return hk_err_say(err, r, "'%s/%s' is not a socket of the proxy's own",
			HK_ESC(op->path), HK_ESC(name));
	}
	return r < 0 ? hk_err_step(err, r, "open the proxy's socket '%s' to uid %u", HK_ESC(name),
			       op->target)
		     : 0;
}

static int open_sockets(const struct hk_host_context *context, const struct hk_host_op *op,
	const struct hk_host_dbus_buses *buses, struct hk_err *err) {
	HK_AUTO(fd) int dir = -1;
	int r = hk_host_walk(op->path, HK_HOST_WALK_GUARDED, context->scope->person, &dir, err);
	for (size_t i = 0; r >= 0 && i < buses->count; i++) {
		r = open_to_target(op, context->scope->person, dir, buses->items[i].name, err);
	}
	return r;
}

/* -- the proxy ------------------------------------------------------------------------------- */

/* The proxy asks its bus only when somebody asks the proxy. That is too late to say that there
 * is none. */
static int try_bus(const struct hk_host_dbus_bus *bus, uint64_t deadline_ns, struct hk_err *err) {
	if (!bus->upstream) {
		return 0;
	}
	HK_AUTO(fd) int place = hk_sys_open(bus->upstream, O_PATH, 0);
	if (place < 0) {
		return hk_err_step(
			err, place, "open the %s bus '%s'", bus->name, HK_ESC(bus->upstream));
	}
	char name[64];
	(void)snprintf(name, sizeof(name), "%.32s bus", bus->name);
	HK_AUTO(fd) int socket = -1;
	return hk_host_socket_connect(place, name, bus->upstream, deadline_ns, &socket, err);
}

/* The arguments as a file, so that no policy shows in a list of processes. */
static int write_arguments(const struct hk_strs *args, int *ret_fd, struct hk_err *err) {
	HK_AUTO(fd) int file = hk_sys_memfd("hakurei-dbus");
	int r = file < 0 ? file : 0;
	for (size_t i = 0; r >= 0 && i < args->count; i++) {
		r = hk_sys_write_all(file, args->items[i], strlen(args->items[i]) + 1);
	}
	if (r >= 0) {
		/* Opened anew: to be read from its start, and not to be written to. */
		char path[64];
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
		r = hk_sys_open(path, O_RDONLY, 0);
	}
	if (r < 0) {
		return hk_err_step(err, r, "write the proxy's arguments");
	}
	*ret_fd = r;
	return 0;
}

/* The descriptors of a start; ours stay, theirs are the proxy's. */
struct ends {
	int args;
	int sync;
	int output;
	int null;
};

static void hk_auto_ends(struct ends *ends) {
	hk_auto_fd(&ends->args);
	hk_auto_fd(&ends->sync);
	hk_auto_fd(&ends->output);
	hk_auto_fd(&ends->null);
}

static int make_ends(struct live *live, struct ends *theirs, struct hk_err *err) {
	int r = write_arguments(&live->plan.args, &theirs->args, err);
	if (r < 0) {
		return r;
	}
	int pair[2];
	r = hk_sys_socketpair(SOCK_STREAM, pair);
	if (r >= 0) {
		live->sync = pair[0];
		theirs->sync = pair[1];
		/* Non-blocking on either side: a proxy that talks more than we read loses words,
		 * and the program's messages do not wait. */
		r = hk_sys_socketpair(SOCK_STREAM | SOCK_NONBLOCK, pair);
	}
	if (r >= 0) {
		live->output.fd = pair[0];
		theirs->output = pair[1];
		theirs->null = hk_sys_open("/dev/null", O_RDONLY, 0);
		r = theirs->null;
	}
	return r < 0 ? hk_err_step(err, r, "make the proxy's descriptors") : 0;
}

static int start_container(struct live *live, uint64_t deadline_ns, struct hk_err *err) {
	HK_AUTO(ends) struct ends theirs = {-1, -1, -1, -1};
	int r = make_ends(live, &theirs, err);
	if (r < 0) {
		return r;
	}
	struct hk_container_params *params = &live->plan.params;
	const char *args[] = {
		hk_path_name(params->path),
		hk_arena_printf(&live->arena, "--args=%d", theirs.args),
		hk_arena_printf(&live->arena, "--fd=%d", theirs.sync),
	};
	for (size_t i = 0; i < sizeof(args) / sizeof(args[0]); i++) {
		if (!args[i] || hk_strs_add_borrowed(&live->arena, &params->argv, args[i]) < 0) {
			return hk_err_oom(err);
		}
	}
	const int stdio[] = {theirs.null, theirs.output, theirs.output};
	const int fds[] = {theirs.args, theirs.sync};
	const struct hk_container_descriptors descriptors = {
		.stdio = stdio, .fds = fds, .fd_count = sizeof(fds) / sizeof(fds[0])};
	enum hk_container_failure failure;
	r = hk_container_start(&live->container, &live->arena, params, &descriptors, err);
	/* A file system may not answer, below /usr too. */
	r = r < 0 ? r : hk_container_await_start(&live->container, deadline_ns, &failure, err);
	return r < 0 ? hk_err_frame(err, "D-Bus proxy") : 0;
}

static void destroy(struct live *live) {
	hk_container_finish(&live->container);
	hk_auto_fd(&live->sync);
	hk_host_dbus_output_finish(&live->output);
	hk_arena_finish(&live->arena);
	free(live);
}

static int start(
	const struct hk_host_context *context, struct hk_host_record *record, struct hk_err *err) {
	struct live *live = malloc(sizeof(*live));
	if (!live) {
		return hk_err_oom(err);
	}
	*live = (struct live){.container = HK_CONTAINER_NONE, .sync = -1, .output = {.fd = -1}};
	int r = hk_host_dbus_plan_make(&live->arena, &record->op, &live->plan, err);
	const uint64_t deadline = hk_sys_monotonic_ns() + TIMEOUT_MS * NS_PER_MS;
	for (size_t i = 0; r >= 0 && i < live->plan.buses.count; i++) {
		r = try_bus(&live->plan.buses.items[i], deadline, err);
	}
	r = r < 0 ? r : start_container(live, deadline, err);
	if (r < 0) {
		destroy(live);
		return r;
	}
	hk_log_verbose(context->log, "D-Bus proxy '%s': process %d in its container",
		HK_ESC(record->op.source), live->container.pid);
	record->live = live;
	return 0;
}

/* How it ended, in words. Only after the end of its output. */
static void describe_end(const struct live *live, char *ret_text, size_t size) {
	/* Its init holds the other end of the output too, so it is gone, or about to be; but
	 * nothing that the proxy does may keep us waiting. */
	struct pollfd poll = {.fd = live->container.control, .events = POLLIN};
	int status;
	bool last;
	if (hk_sys_poll(&poll, 1, END_MS) <= 0) {
		(void)snprintf(ret_text, size, "it has closed its output");
	} else if (hk_container_outcome(&live->container, &status, &last) == 0) {
		(void)snprintf(ret_text, size, "it was killed");
	} else if (WIFSIGNALED(status)) {
		(void)snprintf(ret_text, size, "killed by signal %d", WTERMSIG(status));
	} else {
		(void)snprintf(ret_text, size, "exit status %d", WEXITSTATUS(status));
	}
}

static int time_left(uint64_t deadline_ns) {
	const uint64_t now = hk_sys_monotonic_ns();
	return now >= deadline_ns ? 0 : (int)((deadline_ns - now) / NS_PER_MS) + 1;
}

static int await_ready(
	struct live *live, const struct hk_host_context *context, struct hk_err *err) {
	const uint64_t deadline = hk_sys_monotonic_ns() + TIMEOUT_MS * NS_PER_MS;
	int sync = live->sync;
	for (;;) {
		struct pollfd polls[] = {
			{.fd = sync, .events = POLLIN},
			{.fd = live->output.fd, .events = POLLIN},
		};
		int left = time_left(deadline);
		int n = hk_sys_poll(polls, sizeof(polls) / sizeof(polls[0]), left);
		if (n == 0 || left == 0) {
			return hk_err_say(err, -ETIMEDOUT,
				"the D-Bus proxy was not ready after %d s", TIMEOUT_MS / 1000);
		}
		char byte;
		ssize_t got =
			n > 0 && polls[0].revents ? hk_sys_read(live->sync, &byte, 1) : -EAGAIN;
		if (got == 1) {
			return 0;
		}
		if (got == 0) {
			sync = -1; /* hung up: it will end, or not be ready in time */
		}
		if (n > 0 && polls[1].revents &&
			!hk_host_dbus_output_read(&live->output, context->log)) {
			char text[64];
			describe_end(live, text, sizeof(text));
			live->ended = true;
			return hk_err_say(
				err, -EPIPE, "the D-Bus proxy ended before it was ready: %s", text);
		}
	}
}

static int await(
	const struct hk_host_context *context, struct hk_host_record *record, struct hk_err *err) {
	struct live *live = record->live;
	int r = await_ready(live, context, err);
	return r < 0 ? r : open_sockets(context, &record->op, &live->plan.buses, err);
}

static int descriptor(const struct hk_host_record *record) {
	const struct live *live = record->live;
	return live->output.fd;
}

static void handle(const struct hk_host_context *context, struct hk_host_record *record) {
	struct live *live = record->live;
	if (hk_host_dbus_output_read(&live->output, context->log) || live->ended) {
		return;
	}
	char text[64];
	describe_end(live, text, sizeof(text));
	live->ended = true;
	if (context->log) {
		hk_log_line(context->log,
			"the D-Bus proxy ended while the program runs (%s): the program has no bus "
			"any more",
			text);
	}
}

/* Lets it come to its end, so that its last words are heard. */
static void stop(const struct hk_host_context *context, struct hk_host_record *record) {
	struct live *live = record->live;
	handle(context, record); /* did it end before? */
	hk_auto_fd(&live->sync);
	live->sync = -1;
	const uint64_t deadline = hk_sys_monotonic_ns() + END_MS * NS_PER_MS;
	for (int left = END_MS; live->output.fd >= 0 && left > 0; left = time_left(deadline)) {
		struct pollfd poll = {.fd = live->output.fd, .events = POLLIN};
		if (hk_sys_poll(&poll, 1, left) > 0) {
			(void)hk_host_dbus_output_read(&live->output, context->log);
		}
	}
	hk_host_dbus_output_show(&live->output, context->log);
	destroy(live);
}

const struct hk_host_op_type hk_host_dbus = {
	.look = look,
	.revert = revert,
	.start = start,
	.await = await,
	.stop = stop,
	.descriptor = descriptor,
	.handle = handle,
};
