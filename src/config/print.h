/* SPDX-License-Identifier: MIT */
/* print.h: a configuration as text: JSON that loads again, and the short forms of `show`. */
#ifndef HK_CONFIG_PRINT_H
#define HK_CONFIG_PRINT_H

#include "base/str.h"
#include "config/config.h"

/*
 * The flat layout, four spaces deep, keys in the table's order, ending in a newline. A valid
 * configuration reads back to the same one. Keys that have their default value are left out
 * unless all; from mounts and ACL entries always. Out of memory: out->failed.
 */
void hk_config_print_json(const struct hk_config *config, bool all, struct hk_str *out);

/* The same on one line without a newline, for a state entry. */
void hk_config_print_compact(const struct hk_config *config, struct hk_str *out);

/* "w+/home/u", "*DST:LOWER:LOWER", "<invalid>"...; escaped for a terminal. */
void hk_config_print_mount(const struct hk_fs *fs, struct hk_str *out);

/* "r-x+:/var/lib/x". */
void hk_config_print_perm(const struct hk_extra_perm *perm, struct hk_str *out);

/* A configuration that uses every key: what `hakurei template` prints, with all set. In the
 * arena. */
int hk_config_template(struct hk_arena *arena, struct hk_config *ret_config, struct hk_err *err);

#endif
