/* SPDX-License-Identifier: MIT */
/* colour.h: the few ways to emphasise that every terminal has (ECMA-48, SGR). */
#ifndef HK_BASE_COLOUR_H
#define HK_BASE_COLOUR_H

#define HK_COLOUR_BOLD	 "\33[1m"
#define HK_COLOUR_RED	 "\33[31m"
#define HK_COLOUR_YELLOW "\33[33m"
#define HK_COLOUR_END	 "\33[m"

#endif
