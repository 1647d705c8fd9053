/* SPDX-License-Identifier: MIT */
/* program.h: a filter being made, and how the two are. Runs while hakurei is built, only. */
#ifndef HK_CONTAINER_SECCOMP_PROGRAM_H
#define HK_CONTAINER_SECCOMP_PROGRAM_H

#include <linux/bpf_common.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "container/seccomp/rules.h"

struct hk_filter_program {
	struct sock_filter code[BPF_MAXINSNS];
	size_t count;
};

bool hk_filter_program_equal(const struct hk_filter_program *a, const struct hk_filter_program *b);

/*
 * The filters of a preset (HK_FILTER_* flags) on an architecture. A rule that cannot be made ends
 * the build: these print what is wrong and return false.
 */
bool hk_filter_make_first(
	const struct hk_filter_arch *arch, uint32_t flags, struct hk_filter_program *ret_program);
bool hk_filter_make_second(
	const struct hk_filter_arch *arch, uint32_t flags, struct hk_filter_program *ret_program);

#endif
