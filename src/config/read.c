/* SPDX-License-Identifier: MIT */
/*
 * read.c: the bytes of a configuration, from wherever the command line says. What is behind the
 * name is not trusted to end, or to be a file at all.
 */
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include "base/auto.h"
#include "base/scan.h"
#include "base/str.h"
#include "sys/sys.h"

#define WRITER_TIMEOUT_MS 1000

static int wait_for(int fd, int timeout_ms) {
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	int r;
	do {
		r = hk_sys_poll(&poll_fd, 1, timeout_ms);
	} while (r == -EINTR);
	return r;
}

/* Reads to the end, whether or not the descriptor blocks. wait_for_writer: an end before the
 * first byte may only mean that nobody has opened the other side yet. */
static int read_to_end(int fd, bool wait_for_writer, struct hk_str *out) {
	char buffer[4096]; /* most configurations, and no more of the stack */
	for (;;) {
		ssize_t n = hk_sys_read(fd, buffer, sizeof(buffer));
		if (n == -EAGAIN) {
			/* A writer exists: its time is its own. */
			wait_for_writer = false;
			n = wait_for(fd, -1);
			if (n >= 0) {
				continue;
			}
		}
		if (n < 0) {
			return (int)n;
		}
		if (n == 0 && wait_for_writer) {
			wait_for_writer = false;
			(void)wait_for(fd, WRITER_TIMEOUT_MS); /* the next read tells */
			continue;
		}
		if (n == 0) {
			return 0;
		}
		wait_for_writer = false;
		hk_str_add_bytes(out, buffer, (size_t)n);
		if (out->failed) {
			return -ENOMEM;
		}
		if (out->length > HK_CONFIG_BYTES_MAX) {
			return 0; /* enough to be refused */
		}
	}
}

static int read_fd(
	int fd, bool wait_for_writer, const char *source, struct hk_str *out, struct hk_err *err) {
	int r = read_to_end(fd, wait_for_writer, out);
	return r < 0 ? hk_err_step(err, r, "read %s", HK_ESC(source)) : 0;
}

int hk_config_read_text(struct hk_arena *arena, const char *file, struct hk_str *text,
	const char **ret_source, struct hk_err *err) {
	*ret_source = file;
	if (!*file) {
		return hk_err_say(err, -ENOENT, "the name of a file is empty");
	}
	if (hk_str_equal(file, "-")) {
		*ret_source = "standard input";
		return read_fd(0, false, *ret_source, text, err);
	}
	uint32_t number;
	if (hk_scan_number(file, INT_MAX, &number) && number >= 3) {
		*ret_source = hk_arena_printf(arena, "descriptor %u", number);
		if (!*ret_source) {
			return hk_err_oom(err);
		}
		return read_fd((int)number, false, *ret_source, text, err);
	}
	/* Opened without blocking: a FIFO that nobody writes to must not hold us up. */
	HK_AUTO(fd) int fd = hk_sys_open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat status;
	int r = fd < 0 ? fd : hk_sys_fstat(fd, &status);
	if (r < 0) {
		return hk_err_step(err, r, "open %s", HK_ESC(file));
	}
	return read_fd(fd, S_ISFIFO(status.st_mode), file, text, err);
}

int hk_config_read(struct hk_arena *arena, const char *file, struct hk_config *ret_config,
	struct hk_err *err) {
	HK_AUTO(str) struct hk_str text = {0};
	const char *source;
	int r = hk_config_read_text(arena, file, &text, &source, err);
	return r < 0 ? r
		     : hk_config_parse(arena, text.text ? text.text : "", text.length, source,
			       ret_config, err);
}

int hk_config_read_policy(struct hk_arena *arena, const char *file,
	struct hk_bus_policy *ret_policy, struct hk_err *err) {
	HK_AUTO(str) struct hk_str text = {0};
	const char *source;
	int r = hk_config_read_text(arena, file, &text, &source, err);
	return r < 0 ? r
		     : hk_config_parse_policy(arena, text.text ? text.text : "", text.length,
			       source, ret_policy, err);
}
