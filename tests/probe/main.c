/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

struct row {
	const char *name;
	const char *arguments;
	int least; /* arguments */
	int most;
	hk_probe_command *run;
	const char *does;
};

#define ANY INT_MAX

/* clang-format off */
static const struct row rows[] = {
	{"facts", "[PATH...]", 0, ANY, hk_probe_facts, "everything about this process; whether each PATH can be read"},
	{"connect", "PATH", 1, 1, hk_probe_connect, "connect to a unix socket"},
	{"connect-abstract", "NAME", 1, 1, hk_probe_connect_abstract, "connect to an abstract unix socket"},
	{"env", "", 0, 0, hk_probe_env, "the environment"},
	{"exit", "N", 1, 1, hk_probe_exit, "exit with a status"},
	{"fork-linger", "SECONDS", 1, 1, hk_probe_fork_linger, "exit, and leave a child that sleeps"},
	{"kill-self", "SIGNAL", 1, 1, hk_probe_kill_self, "die by a signal (a number)"},
	{"ls", "PATH", 1, 1, hk_probe_ls, "the names in a directory"},
	{"mkdir", "PATH", 1, 1, hk_probe_mkdir, "make a directory"},
	{"ptrace", "PID", 1, 1, hk_probe_ptrace, "seize a process"},
	{"read", "PATH", 1, 1, hk_probe_read, "the content of a file"},
	{"readlink", "PATH", 1, 1, hk_probe_readlink, "the text of a symbolic link"},
	{"remove", "PATH", 1, 1, hk_probe_remove, "remove a file or an empty directory"},
	{"setresuid", "UID", 1, 1, hk_probe_setresuid, "become another user"},
	{"signals", "", 0, 0, hk_probe_signals, "a line for each signal received, until SIGTERM"},
	{"sleep", "SECONDS", 1, 1, hk_probe_sleep, "say the pid, then sleep"},
	{"stat", "PATH", 1, 1, hk_probe_stat, "what a path is (links are not followed)"},
	{"symlink", "TEXT PATH", 2, 2, hk_probe_symlink, "make a symbolic link"},
	{"syscall", "NUMBER [ARG...]", 1, 7, hk_probe_syscall, "a system call; ARG is a number, or @TEXT for a pointer to it"},
	{"syscall32", "NUMBER [ARG...]", 1, 7, hk_probe_syscall32, "the same through the 32-bit entry"},
	{"tty", "", 0, 0, hk_probe_tty, "what can be done to descriptors 0, 1 and 2"},
	{"wait", "", 0, 0, hk_probe_wait, "say so, then wait for a line of standard input, or its end"},
	{"write", "PATH TEXT", 2, 2, hk_probe_write, "create or overwrite a file"},
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static int help(FILE *out, int status) {
	(void)fprintf(out, "usage: hk-probe COMMAND [ARGUMENT...] [-- COMMAND [ARGUMENT...]]...\n"
			   "Prints one line of JSON a command.\n\n");
	for (size_t i = 0; i < ROWS; i++) {
		char call[64];
		(void)snprintf(call, sizeof(call), "%s %s", rows[i].name, rows[i].arguments);
		(void)fprintf(out, "  %-24s %s\n", call, rows[i].does);
	}
	return status;
}

static int run_one(int argc, char **argv) {
	for (size_t i = 0; argc > 0 && i < ROWS; i++) {
		if (strcmp(rows[i].name, argv[0]) != 0) {
			continue;
		}
		if (argc - 1 < rows[i].least || argc - 1 > rows[i].most) {
			break;
		}
		struct hk_json json = {.comma = false};
		return rows[i].run(&json, argc, argv);
	}
	return help(stderr, 2);
}

int main(int argc, char **argv) {
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		return help(stdout, 0);
	}
	int status = 0;
	int first = argc > 0 ? 1 : 0;
	do {
		int last = first;
		while (last < argc && strcmp(argv[last], "--") != 0) {
			last++;
		}
		status = run_one(last - first, argv + first);
		first = last + 1;
	} while (status == 0 && first < argc);
	return status;
}

void hk_probe_answer_begin(struct hk_json *json, const char *name, int code) {
	hk_json_object(json, NULL);
	hk_json_string(json, "command", name);
	hk_json_bool(json, "ok", code == 0);
	hk_json_errno(json, "errno", code);
}

int hk_probe_answer_end(struct hk_json *json) {
	hk_json_object_end(json);
	hk_json_line_end(json);
	return 0;
}

int hk_probe_answer(struct hk_json *json, const char *name, int code) {
	hk_probe_answer_begin(json, name, code);
	return hk_probe_answer_end(json);
}
