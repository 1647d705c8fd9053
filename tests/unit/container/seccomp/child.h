/* SPDX-License-Identifier: MIT */
/* child.h: filters stay for good, so each is tried in a process of its own. */
#ifndef HK_TEST_SECCOMP_CHILD_H
#define HK_TEST_SECCOMP_CHILD_H

#include <stdbool.h>
#include <stdint.h>

/* Runs in a child without privileges (if we have any, it drops them), with no_new_privs and
 * without core files. Its result is the child's exit status. Returns the raw wait status. */
int run_in_child(int (*run)(void *argument), void *argument);

/* The same without no_new_privs, as a user that may not load filters then. */
int run_without_no_new_privs(int (*run)(void *argument), void *argument);

/* A call the way 32-bit programs make it. Returns a negative errno, like the kernel. */
int call_32bit(uint32_t number, uint32_t a, uint32_t b);

/* Whether this kernel has 32-bit calls at all. */
bool has_32bit_calls(void);

#endif
