/* SPDX-License-Identifier: MIT */
/* test_effect.c: what programs meet under the filters, with nothing in between. */
#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "container/params.h"
#include "container/seccomp/seccomp.h"

/* In a child: ends it with a line that says what did not hold. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			(void)fprintf(stderr, "line %d: not %s (%s)\n", __LINE__, #condition,      \
				strerror(errno));                                                  \
			return 1;                                                                  \
		}                                                                                  \
	} while (0)

#define CHECK_ERROR(call, error) CHECK((call) < 0 && errno == (error))
#define CHECK_LOAD(flags)	 CHECK(hk_filter_load((flags), &(struct hk_err){0}) == 0)

static int loads_twice(void *argument) {
	(void)argument;
	char status[8192] = "";
	CHECK_LOAD(0);
	FILE *file = fopen("/proc/self/status", "re");
	CHECK(file);
	CHECK(fread(status, 1, sizeof(status) - 1, file) > 0);
	CHECK(fclose(file) == 0);
	CHECK(strstr(status, "\nNoNewPrivs:\t1\n"));
	CHECK(strstr(status, "\nSeccomp:\t2\n"));
	CHECK(strstr(status, "\nSeccomp_filters:\t2\n"));
	/* A container in a container, and a shim that has set its own. */
	CHECK_LOAD(HK_FILTER_MULTIARCH);
	CHECK_LOAD(HK_FILTER_COMPAT | HK_FILTER_USERNS);
	return 0;
}

static int does_what_programs_do(void *argument) {
	(void)argument;
	int pair[2];
	CHECK_LOAD(0);
	CHECK(getppid() > 0);
	CHECK_ERROR(close(-1), EBADF);
	CHECK_ERROR(open((const char *)1, O_RDONLY | O_CLOEXEC), EFAULT);
	CHECK_ERROR(fchmod(-1, 0), EBADF);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	CHECK(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0);
	CHECK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0);
	CHECK(personality(PER_LINUX) >= 0);
	/* By clone, as clone3 is not there. */
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		_exit(7);
	}
	int status = 0;
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WEXITSTATUS(status) == 7);
	return 0;
}

static int is_denied_the_rest(void *argument) {
	(void)argument;
	CHECK_LOAD(0);
	CHECK_ERROR(unshare(CLONE_NEWUSER), EPERM);
	CHECK_ERROR(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), EPERM);
	CHECK_ERROR(syscall(SYS_clone3, NULL, 0), ENOSYS);
	CHECK_ERROR(syscall(SYS_mount, NULL, NULL, NULL, 0, NULL), EPERM);
	CHECK_ERROR(syscall(SYS_open_tree, -1, "", 0), ENOSYS);
	CHECK_ERROR(syscall(467, -1, "", 0, NULL, 0), ENOSYS);
	CHECK_ERROR(ptrace(PTRACE_TRACEME, 0, NULL, NULL), EPERM);
	CHECK_ERROR(personality(ADDR_NO_RANDOMIZE), EPERM);
	CHECK_ERROR(syscall(SYS_keyctl, 0, 0, 0, 0, 0), EPERM);
	CHECK_ERROR(chown("/nonexistent", 0, 0), EPERM);
	CHECK_ERROR(setuid(getuid()), EPERM);
	CHECK_ERROR(socket(AF_VSOCK, SOCK_STREAM, 0), EAFNOSUPPORT);
	CHECK_ERROR(socket(AF_ALG, SOCK_SEQPACKET, 0), EAFNOSUPPORT);
	CHECK_ERROR(syscall(SYS_io_uring_setup, 1, NULL), ENOSYS);
	CHECK_ERROR(syscall(SYS_io_uring_enter, -1, 0, 0, 0, NULL, 0), ENOSYS);
	CHECK_ERROR(syscall(SYS_io_uring_register, -1, 0, NULL, 0), ENOSYS);
	return 0;
}

static int is_denied_injection(void *argument) {
	const uint32_t *flags = argument;
	char key = 'x';
	char linux_request = 2;
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(terminal >= 0);
	CHECK_LOAD(*flags);
	CHECK_ERROR(ioctl(terminal, TIOCSTI, &key), EPERM);
	CHECK_ERROR(syscall(SYS_ioctl, terminal, TIOCSTI | (1UL << 32), &key), EPERM);
	CHECK_ERROR(syscall(SYS_ioctl, terminal, TIOCLINUX | (~0UL << 32), &linux_request), EPERM);
	/* Without a filter this is not EPERM: the descriptor is no terminal at all. */
	CHECK_ERROR(syscall(SYS_ioctl, -1, TIOCSTI | (1UL << 63), &key), EPERM);
	CHECK_ERROR(syscall(SYS_ioctl, -1, TIOCGWINSZ, &key), EBADF);
	return 0;
}

static int opens_what_flags_open(void *argument) {
	(void)argument;
	struct io_uring_params params = {0};
	CHECK_LOAD(HK_FILTER_COMPAT | HK_FILTER_USERNS | HK_FILTER_DEVEL | HK_FILTER_BLUETOOTH);
	CHECK_ERROR(syscall(SYS_clone3, NULL, 0), EINVAL);
	CHECK_ERROR(syscall(SYS_open_tree, -1, "x", 0), EBADF);
	CHECK_ERROR(unshare(-1), EINVAL);
	CHECK_ERROR(setns(-1, 0), EBADF);
	CHECK_ERROR(fchown(-1, 0, 0), EBADF);
	CHECK_ERROR(syscall(SYS_perf_event_open, NULL, 0, 0, -1, 0), EFAULT);
	CHECK(personality(0xffffffff) >= 0);
	CHECK(setuid(getuid()) == 0);
	CHECK(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
	long ring = syscall(SYS_io_uring_setup, 1, &params);
	CHECK(ring >= 0 || errno != ENOSYS);
	return 0;
}

static void filters_can_be_loaded_on_top_of_each_other(void **state) {
	(void)state;
	assert_int_equal(run_in_child(loads_twice, NULL), 0);
}

static void ordinary_calls_work(void **state) {
	(void)state;
	assert_int_equal(run_in_child(does_what_programs_do, NULL), 0);
}

static void dangerous_calls_fail(void **state) {
	(void)state;
	assert_int_equal(run_in_child(is_denied_the_rest, NULL), 0);
}

static void terminals_take_no_injection_under_any_preset(void **state) {
	(void)state;
	for (uint32_t flags = 0; flags < HK_FILTER_PRESETS; flags++) {
		assert_int_equal(run_in_child(is_denied_injection, &flags), 0);
	}
}

static void what_a_flag_allows_reaches_the_kernel(void **state) {
	(void)state;
	assert_int_equal(run_in_child(opens_what_flags_open, NULL), 0);
}

static int loads_with_privileges_to_gain(void *argument) {
	(void)argument;
	struct hk_err err = {0};
	CHECK(hk_filter_load(0, &err) == -EACCES);
	CHECK(strstr(err.text, "first system call filter"));
	CHECK(syscall(SYS_keyctl, 0, 0, 0, 0, 0) == 0 || errno != EPERM);
	return 0;
}

static void loading_without_no_new_privs_is_an_error(void **state) {
	(void)state;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0) {
		skip(); /* we ourselves run confined */
	}
	assert_int_equal(run_without_no_new_privs(loads_with_privileges_to_gain, NULL), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_can_be_loaded_on_top_of_each_other),
		cmocka_unit_test(ordinary_calls_work),
		cmocka_unit_test(dangerous_calls_fail),
		cmocka_unit_test(terminals_take_no_injection_under_any_preset),
		cmocka_unit_test(what_a_flag_allows_reaches_the_kernel),
		cmocka_unit_test(loading_without_no_new_privs_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
