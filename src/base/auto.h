/* SPDX-License-Identifier: MIT */
/*
 * auto.h: cleanup when a variable leaves its scope.
 *
 *	HK_AUTO(fd) int fd = -1;
 *	fd = hk_sys_open(...);
 *	...
 *	return hk_take(&fd);		(handed over: fd is -1 now)
 *
 * These do not run on _exit, exec or SIGKILL. So every descriptor is born close-on-exec, and
 * whatever must vanish from the host is a host operation, never a cleanup.
 */
#ifndef HK_BASE_AUTO_H
#define HK_BASE_AUTO_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HK_AUTO(kind) __attribute__((cleanup(hk_auto_##kind)))

/* fd: closes a descriptor; -1 is the empty value. */
static inline void hk_auto_fd(int *fd) {
	if (*fd >= 0) {
		(void)close(*fd); /* nothing was written that close could still lose */
	}
}

/* free: releases malloc-ed memory; NULL is the empty value. */
static inline void hk_auto_free(void *pointer) {
	free(*(void **)pointer);
}

/* dir: closes a directory stream; NULL is the empty value. */
static inline void hk_auto_dir(DIR **dir) {
	if (*dir) {
		(void)closedir(*dir);
	}
}

/* Hands a descriptor over: returns it and leaves the empty value behind. */
static inline int hk_take(int *fd) {
	int taken = *fd;
	*fd = -1;
	return taken;
}

/* Hands a pointer over: yields it and leaves NULL behind. */
#define hk_take_ptr(pointer)                                                                       \
	({                                                                                         \
		__typeof__(pointer) *hk_slot = &(pointer);                                         \
		__typeof__(pointer) hk_taken = *hk_slot;                                           \
		*hk_slot = NULL;                                                                   \
		hk_taken;                                                                          \
	})

#endif
