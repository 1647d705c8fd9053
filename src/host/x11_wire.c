/* SPDX-License-Identifier: MIT */
#include "host/x11_wire.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "sys/sys.h"

#define NS_PER_MS 1000000
#define UNIT	  4  /* the protocol counts in these many bytes, and pads to them */
#define PACKET	  32 /* bytes of a reply's head, of an event, of an error */

#define SETUP_HEAD  12
#define SETUP_REPLY 8

#define CHANGE_HOSTS_HEAD 8
#define LIST_HOSTS_SIZE	  4
#define HOST_HEAD	  4

enum { CHANGE_HOSTS = 109, LIST_HOSTS = 110 };
enum { INSERT = 0, DELETE = 1 };
enum { FAMILY_SERVER_INTERPRETED = 5 };
enum { KIND_ERROR = 0, KIND_REPLY = 1, KIND_GENERIC_EVENT = 35, KIND_SENT = 0x80 };
enum { SETUP_FAILED = 0, SETUP_SUCCESS = 1 };
enum { BAD_VALUE = 2, BAD_ACCESS = 10 };

/* -- bytes, the lower one first, as we tell the server in the setup ------------------------- */

static void put16(uint8_t *at, size_t value) {
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

static size_t get16(const uint8_t *at) {
	return (size_t)at[0] | (size_t)at[1] << 8;
}

static size_t get32(const uint8_t *at) {
	return get16(at) | get16(at + 2) << 16;
}

static size_t padded(size_t size) {
	return (size + UNIT - 1) / UNIT * UNIT;
}

/* -- sending and receiving with a deadline -------------------------------------------------- */

static int await(int socket, short events, uint64_t deadline_ns, struct hk_err *err) {
	for (;;) {
		uint64_t now = hk_sys_monotonic_ns();
		if (now >= deadline_ns) {
			return hk_err_say(err, -ETIMEDOUT,
				"the X server does not answer: it hangs, or a program has "
				"grabbed it");
		}
		struct pollfd poll = {.fd = socket, .events = events};
		uint64_t left_ms = (deadline_ns - now) / NS_PER_MS + 1;
		int r = hk_sys_poll(&poll, 1, left_ms > INT32_MAX ? INT32_MAX : (int)left_ms);
		if (r > 0) {
			return 0;
		}
		if (r < 0 && r != -EINTR) {
			return hk_err_step(err, r, "wait for the X server");
		}
	}
}

static int hung_up(struct hk_err *err) {
	return hk_err_say(err, -ECONNRESET, "the X server has closed the connection");
}

static int send_all(
	int socket, const uint8_t *bytes, size_t size, uint64_t deadline_ns, struct hk_err *err) {
	while (size > 0) {
		ssize_t n = hk_sys_send(socket, bytes, size, 0);
		if (n == -EAGAIN) {
			int r = await(socket, POLLOUT, deadline_ns, err);
			if (r < 0) {
				return r;
			}
			continue;
		}
		if (n == -EPIPE || n == -ECONNRESET) {
			return hung_up(err);
		}
		if (n < 0) {
			return hk_err_step(err, (int)n, "write to the X server");
		}
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

static int receive_all(
	int socket, uint8_t *bytes, size_t size, uint64_t deadline_ns, struct hk_err *err) {
	while (size > 0) {
		ssize_t n = hk_sys_recv(socket, bytes, size, 0);
		if (n == -EAGAIN) {
			int r = await(socket, POLLIN, deadline_ns, err);
			if (r < 0) {
				return r;
			}
			continue;
		}
		if (n == 0 || n == -ECONNRESET) {
			return hung_up(err);
		}
		if (n < 0) {
			return hk_err_step(err, (int)n, "read from the X server");
		}
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

/* What we have to take and do not want. */
static int skip(int socket, size_t size, uint64_t deadline_ns, struct hk_err *err) {
	uint8_t bytes[16384]; /* all of a setup, as a rule */
	int r = 0;
	while (r >= 0 && size > 0) {
		size_t part = size < sizeof(bytes) ? size : sizeof(bytes);
		r = receive_all(socket, bytes, part, deadline_ns, err);
		size -= part;
	}
	return r;
}

/* -- setup ---------------------------------------------------------------------------------- */

/* The server says why in words, padded with anything. */
static int refused(int socket, size_t said, size_t size, uint64_t deadline_ns, struct hk_err *err) {
	char text[256] = "";
	if (said > size) {
		said = size;
	}
	if (said > sizeof(text) - 1) {
		said = sizeof(text) - 1;
	}
	int r = receive_all(socket, (uint8_t *)text, said, deadline_ns, err);
	if (r < 0) {
		return r;
	}
	text[strcspn(text, "\n")] = '\0';
	return hk_err_say(err, -EACCES, "the X server refuses us: '%s'", HK_ESC(text));
}

int hk_x11_setup(
	int socket, const struct hk_x11_cookie *cookie, uint64_t deadline_ns, struct hk_err *err) {
	const size_t name_size = strlen(HK_X11_COOKIE_NAME);
	uint8_t request[SETUP_HEAD + UNIT + sizeof(HK_X11_COOKIE_NAME) + UNIT + HK_X11_COOKIE_MAX] =
		{'l'};
	size_t size = SETUP_HEAD;
	put16(request + 2, 11); /* version 11.0 */
	if (cookie->size > 0) {
		put16(request + 6, name_size);
		put16(request + 8, cookie->size);
		memcpy(request + size, HK_X11_COOKIE_NAME, name_size);
		size += padded(name_size);
		memcpy(request + size, cookie->bytes, cookie->size);
		size += padded(cookie->size);
	}
	uint8_t reply[SETUP_REPLY];
	int r = send_all(socket, request, size, deadline_ns, err);
	r = r < 0 ? r : receive_all(socket, reply, sizeof(reply), deadline_ns, err);
	if (r < 0) {
		return r;
	}
	size = get16(reply + 6) * UNIT;
	if (reply[0] == SETUP_SUCCESS) {
		return skip(socket, size, deadline_ns, err); /* what it can draw */
	}
	return refused(socket, reply[0] == SETUP_FAILED ? reply[1] : size, size, deadline_ns, err);
}

/* -- hosts ---------------------------------------------------------------------------------- */

/* "localuser" and "#UID", with the NUL between them. */
struct address {
	char text[32];
	size_t size;
};

static struct address address_of(uid_t uid) {
	static const char type[] = "localuser";
	struct address address;
	memcpy(address.text, type, sizeof(type));
	int length = snprintf(
		address.text + sizeof(type), sizeof(address.text) - sizeof(type), "#%u", uid);
	address.size = sizeof(type) + (size_t)length;
	return address;
}

/* The head of the next reply. Events that every client gets are passed over. */
static int receive_reply(
	int socket, uint8_t reply[static PACKET], uint64_t deadline_ns, struct hk_err *err) {
	for (;;) {
		int r = receive_all(socket, reply, PACKET, deadline_ns, err);
		if (r < 0) {
			return r;
		}
		if (reply[0] == KIND_REPLY) {
			return 0;
		}
		if (reply[0] == KIND_ERROR) {
			const char *why = reply[1] == BAD_ACCESS  ? "no access"
					  : reply[1] == BAD_VALUE ? "unknown kind of user"
								  : "error";
			return hk_err_say(err, -EACCES,
				"the X server does not let us change who may connect: %s %u", why,
				reply[1]);
		}
		if ((reply[0] & ~KIND_SENT) == KIND_GENERIC_EVENT) {
			r = skip(socket, get32(reply + 4) * UNIT, deadline_ns, err);
			if (r < 0) {
				return r;
			}
		}
	}
}

/* One of the list's hosts. *left: bytes of the reply that are still to come. */
static int receive_host(int socket, const struct address *address, uint64_t deadline_ns,
	size_t *left, bool *ret_is, struct hk_err *err) {
	uint8_t head[HOST_HEAD];
	size_t size;
	if (*left < sizeof(head)) {
		return hk_err_say(err, -EPROTO, "the X server's list of hosts is malformed");
	}
	int r = receive_all(socket, head, sizeof(head), deadline_ns, err);
	if (r < 0) {
		return r;
	}
	*left -= sizeof(head);
	size = padded(get16(head + 2));
	if (size > *left) {
		return hk_err_say(err, -EPROTO, "the X server's list of hosts is malformed");
	}
	*left -= size;
	uint8_t bytes[sizeof(address->text) + UNIT];
	if (head[0] != FAMILY_SERVER_INTERPRETED || get16(head + 2) != address->size) {
		*ret_is = false;
		return skip(socket, size, deadline_ns, err);
	}
	r = receive_all(socket, bytes, size, deadline_ns, err);
	*ret_is = r >= 0 && memcmp(bytes, address->text, address->size) == 0;
	return r;
}

static int receive_hosts(int socket, const struct address *address, uint64_t deadline_ns,
	bool *ret_has, struct hk_err *err) {
	uint8_t reply[PACKET];
	int r = receive_reply(socket, reply, deadline_ns, err);
	if (r < 0) {
		return r;
	}
	size_t left = get32(reply + 4) * UNIT;
	if (left > HK_X11_REPLY_MAX) {
		return hk_err_say(err, -EPROTO, "the X server's list of hosts is too long");
	}
	bool has = false;
	for (size_t count = get16(reply + 8); count > 0; count--) {
		bool is = false;
		r = receive_host(socket, address, deadline_ns, &left, &is, err);
		if (r < 0) {
			return r;
		}
		has = has || is;
	}
	r = skip(socket, left, deadline_ns, err);
	if (r < 0) {
		return r;
	}
	*ret_has = has;
	return 0;
}

static const uint8_t list_hosts[LIST_HOSTS_SIZE] = {LIST_HOSTS, 0, 1, 0};

int hk_x11_has_user(
	int socket, uid_t uid, uint64_t deadline_ns, bool *ret_has, struct hk_err *err) {
	const struct address address = address_of(uid);
	int r = send_all(socket, list_hosts, sizeof(list_hosts), deadline_ns, err);
	return r < 0 ? r : receive_hosts(socket, &address, deadline_ns, ret_has, err);
}

int hk_x11_set_user(int socket, uid_t uid, bool has, uint64_t deadline_ns, struct hk_err *err) {
	const struct address address = address_of(uid);
	uint8_t request[CHANGE_HOSTS_HEAD + sizeof(address.text) + UNIT + LIST_HOSTS_SIZE] = {
		CHANGE_HOSTS, has ? INSERT : DELETE};
	size_t size = CHANGE_HOSTS_HEAD + padded(address.size);
	put16(request + 2, size / UNIT);
	request[4] = FAMILY_SERVER_INTERPRETED;
	put16(request + 6, address.size);
	memcpy(request + CHANGE_HOSTS_HEAD, address.text, address.size);
	/* It has no reply; the list that comes after it says what became of it. Both at once: the
	 * server wakes up once. */
	memcpy(request + size, list_hosts, sizeof(list_hosts));
	size += sizeof(list_hosts);
	int r = send_all(socket, request, size, deadline_ns, err);
	bool has_now = !has;
	r = r < 0 ? r : receive_hosts(socket, &address, deadline_ns, &has_now, err);
	if (r < 0) {
		return r;
	}
	return has_now == has
		       ? 0
		       : hk_err_say(err, -EPROTO, "the X server has not changed who may connect");
}
