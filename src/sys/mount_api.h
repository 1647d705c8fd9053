/* SPDX-License-Identifier: MIT */
/* mount_api.h: the constants of the mount calls since Linux 5.2. glibc has them in <sys/mount.h>,
 * which does not go together with the kernel's header; musl leaves them to that one. */
#ifndef HK_SYS_MOUNT_API_H
#define HK_SYS_MOUNT_API_H

#include <sys/mount.h>
#ifndef OPEN_TREE_CLONE
#include <linux/mount.h>
#endif

#endif
