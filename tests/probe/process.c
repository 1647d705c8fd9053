/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SYSCALL_ARGS 6

extern char **environ;

int hk_probe_env(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	hk_probe_answer_begin(json, argv[0], 0);
	hk_json_list(json, "env");
	for (char **variable = environ; *variable; variable++) {
		hk_json_string(json, NULL, *variable);
	}
	hk_json_list_end(json);
	return hk_probe_answer_end(json);
}

int hk_probe_exit(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	(void)hk_probe_answer(json, argv[0], 0);
	_exit(atoi(argv[1]));
}

int hk_probe_kill_self(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	(void)hk_probe_answer(json, argv[0], 0);
	int sig = atoi(argv[1]);
	sigset_t set;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, sig);
	(void)signal(sig, SIG_DFL);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	(void)raise(sig);
	return 2; /* the signal was not one that kills */
}

static void say_pid(struct hk_json *json, const char *name, pid_t pid) {
	hk_probe_answer_begin(json, name, pid < 0 ? errno : 0);
	hk_json_number(json, "pid", pid);
	(void)hk_probe_answer_end(json);
}

int hk_probe_sleep(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	say_pid(json, argv[0], getpid());
	unsigned int left = (unsigned int)atoi(argv[1]);
	while (left > 0) {
		left = sleep(left);
	}
	return 0;
}

int hk_probe_wait(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	(void)hk_probe_answer(json, argv[0], 0);
	char c = '\0';
	ssize_t n;
	do {
		n = read(STDIN_FILENO, &c, 1);
	} while ((n < 0 && errno == EINTR) || (n == 1 && c != '\n'));
	return 0;
}

int hk_probe_fork_linger(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	pid_t pid = fork();
	if (pid == 0) {
		/* A reader of our output waits for its end, not for ours. */
		for (int fd = 0; fd <= 2; fd++) {
			(void)close(fd);
		}
		(void)sleep((unsigned int)atoi(argv[1]));
		_exit(0);
	}
	say_pid(json, argv[0], pid);
	return 0;
}

int hk_probe_ptrace(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	long r = ptrace(PTRACE_SEIZE, (pid_t)atoi(argv[1]), NULL, NULL);
	return hk_probe_answer(json, argv[0], r < 0 ? errno : 0);
}

int hk_probe_setresuid(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	uid_t uid = (uid_t)strtoul(argv[1], NULL, 10);
	/* The call itself: the C library's function may do more. */
	long r = syscall(SYS_setresuid, uid, uid, uid);
	hk_probe_answer_begin(json, argv[0], r < 0 ? errno : 0);
	hk_json_number(json, "uid", getuid());
	return hk_probe_answer_end(json);
}

/* NULL for one that no test is interested in. */
static const char *signal_name(int sig) {
	static const char *const names[] = {
		[SIGALRM] = "ALRM",
		[SIGCHLD] = "CHLD",
		[SIGCONT] = "CONT",
		[SIGHUP] = "HUP",
		[SIGINT] = "INT",
		[SIGPIPE] = "PIPE",
		[SIGQUIT] = "QUIT",
		[SIGTERM] = "TERM",
		[SIGTSTP] = "TSTP",
		[SIGTTIN] = "TTIN",
		[SIGTTOU] = "TTOU",
		[SIGUSR1] = "USR1",
		[SIGUSR2] = "USR2",
		[SIGWINCH] = "WINCH",
	};
	return sig >= 0 && (size_t)sig < sizeof(names) / sizeof(names[0]) ? names[sig] : NULL;
}

int hk_probe_signals(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	sigset_t all;
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	say_pid(json, argv[0], getpid());
	for (;;) {
		siginfo_t info;
		int sig = sigwaitinfo(&all, &info);
		if (sig < 0) {
			continue;
		}
		hk_json_object(json, NULL);
		hk_json_number(json, "number", sig);
		hk_json_string(json, "signal", signal_name(sig));
		hk_json_bool(json, "from_kernel", info.si_code == SI_KERNEL);
		hk_json_number(json, "sender", info.si_code == SI_KERNEL ? 0 : info.si_pid);
		(void)hk_probe_answer_end(json);
		if (sig == SIGTERM) {
			return 0;
		}
	}
}

/* @TEXT is a pointer to TEXT, anything else a number (0x... is hexadecimal). */
static void read_arguments(int argc, char **argv, unsigned long args[SYSCALL_ARGS]) {
	for (int i = 0; i < SYSCALL_ARGS; i++) {
		const char *text = i + 2 < argc ? argv[i + 2] : "0";
		args[i] = text[0] == '@' ? (unsigned long)(text + 1) : strtoul(text, NULL, 0);
	}
}

static int say_result(struct hk_json *json, char **argv, long result, int code) {
	hk_probe_answer_begin(json, argv[0], code);
	hk_json_string(json, "number", argv[1]);
	hk_json_number(json, "result", result);
	return hk_probe_answer_end(json);
}

int hk_probe_syscall(struct hk_json *json, int argc, char **argv) {
	unsigned long a[SYSCALL_ARGS];
	read_arguments(argc, argv, a);
	long number = strtol(argv[1], NULL, 0);
	pid_t self = getpid();
	errno = 0;
	long r = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	int code = r == -1 ? errno : 0;
	if (getpid() != self) {
		_exit(0); /* the call was a fork */
	}
	return say_result(json, argv, r, code);
}

int hk_probe_syscall32(struct hk_json *json, int argc, char **argv) {
#if defined(__x86_64__)
	unsigned long a[SYSCALL_ARGS];
	read_arguments(argc, argv, a);
	long r = strtol(argv[1], NULL, 0);
	/* Five arguments: the sixth is in the frame pointer, which the compiler may need. */
	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 : "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4])
			 : "memory", "r8", "r9", "r10", "r11");
	int result = (int)r;
	int code = result < 0 && result > -4096 ? -result : 0;
	return say_result(json, argv, result, code);
#else
	(void)argc;
	return say_result(json, argv, -1, EOPNOTSUPP);
#endif
}
