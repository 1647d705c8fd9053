/* SPDX-License-Identifier: MIT */
#include "host/acl_ask.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"

struct words {
	char text[32];
};

static struct words perm_words(uint32_t perm) {
	return (struct words){{perm & HK_ACL_R ? 'r' : '-', perm & HK_ACL_W ? 'w' : '-',
		perm & HK_ACL_X ? 'x' : '-', '\0'}};
}

static struct words whom(const struct hk_acl_entry *entry) {
	struct words words = {"its group"};
	if (entry->tag != ACL_GROUP_OBJ) {
		(void)snprintf(words.text, sizeof(words.text), "%s %u",
			entry->tag == ACL_USER ? "uid" : "gid", entry->id);
	}
	return words;
}

/*
 * Has the person changed the mode since we widened the mask? chmod sets the mask and nothing
 * else. Where there was no mask before, ours is always the union of the entries (and so is the
 * one that setfacl computes); where there was one, ours is that and what we were asked.
 */
static bool mode_was_changed(const struct hk_acl_list *list, const struct hk_acl_entry *mask,
	const struct hk_host_found *found, uint32_t asked) {
	uint32_t ours = found->had_mask ? found->mask | asked : hk_acl_list_union(list, NULL);
	return mask->perm != ours;
}

/* Whoever has an entry with a bit that only the mask holds back would get it. */
static int check_widening(const struct hk_acl_ask *ask, const struct hk_acl_list *list,
	const struct hk_acl_entry *own, uint32_t wider, struct hk_err *err) {
	for (size_t i = 0; i < list->count; i++) {
		const struct hk_acl_entry *entry = &list->items[i];
		uint32_t gained = entry->perm & wider;
		if (entry == own || !hk_acl_entry_is_masked(entry) || gained == 0) {
			continue;
		}
		return hk_err_say(err, -EPERM,
			"cannot give uid %u %s on '%s': its ACL mask would have to be widened, "
			"which gives %s %s",
			ask->target, perm_words(ask->perm).text, HK_ESC(ask->path),
			whom(entry).text, perm_words(gained).text);
	}
	return 0;
}

static int widen_mask(const struct hk_acl_ask *ask, const struct hk_acl_list *list,
	struct hk_acl_entry *mask, const struct hk_acl_entry *own, struct hk_err *err) {
	uint32_t wider = ask->perm & ~mask->perm;
	if (wider == 0) {
		return 0;
	}
	if (ask->shared && mode_was_changed(list, mask, ask->found, ask->any)) {
		/* To widen it now would make their change and our mask one number, and the
		 * change could not be kept in the end. */
		return hk_err_say(err, -EPERM,
			"cannot give uid %u %s on '%s': its mode was changed while other instances "
			"use it",
			ask->target, perm_words(ask->perm).text, HK_ESC(ask->path));
	}
	int r = check_widening(ask, list, own, wider, err);
	if (r < 0) {
		return r;
	}
	mask->perm |= wider;
	return 0;
}

static int add_missing(
	struct hk_arena *arena, struct hk_acl_list *list, struct hk_acl_entry missing) {
	if (hk_acl_list_find(list, missing.tag, missing.id)) {
		return 0;
	}
	struct hk_acl_entry *entry = hk_vec_add(arena, list);
	if (!entry) {
		return -ENOMEM;
	}
	*entry = missing;
	return 0;
}

int hk_acl_ask_add(struct hk_arena *arena, struct hk_acl_list *list, const struct hk_acl_ask *ask,
	struct hk_err *err) {
	/* The first named entry brings the mask, which has to be what the group has so far. */
	const struct hk_acl_entry new_mask = {
		.tag = ACL_MASK, .perm = hk_acl_list_union(list, NULL) | ask->perm};
	const struct hk_acl_entry new_entry = {.tag = ACL_USER, .id = ask->target};
	if (add_missing(arena, list, new_mask) < 0 || add_missing(arena, list, new_entry) < 0) {
		return hk_err_oom(err);
	}
	struct hk_acl_entry *own = hk_acl_list_find(list, ACL_USER, ask->target);
	struct hk_acl_entry *mask = hk_acl_list_find(list, ACL_MASK, 0);
	int r = widen_mask(ask, list, mask, own, err);
	if (r < 0) {
		return r;
	}
	own->perm = ask->perm | ask->live | (ask->found->had_entry ? ask->found->entry : 0);
	return 0;
}

void hk_acl_ask_take(struct hk_acl_list *list, const struct hk_acl_ask *ask) {
	const struct hk_host_found *found = ask->found;
	struct hk_acl_entry *own = hk_acl_list_find(list, ACL_USER, ask->target);
	struct hk_acl_entry *mask = hk_acl_list_find(list, ACL_MASK, 0);
	if (!own || !mask) {
		return; /* the person, or an earlier try, has done it */
	}
	if (!mode_was_changed(list, mask, found, ask->perm | ask->any)) {
		/* What the target had before may have bits that the old mask held back, so its
		 * own entry has no say in the new one. */
		mask->perm &= hk_acl_list_union(list, own) | ask->live |
			      (found->had_mask ? found->mask : 0);
	} else if (!found->had_mask) {
		/* What the person set with chmod, they set for the group. */
		struct hk_acl_entry *group = hk_acl_list_find(list, ACL_GROUP_OBJ, 0);
		if (group) {
			group->perm = mask->perm;
		}
	}
	own->perm = ask->live | (found->had_entry ? found->entry : 0);
	if (ask->live == 0 && !found->had_entry) {
		hk_acl_list_remove(list, own);
	}
	mask = hk_acl_list_find(list, ACL_MASK, 0); /* removing moves entries */
	if (mask && !found->had_mask && !hk_acl_list_names_anyone(list)) {
		hk_acl_list_remove(list, mask);
	}
}
