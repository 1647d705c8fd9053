/* SPDX-License-Identifier: MIT */
#include "config/merge.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "config/fields.h"
#include "config/place.h"

/* Keys at the top and in the container, whichever layout the file has. */
static const unsigned int top = HK_SECTION_BIT(HK_SECTION_TOP) | HK_SECTION_BIT(HK_SECTION_PROGRAM);

struct merger {
	struct hk_arena *arena;
	size_t part;
	struct hk_err *err;
};

/* An object, as it becomes, and where its values are from. */
struct level {
	const struct hk_place *place; /* NULL: the whole */
	unsigned int sections;	      /* what its keys are; 0: names that anybody may choose */
	json_t *object;
	json_t *origins;
};

static int merge_object(struct merger *merger, const struct level *level, const json_t *changes);

static unsigned int sections_below(unsigned int sections, const char *key) {
	const struct hk_field *field = hk_config_field_find(sections, key);
	if (!field || (field->type != HK_FIELD_OBJECT && field->type != HK_FIELD_BOX)) {
		return 0;
	}
	return HK_SECTION_BIT(field->of) |
	       (field->of == HK_SECTION_CONTAINER ? HK_SECTION_BIT(HK_SECTION_PROGRAM) : 0);
}

/* The member that is an object; a new one takes the place of anything else. */
static json_t *object_at(json_t *parent, const char *key) {
	json_t *object = json_object_get(parent, key);
	if (json_is_object(object)) {
		return object;
	}
	object = json_object();
	return json_object_set_new(parent, key, object) < 0 ? NULL : object;
}

static int put(
	struct merger *merger, const struct level *level, const char *key, const json_t *value) {
	json_t *origin = json_pack("[I]", (json_int_t)merger->part);
	int r = json_object_set_new(level->object, key, json_deep_copy(value));
	return json_object_set_new(level->origins, key, origin) < 0 || r < 0
		       ? hk_err_oom(merger->err)
		       : 0;
}

static int take_away(struct merger *merger, const struct level *level, const char *key) {
	if (level->sections && !hk_config_field_find(level->sections, key)) {
		/* A restriction that is misspelt: the reader will refuse the key. */
		return json_object_set_new(level->object, key, json_null()) < 0
			       ? hk_err_oom(merger->err)
			       : 0;
	}
	if (json_object_del(level->object, key) < 0) {
		return 0; /* there was none */
	}
	json_t *origin = json_pack("[I, n]", (json_int_t)merger->part);
	return json_object_set_new(level->origins, key, origin) < 0 ? hk_err_oom(merger->err) : 0;
}

static int add_to_list(
	struct merger *merger, const struct level *level, const char *key, const json_t *more) {
	json_t *list = json_object_get(level->object, key);
	if (!list || json_is_null(list)) {
		return put(merger, level, key, more);
	}
	if (!json_is_array(list)) {
		const struct hk_place at = {.up = level->place, .key = key};
		return hk_config_place_say(
			&at, merger->err, -EINVAL, "no list that anything can be added to");
	}
	json_t *copy = json_deep_copy(more);
	int r = copy ? json_array_extend(list, copy) : -1;
	json_decref(copy);
	json_t *origin = json_object_get(level->origins, key);
	if (r < 0 || json_array_append_new(origin, json_integer((json_int_t)merger->part)) < 0) {
		return hk_err_oom(merger->err);
	}
	return 0;
}

/* Does the key ask to add its list to that of the key without the "+" behind it? */
static bool adds(const char *key, const json_t *value) {
	size_t length = strlen(key);
	return json_is_array(value) && length > 1 && key[length - 1] == '+';
}

static int merge_value(
	struct merger *merger, const struct level *level, const char *key, const json_t *value) {
	if (json_is_null(value)) {
		return take_away(merger, level, key);
	}
	if (adds(key, value)) {
		const char *name = hk_arena_strndup(merger->arena, key, strlen(key) - 1);
		return name ? add_to_list(merger, level, name, value) : hk_err_oom(merger->err);
	}
	if (!json_is_object(value)) {
		return put(merger, level, key, value);
	}
	const struct hk_place at = {.up = level->place, .key = key};
	const struct level below = {
		.place = &at,
		.sections = sections_below(level->sections, key),
		.object = object_at(level->object, key),
		.origins = object_at(level->origins, key),
	};
	return below.object && below.origins ? merge_object(merger, &below, value)
					     : hk_err_oom(merger->err);
}

/* The iterator wants to be able to change what it walks. */
static json_t *walked(const json_t *object) {
	return (json_t *)(uintptr_t)object;
}

static int merge_object(struct merger *merger, const struct level *level, const json_t *changes) {
	const char *key;
	json_t *value;
	json_object_foreach(walked(changes), key, value) {
		int r = merge_value(merger, level, key, value);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

int hk_config_merge_add(struct hk_config_merge *merge, struct hk_arena *arena,
	const json_t *document, size_t part, struct hk_err *err) {
	struct merger merger = {.arena = arena, .part = part, .err = err};
	const struct level level = {
		.sections = top, .object = merge->document, .origins = merge->origins};
	return merge_object(&merger, &level, document);
}

/* The tree of an object whose values are all of part 0; NULL: out of memory. */
static json_t *origins_of(const json_t *object) {
	json_t *origins = json_object();
	const char *key;
	json_t *value;
	json_object_foreach(walked(object), key, value) {
		json_t *origin = json_is_object(value) ? origins_of(value) : json_pack("[i]", 0);
		if (json_object_set_new(origins, key, origin) < 0) {
			json_decref(origins);
			return NULL;
		}
	}
	return origins;
}

int hk_config_merge_start(
	struct hk_config_merge *merge, const json_t *document, struct hk_err *err) {
	merge->document = json_deep_copy(document);
	merge->origins = origins_of(document);
	return merge->document && merge->origins ? 0 : hk_err_oom(err);
}

/* -- who decided what ----------------------------------------------------------------------- */

struct collector {
	struct hk_arena *arena;
	size_t part;
	struct hk_strs *keys;
};

static int collect(struct collector *collector, const char *prefix, json_t *origins);

static int collect_value(struct collector *collector, const char *key, json_t *origin) {
	if (json_is_object(origin)) {
		return collect(collector, key, origin);
	}
	size_t index;
	json_t *part;
	json_array_foreach(origin, index, part) {
		if (!json_is_integer(part) || (size_t)json_integer_value(part) != collector->part) {
			continue;
		}
		const char *text = key;
		if (index > 0) {
			text = hk_arena_printf(collector->arena, "%s+", key);
		} else if (json_is_null(json_array_get(origin, 1))) {
			text = hk_arena_printf(collector->arena, "-%s", key);
		}
		if (!text || hk_strs_add_borrowed(collector->arena, collector->keys, text) < 0) {
			return -ENOMEM;
		}
	}
	return 0;
}

static int collect(struct collector *collector, const char *prefix, json_t *origins) {
	const char *name;
	json_t *origin;
	json_object_foreach(origins, name, origin) {
		const char *key = hk_arena_printf(
			collector->arena, "%s%s%s", prefix, *prefix ? "." : "", name);
		int r = key ? collect_value(collector, key, origin) : -ENOMEM;
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

int hk_config_merge_keys(const struct hk_config_merge *merge, size_t part, struct hk_arena *arena,
	struct hk_strs *ret_keys, struct hk_err *err) {
	struct hk_strs keys = {0};
	struct collector collector = {.arena = arena, .part = part, .keys = &keys};
	if (collect(&collector, "", merge->origins) < 0) {
		return hk_err_oom(err);
	}
	*ret_keys = keys;
	return 0;
}

void hk_config_merge_finish(struct hk_config_merge *merge) {
	json_decref(merge->document);
	json_decref(merge->origins);
	*merge = (struct hk_config_merge){0};
}
