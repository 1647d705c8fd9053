/* SPDX-License-Identifier: MIT */
#include "host/x11.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/auto.h"
#include "base/scan.h"
#include "base/str.h"
#include "host/socket.h"
#include "host/walk.h"
#include "host/x11_cookie.h"
#include "host/x11_wire.h"
#include "sys/sys.h"

/* What record->live is: a conversation with the server. */
struct connection {
	int socket;
	uint64_t dev; /* of the socket's name */
	uint64_t ino;
	bool has; /* what ask was told */
};

static int check_op(
	const struct hk_host_context *context, const struct hk_host_op *op, struct hk_err *err) {
	uint32_t number;
	int allowed = hk_host_scope_check_target(context->scope, op->target, err);
	if (allowed < 0) {
		return allowed;
	}
	if (!op->text || !hk_scan_number(op->text, UINT32_MAX, &number)) {
		return hk_err_say(err, -EINVAL, "'%s' is no number of a display", HK_ESC(op->text));
	}
	return 0;
}

/* The cookie is shown to root's and the person's servers only: anybody may hold a name in /tmp. */
static int check_server(
	const struct hk_host_context *context, int socket, const char *path, struct hk_err *err) {
	struct ucred peer;
	int r = hk_sys_peer(socket, &peer);
	if (r < 0) {
		return hk_err_step(err, r, "find out whose server '%s' is", HK_ESC(path));
	}
	if (peer.uid != 0 && peer.uid != context->scope->person) {
		return hk_err_say(
			err, -EPERM, "the X server '%s' is run by uid %u", HK_ESC(path), peer.uid);
	}
	return 0;
}

/* Without a file, or a cookie in it, the server may still know the person by uid. */
static int find_cookie(
	const struct hk_host_op *op, struct hk_x11_cookie *cookie, struct hk_err *err) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	char hostname[HOST_NAME_MAX + 1];
	char *bytes;
	size_t size;
	if (!op->source) {
		return 0;
	}
	int r = hk_sys_hostname(hostname, sizeof(hostname));
	if (r < 0) {
		return hk_err_step(err, r, "get the host name");
	}
	r = hk_sys_read_file(&arena, op->source, HK_X11_AUTHORITY_MAX, &bytes, &size);
	if (r < 0) {
		return r == -ENOENT ? 0 : hk_err_step(err, r, "read '%s'", HK_ESC(op->source));
	}
	(void)hk_x11_cookie_find(bytes, size, hostname, op->text, cookie); /* none is fine */
	return 0;
}

/* HK_HOST_GONE: nobody listens any more, or somebody else. */
static int connect_to(const struct hk_host_context *context, const struct hk_host_record *record,
	uint64_t deadline_ns, struct connection *connection, struct hk_err *err) {
	const char *path = record->op.path;
	HK_AUTO(fd) int place = -1;
	int r = hk_host_walk(path, 0, context->scope->person, &place, err);
	if (r == -ENOENT || r == -ENOTDIR) {
		return HK_HOST_GONE;
	}
	if (r < 0) {
		return r;
	}
	struct stat stat;
	r = hk_sys_fstat(place, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(path));
	}
	if (!S_ISSOCK(stat.st_mode) || (record->looked && record->found.ino != stat.st_ino)) {
		return HK_HOST_GONE;
	}
	connection->dev = stat.st_dev;
	connection->ino = stat.st_ino;
	r = hk_host_socket_connect(place, "X server", path, deadline_ns, &connection->socket, err);
	if (r == -ECONNREFUSED) {
		return HK_HOST_GONE;
	}
	return r < 0 ? r : check_server(context, connection->socket, path, err);
}

static int reach(const struct hk_host_context *context, struct hk_host_record *record,
	uint64_t deadline_ns, struct hk_err *err) {
	struct connection connection = {.socket = -1};
	struct hk_x11_cookie cookie = {0};
	int r = check_op(context, &record->op, err);
	r = r < 0 ? r : connect_to(context, record, deadline_ns, &connection, err);
	HK_AUTO(fd) int socket = connection.socket;
	if (r < 0 || r == HK_HOST_GONE) {
		return r;
	}
	r = find_cookie(&record->op, &cookie, err);
	r = r < 0 ? r : hk_x11_setup(socket, &cookie, deadline_ns, err);
	if (r == -EACCES && cookie.size == 0) {
		(void)hk_err_frame(err, "no cookie for display %s in '%s'", HK_ESC(record->op.text),
			HK_ESC(record->op.source ? record->op.source : "~/.Xauthority"));
	}
	if (r < 0) {
		return hk_err_frame(err, "'%s'", HK_ESC(record->op.path));
	}
	struct connection *live = malloc(sizeof(*live));
	if (!live) {
		return hk_err_oom(err);
	}
	*live = connection;
	live->socket = hk_take(&socket);
	record->live = live;
	return 0;
}

static uint64_t number(const struct hk_host_record *record) {
	const struct connection *connection = record->live;
	/* Without a connection it is what it was; the factor is an arbitrary odd one. */
	return connection ? connection->dev * 0x9e3779b97f4a7c15 + connection->ino
			  : record->found.dev * 0x9e3779b97f4a7c15 + record->found.ino;
}

static void leave(struct hk_host_record *record) {
	struct connection *connection = record->live;
	if (connection) {
		(void)hk_sys_close(connection->socket); /* nothing is on its way */
		free(connection);
		record->live = NULL;
	}
}

static int ask(struct hk_host_record *record, uint64_t deadline_ns, struct hk_err *err) {
	struct connection *connection = record->live;
	int r = hk_x11_has_user(
		connection->socket, record->op.target, deadline_ns, &connection->has, err);
	return r < 0 ? hk_err_frame(err, "'%s'", HK_ESC(record->op.path)) : 0;
}

static int set(struct hk_host_record *record, bool has, uint64_t deadline_ns, struct hk_err *err) {
	struct connection *connection = record->live;
	int r = hk_x11_set_user(connection->socket, record->op.target, has, deadline_ns, err);
	return r < 0 ? hk_err_frame(err, "'%s'", HK_ESC(record->op.path)) : 0;
}

static int put(struct hk_host_record *record, uint64_t deadline_ns, struct hk_err *err) {
	return set(record, true, deadline_ns, err);
}

/* Asked first, so that a server that hangs by now is not left with something to do when it goes
 * on: by then somebody may have put the entry there again. */
static int take(struct hk_host_record *record, uint64_t deadline_ns, struct hk_err *err) {
	struct connection *connection = record->live;
	int r = record->found.existed ? 0 : ask(record, deadline_ns, err);
	if (r >= 0 && !record->found.existed && connection->has) {
		r = set(record, false, deadline_ns, err);
	}
	return r;
}

/* -- under the store's lock ----------------------------------------------------------------- */

/* One that lists the same entry of the same server, by whatever name of its socket: a server that
 * was started anew knows nothing of what the one before it was asked. */
static const struct hk_host_record *find_peer(const struct hk_host_context *context,
	const struct hk_host_record *record, const struct hk_host_found *found, bool live) {
	for (size_t i = 0; i < context->peers.count; i++) {
		const struct hk_host_peer *peer = &context->peers.items[i];
		const struct hk_host_record *other = peer->record;
		if (other != record && other->looked && !other->reverted && (peer->live || !live) &&
			other->op.kind == HK_HOST_X11 && other->op.target == record->op.target &&
			other->found.dev == found->dev && other->found.ino == found->ino) {
			return other;
		}
	}
	return NULL;
}

static int look(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_host_found *ret_found, struct hk_err *err) {
	const struct connection *connection = record->live;
	if (!connection) {
		return hk_err_say(
			err, -ENOTCONN, "the X server '%s' was not asked", HK_ESC(record->op.path));
	}
	struct hk_host_found found = {
		.existed = connection->has,
		.dev = connection->dev,
		.ino = connection->ino,
	};
	/* Where others of ours were first, what was before us is what was before them. */
	const struct hk_host_record *peer = find_peer(context, record, &found, false);
	if (peer) {
		found.existed = peer->found.existed;
	}
	*ret_found = found;
	return 0;
}

static int revert(const struct hk_host_context *context, const struct hk_host_record *record,
	struct hk_err *err) {
	(void)err; /* deciding cannot fail */
	if (record->unasked) {
		return 0;
	}
	return find_peer(context, record, &record->found, true) ? 0 : HK_HOST_LATER;
}

static const struct hk_host_server_type server = {
	.reach = reach,
	.ask = ask,
	.put = put,
	.take = take,
	.number = number,
	.leave = leave,
};

const struct hk_host_op_type hk_host_x11 = {
	.look = look,
	.revert = revert,
	.server = &server,
};
