/* SPDX-License-Identifier: MIT */
#include "host/acl.h"
#include "host/dbus.h"
#include "host/directory.h"
#include "host/hardlink.h"
#include "host/host.h"
#include "host/wayland.h"
#include "host/x11.h"

const struct hk_host_op_type *const hk_host_op_types[HK_HOST_KINDS] = {
	[HK_HOST_DIRECTORY] = &hk_host_directory,
	[HK_HOST_ACL] = &hk_host_acl,
	[HK_HOST_HARDLINK] = &hk_host_hardlink,
	[HK_HOST_WAYLAND] = &hk_host_wayland,
	[HK_HOST_X11] = &hk_host_x11,
	[HK_HOST_DBUS] = &hk_host_dbus,
};
