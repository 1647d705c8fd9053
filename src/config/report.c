/* SPDX-License-Identifier: MIT */
#include "config/report.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"

int hk_config_report_keep(const struct hk_config_report *report, const struct hk_place *place,
	enum hk_config_bearing bearing, int code) {
	if (code >= 0 || code == -ENOMEM || !report->findings) {
		return code;
	}
	char where[HK_CONFIG_PLACE_MAX];
	hk_config_place_write(place, where);
	const char *text = report->err->text;
	size_t length = strlen(where);
	if (length > 0 && hk_str_starts(text, where) && hk_str_starts(text + length, ": ")) {
		text += length + 2;
	}
	const struct hk_config_finding finding = {
		.place = where,
		.text = text,
		.bearing = bearing,
	};
	return hk_config_findings_add(report->findings, &finding) < 0 ? hk_err_oom(report->err) : 0;
}

int hk_config_report_say_mount(
	const struct hk_config_report *report, size_t index, const char *problem) {
	return report->findings ? hk_err_say(report->err, -EINVAL, "%s", problem)
				: hk_err_say(report->err, -EINVAL,
					  "invalid filesystem at index %zu: %s", index, problem);
}
