/* SPDX-License-Identifier: MIT */
/* names.h: what the enums of a plan are called in its text and in its JSON. */
#ifndef HK_PLAN_NAMES_H
#define HK_PLAN_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "container/params.h"

/* One bit and its name. */
struct hk_plan_flag {
	uint32_t bit;
	const char *name;
};

#define HK_PLAN_MOUNT_FLAGS  7
#define HK_PLAN_FILTER_FLAGS 7

extern const struct hk_plan_flag hk_plan_mount_flags[HK_PLAN_MOUNT_FLAGS];
extern const struct hk_plan_flag hk_plan_filter_flags[HK_PLAN_FILTER_FLAGS];

/* "bind", "tmpfs"; "unknown" for what is no kind. */
const char *hk_plan_mount_kind_name(enum hk_mount_kind kind);

/* "rwx" with a dash for each HK_ACL_* bit that is not there. */
struct hk_plan_perm {
	char text[4];
};
struct hk_plan_perm hk_plan_perm_format(uint32_t bits);

#endif
