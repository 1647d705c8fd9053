/* SPDX-License-Identifier: MIT */
/* validate.h: the checks of one mount and one ACL entry by themselves, for the printer. */
#ifndef HK_CONFIG_VALIDATE_H
#define HK_CONFIG_VALIDATE_H

#include <stddef.h>

#include "config/config.h"

/* index: in its list, for the error. */
int hk_config_mount_validate(const struct hk_fs *fs, size_t index, struct hk_err *err);
int hk_config_perm_validate(const struct hk_extra_perm *perm, size_t index, struct hk_err *err);

#endif
