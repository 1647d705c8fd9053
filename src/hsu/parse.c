/* SPDX-License-Identifier: MIT */
#include "hsu/parse.h"

#include <string.h>

#include "base/scan.h"

struct hk_hsu_rc hk_hsu_rc_find(const char *text, size_t length, uint32_t uid) {
	uint32_t number = 0;
	size_t size = 0;
	for (size_t at = 0; at < length; at += size + 1) {
		const char *line = text + at;
		const char *newline = memchr(line, '\n', length - at);
		/* Without its newline a line may be the beginning of a longer one that root is
		 * about to write, and its number that of somebody else: it counts as empty. So the
		 * beginning of a file gives nobody another answer than all of it, but a no. */
		size = newline ? (size_t)(newline - line) : 0;
		const char *space = memchr(line, ' ', size);
		size_t left = space ? (size_t)(space - line) : 0;
		uint32_t line_uid = 0;
		uint32_t userid = 0;
		number++;
		/* Not skipped: a line that nobody understands may have been meant to keep
		 * somebody out. And two readers of one file must not disagree on a number, so
		 * there is one way to write it: a second space, a sign, a carriage return or a
		 * leading zero all fail in the scanner, like nothing at all does. */
		if (!hk_scan_number_n(line, left, HK_HSU_ID_MAX, &line_uid) || line_uid == 0 ||
			!hk_scan_number_n(space + 1, size - left - 1, HK_HSU_USERID_MAX, &userid)) {
			return (struct hk_hsu_rc){HK_HSU_RC_MALFORMED, number};
		}
		if (line_uid == uid) {
			return (struct hk_hsu_rc){HK_HSU_RC_FOUND, userid};
		}
	}
	return (struct hk_hsu_rc){HK_HSU_RC_ABSENT, 0};
}

bool hk_hsu_contains(const uint32_t *gids, size_t count, uint32_t gid) {
	while (count > 0 && gids[count - 1] != gid) {
		count--;
	}
	return count > 0;
}

/* Why this gid must not join those that are in groups already; NULL: it may. Some systems list the
 * primary group among the supplementary ones as well; it opens the person's own files all the same.
 */
static const char *judge(
	uint32_t gid, const struct hk_hsu_groups *groups, const struct hk_hsu_caller *caller) {
	return gid == 0 ? "item # of HAKUREI_GROUPS is root's group"
	       : hk_hsu_contains(groups->gids, groups->count, gid)
		       ? "item # of HAKUREI_GROUPS was there before"
	       : gid == caller->target	? "item # of HAKUREI_GROUPS is the target's own group"
	       : gid == caller->primary ? "item # of HAKUREI_GROUPS is the caller's primary group"
	       : !hk_hsu_contains(caller->groups, caller->count, gid)
		       ? "item # of HAKUREI_GROUPS is not a supplementary group of the caller"
		       : NULL;
}

struct hk_hsu_groups hk_hsu_groups_parse(const char *text, const struct hk_hsu_caller *caller) {
	struct hk_hsu_groups groups = {0};
	bool more = text[0] != '\0';
	while (more && !groups.problem) {
		size_t length = strcspn(text, " ");
		uint32_t gid = 0;
		groups.item++;
		/* Never cut short: a program that misses a group that was asked for is not the
		 * one that was configured. */
		groups.problem = groups.count == HK_HSU_GROUPS_MAX
					 ? "item # of HAKUREI_GROUPS is one too many"
				 : !hk_scan_number_n(text, length, HK_HSU_ID_MAX, &gid)
					 ? "item # of HAKUREI_GROUPS is not a number"
					 : judge(gid, &groups, caller);
		groups.gids[groups.count++] = gid; /* one too many fits, too */
		more = text[length] == ' ';
		text += length + 1;
	}
	return groups;
}
