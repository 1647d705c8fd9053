/* SPDX-License-Identifier: MIT */
/* hsurc.c: all lines of the list of persons. hsu reads up to the caller's, and only root may see
 * the others; so what nobody notices (two persons with one number) is found here. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/scan.h"
#include "base/str.h"
#include "cli/doctor/doctor.h"
#include "cli/doctor/managers.h"
#include "monitor/hsu_uids.h"
#include "monitor/ranges.h"
#include "monitor/subid.h"
#include "paths.h"
#include "sys/sys.h"

/* As in docs/hsu.md. */
#define BYTES_MAX 160000
#define MODE	  0400

struct line {
	unsigned int at;
	uid_t uid;
	uint32_t number;
};
struct lines HK_VEC(struct line);

static bool parse_line(const char *text, size_t length, struct line *line) {
	const char *space = memchr(text, ' ', length);
	return space &&
	       hk_scan_number_n(text, (size_t)(space - text), UINT32_MAX - 1, &line->uid) &&
	       line->uid > 0 &&
	       hk_scan_number_n(space + 1, (size_t)(text + length - space - 1), HK_HSU_NUMBER_MAX,
		       &line->number);
}

static int parse(struct hk_arena *arena, const char *text, size_t size, struct lines *lines,
	struct hk_str *problems) {
	unsigned int number = 1;
	for (size_t at = 0; at < size; number++) {
		const char *newline = memchr(text + at, '\n', size - at);
		size_t length = newline ? (size_t)(newline - text) - at : size - at;
		struct line line = {.at = number};
		if (newline && parse_line(text + at, length, &line)) {
			struct line *slot = hk_vec_add(arena, lines);
			if (!slot) {
				return -ENOMEM;
			}
			*slot = line;
		} else {
			hk_str_addf(problems, "%sline %u is not 'UID USERID' and a newline",
				problems->length ? "; " : "", number);
		}
		at += length + 1;
	}
	return 0;
}

static void find_twice(const struct lines *lines, struct hk_str *problems) {
	for (size_t i = 0; i < lines->count; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct line *line = &lines->items[i];
			const struct line *other = &lines->items[j];
			if (line->number == other->number && line->uid != other->uid) {
				hk_str_addf(problems,
					"%slines %u and %u give number %u to two persons",
					problems->length ? "; " : "", other->at, line->at,
					line->number);
			}
		}
	}
}

static int find_overlaps(struct hk_arena *arena, const char *path, const struct lines *lines,
	struct hk_str *problems, struct hk_err *err) {
	struct hk_subids subids;
	int r = hk_subid_read(arena, path, &subids, err);
	for (size_t i = 0; r >= 0 && i < lines->count; i++) {
		const struct line *line = &lines->items[i];
		struct hk_sys_user user = {0};
		(void)hk_sys_user(arena, line->uid, &user); /* may be nobody's */
		const struct hk_subid *foreign = hk_subid_find_foreign(
			&subids, line->uid, user.name, hk_hsu_first(line->number), HK_RANGES_COUNT);
		if (foreign) {
			hk_str_addf(problems,
				"%sthe ids of line %u are also in line %u of %s, of '%s'",
				problems->length ? "; " : "", line->at, foreign->line, path,
				HK_ESC(foreign->owner));
		}
	}
	return r;
}

/* Nobody has those ids yet, or nothing says so. */
static void find_managers(struct hk_arena *arena, const struct lines *lines, struct hk_str *notes) {
	for (size_t i = 0; i < lines->count; i++) {
		const struct line *line = &lines->items[i];
		const struct hk_doctor_manager *manager =
			hk_doctor_find_manager(arena, hk_hsu_first(line->number));
		if (manager) {
			hk_str_addf(notes,
				"%sthe ids of line %u are among those that %s chooses from, %u to "
				"%u",
				notes->length ? "; " : "", line->at, manager->name, manager->first,
				manager->last);
		}
	}
}

static int check_file(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	struct stat stat;
	int r = hk_sys_lstat(HK_PATH_HSURC, &stat);
	if (r == -ENOENT) {
		hk_doctor_repair(doctor, finding, false,
			"(umask 377; echo UID 0 >>%s), with the uid of a person", HK_PATH_HSURC);
		return hk_err_say(err, r, "there is no '%s'", HK_PATH_HSURC);
	}
	if (r < 0) {
		return hk_err_step(err, r, "look at '%s'", HK_PATH_HSURC);
	}
	if (!S_ISREG(stat.st_mode)) {
		return hk_err_say(err, -EINVAL, "'%s' is not a regular file", HK_PATH_HSURC);
	}
	if (stat.st_uid != 0 || stat.st_gid != 0 || (stat.st_mode & 07777) != MODE) {
		hk_doctor_repair(doctor, finding, false, "chown root:root %s && chmod 0400 %s",
			HK_PATH_HSURC, HK_PATH_HSURC);
		return hk_err_say(err, -EPERM,
			"'%s' belongs to %u:%u with mode %04o, instead of root:root with 0400",
			HK_PATH_HSURC, stat.st_uid, stat.st_gid, stat.st_mode & 07777);
	}
	return 0;
}

int hk_doctor_look_at_lines(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	char *text = NULL;
	size_t size = 0;
	int r = check_file(doctor, finding, err);
	if (r < 0) {
		return r;
	}
	r = hk_sys_read_file(doctor->arena, HK_PATH_HSURC, BYTES_MAX, &text, &size);
	if (r < 0) {
		return hk_err_step(err, r, "read '%s'", HK_PATH_HSURC);
	}
	HK_AUTO(str) struct hk_str problems = {0};
	struct lines lines = {0};
	r = parse(doctor->arena, text, size, &lines, &problems) < 0 ? hk_err_oom(err) : 0;
	find_twice(&lines, &problems);
	r = r < 0 ? r : find_overlaps(doctor->arena, HK_SUBID_UIDS, &lines, &problems, err);
	r = r < 0 ? r : find_overlaps(doctor->arena, HK_SUBID_GIDS, &lines, &problems, err);
	if (r >= 0 && (problems.text || lines.count == 0)) {
		hk_doctor_repair(doctor, finding, false, "${EDITOR:-vi} %s", HK_PATH_HSURC);
		return hk_err_say(err, -EINVAL, "%s: %s", HK_PATH_HSURC,
			problems.text ? problems.text : "there is no line in it");
	}
	HK_AUTO(str) struct hk_str notes = {0};
	find_managers(doctor->arena, &lines, &notes);
	if (r >= 0 && notes.text) {
		return hk_doctor_say(
			doctor, finding, HK_DOCTOR_NOTE, "%s: %s", HK_PATH_HSURC, notes.text);
	}
	return r < 0 ? r
		     : hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "'%s' has lines for %zu",
			       HK_PATH_HSURC, lines.count);
}
