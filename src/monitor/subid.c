/* SPDX-License-Identifier: MIT */
#include "monitor/subid.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/auto.h"
#include "base/scan.h"
#include "base/str.h"
#include "sys/sys.h"

bool hk_subid_set_range(struct hk_subid *subid, const char *first, size_t first_length,
	const char *count, size_t count_length) {
	uint32_t number;
	uint32_t ids;
	if (!hk_scan_number_n(first, first_length, UINT32_MAX, &number) ||
		!hk_scan_number_n(count, count_length, UINT32_MAX, &ids) || ids == 0 ||
		number > UINT32_MAX - (ids - 1)) {
		return false;
	}
	subid->first = number;
	subid->count = ids;
	return true;
}

/* OWNER:FIRST:COUNT in line[0..length). */
static bool parse_line(
	struct hk_arena *arena, const char *line, size_t length, struct hk_subid *ret_subid) {
	const char *end = line + length;
	const char *first = memchr(line, ':', length);
	const char *count = first ? memchr(first + 1, ':', (size_t)(end - first - 1)) : NULL;
	if (!count || first == line) {
		return false;
	}
	struct hk_subid subid = {0};
	if (!hk_subid_set_range(&subid, first + 1, (size_t)(count - first - 1), count + 1,
		    (size_t)(end - count - 1))) {
		return false;
	}
	subid.owner = hk_arena_strndup(arena, line, (size_t)(first - line));
	*ret_subid = subid;
	return true;
}

int hk_subid_parse(
	struct hk_arena *arena, const char *text, size_t size, struct hk_subids *ret_subids) {
	struct hk_subids subids = {0};
	unsigned int number = 1;
	for (size_t at = 0; at < size; number++) {
		const char *newline = memchr(text + at, '\n', size - at);
		size_t length = newline ? (size_t)(newline - text) - at : size - at;
		struct hk_subid subid;
		if (parse_line(arena, text + at, length, &subid)) {
			struct hk_subid *slot = subid.owner ? hk_vec_add(arena, &subids) : NULL;
			if (!slot) {
				return -ENOMEM;
			}
			subid.line = number;
			*slot = subid;
		}
		at += length + 1;
	}
	*ret_subids = subids;
	return 0;
}

int hk_subid_read(struct hk_arena *arena, const char *path, struct hk_subids *ret_subids,
	struct hk_err *err) {
	HK_AUTO(fd) int fd = hk_sys_open(path, O_RDONLY | O_NONBLOCK, 0);
	if (fd == -ENOENT) {
		*ret_subids = (struct hk_subids){0};
		return 0;
	}
	char *text = NULL;
	size_t size = 0;
	int r = fd < 0 ? fd : hk_sys_read_all(arena, fd, HK_SUBID_FILE_MAX, &text, &size);
	r = r < 0 ? r : hk_subid_parse(arena, text, size, ret_subids);
	return r < 0 ? hk_err_step(err, r, "read '%s'", path) : 0;
}

bool hk_subid_is_of(const struct hk_subid *subid, uid_t uid, const char *name) {
	uint32_t number;
	return (name && strcmp(subid->owner, name) == 0) ||
	       (hk_scan_number(subid->owner, UINT32_MAX, &number) && number == uid);
}

const struct hk_subid *hk_subid_find(
	const struct hk_subids *subids, uid_t uid, const char *name, uint32_t least) {
	for (size_t i = subids->count; i > 0; i--) {
		const struct hk_subid *subid = &subids->items[i - 1];
		if (subid->count >= least && hk_subid_is_of(subid, uid, name)) {
			return subid;
		}
	}
	return NULL;
}

const struct hk_subid *hk_subid_find_foreign(const struct hk_subids *subids, uid_t uid,
	const char *name, uint32_t first, uint32_t count) {
	for (size_t i = 0; i < subids->count; i++) {
		const struct hk_subid *subid = &subids->items[i];
		bool apart = subid->first > first + (count - 1) ||
			     first > subid->first + (subid->count - 1);
		if (!apart && !hk_subid_is_of(subid, uid, name)) {
			return subid;
		}
	}
	return NULL;
}

bool hk_subid_find_free(const struct hk_subids *subids, uint32_t count, uint32_t *ret_first) {
	uint64_t first = HK_SUBID_LEAST;
	for (size_t i = 0; i < subids->count; i++) {
		const struct hk_subid *subid = &subids->items[i];
		uint64_t end = (uint64_t)subid->first + subid->count;
		first = end > first ? end : first;
	}
	/* The last number of all is no id. */
	if (first + count > UINT32_MAX) {
		return false;
	}
	*ret_first = (uint32_t)first;
	return true;
}
