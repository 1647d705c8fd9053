/* SPDX-License-Identifier: MIT */
/*
 * filters PID...: the system call filters of each process, as the kernel has them: a line a
 * process, on it each filter's bytes as hexadecimal digits, the oldest first. Only root may ask,
 * and the process stops meanwhile.
 */
#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>

static void print_filter(const struct sock_filter *code, long count) {
	const unsigned char *bytes = (const unsigned char *)code;
	for (size_t i = 0; i < (size_t)count * sizeof(*code); i++) {
		printf("%02x", bytes[i]);
	}
}

static void print_filters(pid_t pid) {
	static struct sock_filter code[BPF_MAXINSNS];
	int status;
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0 ||
		ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) != 0 ||
		waitpid(pid, &status, __WALL) != pid) {
		err(1, "stop %d", pid);
	}
	for (long i = 0;; i++) {
		long count = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, (void *)i, code);
		if (count < 0 && errno != ENOENT) {
			err(1, "filter %ld of %d", i, pid);
		}
		if (count < 0) {
			break;
		}
		printf("%s", i > 0 ? " " : "");
		print_filter(code, count);
	}
	printf("\n");
	if (ptrace(PTRACE_DETACH, pid, NULL, NULL) != 0) {
		err(1, "let %d go on", pid);
	}
}

int main(int argc, char **argv) {
	for (int i = 1; i < argc; i++) {
		print_filters(atoi(argv[i]));
	}
	return 0;
}
