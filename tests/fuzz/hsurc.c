/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: what hsu reads. An input that starts with 'r' is an hsurc file, one with 'g' is a
 * list of groups; the rest of it is the text. Each answer is compared with one found another way:
 * numbers are read by strtoull and printed again, and what is printed must be what was read.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hsu/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
	if (!holds) {
		abort();
	}
}

/* The same question as hk_hsu_rc_find answers, put to libc. */
static struct hk_hsu_rc oracle_rc(const char *text, size_t length, uint32_t uid) {
	uint32_t number = 0;
	const char *end = text + length;
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = newline ? newline : end;
		char line[64] = {0};
		size_t line_size = (size_t)(line_end - text);
		memcpy(line, text, line_size < sizeof(line) - 1 ? line_size : sizeof(line) - 1);
		char *middle = NULL;
		unsigned long long left = strtoull(line, &middle, 10);
		unsigned long long right = strtoull(middle, NULL, 10);
		char again[64] = {0};
		(void)snprintf(again, sizeof(again), "%llu %llu", left, right);
		number++;
		if (!newline || line_size != strlen(again) || memcmp(text, again, line_size) != 0 ||
			left < 1 || left > HK_HSU_ID_MAX || right > HK_HSU_USERID_MAX) {
			return (struct hk_hsu_rc){HK_HSU_RC_MALFORMED, number};
		}
		if (left == uid) {
			return (struct hk_hsu_rc){HK_HSU_RC_FOUND, (uint32_t)right};
		}
		text = newline + 1;
	}
	return (struct hk_hsu_rc){HK_HSU_RC_ABSENT, 0};
}

static void try_rc(const char *text, size_t length) {
	static const uint32_t uids[] = {1, 10, 1000, 1001, 65534, HK_HSU_ID_MAX};
	for (size_t i = 0; i < sizeof(uids) / sizeof(uids[0]); i++) {
		struct hk_hsu_rc ours = hk_hsu_rc_find(text, length, uids[i]);
		struct hk_hsu_rc theirs = oracle_rc(text, length, uids[i]);
		check(ours.answer == theirs.answer && ours.number == theirs.number);
	}
}

static void try_groups(const char *text) {
	uint32_t own[100] = {HK_HSU_ID_MAX, 10007, 1000};
	for (uint32_t i = 3; i < 100; i++) {
		own[i] = i;
	}
	const struct hk_hsu_caller caller = {
		.target = 10007, .primary = 1000, .groups = own, .count = 100};
	struct hk_hsu_groups groups = hk_hsu_groups_parse(text, &caller);
	if (groups.problem) {
		check(groups.item >= 1 && groups.item <= HK_HSU_GROUPS_MAX + 1);
		return;
	}
	check(groups.count <= HK_HSU_GROUPS_MAX);
	char again[HK_HSU_GROUPS_MAX * 11 + 1] = {0};
	size_t length = 0;
	for (size_t i = 0; i < groups.count; i++) {
		uint32_t gid = groups.gids[i];
		check((gid >= 3 && gid < 100) || gid == HK_HSU_ID_MAX);
		for (size_t k = 0; k < i; k++) {
			check(groups.gids[k] != gid);
		}
		length += (size_t)snprintf(again + length, sizeof(again) - length, "%s%" PRIu32,
			i > 0 ? " " : "", gid);
	}
	check(strcmp(again, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	if (size < 1) {
		return 0;
	}
	char *text = malloc(size);
	if (!text) {
		return 0;
	}
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] == 'r') {
		/* Not the copy: reading the byte behind the text must be noticed. */
		try_rc((const char *)data + 1, size - 1);
	} else if (data[0] == 'g') {
		try_groups(text);
	}
	free(text);
	return 0;
}
