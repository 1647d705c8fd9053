/* SPDX-License-Identifier: MIT */
/* acl_list.h: an access control list as plain data. Knows the format, no rules of ours. */
#ifndef HK_HOST_ACL_LIST_H
#define HK_HOST_ACL_LIST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/acl.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/vec.h"

struct hk_acl_entry {
	acl_tag_t tag; /* ACL_USER_OBJ, ACL_USER, ... */
	id_t id;       /* of ACL_USER and ACL_GROUP, else 0 */
	uint32_t perm; /* HK_ACL_* bits */
};
struct hk_acl_list HK_VEC(struct hk_acl_entry);

/* The list of what fd (O_PATH will do) refers to. A default list that does not exist is empty.
 * On a file system without ACLs: what its mode says. */
int hk_acl_list_read(
	struct hk_arena *arena, int fd, bool default_acl, struct hk_acl_list *ret_list);

/* Replaces the access list. */
int hk_acl_list_write(int fd, const struct hk_acl_list *list);

/* The first entry of that tag and id, or NULL. */
struct hk_acl_entry *hk_acl_list_find(const struct hk_acl_list *list, acl_tag_t tag, id_t id);

/* Takes one entry out, which must be in the list. */
void hk_acl_list_remove(struct hk_acl_list *list, struct hk_acl_entry *entry);

/* Does the mask apply to this entry? */
bool hk_acl_entry_is_masked(const struct hk_acl_entry *entry);

/* Is there an entry that names a user or a group? */
bool hk_acl_list_names_anyone(const struct hk_acl_list *list);

/* All bits of the entries that the mask applies to, but those of `but` (may be NULL). */
uint32_t hk_acl_list_union(const struct hk_acl_list *list, const struct hk_acl_entry *but);

bool hk_acl_list_equal(const struct hk_acl_list *a, const struct hk_acl_list *b);

#endif
