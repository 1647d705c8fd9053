/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* offset: 1 for an abstract name, whose first byte is NUL. */
static int connect_to(struct hk_json *json, char **argv, size_t offset) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(argv[1]);
	if (length + 1 > sizeof(address.sun_path)) {
		return hk_probe_answer(json, argv[0], ENAMETOOLONG);
	}
	memcpy(address.sun_path + offset, argv[1], length);
	/* An abstract name ends where its length says, a path with a NUL: one byte either way. */
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
	int code = 0;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, size) < 0) {
		code = errno;
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return hk_probe_answer(json, argv[0], code);
}

int hk_probe_connect(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	return connect_to(json, argv, 0);
}

int hk_probe_connect_abstract(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	return connect_to(json, argv, 1);
}
