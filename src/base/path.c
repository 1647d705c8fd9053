/* SPDX-License-Identifier: MIT */
#include "base/path.h"

#include <string.h>

bool hk_path_is_absolute(const char *path) {
	return path && path[0] == '/';
}

bool hk_path_is_clean(const char *path) {
	if (!hk_path_is_absolute(path)) {
		return false;
	}
	if (path[1] == '\0') {
		return true;
	}
	for (const char *part = path; *part;) {
		part++; /* the slash before it */
		size_t length = strcspn(part, "/");
		if (length == 0 || (length == 1 && part[0] == '.') ||
			(length == 2 && part[0] == '.' && part[1] == '.')) {
			return false;
		}
		part += length;
	}
	return true;
}

char *hk_path_clean(struct hk_arena *arena, const char *path) {
	char *clean = hk_arena_alloc(arena, strlen(path) + 2);
	if (!clean) {
		return NULL;
	}
	size_t used = 0;
	for (const char *part = path; *part;) {
		size_t length = strcspn(part, "/");
		if (length == 2 && part[0] == '.' && part[1] == '.') {
			while (used > 0 && clean[--used] != '/') {
			}
		} else if (length > 0 && !(length == 1 && part[0] == '.')) {
			clean[used++] = '/';
			memcpy(clean + used, part, length);
			used += length;
		}
		part += length + (part[length] == '/');
	}
	if (used == 0) {
		clean[used++] = '/';
	}
	clean[used] = '\0';
	return clean;
}

char *hk_path_join(struct hk_arena *arena, const char *parent, const char *name) {
	size_t length = strlen(parent);
	bool slash = length > 0 && parent[length - 1] == '/';
	return hk_arena_printf(arena, "%s%s%s", parent, slash ? "" : "/", name);
}

const char *hk_path_below(const char *path, const char *directory) {
	size_t length = strlen(directory);
	if (length == 1) {
		return path + 1; /* everything lies below "/" */
	}
	if (strncmp(path, directory, length) != 0) {
		return NULL;
	}
	if (path[length] == '\0') {
		return path + length;
	}
	return path[length] == '/' ? path + length + 1 : NULL;
}

const char *hk_path_name(const char *path) {
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

char *hk_path_parent(struct hk_arena *arena, const char *path) {
	const char *name = hk_path_name(path);
	size_t length = (size_t)(name - path);
	return hk_arena_strndup(arena, path, length > 1 ? length - 1 : 1);
}
