/* SPDX-License-Identifier: MIT */
/* dbus_output.h: what the D-Bus proxy prints: read as it comes, never waited for, kept or shown
 * a line at a time. */
#ifndef HK_HOST_DBUS_OUTPUT_H
#define HK_HOST_DBUS_OUTPUT_H

#include <stdbool.h>

#include "base/log.h"
#include "base/str.h"

struct hk_host_dbus_output {
	int fd;		    /* does not block; -1: it has ended */
	struct hk_str kept; /* at most HK_HOST_DBUS_OUTPUT_MAX bytes */
	size_t shown;	    /* bytes of it */
	size_t dropped;	    /* bytes for which there was no room */
};

/* Takes what is there. With a verbose log, whole lines are shown at once. False: the end. */
bool hk_host_dbus_output_read(struct hk_host_dbus_output *output, struct hk_log *log);

/* Shows what has not been shown. */
void hk_host_dbus_output_show(struct hk_host_dbus_output *output, struct hk_log *log);

void hk_host_dbus_output_finish(struct hk_host_dbus_output *output);

#endif
