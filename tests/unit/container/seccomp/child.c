/* SPDX-License-Identifier: MIT */
#include "child.h"

#include <grp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY		65534
#define STATUS_NO_CHILD 99

static bool drop_privileges(void) {
	static const int caught_by_cmocka[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGSYS};
	struct rlimit none = {0};
	for (size_t i = 0; i < sizeof(caught_by_cmocka) / sizeof(caught_by_cmocka[0]); i++) {
		(void)signal(caught_by_cmocka[i], SIG_DFL); /* a right number cannot fail */
	}
	if (setrlimit(RLIMIT_CORE, &none) < 0) {
		return false;
	}
	if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
				      setresuid(NOBODY, NOBODY, NOBODY) < 0)) {
		return false;
	}
	return true;
}

static int run_confined(bool no_new_privs, int (*run)(void *argument), void *argument) {
	pid_t pid = fork();
	if (pid == 0) {
		bool ready = drop_privileges() &&
			     (!no_new_privs || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
		_exit(ready ? run(argument) : STATUS_NO_CHILD);
	}
	int status = STATUS_NO_CHILD << 8;
	if (pid > 0) {
		(void)waitpid(pid, &status, 0);
	}
	return status;
}

int run_in_child(int (*run)(void *argument), void *argument) {
	return run_confined(true, run, argument);
}

int run_without_no_new_privs(int (*run)(void *argument), void *argument) {
	return run_confined(false, run, argument);
}

int call_32bit(uint32_t number, uint32_t a, uint32_t b) {
	int result;
	/* The kernel clears r8 to r11 on this way in. */
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(0), "S"(0), "D"(0)
			 : "r8", "r9", "r10", "r11", "memory", "cc");
	return result;
}

static int ask_pid(void *argument) {
	(void)argument;
	return call_32bit(20, 0, 0) == getpid() ? 0 : 1;
}

bool has_32bit_calls(void) {
	return run_in_child(ask_pid, NULL) == 0;
}
