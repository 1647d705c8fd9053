/* SPDX-License-Identifier: MIT */
/* examine.c: the reader and the validator, as at a start, but with a list to put problems on. */
#include <errno.h>
#include <string.h>

#include "base/auto.h"
#include "base/str.h"
#include "config/document.h"
#include "config/findings.h"
#include "config/reader.h"
#include "config/validate.h"

/* Says a problem of the text, which has no place but a line. */
static int add_syntax(struct hk_config_findings *findings, const json_error_t *error,
	const struct hk_err *why, struct hk_err *err) {
	const struct hk_config_finding finding = {
		.place = "",
		.text = why->text,
		.bearing = HK_CONFIG_SPOILS,
		.line = error->line > 0 ? (unsigned int)error->line : 1,
		.column = error->column > 0 ? (unsigned int)error->column : 1,
	};
	return hk_config_findings_add(findings, &finding) < 0 ? hk_err_oom(err) : 0;
}

int hk_config_examine(const char *text, size_t size, struct hk_config *ret_config,
	struct hk_config_findings *findings, struct hk_err *err) {
	HK_AUTO(json) json_t *root = NULL;
	struct hk_config config = {0};
	json_error_t error = {.line = 0};
	struct hk_err why;
	int r = hk_config_document_look(findings->arena, text, size, &root, &error, &why);
	if (r == -ENOMEM) {
		return hk_err_oom(err);
	}
	if (r < 0) {
		*ret_config = config;
		return add_syntax(findings, &error, &why, err);
	}
	struct hk_err scratch = {0}; /* what is on the list does not fail */
	const struct hk_config_report report = {.findings = findings, .err = &scratch};
	bool nested = false;
	r = hk_config_reader_run(findings->arena, root, &report, &config, &nested);
	r = r < 0 ? r : hk_config_validate_all(&report, nested, &config);
	if (r < 0) {
		*err = scratch;
		return r;
	}
	*ret_config = config;
	return 0;
}
