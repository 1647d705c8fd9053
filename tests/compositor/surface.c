/* SPDX-License-Identifier: MIT */
/* surface.c: surfaces that are looked at for their size and then forgotten. */
#include <stdlib.h>
#include <time.h>
#include <wayland-server-protocol.h>

#include "compositor.h"

#define FRAME_MS 20

static void destroy(struct wl_client *client, struct wl_resource *resource) {
	(void)client;
	wl_resource_destroy(resource);
}

static void ignore_region(struct wl_client *client, struct wl_resource *resource, int32_t x,
	int32_t y, int32_t width, int32_t height) {
	(void)client;
	(void)resource;
	(void)x;
	(void)y;
	(void)width;
	(void)height;
}

static void ignore_resource(
	struct wl_client *client, struct wl_resource *resource, struct wl_resource *other) {
	(void)client;
	(void)resource;
	(void)other;
}

static void ignore_number(struct wl_client *client, struct wl_resource *resource, int32_t number) {
	(void)client;
	(void)resource;
	(void)number;
}

/* -- surfaces ------------------------------------------------------------------------------- */

static void forget_buffer(struct surface *surface) {
	if (surface->buffer) {
		wl_list_remove(&surface->buffer_destroy.link);
		surface->buffer = NULL;
	}
}

static void handle_buffer_destroy(struct wl_listener *listener, void *data) {
	(void)data;
	struct surface *surface = wl_container_of(listener, surface, buffer_destroy);
	forget_buffer(surface);
}

static void attach(struct wl_client *client, struct wl_resource *resource,
	struct wl_resource *buffer, int32_t x, int32_t y) {
	(void)client;
	(void)x;
	(void)y;
	struct surface *surface = wl_resource_get_user_data(resource);
	forget_buffer(surface);
	if (buffer) {
		surface->buffer = buffer;
		surface->buffer_destroy.notify = handle_buffer_destroy;
		wl_resource_add_destroy_listener(buffer, &surface->buffer_destroy);
	}
}

static void handle_callback_destroy(struct wl_resource *resource) {
	wl_list_remove(wl_resource_get_link(resource));
}

static void frame(struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	struct surface *surface = wl_resource_get_user_data(resource);
	struct wl_resource *made = wl_resource_create(client, &wl_callback_interface, 1, id);
	if (!made) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(made, NULL, NULL, handle_callback_destroy);
	wl_list_insert(&surface->frames, wl_resource_get_link(made));
}

static void commit(struct wl_client *client, struct wl_resource *resource) {
	struct surface *surface = wl_resource_get_user_data(resource);
	if (surface->toplevel && !surface->configured) {
		shell_configure(surface);
	}
	struct wl_shm_buffer *shm = surface->buffer ? wl_shm_buffer_get(surface->buffer) : NULL;
	if (shm) {
		report("commit", client_identity(client), wl_shm_buffer_get_width(shm),
			wl_shm_buffer_get_height(shm));
		picture_save(surface->compositor, shm);
		wl_buffer_send_release(surface->buffer);
		forget_buffer(surface);
	}
}

static const struct wl_surface_interface surface_requests = {
	.destroy = destroy,
	.attach = attach,
	.damage = ignore_region,
	.frame = frame,
	.set_opaque_region = ignore_resource,
	.set_input_region = ignore_resource,
	.commit = commit,
	.set_buffer_transform = ignore_number,
	.set_buffer_scale = ignore_number,
	.damage_buffer = ignore_region,
};

static void answer_frames(struct surface *surface, uint32_t now_ms) {
	struct wl_resource *callback;
	struct wl_resource *next;
	wl_resource_for_each_safe(callback, next, &surface->frames) {
		wl_callback_send_done(callback, now_ms);
		wl_resource_destroy(callback);
	}
}

static int handle_timer(void *data) {
	struct compositor *compositor = data;
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	struct surface *surface;
	wl_list_for_each(surface, &compositor->surfaces, link) {
		answer_frames(surface, (uint32_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000));
	}
	(void)wl_event_source_timer_update(compositor->timer, FRAME_MS);
	return 0;
}

static void handle_surface_destroy(struct wl_resource *resource) {
	struct surface *surface = wl_resource_get_user_data(resource);
	forget_buffer(surface);
	answer_frames(surface, 0);
	if (surface->xdg_surface) {
		wl_resource_set_user_data(surface->xdg_surface, NULL);
	}
	wl_list_remove(&surface->link);
	free(surface);
}

static void create_surface(struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	struct surface *surface = calloc(1, sizeof(*surface));
	struct wl_resource *made = wl_resource_create(
		client, &wl_surface_interface, wl_resource_get_version(resource), id);
	if (!surface || !made) {
		abort();
	}
	surface->compositor = wl_resource_get_user_data(resource);
	surface->resource = made;
	wl_list_init(&surface->frames);
	wl_list_insert(&surface->compositor->surfaces, &surface->link);
	wl_resource_set_implementation(made, &surface_requests, surface, handle_surface_destroy);
}

/* -- regions, which nobody looks at ---------------------------------------------------------- */

static const struct wl_region_interface region_requests = {
	.destroy = destroy,
	.add = ignore_region,
	.subtract = ignore_region,
};

static void create_region(struct wl_client *client, struct wl_resource *resource, uint32_t id) {
	struct wl_resource *made = wl_resource_create(
		client, &wl_region_interface, wl_resource_get_version(resource), id);
	if (!made) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(made, &region_requests, NULL, NULL);
}

static const struct wl_compositor_interface compositor_requests = {
	.create_surface = create_surface,
	.create_region = create_region,
};

static void bind_compositor(struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	struct wl_resource *made =
		wl_resource_create(client, &wl_compositor_interface, (int)version, id);
	if (!made) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(made, &compositor_requests, data, NULL);
}

bool surface_init(struct compositor *compositor) {
	compositor->timer = wl_event_loop_add_timer(
		wl_display_get_event_loop(compositor->display), handle_timer, compositor);
	return compositor->timer &&
	       wl_event_source_timer_update(compositor->timer, FRAME_MS) == 0 &&
	       wl_global_create(compositor->display, &wl_compositor_interface, 4, compositor,
		       bind_compositor);
}
