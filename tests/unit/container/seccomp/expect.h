/* SPDX-License-Identifier: MIT */
/*
 * expect.h: what a system call has to give under a preset, written down a second time and in
 * another way than in src/: by group, as the documentation lists them.
 */
#ifndef HK_TEST_SECCOMP_EXPECT_H
#define HK_TEST_SECCOMP_EXPECT_H

#include <linux/seccomp.h>
#include <stdint.h>

#include "container/seccomp/seccomp.h"

/* Besides an errno. */
#define EXPECT_PASS 0
#define EXPECT_KILL (-1)

/* Numbers that are swept. */
#define SWEEP 1024

/* The number of a call that the architecture (AUDIT_ARCH_*) must have. */
uint32_t call_number(uint32_t arch, const char *name);

/* Says what data must give under the filters of the preset: EXPECT_* or an errno. */
int expect(uint32_t flags, const struct seccomp_data *data);

/* The same, as the filters of this build say it themselves, run in user space. */
int simulate(uint32_t flags, const struct seccomp_data *data);
int simulate_one(struct hk_filter filter, const struct seccomp_data *data);

#endif
