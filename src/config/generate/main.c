/* SPDX-License-Identifier: MIT */
/* main.c: config-generate schema, or manual with the template on standard input. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/log.h"
#include "config/generate/generate.h"

static int read_template(struct hk_str *ret_text, struct hk_err *err) {
	char buffer[4096];
	size_t n;
	while ((n = fread(buffer, 1, sizeof(buffer), stdin)) > 0) {
		hk_str_add_bytes(ret_text, buffer, n);
	}
	if (ferror(stdin)) {
		return hk_err_step(err, -EIO, "read the template");
	}
	return ret_text->failed ? hk_err_oom(err) : 0;
}

static int generate(const char *what, struct hk_str *out, struct hk_err *err) {
	if (strcmp(what, "schema") == 0) {
		return hk_generate_schema(out, err);
	}
	if (strcmp(what, "manual") != 0) {
		return hk_err_say(
			err, -EINVAL, "usage: config-generate schema, or manual <TEMPLATE");
	}
	HK_AUTO(str) struct hk_str template = {0};
	int r = read_template(&template, err);
	return r < 0 ? r : hk_generate_manual(template.text ? template.text : "", out, err);
}

int main(int argc, char *argv[]) {
	struct hk_log log = {.name = "config-generate"};
	struct hk_err err;
	HK_AUTO(str) struct hk_str out = {0};
	int r = generate(argc == 2 ? argv[1] : "", &out, &err);
	if (r >= 0 && out.text &&
		(fwrite(out.text, 1, out.length, stdout) != out.length || fflush(stdout) != 0)) {
		r = hk_err_step(&err, -EIO, "write");
	}
	if (r < 0) {
		hk_log_error(&log, &err);
		return 1;
	}
	return 0;
}
