/* SPDX-License-Identifier: MIT */
/*
 * wayland.c: a security context by libwayland-client.
 *
 * A compositor can hang, or be made to by whoever has a window on it. So nothing here blocks:
 * of the library's functions only those that queue, send what fits and read what is there are
 * used, and every wait is a poll with what is left of the time.
 */
#include "module/wayland.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <wayland-client.h>

#include "security-context-v1-client-protocol.h"

#define NS_PER_MS 1000000
#define MS_PER_S  1000

struct session {
	struct wl_display *display;
	int64_t deadline_ms;
	uint32_t manager; /* its name in the registry; 0: there is none */
	bool answered;
	char *text;
	size_t size;
};

static int64_t now_ms(void) {
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* always there */
	return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

static int fail(const struct session *session, int code, const char *text) {
	(void)snprintf(session->text, session->size, "%s", text);
	return code;
}

/* What ended the connection. */
static int fail_connection(const struct session *session, int code) {
	if (wl_display_get_error(session->display) == EPROTO) {
		const struct wl_interface *interface = NULL;
		uint32_t object = 0;
		uint32_t number =
			wl_display_get_protocol_error(session->display, &interface, &object);
		(void)snprintf(session->text, session->size,
			"the compositor refused the security context: error %u of %s", number,
			interface ? interface->name : "an unknown interface");
		return -EPROTO;
	}
	(void)snprintf(session->text, session->size, "lost the compositor: %s", strerror(-code));
	return code;
}

/* Sends what is queued and reads what has come, waiting for it until the deadline. The caller
 * has called wl_display_prepare_read. */
static int exchange(struct session *session) {
	struct pollfd poll_fd = {.fd = wl_display_get_fd(session->display), .events = POLLIN};
	int r = wl_display_flush(session->display);
	if (r < 0 && errno == EAGAIN) {
		poll_fd.events |= POLLOUT; /* the rest when there is room */
	} else if (r < 0 && errno != EPIPE) {
		/* After EPIPE there may be an error left to read that says why. */
		r = -errno;
		wl_display_cancel_read(session->display);
		return fail_connection(session, r);
	}
	int64_t left = session->deadline_ms - now_ms();
	int n = left > 0 ? poll(&poll_fd, 1, (int)left) : 0;
	if (n <= 0 || !(poll_fd.revents & ~POLLOUT)) {
		r = n < 0 && errno != EINTR ? -errno : 0;
		wl_display_cancel_read(session->display);
		if (n == 0) {
			return fail(session, -ETIMEDOUT, "the compositor does not answer");
		}
		return r < 0 ? fail_connection(session, r) : 0;
	}
	return wl_display_read_events(session->display) < 0 ? fail_connection(session, -errno) : 0;
}

static void handle_done(void *data, struct wl_callback *callback, uint32_t serial) {
	struct session *session = data;
	(void)callback; /* destroyed by whoever waits */
	(void)serial;
	session->answered = true;
}

static const struct wl_callback_listener callback_listener = {.done = handle_done};

/* Until the compositor has handled all that was sent so far. */
static int round_trip(struct session *session) {
	struct wl_callback *callback = wl_display_sync(session->display);
	if (!callback) {
		return fail_connection(session, -ENOMEM);
	}
	session->answered = false;
	(void)wl_callback_add_listener(callback, &callback_listener, session); /* it is new */
	int r = 0;
	while (r == 0 && !session->answered) {
		if (wl_display_prepare_read(session->display) == 0) {
			r = exchange(session);
		}
		if (r == 0 && wl_display_dispatch_pending(session->display) < 0) {
			r = fail_connection(session, -errno);
		}
	}
	wl_callback_destroy(callback);
	return r;
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct session *session = data;
	(void)registry;
	(void)version; /* we speak the first one */
	if (strcmp(interface, wp_security_context_manager_v1_interface.name) == 0) {
		session->manager = name;
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {
	struct session *session = data;
	(void)registry;
	if (session->manager == name) {
		session->manager = 0;
	}
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static int make_context(struct session *session, struct wl_registry *registry,
	const struct hk_module_wayland_context *wanted) {
	struct wp_security_context_manager_v1 *manager = wl_registry_bind(
		registry, session->manager, &wp_security_context_manager_v1_interface, 1);
	if (!manager) {
		return fail_connection(session, -ENOMEM);
	}
	int r = -ENOMEM;
	struct wp_security_context_v1 *made = wp_security_context_manager_v1_create_listener(
		manager, wanted->listen_fd, wanted->close_fd);
	if (made) {
		wp_security_context_v1_set_sandbox_engine(made, wanted->engine);
		wp_security_context_v1_set_app_id(made, wanted->app_id);
		wp_security_context_v1_set_instance_id(made, wanted->instance_id);
		wp_security_context_v1_commit(made);
		wp_security_context_v1_destroy(made);
		r = 0;
	}
	wp_security_context_manager_v1_destroy(manager);
	/* The answer to this is the compositor's word that it has accepted all of it. */
	return r < 0 ? fail_connection(session, r) : round_trip(session);
}

static int run(struct session *session, const struct hk_module_wayland_context *wanted) {
	struct wl_registry *registry = wl_display_get_registry(session->display);
	if (!registry) {
		return fail_connection(session, -ENOMEM);
	}
	(void)wl_registry_add_listener(registry, &registry_listener, session); /* it is new */
	int r = round_trip(session);
	if (r == 0 && session->manager == 0) {
		r = fail(session, -EPROTONOSUPPORT,
			"the compositor does not have the protocol security-context-v1");
	}
	r = r < 0 ? r : make_context(session, registry, wanted);
	wl_registry_destroy(registry);
	return r;
}

/* What the library would print, our error says. */
static void print_nothing(const char *format, va_list args) {
	(void)format;
	(void)args;
}

__attribute__((visibility("default"))) int hk_module_wayland_secure(
	const struct hk_module_wayland_context *context, char *text, size_t size) {
	struct session session = {
		.deadline_ms = now_ms() + context->timeout_ms,
		.text = text,
		.size = size,
	};
	wl_log_set_handler_client(print_nothing);
	session.display = wl_display_connect_to_fd(context->compositor);
	if (!session.display) {
		return fail(&session, -ENOMEM, "cannot talk to the compositor: out of memory");
	}
	int r = run(&session, context);
	wl_display_disconnect(session.display);
	return r;
}
