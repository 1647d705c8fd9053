/* SPDX-License-Identifier: MIT */
#include "host/acl_list.h"

#include <acl/libacl.h>
#include <errno.h>

#include "plan/plan.h"
#include "sys/sys.h"

static void free_acl(void **acl) {
	if (*acl) {
		(void)acl_free(*acl); /* fails only for what is no ACL */
	}
}

static const struct {
	uint32_t bit;
	acl_perm_t perm;
} bits[] = {
	{HK_ACL_R, ACL_READ},
	{HK_ACL_W, ACL_WRITE},
	{HK_ACL_X, ACL_EXECUTE},
};

static bool has_id(acl_tag_t tag) {
	return tag == ACL_USER || tag == ACL_GROUP;
}

static int read_entry(acl_entry_t from, struct hk_acl_entry *ret_entry) {
	acl_permset_t perms;
	if (acl_get_tag_type(from, &ret_entry->tag) < 0 || acl_get_permset(from, &perms) < 0) {
		return -errno;
	}
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
		int set = acl_get_perm(perms, bits[i].perm);
		if (set < 0) {
			return -errno;
		}
		ret_entry->perm |= set ? bits[i].bit : 0;
	}
	if (has_id(ret_entry->tag)) {
		id_t *id = acl_get_qualifier(from);
		if (!id) {
			return -errno;
		}
		ret_entry->id = *id;
		(void)acl_free(id); /* fails only for what is no ACL */
	}
	return 0;
}

int hk_acl_list_read(
	struct hk_arena *arena, int fd, bool default_acl, struct hk_acl_list *ret_list) {
	__attribute__((cleanup(free_acl))) void *acl = NULL;
	int r = hk_sys_acl_get(fd, default_acl, &acl);
	if (r == -EOPNOTSUPP && default_acl) {
		*ret_list = (struct hk_acl_list){0};
		return 0;
	}
	if (r < 0) {
		return r;
	}
	struct hk_acl_list list = {0};
	acl_entry_t from;
	int more = acl_get_entry(acl, ACL_FIRST_ENTRY, &from);
	while (more == 1) {
		struct hk_acl_entry *entry = hk_vec_add(arena, &list);
		if (!entry) {
			return -ENOMEM;
		}
		r = read_entry(from, entry);
		if (r < 0) {
			return r;
		}
		more = acl_get_entry(acl, ACL_NEXT_ENTRY, &from);
	}
	if (more < 0) {
		return -errno;
	}
	*ret_list = list;
	return 0;
}

static int write_entry(const struct hk_acl_entry *entry, acl_entry_t to) {
	acl_permset_t perms;
	if (acl_set_tag_type(to, entry->tag) < 0 || acl_get_permset(to, &perms) < 0 ||
		acl_clear_perms(perms) < 0) {
		return -errno;
	}
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
		if ((entry->perm & bits[i].bit) && acl_add_perm(perms, bits[i].perm) < 0) {
			return -errno;
		}
	}
	if (has_id(entry->tag) && acl_set_qualifier(to, &entry->id) < 0) {
		return -errno;
	}
	return 0;
}

int hk_acl_list_write(int fd, const struct hk_acl_list *list) {
	__attribute__((cleanup(free_acl))) void *acl = acl_init((int)list->count);
	if (!acl) {
		return -errno;
	}
	for (size_t i = 0; i < list->count; i++) {
		acl_t grown = acl; /* creating an entry may move the whole */
		acl_entry_t to;
		if (acl_create_entry(&grown, &to) < 0) {
			return -errno;
		}
		acl = grown;
		int r = write_entry(&list->items[i], to);
		if (r < 0) {
			return r;
		}
	}
	return hk_sys_acl_set(fd, false, acl);
}

struct hk_acl_entry *hk_acl_list_find(const struct hk_acl_list *list, acl_tag_t tag, id_t id) {
	for (size_t i = 0; i < list->count; i++) {
		struct hk_acl_entry *entry = &list->items[i];
		if (entry->tag == tag && entry->id == id) {
			return entry;
		}
	}
	return NULL;
}

void hk_acl_list_remove(struct hk_acl_list *list, struct hk_acl_entry *entry) {
	*entry = list->items[list->count - 1]; /* libacl sorts when it writes */
	list->count--;
}

bool hk_acl_entry_is_masked(const struct hk_acl_entry *entry) {
	return entry->tag == ACL_GROUP_OBJ || has_id(entry->tag);
}

bool hk_acl_list_names_anyone(const struct hk_acl_list *list) {
	for (size_t i = 0; i < list->count; i++) {
		if (has_id(list->items[i].tag)) {
			return true;
		}
	}
	return false;
}

uint32_t hk_acl_list_union(const struct hk_acl_list *list, const struct hk_acl_entry *but) {
	uint32_t all = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct hk_acl_entry *entry = &list->items[i];
		if (entry != but && hk_acl_entry_is_masked(entry)) {
			all |= entry->perm;
		}
	}
	return all;
}

bool hk_acl_list_equal(const struct hk_acl_list *a, const struct hk_acl_list *b) {
	if (a->count != b->count) {
		return false;
	}
	for (size_t i = 0; i < a->count; i++) {
		const struct hk_acl_entry *one = &a->items[i];
		const struct hk_acl_entry *other = hk_acl_list_find(b, one->tag, one->id);
		if (!other || other->perm != one->perm) {
			return false;
		}
	}
	return true;
}
