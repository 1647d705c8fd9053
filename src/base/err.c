/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void append(struct hk_err *err, const char *text) {
	size_t used = strlen(err->text);
	(void)snprintf(err->text + used, sizeof(err->text) - used, "%s", text);
}

int hk_err_step(struct hk_err *err, int code, const char *fmt, ...) {
	*err = (struct hk_err){.code = code, .text = "cannot "};
	size_t used = strlen(err->text);
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(err->text + used, sizeof(err->text) - used, fmt, args);
	va_end(args);
	append(err, ": ");
	append(err, strerror(-code));
	return code;
}

int hk_err_say(struct hk_err *err, int code, const char *fmt, ...) {
	*err = (struct hk_err){.code = code};
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return code;
}

int hk_err_frame(struct hk_err *err, const char *fmt, ...) {
	char inner[HK_ERR_TEXT_MAX];
	memcpy(inner, err->text, sizeof(inner));
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	append(err, ": ");
	append(err, inner);
	return err->code;
}

int hk_err_oom(struct hk_err *err) {
	return hk_err_say(err, -ENOMEM, "out of memory");
}
