/* SPDX-License-Identifier: MIT */
#include "plan/names.h"

#include "plan/plan.h"

/* In the order of the enum. */
const struct hk_plan_flag hk_plan_mount_flags[HK_PLAN_MOUNT_FLAGS] = {
	{HK_MOUNT_WRITE, "write"},
	{HK_MOUNT_DEVICES, "devices"},
	{HK_MOUNT_OPTIONAL, "optional"},
	{HK_MOUNT_ENSURE, "ensure"},
	{HK_MOUNT_HIDE, "hide"},
	{HK_MOUNT_MISSING, "missing"},
	{HK_MOUNT_CONSOLE, "console"},
};

/* In the order of the enum. */
const struct hk_plan_flag hk_plan_filter_flags[HK_PLAN_FILTER_FLAGS] = {
	{HK_FILTER_COMPAT, "compat"},
	{HK_FILTER_USERNS, "userns"},
	{HK_FILTER_TTY, "tty"},
	{HK_FILTER_DEVEL, "devel"},
	{HK_FILTER_MULTIARCH, "multiarch"},
	{HK_FILTER_CAN, "can"},
	{HK_FILTER_BLUETOOTH, "bluetooth"},
};

static const char *const mount_kinds[HK_MOUNT_KINDS] = {
	[HK_MOUNT_BIND] = "bind",
	[HK_MOUNT_ROOT] = "root",
	[HK_MOUNT_ETC] = "etc",
	[HK_MOUNT_TMPFS] = "tmpfs",
	[HK_MOUNT_PROC] = "proc",
	[HK_MOUNT_DEV] = "dev",
	[HK_MOUNT_OVERLAY] = "overlay",
	[HK_MOUNT_MKDIR] = "mkdir",
	[HK_MOUNT_LINK] = "link",
	[HK_MOUNT_FILE] = "file",
	[HK_MOUNT_REMOUNT] = "remount",
};

const char *hk_plan_mount_kind_name(enum hk_mount_kind kind) {
	return kind < HK_MOUNT_KINDS ? mount_kinds[kind] : "unknown";
}

struct hk_plan_perm hk_plan_perm_format(uint32_t bits) {
	return (struct hk_plan_perm){.text = {
					     bits & HK_ACL_R ? 'r' : '-',
					     bits & HK_ACL_W ? 'w' : '-',
					     bits & HK_ACL_X ? 'x' : '-',
				     }};
}
