/* SPDX-License-Identifier: MIT */
/* hsu.c: what only doctor looks at, of the backend hsu. */
#include <sys/stat.h>

#include "base/str.h"
#include "cli/doctor/doctor.h"
#include "cli/doctor/managers.h"
#include "monitor/ranges.h"
#include "monitor/subid.h"
#include "paths.h"
#include "sys/sys.h"

/* The first line of the file that gives somebody else one of the person's ids. */
static int find_foreign(struct hk_doctor *doctor, const char *path, uid_t first,
	const struct hk_subid **ret_foreign, struct hk_err *err) {
	uid_t uid = hk_sys_getuid();
	struct hk_sys_user user = {0};
	struct hk_subids subids;
	(void)hk_sys_user(doctor->arena, uid, &user); /* without a name, lines have the number */
	int r = hk_subid_read(doctor->arena, path, &subids, err);
	if (r >= 0) {
		*ret_foreign =
			hk_subid_find_foreign(&subids, uid, user.name, first, HK_RANGES_COUNT);
	}
	return r;
}

/* A start refuses an identity that somebody could become by newuidmap as well. */
static int look_at_ids(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	static const char *const files[] = {HK_SUBID_UIDS, HK_SUBID_GIDS};
	uid_t first;
	int r = hk_backend_hsu.find_target(doctor->arena, 0, &first, err);
	for (size_t i = 0; r >= 0 && i < sizeof(files) / sizeof(files[0]); i++) {
		const struct hk_subid *foreign = NULL;
		r = find_foreign(doctor, files[i], first, &foreign, err);
		if (r < 0 || !foreign) {
			continue;
		}
		hk_doctor_repair(doctor, finding, false,
			"sed -i 's/^%u .*/%u NUMBER/' %s, with a number whose ids are nobody's",
			hk_sys_getuid(), hk_sys_getuid(), HK_PATH_HSURC);
		struct hk_uid_range range;
		const void *facts;
		/* That of identity 0 decides: with the others, those that overlap are refused. */
		r = hk_backend_hsu.look_up(doctor->arena, &facts, err);
		r = r < 0 ? r : hk_backend_hsu.find_range(facts, first, &range, err);
		return r < 0 ? r
			     : hk_doctor_say(doctor, finding, HK_DOCTOR_NOTE,
				       "some identities are refused: line %u of %s gives ids %u to "
				       "%u to '%s'",
				       foreign->line, files[i], foreign->first,
				       foreign->first + (foreign->count - 1), foreign->owner);
	}
	if (r < 0) {
		return r;
	}
	const struct hk_doctor_manager *manager = hk_doctor_find_manager(doctor->arena, first);
	return manager ? hk_doctor_say(doctor, finding, HK_DOCTOR_NOTE,
				 "they are among those that %s chooses from, %u to %u",
				 manager->name, manager->first, manager->last)
		       : hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "nobody else's");
}

/* A mode with more rights than it needs. */
static int look_at_mode(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	struct stat stat;
	int r = hk_sys_stat(HK_PATH_HSU, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_PATH_HSU);
	}
	if (!(stat.st_mode & (S_IWGRP | S_IWOTH | S_IRGRP | S_IROTH))) {
		return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "nobody can read or write it");
	}
	hk_doctor_repair(doctor, finding, false, "chmod 4511 %s", HK_PATH_HSU);
	return hk_doctor_say(doctor, finding, HK_DOCTOR_NOTE,
		"others can %s it: what cannot be read cannot be traced",
		stat.st_mode & (S_IWGRP | S_IWOTH) ? "write" : "read");
}

static const struct hk_doctor_check checks[] = {
	{"mode", HK_DOCTOR_BOTH, look_at_mode},
	{"hsurc", HK_DOCTOR_ROOT, hk_doctor_look_at_lines},
	{"ids", HK_DOCTOR_PERSON, look_at_ids},
};

const struct hk_doctor_group hk_doctor_hsu = {
	.name = "hsu",
	.title = "Backend hsu (one backend is enough)",
	.kind = HK_DOCTOR_BACKEND,
	.who = HK_DOCTOR_BOTH,
	.backend = &hk_backend_hsu,
	.needs = &hk_backend_hsu.needs,
	.checks = checks,
	.check_count = sizeof(checks) / sizeof(checks[0]),
};
