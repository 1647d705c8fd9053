/* SPDX-License-Identifier: MIT */
/* err.h: one error as a value of fixed size: an errno and one line of text. */
#ifndef HK_BASE_ERR_H
#define HK_BASE_ERR_H

/* Bytes of text, the final NUL included. A longer text is cut. With the code the value stays
 * below PIPE_BUF, so it crosses a pipe or a packet socket whole. */
#define HK_ERR_TEXT_MAX 2044

/* Valid only after a function has returned a negative number. Needs no memory and no cleanup:
 * usable between clone and exec, and when memory is gone. */
struct hk_err {
	int code; /* negative errno */
	char text[HK_ERR_TEXT_MAX];
};

/*
 * Opens an error about a step that failed: "cannot STEP: CAUSE", where CAUSE is the system's
 * text for code. Returns code, so that callers write `return hk_err_step(err, r, "open '%s'",
 * HK_ESC(path));`. Strings that are not ours go through HK_ESC (base/str.h).
 */
int hk_err_step(struct hk_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Opens an error whose message says everything itself: "identity 10000 out of range". */
int hk_err_say(struct hk_err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "FRAME: " in front of the text, where a new noun appears (path, feature, instance).
 * Returns err->code. */
int hk_err_frame(struct hk_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The error that memory ran out. */
int hk_err_oom(struct hk_err *err);

#endif
