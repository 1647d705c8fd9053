/* SPDX-License-Identifier: MIT */
/* errno_name.h: the name of an errno. Not every C library has a function for it. */
#ifndef HK_PROBE_ERRNO_NAME_H
#define HK_PROBE_ERRNO_NAME_H

struct hk_errno_name {
	char text[16];
};

/* "EPERM"; for one that is not in the table its number. */
struct hk_errno_name hk_errno_name(int code);

#endif
