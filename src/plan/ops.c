/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"

/* Part of the state entry's format: a name that has been used is never given another meaning. */
static const char *const names[HK_HOST_KINDS] = {
	[HK_HOST_DIRECTORY] = "directory",
	[HK_HOST_ACL] = "acl",
	[HK_HOST_HARDLINK] = "hardlink",
	[HK_HOST_WAYLAND] = "wayland",
	[HK_HOST_X11] = "x11",
	[HK_HOST_DBUS] = "dbus",
};

const char *hk_host_kind_name(enum hk_host_kind kind) {
	return kind < HK_HOST_KINDS ? names[kind] : "unknown";
}

bool hk_host_kind_parse(const char *name, enum hk_host_kind *ret_kind) {
	for (unsigned int i = 0; i < HK_HOST_KINDS; i++) {
		if (hk_str_equal(name, names[i])) {
			*ret_kind = (enum hk_host_kind)i;
			return true;
		}
	}
	return false;
}
