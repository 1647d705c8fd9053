/* SPDX-License-Identifier: MIT */
/*
 * id.h: the name of one running container: 8 bytes of big-endian nanoseconds since the epoch,
 * then 8 random ones. Unique, sortable by start; nothing rests on it being unknown.
 */
#ifndef HK_BASE_ID_H
#define HK_BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#define HK_ID_SIZE	16
#define HK_ID_HEX	(2 * HK_ID_SIZE) /* lower-case digits, without NUL */
#define HK_ID_SHORT_HEX 8		 /* the short id: the first digits of the random half */

struct hk_id {
	uint8_t bytes[HK_ID_SIZE];
};

struct hk_id_text {
	char text[HK_ID_HEX + 1];
};

struct hk_id hk_id_make(uint64_t nanoseconds, uint64_t random);
struct hk_id_text hk_id_format(const struct hk_id *id);
struct hk_id_text hk_id_format_short(const struct hk_id *id);

/* Accepts exactly HK_ID_HEX lower-case hexadecimal digits. */
bool hk_id_parse(const char *text, struct hk_id *ret_id);

#endif
