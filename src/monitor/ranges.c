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

static int say_no_range(const struct source *source, const struct hk_subids *subids,
	bool from_service, const char *user, struct hk_err *err) {
	uint32_t first;
	if (from_service) {
		return hk_err_say(err, -ENOENT,
			"the name service gives you no range of at least %d %s "
			"(" HK_GETSUBIDS_SWITCH
			" has a subid: line, and 'getsubids %s%s' lists them): whoever keeps it "
			"can add one",
			HK_RANGES_COUNT, source->option, source->groups ? "-g " : "", HK_ESC(user));
	}
	if (!hk_subid_find_free(subids, HK_RANGES_COUNT, &first)) {
		return hk_err_say(err, -ENOENT,
			"%s gives you no range of at least %d ids, and has no room for one",
			source->path, HK_RANGES_COUNT);
	}
	return hk_err_say(err, -ENOENT,
		"%s gives you no range of at least %d ids: usermod --add-%s %u-%u %s", source->path,
		HK_RANGES_COUNT, source->option, first, first + (HK_RANGES_COUNT - 1),
		HK_ESC(user));
}

static int find_first(struct hk_arena *arena, const struct source *source, uint32_t *ret_first,
	struct hk_err *err) {
	uid_t uid = hk_sys_getuid();
	struct hk_sys_user user = {0};
	int r = hk_sys_user(arena, uid, &user);
	if (r < 0 && r != -ENOENT) {
		return hk_err_step(err, r, "look up your user name");
	}
	const char *owner = user.name ? user.name : hk_arena_printf(arena, "%u", uid);
	if (!owner) {
		return hk_err_oom(err);
	}
	struct hk_subids subids;
	int from_service = hk_getsubids_read(arena, owner, source->groups, &subids, err);
	if (from_service < 0) {
		return from_service;
	}
	r = from_service ? 0 : hk_subid_read(arena, source->path, &subids, err);
	if (r < 0) {
		return r;
	}
	const struct hk_subid *subid = hk_subid_find(&subids, uid, user.name, HK_RANGES_COUNT);
	if (!subid) {
		return say_no_range(source, &subids, from_service, owner, err);
	}
	uint32_t first = subid->first + (subid->count - HK_RANGES_COUNT);
	const struct hk_subid *foreign =
		hk_subid_find_foreign(&subids, uid, user.name, first, HK_RANGES_COUNT);
	if (foreign) {
		return hk_err_say(err, -EPERM,
			"%s gives ids %u to %u to you and in line %u to '%s' as well", source->path,
			first, first + HK_RANGES_COUNT - 1, foreign->line, HK_ESC(foreign->owner));
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
	int r = find_first(arena, &uid_source, &ranges.first_uid, err);
	r = r < 0 ? r : find_first(arena, &gid_source, &ranges.first_gid, err);
	if (r < 0) {
		return r;
	}
	*ret_ranges = ranges;
	return 0;
}
