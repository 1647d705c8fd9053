/* SPDX-License-Identifier: MIT */
/*
 * fail_sys.h: the real calls of sys, of which number N fails, or never happens because we died.
 *
 * Linked in by the dependency fail_sys_dep of tests/unit/host/meson.build, whose list of names
 * and the one in fail_sys.c are the same: the linker complains where they differ.
 */
#ifndef HK_TESTS_FAIL_SYS_H
#define HK_TESTS_FAIL_SYS_H

#include <stdbool.h>

enum hk_fail_how {
	HK_FAIL_ONCE, /* call number n returns -error and does nothing */
	HK_FAIL_FROM, /* and so does every later one */
	HK_FAIL_DIE,  /* the process ends before call number n, as if killed */
};

#define HK_FAIL_DIED 99 /* exit status of HK_FAIL_DIE */

/* Counts from the next call, which is number 1. error is positive. */
void hk_fail_arm(enum hk_fail_how how, unsigned int n, int error);

/* Back to normal. Was call number n reached? */
bool hk_fail_disarm(void);

#endif
