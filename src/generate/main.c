/* SPDX-License-Identifier: MIT */
/* main.c: generate TEXT: prints it, made of the template on standard input if it has one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/log.h"
#include "generate/generate.h"

/* Each is made by what it has of the three. */
static const struct {
	const char *name;
	const struct hk_pieces *pieces;
	int (*fill)(const char *template, struct hk_str *out, struct hk_err *err);
	int (*make)(struct hk_str *out, struct hk_err *err); /* takes no template */
} texts[] = {
	{.name = "bash", .pieces = &hk_pieces_bash},
	{.name = "config-manual", .pieces = &hk_pieces_config},
	{.name = "config-schema", .make = hk_generate_schema},
	{.name = "fish", .pieces = &hk_pieces_fish},
	{.name = "manual", .fill = hk_generate_manual},
	{.name = "zsh", .pieces = &hk_pieces_zsh},
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

static int generate(size_t text, struct hk_str *out, struct hk_err *err) {
	if (texts[text].make) {
		return texts[text].make(out, err);
	}
	HK_AUTO(str) struct hk_str input = {0};
	int r = read_template(&input, err);
	if (r < 0) {
		return r;
	}
	const char *template = input.text ? input.text : "";
	return texts[text].fill ? texts[text].fill(template, out, err)
				: hk_generate_fill(template, texts[text].pieces, NULL, out, err);
}

static int generate_named(const char *name, struct hk_str *out, struct hk_err *err) {
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(name, texts[i].name) == 0) {
			return generate(i, out, err);
		}
	}
	return hk_err_say(err, -EINVAL, "there is no text '%s'", HK_ESC(name));
}

int main(int argc, char *argv[]) {
	struct hk_log log = {.name = "generate"};
	struct hk_err err;
	HK_AUTO(str) struct hk_str out = {0};
	int r = generate_named(argc == 2 ? argv[1] : "", &out, &err);
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
