/* SPDX-License-Identifier: MIT */
#include "monitor/ranges.h"

#include <errno.h>

#include "base/str.h"
#include "monitor/getsubids.h"
#include "monitor/subid.h"
#include "sys/sys.h"

/* What newuidmap (or newgidmap) will allow: the lines of its file, or what a name service says. */
struct source {
	const char *path;
	const char *option; /* of usermod */
	bool groups;
};

static const struct source uid_source = {HK_SUBID_UIDS, "subuids", false};
static const struct source gid_source = {HK_SUBID_GIDS, "subgids", true};

/* A range of their own behind all others: it becomes the last one, which is the one that counts. */
static int add_range(struct hk_arena *arena, const struct source *source,
	const struct hk_subids *subids, const char *user, const char **ret_repair) {
	uint32_t first;
	if (!hk_subid_find_free(subids, HK_RANGES_COUNT, &first)) {
		return -ENOSPC;
	}
	const char *repair = hk_arena_printf(arena, "usermod --add-%s %u-%u %s", source->option,
		first, first + (HK_RANGES_COUNT - 1), HK_ESC(user));
	if (!repair) {
		return -ENOMEM;
	}
	*ret_repair = repair;
	return 0;
}

/* What the user has been given, and by whom. */
struct given {
	const char *user;
	struct hk_subids subids;
	bool by_service;
};

static int say_no_range(struct hk_arena *arena, const struct source *source,
	const struct given *given, const char **ret_repair, struct hk_err *err) {
	if (given->by_service) {
		return hk_err_say(err, -ENOENT,
			"the name service gives you no range of at least %d %s "
			"(" HK_GETSUBIDS_SWITCH
			" has a subid: line, and 'getsubids %s%s' lists them): whoever keeps it "
			"can add one",
			HK_RANGES_COUNT, source->option, source->groups ? "-g " : "",
			HK_ESC(given->user));
	}
	int r = add_range(arena, source, &given->subids, given->user, ret_repair);
	if (r == -ENOMEM) {
		return hk_err_oom(err);
	}
	return hk_err_say(err, -ENOENT, "%s gives you no range of at least %d ids%s", source->path,
		HK_RANGES_COUNT, r < 0 ? ", and has no room for one" : "");
}

static int say_foreign(struct hk_arena *arena, const struct source *source,
	const struct given *given, uint32_t first, const struct hk_subid *foreign,
	const char **ret_repair, struct hk_err *err) {
	if (!given->by_service) {
		/* Without room for one there is no command. */
		(void)add_range(arena, source, &given->subids, given->user, ret_repair);
	}
	return hk_err_say(err, -EPERM,
		"%s gives ids %u to %u to you and in line %u to '%s' as well", source->path, first,
		first + HK_RANGES_COUNT - 1, foreign->line, HK_ESC(foreign->owner));
}

static int find_given(struct hk_arena *arena, const struct source *source, const char *name,
	struct given *ret_given, struct hk_err *err) {
	struct given given = {.user = name ? name : hk_arena_printf(arena, "%u", hk_sys_getuid())};
	if (!given.user) {
		return hk_err_oom(err);
	}
	int r = hk_getsubids_read(arena, given.user, source->groups, &given.subids, err);
	given.by_service = r > 0;
	r = r == 0 ? hk_subid_read(arena, source->path, &given.subids, err) : r;
	if (r < 0) {
		return r;
	}
	*ret_given = given;
	return 0;
}

int hk_ranges_find_first(struct hk_arena *arena, bool groups, uint32_t *ret_first,
	const char **ret_repair, struct hk_err *err) {
	const struct source *source = groups ? &gid_source : &uid_source;
	uid_t uid = hk_sys_getuid();
	struct hk_sys_user user = {0};
	int r = hk_sys_user(arena, uid, &user);
	if (r < 0 && r != -ENOENT) {
		return hk_err_step(err, r, "look up your user name");
	}
	struct given given;
	r = find_given(arena, source, user.name, &given, err);
	if (r < 0) {
		return r;
	}
	const struct hk_subid *subid =
		hk_subid_find(&given.subids, uid, user.name, HK_RANGES_COUNT);
	if (!subid) {
		return say_no_range(arena, source, &given, ret_repair, err);
	}
	uint32_t first = subid->first + (subid->count - HK_RANGES_COUNT);
	const struct hk_subid *foreign =
		hk_subid_find_foreign(&given.subids, uid, user.name, first, HK_RANGES_COUNT);
	if (foreign) {
		return say_foreign(arena, source, &given, first, foreign, ret_repair, err);
	}
	if (first == 0 || first > UINT32_MAX - HK_RANGES_COUNT) {
		return hk_err_say(err, -EPERM, "%s gives you id %u, which is nobody's to give",
			source->path, first == 0 ? 0 : UINT32_MAX);
	}
	*ret_first = first;
	return 0;
}

int hk_ranges_find(struct hk_arena *arena, struct hk_ranges *ret_ranges, struct hk_err *err) {
	struct hk_ranges ranges;
	const char *repair = NULL; /* said by whoever looks before a start */
	int r = hk_ranges_find_first(arena, false, &ranges.first_uid, &repair, err);
	r = r < 0 ? r : hk_ranges_find_first(arena, true, &ranges.first_gid, &repair, err);
	if (r < 0) {
		return r;
	}
	*ret_ranges = ranges;
	return 0;
}
