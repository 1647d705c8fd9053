/* SPDX-License-Identifier: MIT */
/* test_outcome.c: what is heard of an init that is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "container/container.h"
#include "container/report.h"

/* An init that says something or nothing, is told something that it does not read, and ends. */
static int outcome_of(const struct hk_report *said, int *ret_status, bool *ret_last) {
	int pair[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	struct hk_container container = {.pidfd = -1, .control = pair[0]};
	if (said) {
		assert_int_equal(send(pair[1], said, sizeof(*said), 0), sizeof(*said));
	}
	hk_container_cancel(&container);
	assert_int_equal(close(pair[1]), 0);
	int r = hk_container_outcome(&container, ret_status, ret_last);
	assert_int_equal(close(pair[0]), 0);
	return r;
}

static void test_a_report_outlives_an_init_that_left_something_unread(void **state) {
	(void)state;
	struct hk_report said = {.kind = HK_REPORT_ENDED, .status = 0x700};
	int status = -1;
	bool last = true;
	assert_int_equal(outcome_of(&said, &status, &last), 1);
	assert_int_equal(status, 0x700);
	assert_false(last);
	said.last = true;
	assert_int_equal(outcome_of(&said, &status, &last), 1);
	assert_true(last);
}

static void test_an_init_that_said_nothing_has_no_outcome(void **state) {
	(void)state;
	int status = -1;
	bool last = false;
	assert_int_equal(outcome_of(NULL, &status, &last), 0);
	assert_int_equal(status, -1);
	assert_false(last);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_report_outlives_an_init_that_left_something_unread),
		cmocka_unit_test(test_an_init_that_said_nothing_has_no_outcome),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
