/* SPDX-License-Identifier: MIT */
/* listing.h: filters as text, for people. Not a part of what is installed. */
#ifndef HK_CONTAINER_SECCOMP_LISTING_H
#define HK_CONTAINER_SECCOMP_LISTING_H

#include <stdbool.h>
#include <stdio.h>

#include "container/seccomp/seccomp.h"

/* One instruction a line. False: it holds an instruction that no filter of ours has. */
bool hk_filter_print_listing(FILE *file, struct hk_filter filter);

#endif
