/* SPDX-License-Identifier: MIT */
/* guard.h: operations that would open the ground that we stand on. */
#ifndef HK_STORE_GUARD_H
#define HK_STORE_GUARD_H

#include "base/err.h"
#include "plan/plan.h"
#include "store/store.h"

/*
 * Refuses (-EPERM) an ACL entry by which a target could write to a directory above the store,
 * the run dir or share, or to these, or reach into the store at all: it could then put its own
 * entries and directories in the place of ours, and we would refuse to work until the person has
 * taken it away by hand. Objects are compared, not paths.
 */
int hk_store_guard_check(
	const struct hk_store *store, const struct hk_host_ops *ops, struct hk_err *err);

#endif
