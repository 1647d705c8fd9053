/* SPDX-License-Identifier: MIT */
/*
 * idmap.c: what newuidmap and newgidmap take: a process in a new user namespace, and the two give
 * it one subordinate id.
 *
 *	idmap ID	of /etc/subuid and /etc/subgid
 *	idmap		without the two, for comparison
 */
#include <errno.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static _Noreturn void be_mapped(int ready, int end) {
	char byte = 0;
	if (unshare(CLONE_NEWUSER) != 0 || write(ready, &byte, 1) != 1) {
		_exit(1);
	}
	(void)!read(end, &byte, 1); /* the end of the parent */
	_exit(0);
}

static int give(char *program, char *pid, char *id) {
	char zero[] = "0", one[] = "1";
	char *argv[] = {program, pid, zero, id, one, NULL};
	pid_t child;
	int status;
	errno = posix_spawnp(&child, program, NULL, NULL, argv, environ);
	return errno != 0 || waitpid(child, &status, 0) != child || status != 0;
}

int main(int argc, char *argv[]) {
	int ready[2], end[2];
	if (pipe(ready) != 0 || pipe(end) != 0) {
		return 1;
	}
	pid_t pid = fork();
	if (pid == 0) {
		(void)close(end[1]);
		be_mapped(ready[1], end[0]);
	}
	char byte, number[16], uid[] = "newuidmap", gid[] = "newgidmap";
	(void)close(ready[1]);
	if (pid < 0 || read(ready[0], &byte, 1) != 1) {
		return 1;
	}
	(void)snprintf(number, sizeof(number), "%d", pid);
	int failed = argc > 1 && (give(uid, number, argv[1]) || give(gid, number, argv[1]));
	(void)close(end[1]);
	return waitpid(pid, NULL, 0) != pid || failed;
}
