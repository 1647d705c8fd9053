/* SPDX-License-Identifier: MIT */
/* context.c: security contexts, and who came through one. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "compositor.h"
#include "security-context-v1-server-protocol.h"

/* -- clients ------------------------------------------------------------------------------ */

struct client {
	struct wl_listener destroy;
	struct identity identity;
};

static char *copy(const char *text) {
	char *made = text ? strdup(text) : NULL;
	if (text && !made) {
		abort();
	}
	return made;
}

static void identity_finish(struct identity *identity) {
	free(identity->engine);
	free(identity->app_id);
	free(identity->instance_id);
}

static void handle_client_destroy(struct wl_listener *listener, void *data) {
	(void)data;
	struct client *client = wl_container_of(listener, client, destroy);
	report("gone", &client->identity, 0, 0);
	identity_finish(&client->identity);
	free(client);
}

void client_add(struct compositor *compositor, int fd, const struct identity *identity) {
	struct wl_client *made = wl_client_create(compositor->display, fd);
	if (!made) {
		(void)close(fd);
		return;
	}
	report("client", identity, 0, 0);
	if (!identity) {
		return;
	}
	struct client *client = calloc(1, sizeof(*client));
	if (!client) {
		abort();
	}
	client->identity = (struct identity){
		.engine = copy(identity->engine),
		.app_id = copy(identity->app_id),
		.instance_id = copy(identity->instance_id),
	};
	client->destroy.notify = handle_client_destroy;
	wl_client_add_destroy_listener(made, &client->destroy);
}

const struct identity *client_identity(struct wl_client *client) {
	struct wl_listener *listener =
		wl_client_get_destroy_listener(client, handle_client_destroy);
	if (!listener) {
		return NULL;
	}
	struct client *found = wl_container_of(listener, found, destroy);
	return &found->identity;
}

/* -- contexts ----------------------------------------------------------------------------- */

struct context {
	struct compositor *compositor;
	struct identity identity;
	int listen_fd;
	int close_fd;
	bool committed;
	struct wl_event_source *listener;
	struct wl_event_source *closer;
};

static void context_destroy(struct context *context) {
	if (context->committed) {
		report("closed", &context->identity, 0, 0);
		wl_event_source_remove(context->listener);
		wl_event_source_remove(context->closer);
	}
	(void)close(context->listen_fd);
	(void)close(context->close_fd);
	identity_finish(&context->identity);
	free(context);
}

static int handle_connection(int fd, uint32_t mask, void *data) {
	(void)mask;
	struct context *context = data;
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	if (client >= 0) {
		client_add(context->compositor, client, &context->identity);
	}
	return 0;
}

static int handle_close(int fd, uint32_t mask, void *data) {
	(void)fd;
	if (mask & (WL_EVENT_HANGUP | WL_EVENT_ERROR)) {
		context_destroy(data);
	}
	return 0;
}

/* The resource of a committed context holds NULL. */
static struct context *context_of(struct wl_resource *resource) {
	struct context *context = wl_resource_get_user_data(resource);
	if (!context) {
		wl_resource_post_error(resource, WP_SECURITY_CONTEXT_V1_ERROR_ALREADY_USED,
			"the context was committed before");
	}
	return context;
}

static void set_text(struct wl_resource *resource, char **slot, const char *text) {
	if (*slot) {
		wl_resource_post_error(resource, WP_SECURITY_CONTEXT_V1_ERROR_ALREADY_SET,
			"this name was set before");
		return;
	}
	*slot = copy(text);
}

static void set_engine(struct wl_client *client, struct wl_resource *resource, const char *text) {
	(void)client;
	struct context *context = context_of(resource);
	if (context) {
		set_text(resource, &context->identity.engine, text);
	}
}

static void set_app_id(struct wl_client *client, struct wl_resource *resource, const char *text) {
	(void)client;
	struct context *context = context_of(resource);
	if (context) {
		set_text(resource, &context->identity.app_id, text);
	}
}

static void set_instance_id(
	struct wl_client *client, struct wl_resource *resource, const char *text) {
	(void)client;
	struct context *context = context_of(resource);
	if (context) {
		set_text(resource, &context->identity.instance_id, text);
	}
}

static void commit(struct wl_client *client, struct wl_resource *resource) {
	(void)client;
	struct context *context = context_of(resource);
	if (!context) {
		return;
	}
	int listening = 0;
	socklen_t size = sizeof(listening);
	if (!context->identity.engine || !*context->identity.engine ||
		getsockopt(context->listen_fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) < 0 ||
		!listening) {
		wl_resource_post_error(resource, WP_SECURITY_CONTEXT_V1_ERROR_INVALID_METADATA,
			"no engine, or no listening socket");
		return;
	}
	struct wl_event_loop *loop = wl_display_get_event_loop(context->compositor->display);
	context->listener = wl_event_loop_add_fd(
		loop, context->listen_fd, WL_EVENT_READABLE, handle_connection, context);
	context->closer = wl_event_loop_add_fd(loop, context->close_fd, 0, handle_close, context);
	if (!context->listener || !context->closer) {
		abort();
	}
	context->committed = true;
	wl_resource_set_user_data(resource, NULL);
	report("context", &context->identity, 0, 0);
}

static void destroy(struct wl_client *client, struct wl_resource *resource) {
	(void)client;
	wl_resource_destroy(resource);
}

static const struct wp_security_context_v1_interface context_requests = {
	.destroy = destroy,
	.set_sandbox_engine = set_engine,
	.set_app_id = set_app_id,
	.set_instance_id = set_instance_id,
	.commit = commit,
};

static void handle_context_resource(struct wl_resource *resource) {
	struct context *context = wl_resource_get_user_data(resource);
	if (context) {
		context_destroy(context);
	}
}

static void create_listener(struct wl_client *client, struct wl_resource *resource, uint32_t id,
	int listen_fd, int close_fd) {
	struct context *context = calloc(1, sizeof(*context));
	struct wl_resource *made =
		wl_resource_create(client, &wp_security_context_v1_interface, 1, id);
	if (!context || !made) {
		abort();
	}
	*context = (struct context){
		.compositor = wl_resource_get_user_data(resource),
		.listen_fd = listen_fd,
		.close_fd = close_fd,
	};
	wl_resource_set_implementation(made, &context_requests, context, handle_context_resource);
	if (client_identity(client)) {
		wl_resource_post_error(resource, WP_SECURITY_CONTEXT_MANAGER_V1_ERROR_NESTED,
			"the client is in a context itself");
	}
}

static const struct wp_security_context_manager_v1_interface manager_requests = {
	.destroy = destroy,
	.create_listener = create_listener,
};

static void bind_manager(struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	struct wl_resource *made = wl_resource_create(
		client, &wp_security_context_manager_v1_interface, (int)version, id);
	if (!made) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(made, &manager_requests, data, NULL);
}

static bool is_visible(const struct wl_client *client, const struct wl_global *global, void *data) {
	const struct compositor *compositor = data;
	union {
		const struct wl_client *in;
		struct wl_client *out; /* the library's getters take no const */
	} shown = {.in = client};
	return global != compositor->manager || !client_identity(shown.out);
}

bool context_init(struct compositor *compositor) {
	compositor->manager = wl_global_create(compositor->display,
		&wp_security_context_manager_v1_interface, 1, compositor, bind_manager);
	wl_display_set_global_filter(compositor->display, is_visible, compositor);
	return compositor->manager;
}
