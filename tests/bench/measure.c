/* SPDX-License-Identifier: MIT */
/*
 * measure.c: runs programs in turns, in random order, and says what each run took.
 *
 *	measure [-c CGROUP] [-u UID -g GID] ROUNDS < COMMANDS
 *
 * -c	a directory with cgroup.procs, and either cpuacct.usage or cpu.stat: everything runs in this
 *	control group, and its cpu time is told. Processes that are left after the one that was
 *	started are waited for, without adding to its time.
 * -u	runs the programs as this user, with no further groups
 *
 * A line of COMMANDS is a command: its arguments, separated by tabs. A line of the output is a run:
 * the number of the command's line; microseconds from before the start to after the end; cpu time
 * in microseconds of the control group (without one: -1); and of the process and those of its
 * children that were waited for: cpu time, the user's part of it, context switches, page faults
 * without and with a read from disk. A first round that is not counted warms the caches. The
 * programs have /dev/null as their descriptors 0 and 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 64
#define ARGS_MAX     4096

extern char **environ;

struct command {
	char *args[ARGS_MAX + 1];
};

static _Noreturn void fail(const char *what) {
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Where the cpu time of everything is counted. -1: nowhere. */
struct cgroup {
	int procs, usage;
	bool is_v2;
};

static double now_us(void) {
	struct timespec time;
	(void)clock_gettime(CLOCK_MONOTONIC, &time); /* always there */
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static double us(const struct timeval *time) {
	return (double)time->tv_sec * 1e6 + (double)time->tv_usec;
}

static struct command *read_command(FILE *file) {
	char *line = NULL;
	size_t size = 0;
	if (getline(&line, &size, file) < 0) {
		return NULL;
	}
	line[strcspn(line, "\n")] = '\0';
	struct command *command = calloc(1, sizeof(*command));
	if (!command) {
		fail("read a command");
	}
	for (size_t i = 0; line && i < ARGS_MAX; i++) {
		command->args[i] = strsep(&line, "\t");
	}
	return command;
}

static size_t read_again(int fd, char *buffer, size_t size) {
	ssize_t length = lseek(fd, 0, SEEK_SET) == 0 ? read(fd, buffer, size - 1) : -1;
	if (length < 0) {
		fail("read of the control group");
	}
	buffer[length] = '\0';
	return (size_t)length;
}

static double group_us(const struct cgroup *group) {
	char text[4096];
	if (group->usage < 0) {
		return 0;
	}
	(void)read_again(group->usage, text, sizeof(text));
	const char *usage = group->is_v2 ? strstr(text, "usage_usec ") : text;
	if (!usage) {
		errno = ENODATA;
		fail("usage_usec");
	}
	return group->is_v2 ? strtod(usage + strlen("usage_usec "), NULL)
			    : strtod(usage, NULL) / 1e3;
}

/* Until nobody but us is in there: with more than one line there is somebody else. */
static void wait_for_others(const struct cgroup *group) {
	char text[64];
	while (group->procs >= 0) {
		(void)read_again(group->procs, text, sizeof(text));
		const char *end = strchr(text, '\n');
		if (!end || end[1] == '\0') {
			return;
		}
		(void)usleep(200);
	}
}

static void run(const struct cgroup *group, size_t index, const struct command *command,
	const posix_spawn_file_actions_t *actions, int counted) {
	pid_t pid;
	double cpu = group_us(group);
	double begin = now_us();
	errno = posix_spawnp(&pid, command->args[0], actions, NULL, command->args, environ);
	if (errno != 0) {
		fail(command->args[0]);
	}
	int status;
	struct rusage usage;
	if (wait4(pid, &status, 0, &usage) < 0) {
		fail("wait4");
	}
	double wall = now_us() - begin;
	if (status != 0) {
		fprintf(stderr, "measure: command %zu (%s) ends with status %d\n", index,
			command->args[0], status);
		exit(1);
	}
	wait_for_others(group);
	cpu = group->usage < 0 ? -1 : group_us(group) - cpu;
	if (counted) {
		printf("%zu %.1f %.1f %.1f %.1f %ld %ld %ld\n", index, wall, cpu,
			us(&usage.ru_utime) + us(&usage.ru_stime), us(&usage.ru_utime),
			usage.ru_nvcsw + usage.ru_nivcsw, usage.ru_minflt, usage.ru_majflt);
	}
}

static void shuffle(size_t *order, size_t count) {
	for (size_t i = count; i > 1; i--) {
		size_t other = (size_t)random() % i;
		size_t kept = order[i - 1];
		order[i - 1] = order[other];
		order[other] = kept;
	}
}

static int open_in(const char *directory, const char *name, int flags) {
	char path[4096];
	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	return open(path, flags | O_CLOEXEC);
}

static void enter_group(struct cgroup *group, const char *directory) {
	group->procs = open_in(directory, "cgroup.procs", O_RDWR);
	group->usage = open_in(directory, "cpuacct.usage", O_RDONLY);
	if (group->usage < 0) {
		group->is_v2 = true;
		group->usage = open_in(directory, "cpu.stat", O_RDONLY);
	}
	if (group->procs < 0 || group->usage < 0 || write(group->procs, "0", 1) != 1) {
		fail(directory);
	}
}

static void become(const char *uid, const char *gid) {
	uid_t user = (uid_t)strtoul(uid, NULL, 10);
	gid_t users = (gid_t)strtoul(gid, NULL, 10);
	if (setgroups(0, NULL) != 0 || setresgid(users, users, users) != 0 ||
		setresuid(user, user, user) != 0) {
		fail("become the user");
	}
}

static long read_options(int argc, char *argv[], struct cgroup *group) {
	const char *directory = NULL, *uid = NULL, *gid = NULL;
	int option;
	while ((option = getopt(argc, argv, "c:g:u:")) >= 0) {
		directory = option == 'c' ? optarg : directory;
		uid = option == 'u' ? optarg : uid;
		gid = option == 'g' ? optarg : gid;
	}
	long rounds = optind == argc - 1 ? strtol(argv[optind], NULL, 10) : 0;
	if (rounds <= 0 || !uid != !gid) {
		fprintf(stderr, "usage: measure [-c CGROUP] [-u UID -g GID] ROUNDS < COMMANDS\n");
		exit(1);
	}
	if (directory) {
		enter_group(group, directory);
	}
	if (uid) {
		become(uid, gid);
	}
	return rounds;
}

int main(int argc, char *argv[]) {
	struct cgroup group = {.procs = -1, .usage = -1};
	long rounds = read_options(argc, argv, &group);
	struct command *commands[COMMANDS_MAX];
	size_t order[COMMANDS_MAX];
	size_t count = 0;
	while (count < COMMANDS_MAX && (commands[count] = read_command(stdin))) {
		order[count] = count;
		count++;
	}
	posix_spawn_file_actions_t actions;
	if (posix_spawn_file_actions_init(&actions) != 0 ||
		posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) != 0 ||
		posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) != 0) {
		fail("prepare");
	}
	for (long round = 0; round <= rounds; round++) {
		shuffle(order, count);
		for (size_t i = 0; i < count; i++) {
			run(&group, order[i], commands[order[i]], &actions, round > 0);
		}
	}
	return 0;
}
