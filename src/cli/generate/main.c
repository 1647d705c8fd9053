/* SPDX-License-Identifier: MIT */
/* main.c: cli-generate bash|fish|zsh|manual: fills the template from standard input. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/log.h"
#include "cli/generate/generate.h"

static const struct {
	const char *name;
	const struct hk_pieces *pieces;
} shells[] = {
	{"bash", &hk_pieces_bash},
	{"fish", &hk_pieces_fish},
	{"zsh", &hk_pieces_zsh},
};

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
	HK_AUTO(str) struct hk_str template = {0};
	int r = read_template(&template, err);
	if (r < 0) {
		return r;
	}
	const char *text = template.text ? template.text : "";
	if (strcmp(what, "manual") == 0) {
		return hk_generate_manual(text, out, err);
	}
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(what, shells[i].name) == 0) {
			return hk_generate_fill(text, shells[i].pieces, NULL, out, err);
		}
	}
	return hk_err_say(err, -EINVAL, "usage: cli-generate bash|fish|zsh|manual <TEMPLATE");
}

int main(int argc, char *argv[]) {
	struct hk_log log = {.name = "cli-generate"};
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
