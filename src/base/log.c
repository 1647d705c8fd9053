/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/colour.h"

#define LINE_MAX_BYTES 4096

/* One write a line, so that lines of several processes do not mix. */
static void put(struct hk_log *log, const char *line, size_t length) {
	if (log->held) {
		bool fits = log->kept.length + length <= HK_LOG_KEPT_MAX;
		if (fits) {
			hk_str_add_bytes(&log->kept, line, length);
		}
		if (!fits || log->kept.failed) {
			log->dropped++; /* once memory was short, nothing more is added */
		}
		return;
	}
	while (length > 0) {
		ssize_t n = write(STDERR_FILENO, line, length);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return; /* there is nowhere left to complain to */
		}
		line += n;
		length -= (size_t)n;
	}
}

struct style {
	const char *name; /* colour of the program's name; "" for none */
	const char *prefix_colour;
	const char *prefix;
};

static const struct style plain = {"", "", ""};
static const struct style error = {HK_COLOUR_RED, "", ""};
static const struct style warning = {"", HK_COLOUR_YELLOW, "warning: "};

/* "NAME: PREFIX", and how many bytes that is. */
static int start(const struct hk_log *log, const struct style *style, char line[LINE_MAX_BYTES]) {
	bool coloured = log->is_coloured && log->is_coloured();
	const char *name = coloured ? style->name : "";
	const char *prefix = coloured ? style->prefix_colour : "";
	return snprintf(line, LINE_MAX_BYTES, "%s%s:%s %s%s%s", name, log->name,
		name[0] ? HK_COLOUR_END : "", prefix, style->prefix,
		prefix[0] ? HK_COLOUR_END : "");
}

__attribute__((format(printf, 3, 0))) static void say(
	struct hk_log *log, const struct style *style, const char *fmt, va_list args) {
	char line[LINE_MAX_BYTES];
	int used = start(log, style, line);
	if (used < 0 || (size_t)used >= sizeof(line)) {
		return;
	}
	size_t room = sizeof(line) - (size_t)used;
	int more = vsnprintf(line + used, room, fmt, args);
	if (more < 0) {
		return;
	}
	size_t length = (size_t)used + ((size_t)more < room ? (size_t)more : room - 1);
	if (length > sizeof(line) - 2) {
		length = sizeof(line) - 2;
	}
	line[length++] = '\n';
	put(log, line, length);
}

void hk_log_line(struct hk_log *log, const char *fmt, ...) {
	va_list args;
	va_start(args, fmt);
	say(log, &plain, fmt, args);
	va_end(args);
}

__attribute__((format(printf, 3, 4))) static void say_it(
	struct hk_log *log, const struct style *style, const char *fmt, ...) {
	va_list args;
	va_start(args, fmt);
	say(log, style, fmt, args);
	va_end(args);
}

void hk_log_error(struct hk_log *log, const struct hk_err *err) {
	say_it(log, &error, "%s", err->text);
}

void hk_log_warning(struct hk_log *log, const char *fmt, ...) {
	va_list args;
	va_start(args, fmt);
	say(log, &warning, fmt, args);
	va_end(args);
}

void hk_log_verbose(struct hk_log *log, const char *fmt, ...) {
	if (!log || !log->verbose) {
		return;
	}
	va_list args;
	va_start(args, fmt);
	say(log, &plain, fmt, args);
	va_end(args);
}

void hk_log_hold(struct hk_log *log) {
	log->held = true;
}

void hk_log_release(struct hk_log *log) {
	if (!log->held) {
		return;
	}
	log->held = false;
	if (log->kept.length > 0) {
		put(log, log->kept.text, log->kept.length);
	}
	hk_str_finish(&log->kept);
	if (log->dropped > 0) {
		hk_log_line(log, "%u more lines were dropped", log->dropped);
		log->dropped = 0;
	}
}
