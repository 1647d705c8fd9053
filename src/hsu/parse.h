/* SPDX-License-Identifier: MIT */
/*
 * parse.h: the two texts that hsu reads, as functions of bytes alone: no descriptors, no memory,
 * so that a fuzzer can be put on them.
 */
#ifndef HK_HSU_PARSE_H
#define HK_HSU_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kernel's "no id" is no id. */
#define HK_HSU_ID_MAX (UINT32_MAX - 1)

#define HK_HSU_USERID_MAX   9999
#define HK_HSU_IDENTITY_MAX 9999

/* Bytes of the hsurc file: every userid once, on a line like "4294967294 9999\n". */
#define HK_HSU_RC_MAX 160000
_Static_assert(HK_HSU_RC_MAX == (HK_HSU_USERID_MAX + 1) * 16, "a line has 16 bytes at most");

/* Groups that can be passed on at once. */
#define HK_HSU_GROUPS_MAX 64

enum hk_hsu_rc_answer {
	HK_HSU_RC_ABSENT,    /* no line is about this person */
	HK_HSU_RC_FOUND,     /* number: the person's userid */
	HK_HSU_RC_MALFORMED, /* number: the line, counted from 1 */
};

struct hk_hsu_rc {
	enum hk_hsu_rc_answer answer;
	uint32_t number;
};

/*
 * Looks a person up in the content of the hsurc file: lines "UID USERID" of decimal digits
 * (base/scan.h), one space between them, nothing around them, and a newline, the last one too; UID
 * from 1, USERID 0..9999. The first line with the uid decides and what follows it is not looked at;
 * a line before it that is not of this form, an empty one too, makes the answer MALFORMED.
 */
struct hk_hsu_rc hk_hsu_rc_find(const char *text, size_t length, uint32_t uid);

struct hk_hsu_groups {
	const char *problem;		      /* NULL: none. Else what is wrong with item # */
	uint32_t item;			      /* which one it is, counted from 1 */
	size_t count;			      /* how many of gids are filled */
	uint32_t gids[HK_HSU_GROUPS_MAX + 1]; /* with room for the target's */
};

/* What a gid that is asked for is held against. */
struct hk_hsu_caller {
	uint32_t target;	/* the target's own group, which it has anyway */
	uint32_t primary;	/* the caller's primary group: that of the person's own files */
	const uint32_t *groups; /* the caller's supplementary groups */
	size_t count;
};

/*
 * Reads "GID GID ..." with exactly one space between two; "" is no group at all. The first item
 * that cannot be passed on is the problem; only without one are gids and count to be used, and
 * count is at most HK_HSU_GROUPS_MAX.
 */
struct hk_hsu_groups hk_hsu_groups_parse(const char *text, const struct hk_hsu_caller *caller);

bool hk_hsu_contains(const uint32_t *gids, size_t count, uint32_t gid);

#endif
