/* SPDX-License-Identifier: MIT */
/* seat.c: what toolkits insist on, and nobody here has: a seat without keyboard and pointer, a
 * clipboard that holds nothing, surfaces in surfaces. */
#include <wayland-server-protocol.h>

#include "compositor.h"

static void destroy(struct wl_client *client, struct wl_resource *resource) {
	(void)client;
	wl_resource_destroy(resource);
}

/* The implementation of a new object; NULL if memory ran out. */
static struct wl_resource *make(struct wl_client *client, struct wl_resource *parent,
	const struct wl_interface *interface, uint32_t id, const void *requests) {
	struct wl_resource *made =
		wl_resource_create(client, interface, wl_resource_get_version(parent), id);
	if (!made) {
		wl_client_post_no_memory(client);
		return NULL;
	}
	wl_resource_set_implementation(made, requests, NULL, NULL);
	return made;
}

static void bind_to(struct wl_client *client, const struct wl_interface *interface,
	uint32_t version, uint32_t id, const void *requests) {
	struct wl_resource *made = wl_resource_create(client, interface, (int)version, id);
	if (!made) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(made, requests, NULL, NULL);
	if (interface == &wl_seat_interface) {
		wl_seat_send_capabilities(made, 0);
	}
}

/* -- the seat --------------------------------------------------------------------------------- */

static void no_device(struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	(void)client;
	(void)id;
	wl_resource_post_error(resource, WL_SEAT_ERROR_MISSING_CAPABILITY, "there is no device");
}

static const struct wl_seat_interface seat_requests = {
	.get_pointer = no_device,
	.get_keyboard = no_device,
	.get_touch = no_device,
	.release = destroy,
};

static void bind_seat(struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	(void)data;
	bind_to(client, &wl_seat_interface, version, id, &seat_requests);
}

/* -- the clipboard ---------------------------------------------------------------------------- */

static void ignore_type(struct wl_client *client, struct wl_resource *resource, const char *type) {
	(void)client;
	(void)resource;
	(void)type;
}

static void ignore_actions(
	struct wl_client *client, struct wl_resource *resource, uint32_t actions) {
	(void)client;
	(void)resource;
	(void)actions;
}

static const struct wl_data_source_interface source_requests = {
	.offer = ignore_type,
	.destroy = destroy,
	.set_actions = ignore_actions,
};

static void start_drag(struct wl_client *client, struct wl_resource *resource,
	struct wl_resource *source, struct wl_resource *origin, struct wl_resource *icon,
	uint32_t serial) {
	(void)client;
	(void)resource;
	(void)source;
	(void)origin;
	(void)icon;
	(void)serial;
}

static void set_selection(struct wl_client *client, struct wl_resource *resource,
	struct wl_resource *source, uint32_t serial) {
	(void)client;
	(void)resource;
	(void)source;
	(void)serial;
}

static const struct wl_data_device_interface device_requests = {
	.start_drag = start_drag,
	.set_selection = set_selection,
	.release = destroy,
};

static void create_source(struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	(void)make(client, resource, &wl_data_source_interface, id, &source_requests);
}

static void get_device(struct wl_client *client, struct wl_resource *resource, uint32_t id,
	struct wl_resource *seat) {
	(void)seat;
	(void)make(client, resource, &wl_data_device_interface, id, &device_requests);
}

static const struct wl_data_device_manager_interface clipboard_requests = {
	.create_data_source = create_source,
	.get_data_device = get_device,
};

static void bind_clipboard(struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	(void)data;
	bind_to(client, &wl_data_device_manager_interface, version, id, &clipboard_requests);
}

/* -- surfaces in surfaces --------------------------------------------------------------------- */

static void set_position(
	struct wl_client *client, struct wl_resource *resource, int32_t x, int32_t y) {
	(void)client;
	(void)resource;
	(void)x;
	(void)y;
}

static void restack(
	struct wl_client *client, struct wl_resource *resource, struct wl_resource *sibling) {
	(void)client;
	(void)resource;
	(void)sibling;
}

static void ignore(struct wl_client *client, struct wl_resource *resource) {
	(void)client;
	(void)resource;
}

static const struct wl_subsurface_interface subsurface_requests = {
	.destroy = destroy,
	.set_position = set_position,
	.place_above = restack,
	.place_below = restack,
	.set_sync = ignore,
	.set_desync = ignore,
};

static void get_subsurface(struct wl_client *client, struct wl_resource *resource, uint32_t id,
	struct wl_resource *surface, struct wl_resource *parent) {
	(void)surface;
	(void)parent;
	(void)make(client, resource, &wl_subsurface_interface, id, &subsurface_requests);
}

static const struct wl_subcompositor_interface subcompositor_requests = {
	.destroy = destroy,
	.get_subsurface = get_subsurface,
};

static void bind_subcompositor(
	struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	(void)data;
	bind_to(client, &wl_subcompositor_interface, version, id, &subcompositor_requests);
}

bool seat_init(struct compositor *compositor) {
	struct wl_display *display = compositor->display;
	return wl_global_create(display, &wl_seat_interface, 5, compositor, bind_seat) &&
	       wl_global_create(
		       display, &wl_data_device_manager_interface, 3, compositor, bind_clipboard) &&
	       wl_global_create(
		       display, &wl_subcompositor_interface, 1, compositor, bind_subcompositor);
}
