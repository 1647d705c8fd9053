/* SPDX-License-Identifier: MIT */
/* check.c: everything that is wrong with configurations, and what is surely not meant, each with
 * its place in the file. */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/auto.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/named.h"
#include "config/findings.h"
#include "outcome/advice.h"

/* What was found in all of the files. */
struct outcome {
	struct hk_str text;
	json_t *list; /* instead of the text, or NULL */
	bool problems;
	bool failed; /* a file could not be read, which the log says */
};

/* -- how a finding looks ---------------------------------------------------------------------- */

/* FILE:LINE:COLUMN: warning: KEY: TEXT */
static void print_text(
	const char *source, const struct hk_config_finding *finding, struct hk_str *out) {
	hk_str_add_escaped(out, source);
	if (finding->line > 0) {
		hk_str_addf(out, ":%u:%u", finding->line, finding->column);
	}
	hk_str_addf(out, ": %s%s%s%s\n", finding->warning ? "warning: " : "", finding->place,
		finding->place[0] ? ": " : "", finding->text);
}

static int add_json(const char *source, const struct hk_config_finding *finding, json_t *list) {
	/* A name that is no text in UTF-8 is shown as on a terminal. */
	json_t *file = json_string(source);
	file = file ? file : json_string(HK_ESC(source));
	bool known = finding->line > 0;
	return json_array_append_new(
		list, json_pack("{s:o, s:o, s:o, s:s, s:s, s:s}", "file", file, "line",
			      known ? json_integer(finding->line) : json_null(), "column",
			      known ? json_integer(finding->column) : json_null(), "key",
			      finding->place, "severity", finding->warning ? "warning" : "problem",
			      "message", finding->text));
}

static int add_finding(const char *source, const struct hk_config_finding *finding,
	struct outcome *outcome, struct hk_err *err) {
	outcome->problems = outcome->problems || !finding->warning;
	if (!outcome->list) {
		print_text(source, finding, &outcome->text);
		return 0;
	}
	return add_json(source, finding, outcome->list) < 0 ? hk_err_oom(err) : 0;
}

/* Does this key of a part (config/named.h) say what is at the place? */
static bool decides(const char *key, const char *place) {
	size_t length = strlen(key);
	length -= length > 0 && key[length - 1] == '+';
	return strncmp(key, place, length) == 0 && strchr(".[", place[length]);
}

/* The file of a configuration of several that a finding is about; name: nobody knows. */
static const char *file_of(
	const char *name, const struct hk_config_parts *parts, const char *place) {
	const char *file = NULL;
	for (size_t i = 0; i < parts->count; i++) {
		const struct hk_config_part *part = &parts->items[i];
		for (size_t j = 0; j < part->keys.count; j++) {
			if (!decides(part->keys.items[j], place)) {
				continue;
			}
			if (file) {
				return name; /* a list that several add to */
			}
			file = part->path;
		}
	}
	return file ? file : name;
}

/* source: what they are found in; one of several files where there are parts. */
static int add_findings(const char *source, const struct hk_config_parts *parts,
	const struct hk_config_findings *findings, struct outcome *outcome, struct hk_err *err) {
	int r = 0;
	for (size_t i = 0; r >= 0 && i < findings->list.count; i++) {
		const struct hk_config_finding *finding = &findings->list.items[i];
		r = add_finding(file_of(source, parts, finding->place), finding, outcome, err);
	}
	if (r >= 0 && findings->more) {
		struct hk_err text;
		(void)hk_err_say(
			&text, 0, "more than %d; the rest is not shown", HK_CONFIG_FINDINGS_MAX);
		const struct hk_config_finding last = {.place = "", .text = text.text};
		r = add_finding(source, &last, outcome, err);
	}
	return r;
}

/* -- one file --------------------------------------------------------------------------------- */

static int check_file(const char *file, struct hk_config_findings *findings,
	const char **ret_source, struct hk_err *err) {
	HK_AUTO(str) struct hk_str text = {0};
	int r = hk_config_read_text(findings->arena, file, &text, ret_source, err);
	if (r < 0) {
		return r;
	}
	struct hk_config config;
	const char *bytes = text.text ? text.text : "";
	r = hk_config_examine(bytes, text.length, &config, findings, err);
	r = r < 0 ? r : hk_outcome_advise(&config, findings, err);
	return r < 0 ? r : hk_config_findings_locate(findings, bytes, text.length, err);
}

/* A configuration of several files is looked at as a whole. One that is no document has no whole:
 * that error names the file. */
static int check_name(const struct hk_cli *cli, const char *name,
	struct hk_config_findings *findings, struct hk_config_parts *ret_parts,
	struct hk_err *err) {
	struct hk_config config;
	struct hk_err why;
	int r = hk_cli_config_examine(cli, name, findings, &config, ret_parts, &why);
	if (r == -EINVAL) {
		const struct hk_config_finding finding = {.place = "", .text = why.text};
		return hk_config_findings_add(findings, &finding) < 0 ? hk_err_oom(err) : 0;
	}
	if (r < 0) {
		*err = why;
		return r;
	}
	return hk_outcome_advise(&config, findings, err);
}

static int check(
	const struct hk_cli *cli, const char *word, struct outcome *outcome, struct hk_err *err) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_config_findings findings = {.arena = &arena};
	struct hk_config_parts parts = {0};
	const char *source = word;
	int r = hk_config_is_name(word) ? check_name(cli, word, &findings, &parts, err)
					: check_file(word, &findings, &source, err);
	return r < 0 ? r : add_findings(source, &parts, &findings, outcome, err);
}

/* -- all of them ------------------------------------------------------------------------------ */

static int print(struct outcome *outcome, struct hk_err *err) {
	if (outcome->list) {
		int r = hk_cli_add_json(&outcome->text, json_incref(outcome->list), err);
		if (r < 0) {
			return r;
		}
	}
	return hk_cli_print(&outcome->text, err);
}

static int run(
	const struct hk_cli *cli, void *values, int argc, char *const argv[], struct hk_err *err) {
	(void)values; /* it has no options */
	if (argc == 0) {
		return hk_err_say(err, -EINVAL,
			"check needs a configuration: a name, a file, or - for standard input");
	}
	struct outcome outcome = {.list = cli->json ? json_array() : NULL};
	int r = cli->json && !outcome.list ? hk_err_oom(err) : 0;
	for (int i = 0; r >= 0 && i < argc; i++) {
		r = check(cli, argv[i], &outcome, err);
		if (r < 0 && r != -ENOMEM) {
			/* The others may tell more. */
			hk_log_error(cli->log, err);
			outcome.failed = true;
			r = 0;
		}
	}
	r = r < 0 ? r : print(&outcome, err);
	json_decref(outcome.list);
	hk_str_finish(&outcome.text);
	if (r < 0) {
		return r;
	}
	if (outcome.failed) {
		return HK_STATUS_FAILED;
	}
	return outcome.problems ? HK_STATUS_NO : HK_STATUS_OK;
}

const struct hk_command hk_command_check = {
	.name = "check",
	.arguments = "NAME|FILE...",
	.summary = "say all that is wrong with configurations, and what is surely not meant",
	.for_root = true,
	.run = run,
};
