/* SPDX-License-Identifier: MIT */
/* shell.c: windows, as far as it takes for a client to draw in one. */
#include <stdlib.h>
#include <wayland-server-protocol.h>

#include "compositor.h"
#include "xdg-shell-server-protocol.h"

static void destroy(struct wl_client *client, struct wl_resource *resource) {
	(void)client;
	wl_resource_destroy(resource);
}

static void ignore_serial(struct wl_client *client, struct wl_resource *resource, uint32_t serial) {
	(void)client;
	(void)resource;
	(void)serial;
}

/* -- windows ---------------------------------------------------------------------------------- */

static void ignore(struct wl_client *client, struct wl_resource *resource) {
	(void)client;
	(void)resource;
}

static void ignore_text(struct wl_client *client, struct wl_resource *resource, const char *text) {
	(void)client;
	(void)resource;
	(void)text;
}

static void set_title(struct wl_client *client, struct wl_resource *resource, const char *title) {
	(void)resource;
	report_title(client_identity(client), title);
}

static void ignore_resource(
	struct wl_client *client, struct wl_resource *resource, struct wl_resource *other) {
	(void)client;
	(void)resource;
	(void)other;
}

static void ignore_size(
	struct wl_client *client, struct wl_resource *resource, int32_t width, int32_t height) {
	(void)client;
	(void)resource;
	(void)width;
	(void)height;
}

static const struct xdg_toplevel_interface toplevel_requests = {
	.destroy = destroy,
	.set_parent = ignore_resource,
	.set_title = set_title,
	.set_app_id = ignore_text,
	.set_max_size = ignore_size,
	.set_min_size = ignore_size,
	.set_maximized = ignore,
	.unset_maximized = ignore,
	.set_fullscreen = ignore_resource,
	.unset_fullscreen = ignore,
	.set_minimized = ignore,
};

static void handle_toplevel_destroy(struct wl_resource *resource) {
	struct wl_resource *xdg_surface = wl_resource_get_user_data(resource);
	struct surface *surface = xdg_surface ? wl_resource_get_user_data(xdg_surface) : NULL;
	if (surface) {
		surface->toplevel = NULL;
	}
}

static void get_toplevel(struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	struct surface *surface = wl_resource_get_user_data(resource);
	struct wl_resource *made = wl_resource_create(
		client, &xdg_toplevel_interface, wl_resource_get_version(resource), id);
	if (!made) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(made, &toplevel_requests, resource, handle_toplevel_destroy);
	if (surface) {
		surface->toplevel = made;
	}
}

void shell_configure(struct surface *surface) {
	struct wl_array states;
	wl_array_init(&states);
	xdg_toplevel_send_configure(surface->toplevel, 0, 0, &states);
	xdg_surface_send_configure(
		surface->xdg_surface, wl_display_next_serial(surface->compositor->display));
	wl_array_release(&states);
	surface->configured = true;
}

/* -- what makes a window of a surface ---------------------------------------------------------- */

static void ignore_popup(struct wl_client *client, struct wl_resource *resource, uint32_t id,
	struct wl_resource *parent, struct wl_resource *positioner) {
	(void)id;
	(void)parent;
	(void)positioner;
	(void)resource;
	wl_client_post_implementation_error(client, "there are no popups here");
}

static void ignore_geometry(struct wl_client *client, struct wl_resource *resource, int32_t x,
	int32_t y, int32_t width, int32_t height) {
	(void)client;
	(void)resource;
	(void)x;
	(void)y;
	(void)width;
	(void)height;
}

static const struct xdg_surface_interface xdg_surface_requests = {
	.destroy = destroy,
	.get_toplevel = get_toplevel,
	.get_popup = ignore_popup,
	.set_window_geometry = ignore_geometry,
	.ack_configure = ignore_serial,
};

static void handle_xdg_surface_destroy(struct wl_resource *resource) {
	struct surface *surface = wl_resource_get_user_data(resource);
	if (surface) {
		if (surface->toplevel) {
			wl_resource_set_user_data(surface->toplevel, NULL);
			surface->toplevel = NULL;
		}
		surface->xdg_surface = NULL;
	}
}

static void get_xdg_surface(struct wl_client *client, struct wl_resource *resource, uint32_t id,
	struct wl_resource *surface_resource) {
	struct surface *surface = wl_resource_get_user_data(surface_resource);
	struct wl_resource *made = wl_resource_create(
		client, &xdg_surface_interface, wl_resource_get_version(resource), id);
	if (!made) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(
		made, &xdg_surface_requests, surface, handle_xdg_surface_destroy);
	surface->xdg_surface = made;
	surface->configured = false;
}

static void create_positioner(struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	(void)resource;
	(void)id;
	wl_client_post_implementation_error(client, "there are no popups here");
}

static const struct xdg_wm_base_interface base_requests = {
	.destroy = destroy,
	.create_positioner = create_positioner,
	.get_xdg_surface = get_xdg_surface,
	.pong = ignore_serial,
};

static void bind_base(struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	struct wl_resource *made =
		wl_resource_create(client, &xdg_wm_base_interface, (int)version, id);
	if (!made) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(made, &base_requests, data, NULL);
}

bool shell_init(struct compositor *compositor) {
	return wl_global_create(
		compositor->display, &xdg_wm_base_interface, 1, compositor, bind_base);
}
