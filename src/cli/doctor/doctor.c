/* SPDX-License-Identifier: MIT */
/*
 * doctor.c: looks at everything that a start needs, and says of each what is there, or what is
 * missing and how to repair it. In the end it starts something: that is the proof.
 */
#include "cli/doctor/doctor.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/auto.h"
#include "base/str.h"
#include "paths.h"
#include "sys/sys.h"

/* In this order: what is tried needs to know what was found. */
static const struct hk_doctor_group *const groups[] = {
	&hk_doctor_hsu,
	&hk_doctor_subuid,
	&hk_doctor_kernel,
	&hk_doctor_directories,
	&hk_doctor_trial,
	&hk_doctor_services,
};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))

struct options {
	const char *backend;
};

static const struct hk_option rows[] = {
	{"backend", "auto|hsu|subuid", HK_OPTION_TEXT, offsetof(struct options, backend),
		"the one that has to work; with auto, any"},
};

/* -- findings -------------------------------------------------------------------------------- */

static const char *format(struct hk_doctor *doctor, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

static const char *format(struct hk_doctor *doctor, const char *fmt, va_list args) {
	HK_AUTO(free) char *text = NULL;
	if (vasprintf(&text, fmt, args) < 0) {
		text = NULL;
		return NULL;
	}
	return hk_arena_strdup(doctor->arena, text);
}

int hk_doctor_say(struct hk_doctor *doctor, struct hk_doctor_finding *finding,
	enum hk_doctor_state state, const char *fmt, ...) {
	va_list args;
	va_start(args, fmt);
	finding->text = format(doctor, fmt, args);
	va_end(args);
	return (int)state;
}

void hk_doctor_repair(struct hk_doctor *doctor, struct hk_doctor_finding *finding, bool by_person,
	const char *fmt, ...) {
	va_list args;
	va_start(args, fmt);
	finding->repair = format(doctor, fmt, args);
	va_end(args);
	finding->by_person = by_person;
}

static int add(struct hk_doctor *doctor, struct hk_doctor_report *report,
	const struct hk_doctor_finding *finding, int r, const struct hk_err *why,
	struct hk_err *err) {
	struct hk_doctor_finding *slot = hk_vec_add(doctor->arena, &report->findings);
	if (!slot) {
		return hk_err_oom(err);
	}
	*slot = *finding;
	slot->state = r < 0 ? HK_DOCTOR_MISSING : (enum hk_doctor_state)r;
	if (r < 0) {
		slot->text = hk_arena_strdup(doctor->arena, why->text);
	}
	if (!slot->text) {
		return hk_err_oom(err);
	}
	if (slot->state == HK_DOCTOR_MISSING && report->group->kind == HK_DOCTOR_SERVICE) {
		slot->state = HK_DOCTOR_NOTE;
	}
	report->whole = report->whole && slot->state != HK_DOCTOR_MISSING;
	return 0;
}

static int look_at_needs(
	struct hk_doctor *doctor, struct hk_doctor_report *report, struct hk_err *err) {
	const struct hk_needs *needs = report->group->needs;
	for (size_t i = 0; needs && i < needs->count; i++) {
		const struct hk_need *need = &needs->rows[i];
		/* These are of no use before the rest is there, and answer persons only. */
		if (need->late && (doctor->is_root || !report->whole)) {
			continue;
		}
		struct hk_err why;
		struct hk_need_answer answer = {0};
		int r = need->look(doctor->arena, &answer, &why);
		const struct hk_doctor_finding finding = {
			.name = need->name,
			.text = answer.there,
			.repair = r < 0 ? answer.repair : NULL,
		};
		r = add(doctor, report, &finding, r < 0 ? r : HK_DOCTOR_OK, &why, err);
		if (r < 0) {
			return r;
		}
	}
	return 0;
}

static bool is_for(const struct hk_doctor *doctor, enum hk_doctor_who who) {
	return (who & (doctor->is_root ? HK_DOCTOR_ROOT : HK_DOCTOR_PERSON)) != 0;
}

static int look_at_group(
	struct hk_doctor *doctor, struct hk_doctor_report *report, struct hk_err *err) {
	const struct hk_doctor_group *group = report->group;
	int r = look_at_needs(doctor, report, err);
	const bool go_on = report->whole;
	for (size_t i = 0; r >= 0 && go_on && i < group->check_count; i++) {
		const struct hk_doctor_check *check = &group->checks[i];
		if (!is_for(doctor, check->who)) {
			continue;
		}
		struct hk_err why;
		struct hk_doctor_finding finding = {.name = check->name};
		r = check->look(doctor, &finding, &why);
		r = add(doctor, report, &finding, r, &why, err);
	}
	return r;
}

/* -- the command ----------------------------------------------------------------------------- */

bool hk_doctor_works(const struct hk_doctor *doctor) {
	return !doctor->broken && doctor->backend;
}

static bool counts(const struct hk_doctor *doctor, const struct hk_backend *backend) {
	return strcmp(doctor->wanted, "auto") == 0 || strcmp(doctor->wanted, backend->name) == 0;
}

static int look(struct hk_doctor *doctor, struct hk_doctor_report *reports, struct hk_err *err) {
	for (size_t i = 0; i < GROUPS; i++) {
		struct hk_doctor_report *report = &reports[i];
		*report = (struct hk_doctor_report){.group = groups[i], .whole = true};
		if (!is_for(doctor, groups[i]->who)) {
			continue;
		}
		int r = look_at_group(doctor, report, err);
		if (r < 0) {
			return r;
		}
		if (groups[i]->kind == HK_DOCTOR_NEEDED) {
			doctor->broken = doctor->broken || !report->whole;
		}
		if (groups[i]->kind == HK_DOCTOR_BACKEND && report->whole && !doctor->backend &&
			report->findings.count > 0 && counts(doctor, groups[i]->backend)) {
			doctor->backend = groups[i]->backend;
		}
	}
	return 0;
}

static int check_name(const char *name, struct hk_err *err) {
	const struct hk_backend *backend;
	for (size_t i = 0; (backend = hk_backend_at(i)); i++) {
		if (strcmp(name, backend->name) == 0) {
			return 0;
		}
	}
	return strcmp(name, "auto") == 0
		       ? 0
		       : hk_err_say(err, -EINVAL, "unknown backend \"%s\"", HK_ESC(name));
}

static int run(
	const struct hk_cli *cli, void *values, int argc, char *const argv[], struct hk_err *err) {
	const struct options *options = values;
	(void)argv; /* there are none */
	struct hk_doctor doctor = {
		.cli = cli,
		.arena = cli->arena,
		.is_root = hk_sys_getuid() == 0,
		.wanted = options->backend ? options->backend : HK_BACKEND,
	};
	struct hk_doctor_report reports[GROUPS];
	int r = hk_cli_no_arguments(&hk_command_doctor, argc, err);
	r = r < 0 ? r : check_name(doctor.wanted, err);
	r = r < 0 ? r : look(&doctor, reports, err);
	r = r < 0 ? r : hk_doctor_print(&doctor, reports, GROUPS, err);
	if (r < 0) {
		return r;
	}
	return hk_doctor_works(&doctor) ? HK_STATUS_OK : HK_STATUS_NO;
}

const struct hk_command hk_command_doctor = {
	.name = "doctor",
	.arguments = "[options]",
	.summary = "say what a run needs, what of it is missing, and how to repair it",
	.options = {rows, sizeof(rows) / sizeof(rows[0])},
	.values_size = sizeof(struct options),
	.for_root = true,
	.run = run,
};
