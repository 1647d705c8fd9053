/* SPDX-License-Identifier: MIT */
/* report.h: what init and its caller say to each other, one packet each, on a socket pair. Both
 * are the same program, so the struct itself is the format. */
#ifndef HK_CONTAINER_REPORT_H
#define HK_CONTAINER_REPORT_H

#include <stdbool.h>

#include "base/err.h"

enum hk_report_kind {
	HK_REPORT_SETUP_FAILED = 1,
	HK_REPORT_EXEC_FAILED,
	HK_REPORT_STARTED,
	HK_REPORT_ENDED, /* status: the program's wait status; last: nothing else is left */
};

struct hk_report {
	enum hk_report_kind kind;
	int status;
	bool last;
	struct hk_err err;
};

/* From the caller to init: begin; packets with so many bytes follow. Where mounts come late, the
 * working directory is along. */
struct hk_report_go {
	size_t size;
};
#define HK_REPORT_CHUNK_MAX 65536 /* bytes in one */

/* Later, one byte: end. */
#define HK_REPORT_CANCEL 'c'

#endif
