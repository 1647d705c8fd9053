/* SPDX-License-Identifier: MIT */
/*
 * check.c: single values that end up where a stray byte would do harm: user names and paths in
 * a line of passwd, names in arguments of the D-Bus proxy, the identifier in names and paths.
 */
#include "config/check.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"

#define LETTERS	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define NAME_BYTES  LETTERS "0123456789_-"
#define NAME_LENGTH 255 /* of a D-Bus name, and of a file name */

static const char *id_problem(const char *id) {
	if (strlen(id) > NAME_LENGTH) {
		return "longer than 255 bytes";
	}
	if (id[strspn(id, NAME_BYTES ".")] != '\0') {
		return "only letters, digits, '.', '_' and '-' are allowed";
	}
	if (id[0] == '-') {
		return "starts with '-'";
	}
	if (id[0] == '.' || id[strlen(id) - 1] == '.' || strstr(id, "..")) {
		return "has an empty element";
	}
	return NULL;
}

int hk_config_check_id(const struct hk_config_report *report, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	(void)place; /* whoever calls keeps the error */
	const char *id = *(const char *const *)value;
	const char *problem = id && id[0] ? id_problem(id) : NULL;
	if (problem) {
		return hk_err_say(report->err, -EINVAL, "invalid %s \"%s\": %s", field->key,
			HK_ESC(id), problem);
	}
	return 0;
}

int hk_config_check_identity(const struct hk_config_report *report, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	(void)place; /* whoever calls keeps the error */
	int64_t identity = *(const int64_t *)value;
	if (identity < field->min || identity > field->max) {
		return hk_err_say(
			report->err, -EINVAL, "%s %" PRId64 " out of range", field->key, identity);
	}
	return 0;
}

int hk_config_check_username(const struct hk_config_report *report, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	(void)place; /* whoever calls keeps the error */
	(void)field; /* its words are fixed */
	const char *name = *(const char *const *)value;
	if (!name) {
		return 0;
	}
	/* A letter, then letters, digits, '_' and '-', then at most one '$'. */
	const char *end = name + strspn(name, NAME_BYTES);
	end += *end == '$';
	if (!name[0] || !strchr(LETTERS, name[0]) || *end || strlen(name) >= LOGIN_NAME_MAX) {
		return hk_err_say(report->err, -EINVAL, "invalid user name \"%s\"", HK_ESC(name));
	}
	return 0;
}

int hk_config_check_passwd_path(const struct hk_config_report *report, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	(void)place; /* whoever calls keeps the error */
	const char *path = *(const char *const *)value;
	if (path && strpbrk(path, ":\n")) {
		return hk_err_say(
			report->err, -EINVAL, "%s: contains ':' or a newline", field->complaint);
	}
	return 0;
}

/* The proxy gives up without a word on a name that has no dot after it cut off a final ".*",
 * and would take what follows a '=' as a rule. */
static bool is_bus_name(const char *name) {
	size_t length = strlen(name);
	if (length > 2 && strcmp(name + length - 2, ".*") == 0) {
		length -= 2;
	}
	return length <= NAME_LENGTH && strspn(name, NAME_BYTES ".") >= length &&
	       memchr(name, '.', length);
}

/* at: the name's place, list's the policy's. */
static int check_bus_name(const struct hk_config_report *report, const struct hk_place *at,
	const struct hk_field *field, const char *name) {
	if (is_bus_name(name)) {
		return 0;
	}
	int r = hk_err_say(report->err, -EINVAL,
		"bad interface string \"%s\" in %.*s bus configuration", HK_ESC(name),
		(int)strcspn(field->key, "_"), field->key);
	return hk_config_report_keep(report, at, HK_CONFIG_FOLLOWS, r);
}

int hk_config_check_bus(const struct hk_config_report *report, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	const struct hk_bus_policy *policy = *(const struct hk_bus_policy *const *)value;
	for (size_t i = 0; policy && i < hk_config_field_count; i++) {
		const struct hk_field *row = &hk_config_fields[i];
		if (row->section != HK_SECTION_BUS) {
			continue;
		}
		const struct hk_place list = {.up = place, .key = row->key};
		const struct hk_strs *names = hk_config_field_look(row, policy);
		const struct hk_pairs *rules = hk_config_field_look(row, policy);
		int r = 0;
		for (size_t j = 0; r >= 0 && row->type == HK_FIELD_TEXTS && j < names->count; j++) {
			const struct hk_place at = {.up = &list, .index = j};
			r = check_bus_name(report, &at, field, names->items[j]);
		}
		for (size_t j = 0; r >= 0 && row->type == HK_FIELD_PAIRS && j < rules->count; j++) {
			const struct hk_place at = {.up = &list, .key = rules->items[j].name};
			r = check_bus_name(report, &at, field, rules->items[j].name);
		}
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

int hk_config_check_env(const struct hk_config_report *report, const struct hk_place *place,
	const struct hk_field *field, const void *value) {
	(void)field; /* its words are fixed */
	const struct hk_pairs *env = value;
	for (size_t i = 0; i < env->count; i++) {
		const char *name = env->items[i].name;
		if (name[0] && !strchr(name, '=')) {
			continue;
		}
		const struct hk_place at = {.up = place, .key = name};
		int r = hk_err_say(
			report->err, -EINVAL, "invalid environment variable \"%s\"", HK_ESC(name));
		r = hk_config_report_keep(report, &at, HK_CONFIG_FOLLOWS, r);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

const char *hk_config_path_problem(const char *path) {
	if (!hk_path_is_absolute(path)) {
		return "not an absolute path";
	}
	if (strlen(path) > HK_CONFIG_PATH_MAX) {
		return "longer than 4095 bytes";
	}
	if (!hk_path_is_clean(path)) {
		return "contains an empty, '.' or '..' component";
	}
	for (const char *part = path; *part;) {
		part++; /* the slash before it */
		size_t length = strcspn(part, "/");
		if (length > NAME_MAX) {
			return "a component is longer than 255 bytes";
		}
		part += length;
	}
	return NULL;
}
