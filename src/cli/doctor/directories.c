/* SPDX-License-Identifier: MIT */
/* directories.c: the places that a run makes something in. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "cli/doctor/doctor.h"
#include "cli/instances.h"
#include "config/home.h"
#include "outcome/outcome.h"
#include "sys/sys.h"

#define RUNTIME "XDG_RUNTIME_DIR"

/* A run then finds its own place, and none of the person's servers. */
static int say_no_runtime(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, const char *value) {
	uid_t uid = hk_sys_getuid();
	const char *usual = hk_arena_printf(doctor->arena, "/run/user/%u", uid);
	struct stat stat;
	if (usual && hk_sys_stat(usual, &stat) >= 0 && S_ISDIR(stat.st_mode) &&
		stat.st_uid == uid) {
		hk_doctor_repair(doctor, finding, true, "export %s=%s", RUNTIME, usual);
		return hk_doctor_say(doctor, finding, HK_DOCTOR_NOTE,
			"%s; '%s' is used, where other programs may look elsewhere",
			value ? "not an absolute path" : "not set", usual);
	}
	hk_doctor_repair(doctor, finding, false,
		"loginctl enable-linger %u (then log in again, through PAM and systemd-logind)",
		uid);
	return hk_doctor_say(doctor, finding, HK_DOCTOR_NOTE,
		"%s, and there is no '%s': a run uses a directory in TMPDIR, and finds no Wayland "
		"and no sound",
		value ? "not an absolute path" : "not set", usual ? usual : "");
}

static int look_at_runtime(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	const char *path = hk_sys_getenv(RUNTIME);
	if (!hk_path_is_absolute(path)) {
		return say_no_runtime(doctor, finding, path);
	}
	struct stat stat;
	uid_t uid = hk_sys_getuid();
	int r = hk_sys_stat(path, &stat);
	if (r == -ENOENT) {
		hk_doctor_repair(doctor, finding, false, "install -d -m 0700 -o %u -g %u %s", uid,
			hk_sys_getgid(), HK_ESC(path));
		return hk_err_say(err, r, "there is no '%s'", HK_ESC(path));
	}
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_ESC(path));
	}
	if (!S_ISDIR(stat.st_mode)) {
		return hk_err_say(err, -ENOTDIR, "'%s' is not a directory", HK_ESC(path));
	}
	if (stat.st_uid != uid) {
		hk_doctor_repair(doctor, finding, true, "export %s=/run/user/%u", RUNTIME, uid);
		if ((stat.st_mode & S_ISVTX) && hk_sys_access(path, W_OK | X_OK) >= 0) {
			/* As /tmp: nobody can take away what a run makes there. */
			return hk_doctor_say(doctor, finding, HK_DOCTOR_NOTE,
				"'%s' is everybody's; your servers are elsewhere", path);
		}
		return hk_err_say(err, -EPERM, "'%s' belongs to uid %u (left by su or sudo?)",
			HK_ESC(path), stat.st_uid);
	}
	if (stat.st_mode & (S_IRWXG | S_IRWXO)) {
		hk_doctor_repair(doctor, finding, true, "chmod 0700 %s", HK_ESC(path));
		return stat.st_mode & (S_IWGRP | S_IWOTH)
			       ? hk_err_say(err, -EPERM, "others may write to '%s'", HK_ESC(path))
			       : hk_doctor_say(doctor, finding, HK_DOCTOR_NOTE,
					 "'%s' is open to others", path);
	}
	return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "'%s', yours alone", path);
}

static int look_at_store(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	struct hk_cli_store store;
	char *path;
	int r = hk_outcome_store(doctor->arena, &path, err);
	r = r < 0 ? r : hk_cli_store_open(doctor->cli, &store, err);
	if (r < 0) {
		return r;
	}
	hk_store_close(&store.store);
	return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "'%s'", path);
}

/* The target passes through it to what the instances of an identity share. */
static int look_at_tmpdir(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	const char *value = hk_sys_getenv("TMPDIR");
	const char *path = hk_path_is_absolute(value) ? value : "/tmp";
	struct stat stat;
	int r = hk_sys_stat(path, &stat);
	r = r < 0 ? r : hk_sys_access(path, W_OK | X_OK);
	if (r < 0) {
		hk_doctor_repair(doctor, finding, true, "unset TMPDIR");
		return hk_err_step(err, r, "write to '%s'", HK_ESC(path));
	}
	if (!S_ISDIR(stat.st_mode)) {
		return hk_err_say(err, -ENOTDIR, "'%s' is not a directory", HK_ESC(path));
	}
	return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "'%s'", path);
}

static int look_at_home(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	const char *home;
	struct stat stat;
	int r = hk_config_home_find(doctor->arena, &home, err);
	if (r < 0) {
		return r;
	}
	r = hk_sys_stat(home, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at your home '%s'", HK_ESC(home));
	}
	if (stat.st_mode & S_IRWXO) {
		hk_doctor_repair(doctor, finding, true, "chmod o= %s", HK_ESC(home));
		return hk_doctor_say(doctor, finding, HK_DOCTOR_NOTE,
			"'%s' is open to others, so to the programs of every identity", home);
	}
	return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "'%s', closed to others", home);
}

static const struct hk_doctor_check checks[] = {
	{RUNTIME, HK_DOCTOR_PERSON, look_at_runtime},
	{"store", HK_DOCTOR_PERSON, look_at_store},
	{"TMPDIR", HK_DOCTOR_PERSON, look_at_tmpdir},
	{"home", HK_DOCTOR_PERSON, look_at_home},
};

const struct hk_doctor_group hk_doctor_directories = {
	.name = "directories",
	.title = "Directories",
	.kind = HK_DOCTOR_NEEDED,
	.who = HK_DOCTOR_PERSON,
	.checks = checks,
	.check_count = sizeof(checks) / sizeof(checks[0]),
};
