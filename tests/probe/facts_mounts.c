/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <stdlib.h>
#include <string.h>

#include "procfs.h"

/* The fields of a line of /proc/self/mountinfo: six, then optional ones up to "-", then three. */
enum { ID, PARENT, DEVICE, ROOT, MOUNT_POINT, OPTIONS, BEFORE_DASH };

/* Undoes the kernel's octal escapes (\040 is a blank), in place. */
static char *unescape(char *text) {
	char *to = text;
	for (const char *from = text; *from;) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] && from[3]) {
			*to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 |
				       (from[3] - '0'));
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	return text;
}

/* A list from a text with separators in it, which is cut up. */
static void split(struct hk_json *json, const char *key, char *text) {
	hk_json_list(json, key);
	char *rest = NULL;
	for (char *item = text ? strtok_r(text, ",", &rest) : NULL; item;
		item = strtok_r(NULL, ",", &rest)) {
		hk_json_string(json, NULL, unescape(item));
	}
	hk_json_list_end(json);
}

static void mount(struct hk_json *json, char *line) {
	char *rest = NULL;
	char *fields[BEFORE_DASH];
	for (size_t i = 0; i < BEFORE_DASH; i++) {
		fields[i] = strtok_r(i == 0 ? line : NULL, " ", &rest);
		if (!fields[i]) {
			return;
		}
	}
	hk_json_object(json, NULL);
	hk_json_number(json, "id", atoi(fields[ID]));
	hk_json_number(json, "parent", atoi(fields[PARENT]));
	hk_json_string(json, "device", fields[DEVICE]);
	hk_json_string(json, "root", unescape(fields[ROOT]));
	hk_json_string(json, "mount_point", unescape(fields[MOUNT_POINT]));
	split(json, "options", fields[OPTIONS]);
	/* "shared:1", "master:2"; a private mount has none. */
	hk_json_list(json, "propagation");
	char *tag = strtok_r(NULL, " ", &rest);
	for (; tag && strcmp(tag, "-") != 0; tag = strtok_r(NULL, " ", &rest)) {
		hk_json_string(json, NULL, tag);
	}
	hk_json_list_end(json);
	hk_json_string(json, "fstype", strtok_r(NULL, " ", &rest));
	char *source = strtok_r(NULL, " ", &rest);
	hk_json_string(json, "source", source ? unescape(source) : NULL);
	split(json, "super_options", strtok_r(NULL, " ", &rest));
	hk_json_object_end(json);
}

void hk_probe_facts_mounts(struct hk_json *json) {
	size_t length;
	char *table = hk_probe_read_file("/proc/self/mountinfo", &length);
	if (!table) {
		hk_json_null(json, "mounts");
		return;
	}
	hk_json_list(json, "mounts");
	char *rest = NULL;
	for (char *line = strtok_r(table, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		mount(json, line);
	}
	hk_json_list_end(json);
	free(table);
}
