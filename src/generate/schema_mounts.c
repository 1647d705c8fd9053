/* SPDX-License-Identifier: MIT */
/* schema_mounts.c: what validate.c says of each type of mount, as far as a schema can. Tests
 * compare the two. A schema sees a path as it is written. */
#include <string.h>

#include "generate/generate.h"

/* A path that is cleaned up already, or refused. */
#define CLEAN "^/([^/.][^/]*(/[^/.][^/]*)*)?$"

/* Laid out like what they are, with single quotes for double ones. */
/* clang-format off */
static const struct {
	enum hk_fs_type type;
	const char *rule;
} rules[] = {
	/* not both ensure and optional */
	{HK_FS_BIND, "{'not': {"
		     "'required': ['ensure', 'optional'],"
		     "'properties': {'ensure': {'const': true}, 'optional': {'const': true}}}}"},
	/* on / that is not special: neither write nor dev */
	{HK_FS_BIND,
		"{"
		"'if': {"
		"'required': ['dst'],"
		"'properties': {'dst': {'const': '/'}, 'special': {'const': false}}},"
		"'then': {'properties': {'write': {'const': false}, 'dev': {'const': false}}}}"},
	{HK_FS_BIND, "{"
		"'if': {"
		"'required': ['src'],"
		"'not': {'required': ['dst']},"
		"'properties': {'src': {'const': '/'}, 'special': {'const': false}}},"
		"'then': {'properties': {'write': {'const': false}, 'dev': {'const': false}}}}"},
	/* special: / or /etc */
	{HK_FS_BIND, "{"
		     "'if': {"
		     "'required': ['special', 'dst'],"
		     "'properties': {'special': {'const': true},"
		     " 'dst': {'type': 'string', 'pattern': '" CLEAN "'}}},"
		     "'then': {'properties': {'dst': {'enum': ['/', '/etc']}}}}"},
	/* upper and work and one below, or neither and two below */
	{HK_FS_OVERLAY,
		"{"
		"'if': {'required': ['upper'], 'properties': {'upper': {'type': 'string'}}},"
		"'then': {"
		"'required': ['work'],"
		"'properties': {'work': {'type': 'string'}, 'lower': {'minItems': 1}}},"
		"'else': {'properties': {'work': {'type': 'null'}, 'lower': {'minItems': 2}}}}"},
	{HK_FS_LINK, "{'properties': {'dst': {'not': {'const': '/'}}}}"},
	/* dereference: an absolute linkname */
	{HK_FS_LINK, "{"
		     "'if': {'required': ['dereference'],"
		     " 'properties': {'dereference': {'const': true}}},"
		     "'then': {'properties': {'linkname': {'pattern': '^/'}}}}"},
};
/* clang-format on */

static json_t *parse(const char *rule) {
	char *text = strdup(rule);
	for (char *c = text; c && *c; c++) {
		*c = *c == '\'' ? '"' : *c;
	}
	json_t *json = text ? json_loads(text, 0, NULL) : NULL;
	free(text);
	return json;
}

json_t *hk_generate_mount_rules(enum hk_fs_type type) {
	json_t *list = json_array();
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].type == type &&
			json_array_append_new(list, parse(rules[i].rule)) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}
