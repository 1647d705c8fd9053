/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../base/cmocka_all.h"
#include "sys/sys.h"

#define FDS 2

/* How many descriptors below 64 are open. */
static unsigned int count_open(void) {
	unsigned int count = 0;
	for (int fd = 0; fd < 64; fd++) {
		count += fcntl(fd, F_GETFD) >= 0;
	}
	return count;
}

static void close_pair(const int pair[2]) {
	(void)close(pair[0]);
	(void)close(pair[1]);
}

/* One byte with count descriptors along. */
static void send_fds(int socket, size_t count) {
	union {
		struct cmsghdr header;
		unsigned char bytes[CMSG_SPACE(FDS * sizeof(int))];
	} control = {.bytes = {0}};
	const int fds[FDS] = {0, 0};
	char byte = 'x';
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = CMSG_SPACE(count * sizeof(int))};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	assert_int_equal(sendmsg(socket, &message, 0), 1);
}

static void of_two_descriptors_none_stays_open_unknown(void **state) {
	(void)state;
	int pair[2];
	char byte;
	int fd = -1;
	assert_return_code(hk_sys_socketpair(SOCK_STREAM, pair), 0);
	const unsigned int before = count_open();
	send_fds(pair[0], FDS);
	assert_int_equal(hk_sys_recv_fd(pair[1], &byte, 1, 0, &fd), 1);
	assert_int_equal(count_open(), before + (fd >= 0));
	if (fd >= 0) {
		(void)close(fd);
	}
	close_pair(pair);
}

static void one_descriptor_comes_along_and_is_closed_on_exec(void **state) {
	(void)state;
	int pair[2];
	char byte;
	int fd = -1;
	assert_return_code(hk_sys_socketpair(SOCK_STREAM, pair), 0);
	assert_int_equal(hk_sys_send_fd(pair[0], "x", 1, 0, pair[0]), 1);
	assert_int_equal(hk_sys_recv_fd(pair[1], &byte, 1, 0, &fd), 1);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	(void)close(fd);
	assert_int_equal(hk_sys_send(pair[0], "x", 1, 0), 1);
	assert_int_equal(hk_sys_recv_fd(pair[1], &byte, 1, 0, &fd), 1);
	assert_int_equal(fd, -1);
	close_pair(pair);
}

static void the_sender_is_known_and_its_descriptors_are_dropped(void **state) {
	(void)state;
	int pair[2];
	char byte;
	struct ucred sender = {.pid = -1};
	assert_return_code(hk_sys_socketpair(SOCK_STREAM, pair), 0);
	assert_return_code(hk_sys_pass_credentials(pair[1]), 0);
	const unsigned int before = count_open();
	send_fds(pair[0], 1);
	assert_int_equal(hk_sys_recv_from(pair[1], &byte, 1, 0, &sender), 1);
	assert_int_equal(sender.pid, getpid());
	assert_int_equal(sender.uid, getuid());
	assert_int_equal(count_open(), before);
	close_pair(pair);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_two_descriptors_none_stays_open_unknown),
		cmocka_unit_test(one_descriptor_comes_along_and_is_closed_on_exec),
		cmocka_unit_test(the_sender_is_known_and_its_descriptors_are_dropped),
	};
	return cmocka_run_group_tests_name("sys/event", tests, NULL, NULL);
}
