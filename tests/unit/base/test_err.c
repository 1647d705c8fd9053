/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "cmocka_all.h"

static void a_step_says_what_failed_and_why(void **state) {
	(void)state;
	struct hk_err err;
	assert_int_equal(hk_err_step(&err, -ENOENT, "open '%s'", "/a"), -ENOENT);
	assert_int_equal(err.code, -ENOENT);
	assert_string_equal(err.text, "cannot open '/a': No such file or directory");
}

static void a_message_stands_for_itself(void **state) {
	(void)state;
	struct hk_err err;
	assert_int_equal(hk_err_say(&err, -ERANGE, "identity %d out of range", 10000), -ERANGE);
	assert_int_equal(err.code, -ERANGE);
	assert_string_equal(err.text, "identity 10000 out of range");
}

static void frames_read_from_the_outside_in(void **state) {
	(void)state;
	struct hk_err err;
	(void)hk_err_say(&err, -EINVAL, "not an absolute path");
	assert_int_equal(hk_err_frame(&err, "filesystem[%d]", 3), -EINVAL);
	assert_int_equal(hk_err_frame(&err, "container"), -EINVAL);
	assert_string_equal(err.text, "container: filesystem[3]: not an absolute path");
}

static void a_new_error_forgets_the_one_before(void **state) {
	(void)state;
	struct hk_err err;
	(void)hk_err_say(&err, -EINVAL, "something long that was said before");
	(void)hk_err_say(&err, -EPERM, "no");
	assert_string_equal(err.text, "no");
	assert_int_equal(err.code, -EPERM);
	assert_int_equal(err.text[sizeof(err.text) - 1], '\0');
}

static void a_text_that_is_too_long_is_cut_and_terminated(void **state) {
	(void)state;
	char text[HK_ERR_TEXT_MAX * 2];
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	struct hk_err err;
	(void)hk_err_say(&err, -EINVAL, "%s", text);
	assert_int_equal(strlen(err.text), HK_ERR_TEXT_MAX - 1);
	(void)hk_err_frame(&err, "frame");
	assert_int_equal(strlen(err.text), HK_ERR_TEXT_MAX - 1);
	assert_memory_equal(err.text, "frame: xx", 9);
	(void)hk_err_step(&err, -EINVAL, "%s", text);
	assert_int_equal(strlen(err.text), HK_ERR_TEXT_MAX - 1);
	(void)hk_err_frame(&err, "%s", text);
	assert_int_equal(strlen(err.text), HK_ERR_TEXT_MAX - 1);
}

static void an_error_crosses_a_pipe_in_one_piece(void **state) {
	(void)state;
	assert_true(sizeof(struct hk_err) <= PIPE_BUF);
	/* No padding and no pointer: the bytes are the value. */
	assert_int_equal(sizeof(struct hk_err), sizeof(int) + HK_ERR_TEXT_MAX);
}

static void running_out_of_memory_needs_no_memory_to_say(void **state) {
	(void)state;
	struct hk_err err;
	assert_int_equal(hk_err_oom(&err), -ENOMEM);
	assert_string_equal(err.text, "out of memory");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_says_what_failed_and_why),
		cmocka_unit_test(a_message_stands_for_itself),
		cmocka_unit_test(frames_read_from_the_outside_in),
		cmocka_unit_test(a_new_error_forgets_the_one_before),
		cmocka_unit_test(a_text_that_is_too_long_is_cut_and_terminated),
		cmocka_unit_test(an_error_crosses_a_pipe_in_one_piece),
		cmocka_unit_test(running_out_of_memory_needs_no_memory_to_say),
	};
	return cmocka_run_group_tests_name("base/err", tests, NULL, NULL);
}
