/* SPDX-License-Identifier: MIT */
#include "host/dbus_output.h"

#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "host/dbus.h"
#include "sys/sys.h"

#define READS_MAX 64 /* at once */

static void show_line(struct hk_log *log, const char *line) {
	HK_AUTO(str) struct hk_str text = {0};
	hk_str_add_escaped(&text, line);
	if (text.text) {
		hk_log_line(log, "(dbus) %s", text.text);
	}
}

/* rest: also what has no newline behind it. */
static void show(struct hk_host_dbus_output *output, struct hk_log *log, bool rest) {
	while (output->shown < output->kept.length) {
		char *line = output->kept.text + output->shown;
		char *end = strchr(line, '\n');
		if (!end && !rest) {
			return;
		}
		if (end) {
			*end = '\0';
		}
		show_line(log, line);
		output->shown = end ? (size_t)(end + 1 - output->kept.text) : output->kept.length;
	}
	hk_str_finish(&output->kept); /* the room is free again */
	output->shown = 0;
}

static void keep(struct hk_host_dbus_output *output, char *bytes, size_t length) {
	for (size_t i = 0; i < length; i++) {
		bytes[i] = bytes[i] ? bytes[i] : '?'; /* lines are strings from here on */
	}
	size_t room = HK_HOST_DBUS_OUTPUT_MAX - output->kept.length;
	size_t fits = length < room ? length : room;
	if (!output->kept.failed) {
		hk_str_add_bytes(&output->kept, bytes, fits);
	}
	output->dropped += output->kept.failed ? length : length - fits;
}

bool hk_host_dbus_output_read(struct hk_host_dbus_output *output, struct hk_log *log) {
	char bytes[16384];
	/* So much a turn, for a proxy that never stops must not keep us from the rest. */
	for (int i = 0; i < READS_MAX && output->fd >= 0; i++) {
		ssize_t n = hk_sys_read(output->fd, bytes, sizeof(bytes));
		if (n == -EAGAIN) {
			break;
		}
		if (n <= 0) {
			(void)hk_sys_close(hk_take(&output->fd)); /* only read from */
			break;
		}
		keep(output, bytes, (size_t)n);
	}
	if (log && log->verbose) {
		show(output, log, false);
	}
	return output->fd >= 0;
}

void hk_host_dbus_output_show(struct hk_host_dbus_output *output, struct hk_log *log) {
	if (!log) {
		return;
	}
	show(output, log, true);
	if (output->dropped > 0) {
		hk_log_line(log, "(dbus) and %zu bytes more, which were not kept", output->dropped);
		output->dropped = 0;
	}
}

void hk_host_dbus_output_finish(struct hk_host_dbus_output *output) {
	hk_auto_fd(&output->fd);
	output->fd = -1;
	hk_str_finish(&output->kept);
}
