/* SPDX-License-Identifier: MIT */
/*
 * programs.h: the data that generate_main.c writes. All programs lie in one array, each different
 * one once; no pointers, so that the data is shared between processes and needs no relocation.
 */
#ifndef HK_CONTAINER_SECCOMP_PROGRAMS_H
#define HK_CONTAINER_SECCOMP_PROGRAMS_H

#include <linux/filter.h>
#include <stdint.h>

#include "container/params.h"

struct hk_filter_span {
	uint32_t start; /* in hk_filter_code */
	uint16_t count;
};

struct hk_filter_preset {
	uint8_t first; /* in hk_filter_spans */
	uint8_t second;
};

extern const struct sock_filter hk_filter_code[];
extern const struct hk_filter_span hk_filter_spans[];
extern const struct hk_filter_preset hk_filter_presets[HK_FILTER_PRESETS];

#endif
