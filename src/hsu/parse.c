/* SPDX-License-Identifier: MIT */
#include "hsu/parse.h"

#include <stdbool.h>
#include <string.h>

#include "base/scan.h"

struct rc_line {
	uint32_t uid;
	uint32_t userid;
};

static bool parse_line(const char *text, size_t length, struct rc_line *ret_line) {
	const char *space = memchr(text, ' ', length);
	if (!space) {
		return false;
	}
	size_t left = (size_t)(space - text);
	struct rc_line line = {0};
	/* Two readers of one file must not disagree on a number, so there is one way to write it:
	 * a second space, a sign, a carriage return or a leading zero all fail in the scanner. */
	if (!hk_scan_number_n(text, left, HK_HSU_ID_MAX, &line.uid) || line.uid == 0 ||
		!hk_scan_number_n(space + 1, length - left - 1, HK_HSU_USERID_MAX, &line.userid)) {
		return false;
	}
	*ret_line = line;
	return true;
}

struct hk_hsu_rc hk_hsu_rc_find(const char *text, size_t length, uint32_t uid) {
	uint32_t number = 0;
	for (size_t at = 0; at < length;) {
		const char *newline = memchr(text + at, '\n', length - at);
		size_t size = newline ? (size_t)(newline - (text + at)) : length - at;
		struct rc_line line = {0};
		number++;
		/* Not skipped: a line that nobody understands may have been meant to keep
		 * somebody out. */
		if (!parse_line(text + at, size, &line)) {
			return (struct hk_hsu_rc){HK_HSU_RC_MALFORMED, number};
		}
		if (line.uid == uid) {
			return (struct hk_hsu_rc){HK_HSU_RC_FOUND, line.userid};
		}
		at += size + (newline ? 1 : 0);
	}
	return (struct hk_hsu_rc){HK_HSU_RC_ABSENT, 0};
}

static bool contains(const uint32_t *gids, size_t count, uint32_t gid) {
	for (size_t i = 0; i < count; i++) {
		if (gids[i] == gid) {
			return true;
		}
	}
	return false;
}

/* Why this gid must not join those that are in groups already; NULL: it may. */
static const char *judge(
	uint32_t gid, const struct hk_hsu_groups *groups, const struct hk_hsu_caller *caller) {
	if (gid == 0) {
		return " of HAKUREI_GROUPS is root's group";
	}
	if (contains(groups->gids, groups->count, gid)) {
		return " of HAKUREI_GROUPS was there before";
	}
	if (gid == caller->target) {
		return " of HAKUREI_GROUPS is the target's own group";
	}
	/* Some systems list the primary group among the supplementary ones as well; it opens the
	 * person's own files all the same. */
	if (gid == caller->primary) {
		return " of HAKUREI_GROUPS is the caller's primary group";
	}
	if (!contains(caller->groups, caller->count, gid)) {
		return " of HAKUREI_GROUPS is not a supplementary group of the caller";
	}
	return NULL;
}

struct hk_hsu_groups hk_hsu_groups_parse(const char *text, const struct hk_hsu_caller *caller) {
	struct hk_hsu_groups groups = {0};
	if (text[0] == '\0') {
		return groups;
	}
	for (const char *at = text;; at++) {
		size_t length = strcspn(at, " ");
		uint32_t gid = 0;
		groups.item++;
		/* Never cut short: a program that misses a group that was asked for is not the
		 * one that was configured. */
		if (groups.count == HK_HSU_GROUPS_MAX) {
			groups.problem = " of HAKUREI_GROUPS is one too many";
		} else if (!hk_scan_number_n(at, length, HK_HSU_ID_MAX, &gid)) {
			groups.problem = " of HAKUREI_GROUPS is not a number";
		} else {
			groups.problem = judge(gid, &groups, caller);
		}
		if (groups.problem) {
			return groups;
		}
		groups.gids[groups.count++] = gid;
		at += length;
		if (*at == '\0') {
			return groups;
		}
	}
}
