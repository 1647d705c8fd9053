/* SPDX-License-Identifier: MIT */
/* ret.h: from the C library's -1 and errno to a negative errno. For src/sys only. */
#ifndef HK_SYS_RET_H
#define HK_SYS_RET_H

#include <errno.h>

/* r >= 0 as it is, else -errno. */
#define HK_RET(call)                                                                               \
	({                                                                                         \
		__typeof__(call) hk_ret = (call);                                                  \
		hk_ret < 0 ? -errno : hk_ret;                                                      \
	})

/* The same, repeated while a signal interrupts it. */
#define HK_RET_AGAIN(call)                                                                         \
	({                                                                                         \
		__typeof__(call) hk_ret;                                                           \
		do {                                                                               \
			hk_ret = (call);                                                           \
		} while (hk_ret < 0 && errno == EINTR);                                            \
		hk_ret < 0 ? -errno : hk_ret;                                                      \
	})

#endif
