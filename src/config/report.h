/* SPDX-License-Identifier: MIT */
/* report.h: what the reader and the validator do with a problem: stop there, for a start, or put
 * it on a list and go on. */
#ifndef HK_CONFIG_REPORT_H
#define HK_CONFIG_REPORT_H

#include "config/findings.h"
#include "config/place.h"

struct hk_config_report {
	struct hk_config_findings *findings; /* NULL: the first problem is the end */
	struct hk_err *err;
};

/*
 * What a step about place has returned, with report->err if that is negative. A problem goes on the
 * list, without the place in front, if there is one; then 0, and everybody goes on. Without a list,
 * and when memory ran out, it is returned.
 */
int hk_config_report_keep(const struct hk_config_report *report, const struct hk_place *place,
	enum hk_config_bearing bearing, int code);

/* Opens the error about a mount as a whole. On a list the place says which one. */
int hk_config_report_say_mount(
	const struct hk_config_report *report, size_t index, const char *problem);

#endif
