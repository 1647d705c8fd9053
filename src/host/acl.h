/* SPDX-License-Identifier: MIT */
/* acl.h: an ACL entry for a target, as long as instances list it. */
#ifndef HK_HOST_ACL_H
#define HK_HOST_ACL_H

#include "host/host.h"

/*
 * The object at op.path must be the person's. While it is listed:
 * - the target's entry has the bits of all live operations on this object for this target, and
 *   those that it had before;
 * - the mask is widened where it has to be, but never so that an entry of somebody else gives
 *   them more than before: that is -EPERM, naming whom and what.
 * Revert acts only on the recorded object, under whatever name it has by then if we have applied it
 * ourselves. It takes away what no live operation asks, brings
 * back the entry that was there before, and makes the mask as narrow as it was; an ACL that had
 * no mask before and names nobody any more is three entries again. A mode that the person has
 * changed meanwhile stays as they set it.
 * Errors: -ENOENT and others of walking; -EPERM; -EOPNOTSUPP without ACLs there.
 */
extern const struct hk_host_op_type hk_host_acl;

#endif
