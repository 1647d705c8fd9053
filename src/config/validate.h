/* SPDX-License-Identifier: MIT */
/* validate.h: the checks of one mount and one ACL entry by themselves, for the printer,
 * and of everything, for a list. */
#ifndef HK_CONFIG_VALIDATE_H
#define HK_CONFIG_VALIDATE_H

#include <stddef.h>

#include "config/config.h"
#include "config/report.h"

/* index: in its list, for the error. */
int hk_config_mount_validate(const struct hk_fs *fs, size_t index, struct hk_err *err);
int hk_config_perm_validate(const struct hk_extra_perm *perm, size_t index, struct hk_err *err);

/* hk_config_validate, for a report; nested: where a file of it has the program's keys. */
int hk_config_validate_all(
	const struct hk_config_report *report, bool nested, const struct hk_config *config);

#endif
