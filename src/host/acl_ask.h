/* SPDX-License-Identifier: MIT */
/* acl_ask.h: the rules by which entries of ours come into an ACL and go. Looks at nothing but
 * the list and what it is told. acl.h says what has to come out. */
#ifndef HK_HOST_ACL_ASK_H
#define HK_HOST_ACL_ASK_H

#include "base/arena.h"
#include "base/err.h"
#include "host/acl_list.h"
#include "host/host.h"

/* What one operation asks of an object, and what the other operations on it ask. */
struct hk_acl_ask {
	const char *path; /* for messages */
	uid_t target;
	uint32_t perm;
	const struct hk_host_found *found;
	uint32_t live; /* bits that other live operations ask for the same target */
	uint32_t any;  /* bits that other operations ask, for anyone: they may be in the mask */
	bool shared;   /* there are other operations */
};

/* Adds the target's entry, and widens the mask. Error: -EPERM. */
int hk_acl_ask_add(struct hk_arena *arena, struct hk_acl_list *list, const struct hk_acl_ask *ask,
	struct hk_err *err);

/* Takes the target's entry back to what it has to be without this operation, then the mask.
 * Computed from what is there, so twice, or without add, does no harm. */
void hk_acl_ask_take(struct hk_acl_list *list, const struct hk_acl_ask *ask);

#endif
