/* SPDX-License-Identifier: MIT */
/* home.h: the person's home, and "~/NAME" in paths of the host: one file that is right for every
 * person. */
#ifndef HK_CONFIG_HOME_H
#define HK_CONFIG_HOME_H

#include "base/arena.h"
#include "base/err.h"
#include "config/config.h"

/* The home that the user database has for the person: absolute, clean, in the arena. */
int hk_config_home_find(struct hk_arena *arena, const char **ret_home, struct hk_err *err);

/*
 * Replaces "~" alone or before a slash, in extra_perms[].path and in src, lower, upper and work of
 * mounts, by that home; never by $HOME, which says less about whose files it leads to. Where there
 * is no "~", nothing is looked up.
 */
int hk_config_home_expand(struct hk_arena *arena, struct hk_config *config, struct hk_err *err);

#endif
