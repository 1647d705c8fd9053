/* SPDX-License-Identifier: MIT */
/*
 * merge.h: a configuration that is made of a file and of others that change single keys of it.
 *
 * An object is merged key by key. Any other value takes the place of what was there; null takes it
 * away (so far RFC 7396). A list under a key with "+" behind its name is added to what was there.
 */
#ifndef HK_CONFIG_MERGE_H
#define HK_CONFIG_MERGE_H

#include <jansson.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

/* All zero is the empty one. Give it back with hk_config_merge_finish. */
struct hk_config_merge {
	json_t *document;
	/* The same tree. In place of each value a list of the parts that it is from: who put it
	 * there, then who added to it. One that was taken away has null behind the part that did
	 * it. */
	json_t *origins;
};

/* The document (an object, not kept) that the others change: part 0. It is taken as it is. */
int hk_config_merge_start(
	struct hk_config_merge *merge, const json_t *document, struct hk_err *err);

/* Changes it by another object. part: its number in origins. */
int hk_config_merge_add(struct hk_config_merge *merge, struct hk_arena *arena,
	const json_t *document, size_t part, struct hk_err *err);

/* The keys that a part decides, as "container.env.LANG"; with "+" behind one that it adds to, "-"
 * in front of one that it has taken away. */
int hk_config_merge_keys(const struct hk_config_merge *merge, size_t part, struct hk_arena *arena,
	struct hk_strs *ret_keys, struct hk_err *err);

void hk_config_merge_finish(struct hk_config_merge *merge);

static inline void hk_auto_merge(struct hk_config_merge *merge) {
	hk_config_merge_finish(merge);
}

#endif
