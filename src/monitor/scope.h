/* SPDX-License-Identifier: MIT */
/* scope.h: how far host operations may reach: the person's targets through every backend that can
 * be used, and the directories of ours. */
#ifndef HK_MONITOR_SCOPE_H
#define HK_MONITOR_SCOPE_H

#include "host/host.h"
#include "monitor/backend.h"

/* Borrows nothing; what it holds lies in the arena. known: the backend that is in use, whose
 * target for some identity is `target`, and what its look_up has found; NULL: none is. Recovery may
 * meet entries of the others, so those that can be used are asked too. */
int hk_scope_find(struct hk_arena *arena, const struct hk_backend *known, const void *facts,
	uid_t target, struct hk_host_scope *ret_scope, struct hk_err *err);

#endif
