/* SPDX-License-Identifier: MIT */
/* check.h: the checks of single values that rows of the field table name. */
#ifndef HK_CONFIG_CHECK_H
#define HK_CONFIG_CHECK_H

#include "base/err.h"
#include "config/fields.h"

int hk_config_check_id(const struct hk_field *field, const void *value, struct hk_err *err);
int hk_config_check_identity(const struct hk_field *field, const void *value, struct hk_err *err);
int hk_config_check_username(const struct hk_field *field, const void *value, struct hk_err *err);
int hk_config_check_passwd_path(
	const struct hk_field *field, const void *value, struct hk_err *err);
int hk_config_check_bus(const struct hk_field *field, const void *value, struct hk_err *err);
int hk_config_check_env(const struct hk_field *field, const void *value, struct hk_err *err);

/* What is wrong with a path, or NULL. Right is: absolute, clean, within the limits. */
const char *hk_config_path_problem(const char *path);

#endif
