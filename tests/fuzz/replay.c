/* SPDX-License-Identifier: MIT */
/*
 * replay: gives each file of the directories named to a fuzz target, so that a corpus runs as a
 * normal test without a fuzzer. A target that finds something wrong aborts.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/auto.h"

#define INPUT_MAX (1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay_file(int dir, const char *name) {
	HK_AUTO(fd) int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	HK_AUTO(free) uint8_t *buffer = malloc(INPUT_MAX);
	if (fd < 0 || !buffer) {
		perror(name);
		exit(2);
	}
	ssize_t size = read(fd, buffer, INPUT_MAX);
	/* Memory of exactly that size, so that a sanitizer sees one byte too many. */
	HK_AUTO(free) uint8_t *data = size < 0 ? NULL : malloc((size_t)size + (size == 0));
	if (!data) {
		perror(name);
		exit(2);
	}
	for (ssize_t i = 0; i < size; i++) {
		data[i] = buffer[i];
	}
	(void)fprintf(stderr, "%s\n", name);
	(void)LLVMFuzzerTestOneInput(data, (size_t)size);
}

int main(int argc, char **argv) {
	unsigned int count = 0;
	for (int i = 1; i < argc; i++) {
		HK_AUTO(dir) DIR *dir = opendir(argv[i]);
		if (!dir) {
			perror(argv[i]);
			return 2;
		}
		for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
			if (entry->d_name[0] != '.') {
				replay_file(dirfd(dir), entry->d_name);
				count++;
			}
		}
	}
	(void)fprintf(stderr, "%u inputs\n", count);
	return count > 0 ? 0 : 2; /* an empty corpus would pass for nothing */
}
