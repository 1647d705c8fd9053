/* SPDX-License-Identifier: MIT */
/*
 * seccomp.h: which system calls a container's program may make.
 *
 * Two filters, both made when hakurei is built, one pair for each combination of enum
 * hk_filter_flag (container/params.h). The first is the deny-list that Flatpak and hakurei share,
 * the same program byte for byte; the second closes what that list leaves open. Both apply: of two
 * answers the kernel takes the stricter one. The rules are tables, in rules.c.
 */
#ifndef HK_CONTAINER_SECCOMP_SECCOMP_H
#define HK_CONTAINER_SECCOMP_SECCOMP_H

#include <linux/filter.h>
#include <stdint.h>

#include "base/err.h"

struct hk_filter {
	const struct sock_filter *code; /* constant data of the program itself */
	unsigned short count;		/* instructions */
};

/* The filters of a preset. flags: HK_FILTER_* flags, less than HK_FILTER_PRESETS. */
struct hk_filter hk_filter_first(uint32_t flags);
struct hk_filter hk_filter_second(uint32_t flags);

/*
 * Puts the calling thread, and all that it starts from now on, under both filters for good. The
 * caller has set no_new_privs (or has CAP_SYS_ADMIN). May be called again: filters add up.
 * Errors: -EINVAL if flags are no preset, else what the kernel says. After an error one of the two
 * may be in force: the caller must not go on to run anything.
 */
int hk_filter_load(uint32_t flags, struct hk_err *err);

/* The filter of a process of ours whose container runs, with what it takes to watch over that;
 * and the same as above, for this one. */
struct hk_filter hk_filter_watch(void);
int hk_filter_load_watch(struct hk_err *err);

#endif
