/* SPDX-License-Identifier: MIT */
#include "base/id.h"

#include <string.h>

static const char digits[] = "0123456789abcdef";

struct hk_id hk_id_make(uint64_t nanoseconds, uint64_t random) {
	struct hk_id id;
	for (unsigned int i = 0; i < 8; i++) {
		id.bytes[i] = (uint8_t)(nanoseconds >> (56 - 8 * i));
		id.bytes[8 + i] = (uint8_t)(random >> (56 - 8 * i));
	}
	return id;
}

struct hk_id_text hk_id_format(const struct hk_id *id) {
	struct hk_id_text out = {.text = ""};
	for (unsigned int i = 0; i < HK_ID_SIZE; i++) {
		out.text[2 * i] = digits[id->bytes[i] >> 4];
		out.text[2 * i + 1] = digits[id->bytes[i] & 0xf];
	}
	return out;
}

struct hk_id_text hk_id_format_short(const struct hk_id *id) {
	struct hk_id_text whole = hk_id_format(id);
	struct hk_id_text out = {.text = ""};
	memcpy(out.text, whole.text + HK_ID_HEX / 2, HK_ID_SHORT_HEX);
	return out;
}

bool hk_id_parse(const char *text, struct hk_id *ret_id) {
	if (strlen(text) != HK_ID_HEX || strspn(text, digits) != HK_ID_HEX) {
		return false;
	}
	for (unsigned int i = 0; i < HK_ID_SIZE; i++) {
		unsigned int high = (unsigned int)(strchr(digits, text[2 * i]) - digits);
		unsigned int low = (unsigned int)(strchr(digits, text[2 * i + 1]) - digits);
		ret_id->bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}
