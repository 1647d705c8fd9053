/* SPDX-License-Identifier: MIT */
/*
 * coverage: linked to an hsu that counts which of its branches are taken. gcov's own way, a file
 * that is opened when the program ends, is closed to it: it has become somebody else by then, its
 * descriptors are gone, and the tests have the kernel refuse what they like. So the file COVERAGE
 * is mapped before main, by all that runs, and each takes a part of it for itself: the line that
 * it wrote, and the counters of each source, a name and its bytes, both with their length in front.
 */
#include <fcntl.h>
#include <gcov.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PARTS	  4096
#define PART_SIZE 16384

struct part {
	char line[256];
	uint32_t size; /* of what is in bytes */
	char bytes[PART_SIZE - 256 - 4];
};

struct file {
	uint32_t taken;
	struct part parts[PARTS];
};

static struct part *mine;

extern const struct gcov_info *const __start_counted[];
extern const struct gcov_info *const __stop_counted[];

__attribute__((constructor)) static void take_part(void) {
	int fd = open(COVERAGE, O_RDWR | O_CLOEXEC);
	struct file *file = mmap(NULL, sizeof(*file), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (file != MAP_FAILED) {
		uint32_t number = __atomic_fetch_add(&file->taken, 1, __ATOMIC_SEQ_CST);
		mine = number < PARTS ? &file->parts[number] : NULL;
	}
}

static void add(const void *bytes, unsigned size) {
	if (size <= sizeof(mine->bytes) - mine->size) {
		memcpy(mine->bytes + mine->size, bytes, size);
		mine->size += size;
	}
}

static uint32_t counters_at; /* where the length of the counters of this source is */

static void begin(const char *name, void *arg) {
	(void)arg;
	const uint32_t none = 0;
	uint32_t length = (uint32_t)strlen(name);
	add(&length, sizeof(length));
	add(name, length);
	counters_at = mine->size;
	add(&none, sizeof(none));
}

static void dump(const void *bytes, unsigned size, void *arg) {
	(void)arg;
	add(bytes, size);
	uint32_t length = mine->size - counters_at - (uint32_t)sizeof(length);
	memcpy(mine->bytes + counters_at, &length, sizeof(length));
}

static void write_counters(void) {
	if (mine) {
		mine->size = 0;
		for (const struct gcov_info *const *at = __start_counted; at < __stop_counted;
			at++) {
			__gcov_info_to_gcda(*at, begin, dump, NULL, NULL);
		}
	}
}

__attribute__((noreturn)) void coverage_exit(int status);
void coverage_exit(int status) {
	write_counters();
	_exit(status);
}

int coverage_execve(const char *path, char *const argv[], char *const env[]);
int coverage_execve(const char *path, char *const argv[], char *const env[]) {
	write_counters();
	return execve(path, argv, env);
}

ssize_t coverage_write(int fd, const void *bytes, size_t size);
ssize_t coverage_write(int fd, const void *bytes, size_t size) {
	if (mine && size < sizeof(mine->line)) {
		memcpy(mine->line, bytes, size);
	}
	return write(fd, bytes, size);
}
