/* SPDX-License-Identifier: MIT */
/*
 * knows.h: put in front of every file (but err.c) for gcc's analyzer, which looks at one file at a
 * time. Without it the analyzer believes that `return hk_err_step(...)` may return 0, and follows
 * callers that take this for success. This is all that it is told, and no warning is turned off.
 */
#include "base/err.h"

static inline int hk_analyze_negative(int r) {
	if (r >= 0) {
		__builtin_unreachable();
	}
	return r;
}

#define hk_err_step(...)  hk_analyze_negative(hk_err_step(__VA_ARGS__))
#define hk_err_say(...)	  hk_analyze_negative(hk_err_say(__VA_ARGS__))
#define hk_err_frame(...) hk_analyze_negative(hk_err_frame(__VA_ARGS__))
#define hk_err_oom(err)	  hk_analyze_negative(hk_err_oom(err))
