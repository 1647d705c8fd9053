/* SPDX-License-Identifier: MIT */
/* check.h: the checks of single values that rows of the field table name. */
#ifndef HK_CONFIG_CHECK_H
#define HK_CONFIG_CHECK_H

#include "base/err.h"
#include "config/fields.h"
#include "config/report.h"

hk_config_check_fn hk_config_check_id;
hk_config_check_fn hk_config_check_identity;
hk_config_check_fn hk_config_check_username;
hk_config_check_fn hk_config_check_passwd_path;
hk_config_check_fn hk_config_check_bus;
hk_config_check_fn hk_config_check_env;

/* What is wrong with a path, or NULL. Right is: absolute, clean, within the limits. */
const char *hk_config_path_problem(const char *path);

#endif
