/* SPDX-License-Identifier: MIT */
/* sample.h: a plan that uses every field, made by hand. */
#ifndef HK_TESTS_PLAN_SAMPLE_H
#define HK_TESTS_PLAN_SAMPLE_H

#include "plan/plan.h"

struct sample {
	struct hk_plan plan;
	struct hk_host_op host[2];
	struct hk_mount_op mounts[3];
	const char *lower[2];
	const char *argv[2];
	const char *env[2];
	const char *warnings[1];
};

/* Its lists point into itself. */
void sample_make(struct sample *sample);

#endif
