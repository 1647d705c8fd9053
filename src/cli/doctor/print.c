/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <string.h>

#include "base/auto.h"
#include "base/str.h"
#include "cli/colour.h"
#include "cli/doctor/doctor.h"
#include "cli/json.h"

static const char *const states[] = {
	[HK_DOCTOR_OK] = "ok",
	[HK_DOCTOR_NOTE] = "note",
	[HK_DOCTOR_MISSING] = "missing",
};

/* -- for people ------------------------------------------------------------------------------ */

static void print_finding(const struct hk_doctor_finding *finding, struct hk_str *out) {
	hk_str_add(out, "  ");
	if (finding->state == HK_DOCTOR_MISSING) {
		hk_colour_add_bad(out, states[finding->state]);
		hk_str_add(out, "  ");
	} else {
		hk_str_addf(out, "%-9s", states[finding->state]);
	}
	hk_str_addf(out, "%-26s ", finding->name);
	hk_str_add_escaped(out, finding->text);
	hk_str_add(out, "\n");
	if (finding->repair) {
		hk_str_addf(out, "  %-9s%-26s %s: ", "", "", finding->by_person ? "do" : "as root");
		hk_str_add_escaped(out, finding->repair);
		hk_str_add(out, "\n");
	}
}

static void print_verdict(const struct hk_doctor *doctor, struct hk_str *out) {
	if (doctor->is_root) {
		hk_str_add(out, hk_doctor_works(doctor)
					? "hsu can serve the persons in its list. Programs are "
					  "run by them, never by root.\n"
					: "hsu can serve nobody.\n");
	} else if (hk_doctor_works(doctor)) {
		hk_str_addf(out, "A run works, with the backend %s.\n", doctor->backend->name);
	} else if (doctor->broken) {
		hk_str_add(out, "A run does not work: see what is missing above.\n");
	} else if (strcmp(doctor->wanted, "auto") == 0) {
		hk_str_add(out, "A run does not work: no backend can be used.\n");
	} else {
		hk_str_addf(out, "A run does not work: the backend %s cannot be used.\n",
			doctor->wanted);
	}
}

static void print_text(const struct hk_doctor *doctor, const struct hk_doctor_report *reports,
	size_t count, struct hk_str *out) {
	for (size_t i = 0; i < count; i++) {
		const struct hk_doctor_findings *findings = &reports[i].findings;
		if (findings->count > 0) {
			hk_colour_add_head(out, reports[i].group->title);
			hk_str_add(out, "\n");
		}
		for (size_t j = 0; j < findings->count; j++) {
			print_finding(&findings->items[j], out);
		}
		hk_str_add(out, findings->count > 0 ? "\n" : "");
	}
	print_verdict(doctor, out);
}

/* -- for programs ---------------------------------------------------------------------------- */

static json_t *finding_json(const struct hk_doctor_finding *finding) {
	/* Texts may hold what JSON cannot: an error is cut anywhere, a path has any bytes. */
	HK_AUTO(str) struct hk_str text = {0};
	HK_AUTO(str) struct hk_str repair = {0};
	hk_str_add_escaped(&text, finding->text);
	hk_str_add_escaped(&repair, finding->repair ? finding->repair : "");
	json_t *object = json_pack("{s:s, s:s, s:s}", "name", finding->name, "state",
		states[finding->state], "text", text.text ? text.text : "");
	if (object && finding->repair) {
		(void)json_object_set_new(
			object, "repair", json_string(repair.text ? repair.text : ""));
		(void)json_object_set_new(object, "as_root", json_boolean(!finding->by_person));
	}
	return object;
}

static json_t *report_json(const struct hk_doctor_report *report) {
	json_t *checks = json_array();
	for (size_t i = 0; checks && i < report->findings.count; i++) {
		if (json_array_append_new(checks, finding_json(&report->findings.items[i])) < 0) {
			json_decref(checks);
			return NULL;
		}
	}
	return json_pack("{s:s, s:b, s:o}", "name", report->group->name, "whole", report->whole,
		"checks", checks);
}

static int print_json(const struct hk_doctor *doctor, const struct hk_doctor_report *reports,
	size_t count, struct hk_str *out, struct hk_err *err) {
	json_t *groups = json_array();
	for (size_t i = 0; groups && i < count; i++) {
		if (reports[i].findings.count > 0 &&
			json_array_append_new(groups, report_json(&reports[i])) < 0) {
			json_decref(groups);
			groups = NULL;
		}
	}
	json_t *object =
		groups ? json_pack("{s:b, s:s?, s:o}", "works", hk_doctor_works(doctor), "backend",
				 doctor->backend ? doctor->backend->name : NULL, "groups", groups)
		       : NULL;
	return hk_cli_add_json(out, object, err);
}

int hk_doctor_print(const struct hk_doctor *doctor, const struct hk_doctor_report *reports,
	size_t count, struct hk_err *err) {
	HK_AUTO(str) struct hk_str out = {0};
	if (!doctor->cli->json) {
		print_text(doctor, reports, count, &out);
	} else if (print_json(doctor, reports, count, &out, err) < 0) {
		return err->code;
	}
	return hk_cli_print(&out, err);
}
