/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../base/cmocka_all.h"
#include "monitor/run.h"
#include "sys/sys.h"

/* A run whose shim has the plan and reads no more, and a signal that asks for the end. */
struct stuck {
	struct hk_log log;
	struct hk_run run;
	int theirs;
};

static void fill(int socket) {
	char bytes[4096] = {0};
	size_t size = sizeof(bytes);
	while (size > 0) {
		size = hk_sys_send(socket, bytes, size, MSG_DONTWAIT) < 0 ? size / 2 : size;
	}
}

static void make_stuck(struct stuck *stuck) {
	sigset_t set;
	int pair[2];
	*stuck = (struct stuck){.log = {.name = "test"}};
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	assert_return_code(hk_sys_sigmask(SIG_BLOCK, &set, NULL), 0);
	assert_return_code(hk_sys_socketpair(SOCK_STREAM, pair), 0);
	stuck->theirs = pair[1];
	stuck->run = (struct hk_run){
		.log = &stuck->log,
		.shim = {.pidfd = -1},
		.signals = hk_sys_signalfd(&set),
		.served = true,
	};
	struct hk_err err;
	assert_return_code(hk_channel_init(&stuck->run.shim.channel, pair[0], 64, false, &err), 0);
	fill(pair[0]);
	assert_return_code(hk_sys_kill(getpid(), SIGTERM), 0);
}

static void a_shim_that_does_not_read_is_killed_and_that_is_the_outcome(void **state) {
	(void)state;
	struct stuck stuck;
	struct hk_message message;
	struct hk_err err;
	make_stuck(&stuck);
	assert_int_equal(hk_run_await(&stuck.run, &message, &err), -ECANCELED);
	assert_true(stuck.run.said);
	assert_int_equal(stuck.run.result.end, HK_MONITOR_KILLED);
	assert_int_equal(stuck.run.result.value, SIGKILL);
	/* Hung up, which is what kills the container. */
	char byte;
	while (hk_sys_read(stuck.theirs, &byte, 1) > 0) {
	}
	assert_int_equal(hk_sys_read(stuck.theirs, &byte, 1), 0);
	hk_channel_finish(&stuck.run.shim.channel);
	(void)close(stuck.theirs);
	(void)close(stuck.run.signals);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shim_that_does_not_read_is_killed_and_that_is_the_outcome),
	};
	return cmocka_run_group_tests_name("monitor/wait", tests, NULL, NULL);
}
