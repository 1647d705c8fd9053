/* SPDX-License-Identifier: MIT */
#include "container/seccomp/seccomp.h"

#include <assert.h>
#include <errno.h>

#include "container/params.h"
#include "container/seccomp/programs.h"
#include "sys/sys.h"

static struct hk_filter filter_at(uint8_t index) {
	const struct hk_filter_span *span = &hk_filter_spans[index];

	return (struct hk_filter){.code = &hk_filter_code[span->start], .count = span->count};
}

struct hk_filter hk_filter_first(uint32_t flags) {
	assert(flags < HK_FILTER_PRESETS);
	return filter_at(hk_filter_presets[flags].first);
}

struct hk_filter hk_filter_second(uint32_t flags) {
	assert(flags < HK_FILTER_PRESETS);
	return filter_at(hk_filter_presets[flags].second);
}

static int load(struct hk_filter filter, const char *which, struct hk_err *err) {
	int r = hk_sys_seccomp_filter(filter.code, filter.count);
	if (r < 0) {
		return hk_err_step(err, r, "load the %s system call filter", which);
	}
	return 0;
}

int hk_filter_load(uint32_t flags, struct hk_err *err) {
	/* Flags come from another process: no preset must never mean no filter. */
	if (flags >= HK_FILTER_PRESETS) {
		return hk_err_say(err, -EINVAL, "no system call filter has the flags %#x", flags);
	}
	/* Neither filter denies prctl or seccomp, so that the second can follow the first. */
	int r = load(hk_filter_first(flags), "first", err);
	if (r < 0) {
		return r;
	}
	return load(hk_filter_second(flags), "second", err);
}

int hk_filter_load_watch(struct hk_err *err) {
	return load(hk_filter_watch(), "watcher's", err);
}
