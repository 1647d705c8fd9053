/* SPDX-License-Identifier: MIT */
/*
 * compositor.h: a Wayland compositor without a screen, for the integration tests. It says on
 * descriptor 1, one JSON object a line, who its clients are and what they draw.
 */
#ifndef HK_TESTS_COMPOSITOR_H
#define HK_TESTS_COMPOSITOR_H

#include <stdbool.h>
#include <wayland-server-core.h>

/* What a client's security context says of it; NULLs where there is none. */
struct identity {
	char *engine;
	char *app_id;
	char *instance_id;
};

struct compositor {
	struct wl_display *display;
	struct wl_global *manager; /* NULL: without the protocol */
	struct wl_list surfaces;   /* those that wait for a frame */
	struct wl_event_source *timer;
	const char *picture; /* the file for picture.c; NULL: none */
};

/* One line: {"event": EVENT, "engine": ..., "app_id": ..., "instance_id": ..., "width": ...,
 * "height": ...}. identity may be NULL. */
void report(const char *event, const struct identity *identity, int width, int height);

/* The same with a window's title. */
void report_title(const struct identity *identity, const char *title);

/* -- context.c ---------------------------------------------------------------------------- */

/* Offers wp_security_context_manager_v1, but not to those who came through it. */
bool context_init(struct compositor *compositor);

/* Makes a client of a connection, and remembers who it is. identity is copied; may be NULL. */
void client_add(struct compositor *compositor, int fd, const struct identity *identity);
const struct identity *client_identity(struct wl_client *client); /* NULL: not sandboxed */

/* -- output.c, picture.c, seat.c, surface.c, shell.c
 * ------------------------------------------------ */

struct surface {
	struct compositor *compositor;
	struct wl_resource *resource;
	struct wl_resource *buffer; /* attached since the last commit; may be NULL */
	struct wl_listener buffer_destroy;
	struct wl_list frames; /* callbacks to be answered */
	struct wl_list link;
	struct wl_resource *xdg_surface; /* NULL: no window yet */
	struct wl_resource *toplevel;
	bool configured;
};

/* Writes what is drawn into compositor->picture, if it is to be kept, in place of what was. */
void picture_save(const struct compositor *compositor, struct wl_shm_buffer *shm);

bool output_init(struct compositor *compositor);
bool surface_init(struct compositor *compositor);
bool seat_init(struct compositor *compositor);
bool shell_init(struct compositor *compositor);

/* Tells a window that has just been committed for the first time how large it may be. */
void shell_configure(struct surface *surface);

#endif
