/* SPDX-License-Identifier: MIT */
/*
 * swap VICTIM NAME...: puts at each NAME, as fast as it can and until it is killed, what somebody
 * hostile would: links to VICTIM, to something below it, to nothing; a directory, a file, a pipe;
 * for a moment, nothing;
 * and, where a NAME.real lies beside it, that, exchanged with a link and back.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define KINDS 6

static void put(const char *victim, const char *path, int kind) {
	char below[4096];
	switch (kind) {
	case 0:
		(void)!symlink(victim, path);
		break;
	case 1:
		(void)snprintf(below, sizeof(below), "%s/below", victim);
		(void)!symlink(below, path);
		break;
	case 2:
		(void)!symlink("/nonexistent", path);
		break;
	case 3:
		(void)mkdir(path, 0777);
		break;
	case 4:
		(void)mkfifo(path, 0666);
		break;
	default:
		(void)close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
	}
}

static void replace(const char *victim, const char *name, int kind) {
	char path[4096];
	if (kind == KINDS) {
		(void)!unlink(name);
		(void)!rmdir(name);
		(void)usleep(200);
		return;
	}
	(void)snprintf(path, sizeof(path), "%s.other", name);
	put(victim, path, kind);
	/* In one step where there is something, so that there is no moment without. */
	if (renameat2(AT_FDCWD, path, AT_FDCWD, name, RENAME_EXCHANGE) < 0) {
		(void)!rename(path, name);
	}
	(void)!unlink(path);
	(void)!rmdir(path);
}

static int exchange(const char *victim, const char *name) {
	char real[4096];
	(void)snprintf(real, sizeof(real), "%s.real", name);
	struct stat stat;
	if (lstat(real, &stat) < 0) {
		return -1;
	}
	if (S_ISDIR(stat.st_mode)) {
		(void)!symlink(victim, name);
	}
	(void)!renameat2(AT_FDCWD, real, AT_FDCWD, name, RENAME_EXCHANGE);
	return 0;
}

int main(int argc, char **argv) {
	(void)!write(1, "ready\n", 6);
	for (unsigned int round = 0;; round++) {
		for (int i = 2; i < argc; i++) {
			if (exchange(argv[1], argv[i]) < 0) {
				replace(argv[1], argv[i], (int)(round % (KINDS + 1)));
			}
		}
	}
}
