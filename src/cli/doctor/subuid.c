/* SPDX-License-Identifier: MIT */
/* subuid.c: what only doctor looks at, of the backend subuid. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/auto.h"
#include "base/str.h"
#include "cli/doctor/doctor.h"
#include "monitor/hsu_uids.h"
#include "monitor/ranges.h"
#include "monitor/tool.h"
#include "paths.h"
#include "sys/sys.h"

/* On a file system where neither counts? */
static int check_mount(const char *path, struct hk_err *err) {
	struct statfs stat;
	HK_AUTO(fd) int fd = hk_sys_open(path, O_PATH, 0);
	int r = fd < 0 ? fd : hk_sys_fstatfs(fd, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(path));
	}
	return (unsigned long)stat.f_flags & ST_NOSUID
		       ? hk_err_say(err, -EPERM, "'%s' lies on a mount with nosuid", HK_ESC(path))
		       : 0;
}

static int look_at_tool(struct hk_doctor *doctor, const char *name,
	struct hk_doctor_finding *finding, struct hk_err *err) {
	const char *path;
	struct stat stat;
	int r = hk_tool_find(doctor->arena, name, &path);
	r = r < 0 ? r : hk_sys_stat(path, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "find %s", name);
	}
	r = check_mount(path, err);
	if (r < 0) {
		hk_doctor_repair(doctor, finding, false,
			"mount -o remount,bind,suid \"$(findmnt -no TARGET -T %s)\"", HK_ESC(path));
		return r;
	}
	if ((stat.st_mode & S_ISUID) && stat.st_uid == 0) {
		return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "setuid root");
	}
	if (hk_sys_has_file_caps(path) == 1) {
		return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "has capabilities");
	}
	hk_doctor_repair(doctor, finding, false, "chown root:root %s && chmod u+s %s", HK_ESC(path),
		HK_ESC(path));
	return hk_err_say(
		err, -EPERM, "'%s' is neither setuid root nor has it capabilities", HK_ESC(path));
}

static int look_at_newuidmap(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	return look_at_tool(doctor, "newuidmap", finding, err);
}

static int look_at_newgidmap(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	return look_at_tool(doctor, "newgidmap", finding, err);
}

/* Only root can see which numbers are given to whom, so this says which one must not be. */
static int look_at_numbers(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	struct hk_ranges ranges;
	int r = hk_ranges_find(doctor->arena, &ranges, err);
	if (r < 0) {
		return r;
	}
	struct stat stat;
	const uint32_t number = ranges.first_uid / HK_HSU_PER_PERSON;
	const bool apart = number > HK_HSU_NUMBER_MAX ||
			   ranges.first_uid > hk_hsu_first(number) + HK_IDENTITY_MAX ||
			   ranges.first_uid + HK_IDENTITY_MAX < hk_hsu_first(number);
	if (apart || hk_sys_stat(HK_PATH_HSURC, &stat) < 0) {
		return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "nobody's of hsurc");
	}
	return hk_doctor_say(doctor, finding, HK_DOCTOR_NOTE,
		"number %u of '%s' would be some of the same ids: nobody else may have it", number,
		HK_PATH_HSURC);
}

static const struct hk_doctor_check checks[] = {
	{"rights of newuidmap", HK_DOCTOR_PERSON, look_at_newuidmap},
	{"rights of newgidmap", HK_DOCTOR_PERSON, look_at_newgidmap},
	{"ids", HK_DOCTOR_PERSON, look_at_numbers},
};

const struct hk_doctor_group hk_doctor_subuid = {
	.name = "subuid",
	.title = "Backend subuid (one backend is enough)",
	.kind = HK_DOCTOR_BACKEND,
	.who = HK_DOCTOR_PERSON,
	.backend = &hk_backend_subuid,
	.needs = &hk_backend_subuid.needs,
	.checks = checks,
	.check_count = sizeof(checks) / sizeof(checks[0]),
};
