/* SPDX-License-Identifier: MIT */
/* picture.c: what was drawn last, as a file (PPM) for the tests to look at. */
#include <stdint.h>
#include <stdio.h>
#include <wayland-server-protocol.h>

#include "compositor.h"

static void write_pixels(FILE *file, struct wl_shm_buffer *shm, int32_t width, int32_t height) {
	const uint8_t *line = wl_shm_buffer_get_data(shm);
	for (int32_t y = 0; y < height; y++, line += wl_shm_buffer_get_stride(shm)) {
		for (int32_t x = 0; x < width; x++) {
			/* Both formats are 32 bits in the byte order of the machine: B, G, R, and
			 * what is not shown. */
			const uint8_t rgb[] = {line[4 * x + 2], line[4 * x + 1], line[4 * x]};
			(void)fwrite(rgb, 1, sizeof(rgb), file);
		}
	}
}

void picture_save(const struct compositor *compositor, struct wl_shm_buffer *shm) {
	uint32_t format = wl_shm_buffer_get_format(shm);
	if (!compositor->picture ||
		(format != WL_SHM_FORMAT_XRGB8888 && format != WL_SHM_FORMAT_ARGB8888)) {
		return;
	}
	/* Whoever reads meanwhile has the one before. */
	char made[4096];
	int size = snprintf(made, sizeof(made), "%s.new", compositor->picture);
	FILE *file = size < (int)sizeof(made) ? fopen(made, "we") : NULL;
	if (!file) {
		perror(compositor->picture);
		return;
	}
	int32_t width = wl_shm_buffer_get_width(shm);
	int32_t height = wl_shm_buffer_get_height(shm);
	(void)fprintf(file, "P6 %d %d 255\n", width, height);
	wl_shm_buffer_begin_access(shm);
	write_pixels(file, shm, width, height);
	wl_shm_buffer_end_access(shm);
	if (fclose(file) != 0 || rename(made, compositor->picture) < 0) {
		perror(compositor->picture);
	}
}
