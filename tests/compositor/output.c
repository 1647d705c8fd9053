/* SPDX-License-Identifier: MIT */
/* output.c: the one screen that clients are told of. */
#include <wayland-server-protocol.h>

#include "compositor.h"

#define WIDTH	    1024
#define HEIGHT	    768
#define REFRESH_MHZ 60000

static void release(struct wl_client *client, struct wl_resource *resource) {
	(void)client;
	wl_resource_destroy(resource);
}

static const struct wl_output_interface output_requests = {.release = release};

static void bind_output(struct wl_client *client, void *data, uint32_t version, uint32_t id) {
	struct wl_resource *made =
		wl_resource_create(client, &wl_output_interface, (int)version, id);
	if (!made) {
		wl_client_post_no_memory(client);
		return;
	}
	wl_resource_set_implementation(made, &output_requests, data, NULL);
	wl_output_send_geometry(made, 0, 0, 270, 203, WL_OUTPUT_SUBPIXEL_UNKNOWN, "none", "none",
		WL_OUTPUT_TRANSFORM_NORMAL);
	wl_output_send_mode(made, WL_OUTPUT_MODE_CURRENT | WL_OUTPUT_MODE_PREFERRED, WIDTH, HEIGHT,
		REFRESH_MHZ);
	wl_output_send_scale(made, 1);
	wl_output_send_done(made);
}

bool output_init(struct compositor *compositor) {
	return wl_global_create(
		compositor->display, &wl_output_interface, 3, compositor, bind_output);
}
