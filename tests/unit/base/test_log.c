/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "cmocka_all.h"
#include "no_memory.h"

#define CAUGHT_MAX (4 * HK_LOG_KEPT_MAX)

/* Descriptor 2 while a test looks at what goes there. */
struct catcher {
	FILE *file;
	int stderr_fd;
	char *text;
};

static void catch (struct catcher *catcher) {
	catcher->file = tmpfile();
	assert_non_null(catcher->file);
	catcher->stderr_fd = dup(STDERR_FILENO);
	assert_true(dup2(fileno(catcher->file), STDERR_FILENO) >= 0);
}

/* Gives descriptor 2 back and returns what was written. */
static const char *caught(struct catcher *catcher) {
	assert_true(dup2(catcher->stderr_fd, STDERR_FILENO) >= 0);
	(void)close(catcher->stderr_fd);
	catcher->text = test_calloc(1, CAUGHT_MAX);
	rewind(catcher->file);
	size_t length = fread(catcher->text, 1, CAUGHT_MAX - 1, catcher->file);
	assert_true(length < CAUGHT_MAX - 1);
	(void)fclose(catcher->file);
	return catcher->text;
}

static int memory_back(void **state) {
	(void)state;
	hk_test_memory_back();
	return 0;
}

static void every_line_starts_with_the_name_of_the_program(void **state) {
	(void)state;
	struct hk_log log = {.name = "hakurei"};
	struct hk_err err;
	(void)hk_err_say(&err, -EINVAL, "no");
	struct catcher catcher;
	catch (&catcher);
	hk_log_line(&log, "%d lines", 2);
	hk_log_warning(&log, "x11 gives away %s", "everything");
	hk_log_error(&log, &err);
	assert_string_equal(caught(&catcher), "hakurei: 2 lines\n"
					      "hakurei: warning: x11 gives away everything\n"
					      "hakurei: no\n");
	test_free(catcher.text);
}

static void a_percent_sign_in_an_error_is_only_text(void **state) {
	(void)state;
	struct hk_log log = {.name = "hakurei"};
	struct hk_err err;
	(void)hk_err_say(&err, -EINVAL, "%s", "100%n%s");
	struct catcher catcher;
	catch (&catcher);
	hk_log_error(&log, &err);
	assert_string_equal(caught(&catcher), "hakurei: 100%n%s\n");
	test_free(catcher.text);
}

static bool yes(void) {
	return true;
}

static void errors_and_warnings_have_a_colour_where_colours_are_wanted(void **state) {
	(void)state;
	struct hk_log log = {.name = "a", .is_coloured = yes};
	struct hk_err err;
	(void)hk_err_say(&err, -EINVAL, "no");
	struct catcher catcher;
	catch (&catcher);
	hk_log_line(&log, "plain");
	hk_log_warning(&log, "care");
	hk_log_error(&log, &err);
	assert_string_equal(caught(&catcher), "a: plain\n"
					      "a: \33[33mwarning: \33[mcare\n"
					      "\33[31ma:\33[m no\n");
	test_free(catcher.text);
}

static void verbose_lines_are_shown_only_if_wanted(void **state) {
	(void)state;
	struct hk_log log = {.name = "a"};
	struct catcher catcher;
	catch (&catcher);
	hk_log_verbose(&log, "hidden");
	log.verbose = true;
	hk_log_verbose(&log, "shown");
	hk_log_verbose(NULL, "nobody listens");
	assert_string_equal(caught(&catcher), "a: shown\n");
	test_free(catcher.text);
}

static void a_line_that_is_too_long_is_cut_and_still_ends(void **state) {
	(void)state;
	struct hk_log log = {.name = "a"};
	struct catcher catcher;
	catch (&catcher);
	hk_log_line(&log, "%9000d", 7);
	hk_log_line(&log, "next");
	const char *text = caught(&catcher);
	const char *end = strchr(text, '\n');
	assert_non_null(end);
	assert_int_equal(end - text, 4094);
	assert_string_equal(end, "\na: next\n");
	test_free(catcher.text);
}

static void held_lines_come_in_order_when_they_are_released(void **state) {
	(void)state;
	struct hk_log log = {.name = "a"};
	struct catcher catcher;
	catch (&catcher);
	hk_log_hold(&log);
	hk_log_line(&log, "first");
	hk_log_warning(&log, "second");
	assert_int_equal(lseek(STDERR_FILENO, 0, SEEK_CUR), 0);
	hk_log_release(&log);
	hk_log_line(&log, "third");
	hk_log_release(&log); /* nothing is held: nothing happens */
	assert_string_equal(caught(&catcher), "a: first\na: warning: second\na: third\n");
	test_free(catcher.text);
	assert_null(log.kept.text);
}

static void lines_over_the_limit_are_counted(void **state) {
	(void)state;
	struct hk_log log = {.name = "a"};
	struct catcher catcher;
	catch (&catcher);
	hk_log_hold(&log);
	const unsigned int each = 1024; /* bytes of a line with its name and end */
	const unsigned int lines = HK_LOG_KEPT_MAX / each;
	for (unsigned int i = 0; i < lines + 3; i++) {
		hk_log_line(&log, "%1020d", 1);
	}
	hk_log_release(&log);
	const char *text = caught(&catcher);
	assert_string_equal(text + (size_t)lines * each, "a: 3 more lines were dropped\n");
	test_free(catcher.text);
}

static void lines_that_found_no_memory_are_counted(void **state) {
	(void)state;
	struct hk_log log = {.name = "a"};
	struct catcher catcher;
	catch (&catcher);
	hk_log_hold(&log);
	hk_test_memory_runs_out_after(0);
	hk_log_line(&log, "lost");
	hk_log_line(&log, "lost too");
	hk_test_memory_back();
	hk_log_release(&log);
	hk_log_line(&log, "back");
	assert_string_equal(caught(&catcher), "a: 2 more lines were dropped\na: back\n");
	test_free(catcher.text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_starts_with_the_name_of_the_program),
		cmocka_unit_test(a_percent_sign_in_an_error_is_only_text),
		cmocka_unit_test(errors_and_warnings_have_a_colour_where_colours_are_wanted),
		cmocka_unit_test(verbose_lines_are_shown_only_if_wanted),
		cmocka_unit_test(a_line_that_is_too_long_is_cut_and_still_ends),
		cmocka_unit_test(held_lines_come_in_order_when_they_are_released),
		cmocka_unit_test(lines_over_the_limit_are_counted),
		cmocka_unit_test_teardown(lines_that_found_no_memory_are_counted, memory_back),
	};
	return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
