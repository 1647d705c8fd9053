/* SPDX-License-Identifier: MIT */
/*
 * proxy.c: what xdg-dbus-proxy takes by itself: started for the session bus, waited for until its
 * socket is there, hung up on, waited for until it has ended. In no container.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(void) {
	char *bus = getenv("DBUS_SESSION_BUS_ADDRESS");
	const char *directory = getenv("XDG_RUNTIME_DIR");
	int pair[2];
	if (!bus || !directory || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
		fcntl(pair[0], F_SETFD, FD_CLOEXEC) != 0) {
		return 1;
	}
	char program[] = "xdg-dbus-proxy", filter[] = "--filter", sync[24], place[4096], byte;
	(void)snprintf(sync, sizeof(sync), "--fd=%d", pair[1]);
	(void)snprintf(place, sizeof(place), "%s/bench-proxy", directory);
	char *argv[] = {program, sync, bus, place, filter, NULL};
	pid_t pid;
	errno = posix_spawnp(&pid, program, NULL, NULL, argv, environ);
	if (errno != 0) {
		return 1;
	}
	(void)close(pair[1]);
	ssize_t ready = read(pair[0], &byte, 1);
	(void)close(pair[0]);
	int status;
	return waitpid(pid, &status, 0) != pid || status != 0 || ready != 1;
}
