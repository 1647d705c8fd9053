/* SPDX-License-Identifier: MIT */
/* test_read.c: what may be behind the name of a file. */
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../base/cmocka_all.h"
#include "base/auto.h"
#include "support.h"

#define GOOD "{\"home\": \"/good\"}"

struct fixture {
	struct hk_arena arena;
	char directory[64];
	struct hk_config config;
	struct hk_err err;
};

static int setup(void **state) {
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	assert_non_null(fixture);
	strcpy(fixture->directory, "/tmp/hakurei-test-XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	*state = fixture;
	return 0;
}

static int teardown(void **state) {
	struct fixture *fixture = *state;
	char path[80];
	(void)snprintf(path, sizeof(path), "%s/file", fixture->directory);
	(void)unlink(path); /* not each test makes one */
	assert_int_equal(rmdir(fixture->directory), 0);
	hk_arena_finish(&fixture->arena);
	free(fixture);
	return 0;
}

static const char *path_of(struct fixture *fixture) {
	return hk_arena_printf(&fixture->arena, "%s/file", fixture->directory);
}

static const char *write_file(struct fixture *fixture, const char *text) {
	const char *path = path_of(fixture);
	HK_AUTO(fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	return path;
}

static int read_it(struct fixture *fixture, const char *file) {
	return hk_config_read(&fixture->arena, file, &fixture->config, &fixture->err);
}

static void assert_good(struct fixture *fixture, const char *file) {
	fixture->err.text[0] = '\0';
	int r = read_it(fixture, file);
	assert_string_equal(fixture->err.text, "");
	assert_int_equal(r, 0);
	assert_string_equal(fixture->config.home, "/good");
}

static void assert_bad(struct fixture *fixture, const char *file, int code, const char *text) {
	assert_int_equal(read_it(fixture, file), code);
	assert_string_equal(fixture->err.text, text);
}

static void a_file_is_read(void **state) {
	assert_good(*state, write_file(*state, GOOD));
}

static void an_error_names_the_file(void **state) {
	struct fixture *fixture = *state;
	const char *path = write_file(fixture, "{\"home\": \"good\"}");
	assert_bad(fixture, path, -EINVAL,
		hk_arena_printf(&fixture->arena,
			"%s: invalid path to home directory: not an absolute path", path));
	(void)write_file(fixture, "");
	assert_bad(fixture, path, -EINVAL,
		hk_arena_printf(&fixture->arena, "%s: empty, expected an object", path));
}

static void a_missing_file_is_named(void **state) {
	struct fixture *fixture = *state;
	const char *path = path_of(fixture);
	assert_bad(fixture, path, -ENOENT,
		hk_arena_printf(&fixture->arena, "cannot open %s: %s", path, strerror(ENOENT)));
}

static void a_directory_is_no_file(void **state) {
	assert_bad(*state, "/usr", -EISDIR, "cannot read /usr: Is a directory");
}

static void an_endless_file_is_given_up(void **state) {
	assert_bad(*state, "/dev/zero", -EFBIG, "/dev/zero: larger than 1048576 bytes");
}

static void the_null_device_is_empty(void **state) {
	assert_bad(*state, "/dev/null", -EINVAL, "/dev/null: empty, expected an object");
}

static void a_socket_is_no_file(void **state) {
	struct fixture *fixture = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strcpy(address.sun_path, path_of(fixture));
	HK_AUTO(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_bad(fixture, address.sun_path, -ENXIO,
		hk_arena_printf(
			&fixture->arena, "cannot open %s: %s", address.sun_path, strerror(ENXIO)));
}

static void a_closed_descriptor_is_an_error(void **state) {
	assert_bad(*state, "900", -EBADF, "cannot read descriptor 900: Bad file descriptor");
}

static void the_first_three_numbers_are_names_of_files(void **state) {
	struct fixture *fixture = *state;
	static const char *const names[] = {"0", "1", "2", "03", "+3", "4294967299"};
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_bad(fixture, names[i], -ENOENT,
			hk_arena_printf(
				&fixture->arena, "cannot open %s: %s", names[i], strerror(ENOENT)));
	}
}

static void sleep_ms(long ms) {
	const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	(void)nanosleep(&time, NULL);
}

/* A child that waits, and then writes the good text in two parts to fd, or to path. */
static pid_t start_writer(const char *path, int fd) {
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid > 0) {
		return pid;
	}
	(void)alarm(20); /* never left behind */
	sleep_ms(200);
	if (path) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
	}
	bool good = write(fd, GOOD, 5) == 5;
	sleep_ms(1200); /* longer than the wait for a writer */
	good = good && write(fd, &GOOD[5], strlen(GOOD) - 5) == (ssize_t)strlen(GOOD) - 5;
	_exit(good ? 0 : 1);
}

static void assert_ended(pid_t pid) {
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void an_inherited_pipe_is_read_to_its_end_and_stays_open(void **state) {
	struct fixture *fixture = *state;
	for (int flags = 0; flags <= O_NONBLOCK; flags += O_NONBLOCK) {
		int ends[2];
		assert_int_equal(pipe2(ends, O_CLOEXEC | flags), 0);
		pid_t pid = start_writer(NULL, ends[1]);
		assert_int_equal(close(ends[1]), 0);
		assert_good(fixture, hk_arena_printf(&fixture->arena, "%d", ends[0]));
		assert_ended(pid);
		assert_int_equal(close(ends[0]), 0);
	}
}

static void a_dash_is_standard_input(void **state) {
	struct fixture *fixture = *state;
	HK_AUTO(fd) int old = fcntl(0, F_DUPFD_CLOEXEC, 3);
	const char *path = write_file(fixture, GOOD);
	HK_AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(dup2(fd, 0), 0);
	assert_good(fixture, "-");
	assert_bad(fixture, "-", -EINVAL, "standard input: empty, expected an object");
	if (old >= 0) {
		assert_int_equal(dup2(old, 0), 0);
	} else {
		assert_int_equal(close(0), 0);
	}
}

static void a_fifo_without_a_writer_does_not_hang(void **state) {
	struct fixture *fixture = *state;
	const char *path = path_of(fixture);
	assert_int_equal(mkfifo(path, 0600), 0);
	(void)alarm(20); /* a hang ends the test */
	assert_bad(fixture, path, -EINVAL,
		hk_arena_printf(&fixture->arena, "%s: empty, expected an object", path));
	(void)alarm(0);
}

static void a_fifo_may_get_its_writer_late_and_its_text_slowly(void **state) {
	struct fixture *fixture = *state;
	const char *path = path_of(fixture);
	assert_int_equal(mkfifo(path, 0600), 0);
	pid_t pid = start_writer(path, -1);
	assert_good(fixture, path);
	assert_ended(pid);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_read),
		TEST(an_error_names_the_file),
		TEST(a_missing_file_is_named),
		TEST(a_directory_is_no_file),
		TEST(an_endless_file_is_given_up),
		TEST(the_null_device_is_empty),
		TEST(a_socket_is_no_file),
		TEST(a_closed_descriptor_is_an_error),
		TEST(the_first_three_numbers_are_names_of_files),
		TEST(an_inherited_pipe_is_read_to_its_end_and_stays_open),
		TEST(a_dash_is_standard_input),
		TEST(a_fifo_without_a_writer_does_not_hang),
		TEST(a_fifo_may_get_its_writer_late_and_its_text_slowly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
