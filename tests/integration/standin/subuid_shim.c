/* SPDX-License-Identifier: MIT */
/*
 * subuid_shim.c: stands in for the shim behind newuidmap: everything that somebody who has taken
 * over the shim could try to become the person. Prints "NAME ERRNO" lines (0: it worked) on its
 * standard error; what the setuid file becomes is on standard output.
 *
 *	argv of a shim cannot be chosen: the person's uid and a setuid file of the person's are
 *	compiled in (PERSON, SETUID_FILE)
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *name, long r) {
	dprintf(2, "%s %d\n", name, r < 0 ? errno : 0);
}

static void try_open(const char *name, const char *format, pid_t pid, int flags) {
	char path[64];
	snprintf(path, sizeof(path), format, (int)pid);
	say(name, open(path, flags | O_CLOEXEC));
}

static void try_identities(void) {
	const gid_t group = PERSON;
	say("setresuid", syscall(SYS_setresuid, PERSON, PERSON, PERSON));
	say("setresuid-root", syscall(SYS_setresuid, 0, 0, 0));
	say("setfsuid", syscall(SYS_setfsuid, PERSON) != -1 && syscall(SYS_setfsuid, -1) == PERSON
				? 0
				: (errno = EPERM, -1));
	say("setresgid", syscall(SYS_setresgid, PERSON, PERSON, PERSON));
	say("setgroups", syscall(SYS_setgroups, 1, &group));
	say("setgroups-none", syscall(SYS_setgroups, 0, NULL));
}

static void try_monitor(void) {
	pid_t monitor = getppid();
	say("ptrace", ptrace(PTRACE_SEIZE, monitor, NULL, NULL));
	say("kill", kill(monitor, SIGUSR1));
	try_open("mem", "/proc/%d/mem", monitor, O_RDWR);
	try_open("environ", "/proc/%d/environ", monitor, O_RDONLY);
	try_open("fd", "/proc/%d/fd", monitor, O_RDONLY | O_DIRECTORY);
}

static void try_map(const char *name) {
	char map[64];
	int fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
	int length = snprintf(map, sizeof(map), "0 %d 1\n", PERSON);
	say(name, write(fd, map, (size_t)length));
}

/* In a namespace of its own it has all capabilities, over its own id alone. */
static void try_namespace(void) {
	pid_t child = fork();
	if (child == 0) {
		say("unshare", unshare(CLONE_NEWUSER));
		try_map("map-person");
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

/* The file says which effective uid it got. */
static void try_setuid_file(void) {
	pid_t child = fork();
	if (child == 0) {
		execl(SETUID_FILE, "setuid-file", (char *)NULL);
		say("exec", -1);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

int main(void) {
	char buffer[4096];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t size = read(fd, buffer, sizeof(buffer));
	(void)!write(2, buffer, size > 0 ? (size_t)size : 0);
	dprintf(2, "-\n");
	say("new-privs", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	try_identities();
	try_monitor();
	try_map("map-again");
	try_namespace();
	try_setuid_file();
	dprintf(2, "end 0\n");
	return 0;
}
