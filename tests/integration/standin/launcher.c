/* SPDX-License-Identifier: MIT */
/*
 * launcher: stands where hakurei is installed, and calls hsu in the ways that the tests of hsu
 * want. Its arguments are steps, done in order:
 *
 *	set NAME VALUE, clear	one variable; all of them
 *	channel N		a local stream socketpair, one end on descriptor N
 *	pair TYPE N		the same with another type (2 datagram, 5 seqpacket)
 *	tcp N, pipe N, file N PATH	other things on descriptor N
 *	close N
 *	limit RESOURCE VALUE	soft and hard
 *	umask MODE, directory PATH, nnp
 *	ignore, block		every signal
 *	timers SECONDS		all three
 *	full N			descriptor N becomes a pipe that is full
 *	wait			until a byte comes on descriptor 0
 *	fork			the rest happens in a child; what comes through the channel is
 *				printed, and its status becomes ours
 *	traced			the parent of the last fork traces us from here
 *	exec PATH [ARGS], bare PATH	the end; bare: without any argument, not even a name
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUR_END 700 /* of the channel */

static void must(bool fine, const char *what) {
	if (!fine) {
		err(99, "launcher: %s", what);
	}
}

static void move_to(int fd, int number) {
	if (fd != number) {
		must(dup2(fd, number) == number, "dup2");
		close(fd);
	}
}

static void make_pair(int type, int number) {
	int pair[2];
	must(socketpair(AF_UNIX, type, 0, pair) == 0, "socketpair");
	must(fcntl(pair[1], F_DUPFD_CLOEXEC, OUR_END) == OUR_END, "F_DUPFD");
	close(pair[1]);
	move_to(pair[0], number);
}

static void make_full_pipe(int number) {
	int ends[2];
	must(pipe(ends) == 0, "pipe");
	/* The reading end stays open here, or the writer would be told that nobody listens. */
	must(fcntl(ends[0], F_DUPFD, OUR_END + 1) > 0, "F_DUPFD");
	close(ends[0]);
	must(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0, "F_SETFL");
	char bytes[4096] = {0};
	while (write(ends[1], bytes, sizeof(bytes)) > 0) {
	}
	while (write(ends[1], bytes, 1) > 0) {
	}
	must(fcntl(ends[1], F_SETFL, 0) == 0, "F_SETFL");
	move_to(ends[1], number);
}

static void set_timers(long seconds) {
	const int timers[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
	for (size_t i = 0; i < 3; i++) {
		struct itimerval value = {.it_value = {.tv_sec = seconds}};
		must(setitimer(timers[i], &value, NULL) == 0, "setitimer");
	}
}

static void spoil_signals(bool block) {
	/* The kernel's calls, because libc keeps signals 32 and 33 to itself. */
	unsigned long all = ~0UL;
	if (block) {
		must(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, 8) == 0, "block");
		return;
	}
	struct {
		void (*handler)(int);
		unsigned long flags;
		void *restorer;
		unsigned long mask;
	} action = {.handler = SIG_IGN};
	for (int sig = 1; sig < 65; sig++) {
		if (sig != SIGKILL && sig != SIGSTOP) {
			must(syscall(SYS_rt_sigaction, sig, &action, NULL, 8) == 0, "ignore");
		}
	}
}

static void print_channel(void) {
	char buffer[4096];
	ssize_t n = 0;
	while ((n = read(OUR_END, buffer, sizeof(buffer))) > 0) {
		must(write(STDOUT_FILENO, buffer, (size_t)n) == n, "write");
	}
}

/* Lets a traced child run on, past the stops that exec and signals make. */
static int wait_for(pid_t child) {
	int status = 0;
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
		int sig = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		must(ptrace(PTRACE_CONT, child, NULL, (long)sig) == 0, "PTRACE_CONT");
	}
	return status;
}

static void fork_rest(int channel) {
	pid_t child = fork();
	must(child >= 0, "fork");
	if (child == 0) {
		close(OUR_END);
		return;
	}
	if (channel >= 0) {
		close(channel); /* or the end of the child would not end it */
		print_channel();
	}
	int status = wait_for(child);
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "signal %d core %d\n", WTERMSIG(status), WCOREDUMP(status) != 0);
		_exit(98);
	}
	_exit(WEXITSTATUS(status));
}

int main(int argc, char **argv) {
	int channel = -1;
	char **at = argv + 1;
	while (at < argv + argc) {
		const char *step = *at++;
		long number = *at ? strtol(*at, NULL, 0) : 0;
#define IS(name) (strcmp(step, name) == 0)
		if (IS("set")) {
			must(setenv(at[0], at[1], 1) == 0, "setenv");
			at += 2;
		} else if (IS("clear")) {
			clearenv();
		} else if (IS("channel")) {
			channel = (int)number;
			make_pair(SOCK_STREAM, channel);
			at++;
		} else if (IS("pair")) {
			make_pair((int)number, atoi(at[1]));
			at += 2;
		} else if (IS("tcp")) {
			move_to(socket(AF_INET, SOCK_STREAM, 0), (int)number);
			at++;
		} else if (IS("pipe")) {
			int ends[2];
			must(pipe(ends) == 0, "pipe");
			move_to(ends[0], (int)number);
			at++;
		} else if (IS("file")) {
			int fd = open(at[1], O_RDONLY);
			must(fd >= 0, at[1]);
			move_to(fd, (int)number);
			at += 2;
		} else if (IS("close")) {
			close((int)number);
			at++;
		} else if (IS("limit")) {
			struct rlimit limit = {strtoul(at[1], NULL, 0), strtoul(at[1], NULL, 0)};
			must(setrlimit((int)number, &limit) == 0, "setrlimit");
			at += 2;
		} else if (IS("umask")) {
			umask((mode_t)number);
			at++;
		} else if (IS("directory")) {
			must(chdir(*at++) == 0, "chdir");
		} else if (IS("nnp")) {
			must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
		} else if (IS("ignore") || IS("block")) {
			spoil_signals(IS("block"));
		} else if (IS("timers")) {
			set_timers(number);
			at++;
		} else if (IS("full")) {
			make_full_pipe((int)number);
			at++;
		} else if (IS("wait")) {
			char byte;
			must(read(STDIN_FILENO, &byte, 1) == 1, "read");
		} else if (IS("fork")) {
			fork_rest(channel);
		} else if (IS("traced")) {
			must(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0, "PTRACE_TRACEME");
		} else if (IS("exec")) {
			execv(at[0], at);
			err(97, "launcher: %s", at[0]);
		} else if (IS("bare")) {
			char *none[] = {NULL};
			execve(at[0], none, environ);
			err(97, "launcher: %s", at[0]);
		} else {
			errx(99, "launcher: no step %s", step);
		}
	}
	return 0;
}
