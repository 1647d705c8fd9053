/* SPDX-License-Identifier: MIT */
#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *read_all(int fd, size_t *ret_length) {
	size_t room = 4096;
	size_t length = 0;
	char *text = malloc(room);
	while (text) {
		ssize_t n = read(fd, text + length, room - length - 1);
		if (n < 0) {
			free(text);
			return NULL;
		}
		if (n == 0 || length >= HK_PROBE_FILE_MAX) {
			text[length] = '\0';
			*ret_length = length;
			return text;
		}
		length += (size_t)n;
		if (length + 1 == room) {
			room *= 2;
			char *more = realloc(text, room);
			if (!more) {
				free(text);
			}
			text = more;
		}
	}
	return NULL;
}

char *hk_probe_read_file(const char *path, size_t *ret_length) {
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return NULL;
	}
	char *text = read_all(fd, ret_length);
	int code = errno;
	(void)close(fd);
	errno = code;
	return text;
}

const char *hk_probe_status_field(const char *status, const char *name) {
	size_t length = strlen(name);
	for (const char *line = status; line && *line;) {
		if (strncmp(line, name, length) == 0 && line[length] == ':') {
			line += length + 1;
			return line + strspn(line, " \t");
		}
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return NULL;
}

bool hk_probe_read_link(const char *path, struct hk_probe_link *ret_link) {
	ssize_t n = readlink(path, ret_link->text, sizeof(ret_link->text) - 1);
	if (n < 0) {
		return false;
	}
	ret_link->text[n] = '\0';
	return true;
}
