/* SPDX-License-Identifier: MIT */
/* main.c: hk-compositor SOCKET [--without-context] [--picture FILE] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "compositor.h"

static void print_text(const char *text) {
	if (!text) {
		(void)fputs("null", stdout);
		return;
	}
	(void)putchar('"');
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at < 0x20 || *at == '"' || *at == '\\') {
			(void)printf("\\u%04x", *at);
		} else {
			(void)putchar(*at);
		}
	}
	(void)putchar('"');
}

static void print_identity(const char *event, const struct identity *identity) {
	static const struct identity nobody;
	const struct identity *who = identity ? identity : &nobody;
	(void)printf("{\"event\": \"%s\", \"engine\": ", event);
	print_text(who->engine);
	(void)fputs(", \"app_id\": ", stdout);
	print_text(who->app_id);
	(void)fputs(", \"instance_id\": ", stdout);
	print_text(who->instance_id);
}

void report(const char *event, const struct identity *identity, int width, int height) {
	print_identity(event, identity);
	(void)printf(", \"width\": %d, \"height\": %d}\n", width, height);
	(void)fflush(stdout);
}

void report_title(const struct identity *identity, const char *title) {
	print_identity("title", identity);
	(void)fputs(", \"title\": ", stdout);
	print_text(title);
	(void)puts("}");
	(void)fflush(stdout);
}

static int accept_client(int fd, uint32_t mask, void *data) {
	(void)mask;
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	if (client >= 0) {
		client_add(data, client, NULL);
	}
	return 0;
}

static int listen_on(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address.sun_path)) {
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(fd, 16) < 0) {
		return -1;
	}
	return fd;
}

int main(int argc, char *argv[]) {
	struct compositor compositor = {0};
	bool with_context = true;
	bool is_wrong = argc < 2;
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--without-context") == 0) {
			with_context = false;
		} else if (strcmp(argv[i], "--picture") == 0 && i + 1 < argc) {
			compositor.picture = argv[++i];
		} else {
			is_wrong = true;
		}
	}
	if (is_wrong) {
		(void)fprintf(stderr,
			"usage: hk-compositor SOCKET [--without-context] [--picture FILE]\n");
		return 2;
	}
	compositor.display = wl_display_create();
	wl_list_init(&compositor.surfaces);
	int fd = listen_on(argv[1]);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	if (!compositor.display || wl_display_init_shm(compositor.display) < 0 ||
		!output_init(&compositor) || !surface_init(&compositor) ||
		!shell_init(&compositor) || !seat_init(&compositor) ||
		(with_context && !context_init(&compositor)) ||
		!wl_event_loop_add_fd(wl_display_get_event_loop(compositor.display), fd,
			WL_EVENT_READABLE, accept_client, &compositor)) {
		(void)fprintf(stderr, "hk-compositor: out of memory\n");
		return 1;
	}
	wl_display_run(compositor.display); /* until we are killed */
	return 0;
}
