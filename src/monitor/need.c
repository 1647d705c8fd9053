/* SPDX-License-Identifier: MIT */
#include "monitor/need.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/auto.h"
#include "base/str.h"
#include "sys/sys.h"

#define VALUE_MAX 256 /* bytes of a switch in proc */

int hk_need_say_repair(const char *repair, struct hk_err *err) {
	const struct hk_err what = *err;
	return repair ? hk_err_say(err, what.code, "%s: as root, %s", what.text, repair)
		      : what.code;
}

int hk_needs_check(const struct hk_needs *needs, struct hk_arena *arena, struct hk_err *err) {
	for (size_t i = 0; i < needs->count; i++) {
		const struct hk_need *need = &needs->rows[i];
		struct hk_need_answer answer = {0};
		if (!need->late && need->look(arena, &answer, err) < 0) {
			return hk_need_say_repair(answer.repair, err);
		}
	}
	return 0;
}

int hk_need_privileges(struct hk_arena *arena, struct hk_need_answer *answer, struct hk_err *err) {
	(void)arena; /* nothing to keep */
	answer->there = "not set";
	return hk_sys_prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1
		       ? hk_err_say(err, -EPERM,
				 "no_new_privs is set here (in another container?): no setuid "
				 "program works")
		       : 0;
}

/* -- user namespaces ------------------------------------------------------------------------- */

/* The first line of a file in proc; NULL where this kernel does not have it. */
static const char *read_value(struct hk_arena *arena, const char *path) {
	HK_AUTO(fd) int fd = hk_sys_open(path, O_RDONLY, 0);
	char *text = NULL;
	size_t size = 0;
	if (fd < 0 || hk_sys_read_all(arena, fd, VALUE_MAX, &text, &size) < 0) {
		return NULL;
	}
	text[strcspn(text, "\n")] = '\0';
	return text;
}

/* A number in proc that has to be something else than bad, where it exists. */
static int look_at_switch(struct hk_arena *arena, const char *name, const char *bad,
	const char *repair, struct hk_need_answer *answer, struct hk_err *err) {
	const char *path = hk_arena_printf(arena, "/proc/sys/%s", name);
	if (!path) {
		return hk_err_oom(err);
	}
	const char *value = read_value(arena, path);
	answer->there = value ? value : "this kernel has no such switch";
	if (!value || strcmp(value, bad) != 0) {
		return 0;
	}
	answer->repair = repair;
	return hk_err_say(
		err, -EPERM, "user namespaces are not allowed (%s is %s)", name, HK_ESC(value));
}

static int look_at_maximum(
	struct hk_arena *arena, struct hk_need_answer *answer, struct hk_err *err) {
	return look_at_switch(arena, "user/max_user_namespaces", "0",
		"sysctl user.max_user_namespaces=10000", answer, err);
}

static int look_at_clone(
	struct hk_arena *arena, struct hk_need_answer *answer, struct hk_err *err) {
	return look_at_switch(arena, "kernel/unprivileged_userns_clone", "0",
		"sysctl kernel.unprivileged_userns_clone=1", answer, err);
}

/* The switch is for programs without a profile. One that has a profile may do what that says. */
static int look_at_apparmor(
	struct hk_arena *arena, struct hk_need_answer *answer, struct hk_err *err) {
	const char *profile = read_value(arena, "/proc/self/attr/apparmor/current");
	if (profile && strcmp(profile, "unconfined") != 0) {
		answer->there =
			hk_arena_printf(arena, "the AppArmor profile here is '%s'", profile);
		return answer->there ? 0 : hk_err_oom(err);
	}
	return look_at_switch(arena, "kernel/apparmor_restrict_unprivileged_userns", "1",
		"sysctl kernel.apparmor_restrict_unprivileged_userns=0, or install an AppArmor "
		"profile for hakurei that has userns",
		answer, err);
}

static const struct hk_need userns_rows[] = {
	{"max_user_namespaces", false, look_at_maximum},
	{"unprivileged_userns_clone", false, look_at_clone},
	{"AppArmor", false, look_at_apparmor},
};
const struct hk_needs hk_needs_userns = {userns_rows, sizeof(userns_rows) / sizeof(userns_rows[0])};
