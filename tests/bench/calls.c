/* SPDX-License-Identifier: MIT */
/* calls.c: nanoseconds of one system call, a line each: its name and the best of some tries. What
 * disturbs makes it slower and never faster. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TRIES	   8
#define FILE_ASKED "/usr/bin/true"

static int call_getppid(void) {
	return syscall(SYS_getppid) < 0;
}

static int call_open(void) {
	int fd = open(FILE_ASKED, O_RDONLY | O_CLOEXEC);
	return fd < 0 || close(fd) < 0;
}

static int call_stat(void) {
	struct stat stat_buffer;
	return stat(FILE_ASKED, &stat_buffer) < 0;
}

static const struct {
	const char *name;
	int (*call)(void);
	int times;
} kinds[] = {
	{"getppid", call_getppid, 50000},
	{"open and close", call_open, 8000},
	{"stat", call_stat, 10000},
};

static double now_ns(void) {
	struct timespec time;
	(void)clock_gettime(CLOCK_MONOTONIC, &time); /* always there */
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(void) {
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		double best = 0;
		for (int try = 0; try < TRIES; try++) {
			double begin = now_ns();
			for (int n = 0; n < kinds[i].times; n++) {
				if (kinds[i].call() != 0) {
					return 1;
				}
			}
			double each = (now_ns() - begin) / kinds[i].times;
			best = try == 0 || each < best ? each : best;
		}
		printf("%s\t%.1f\n", kinds[i].name, best);
	}
	return 0;
}
