/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "sys/ret.h"
#include "sys/sys.h"

#define NS_PER_S   UINT64_C(1000000000)
#define NSIG_BYTES 8 /* of the kernel's signal sets: 64 signals */

int hk_sys_sigmask(int how, const sigset_t *set, sigset_t *ret_old) {
	return HK_RET(sigprocmask(how, set, ret_old));
}

/* The C library keeps two signals to itself and does not let their handlers be set; but they may
 * have been left ignored, and a program would inherit that. So the kernel is asked: its struct
 * begins with the handler, whatever the architecture, and nothing else in it is wanted. */
static int set_handler(int sig, void (*handler)(int)) {
	const unsigned long action[16] = {(unsigned long)handler};
	return (int)HK_RET(syscall(SYS_rt_sigaction, sig, action, NULL, NSIG_BYTES));
}

int hk_sys_signal_default(int sig) {
	return set_handler(sig, SIG_DFL);
}

int hk_sys_signal_ignore(int sig) {
	return set_handler(sig, SIG_IGN);
}

int hk_sys_signal_is_ignored(int sig) {
	struct sigaction action;
	int r = HK_RET(sigaction(sig, NULL, &action));
	return r < 0 ? r : action.sa_handler == SIG_IGN;
}

int hk_sys_signalfd(const sigset_t *set) {
	return HK_RET(signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK));
}

int hk_sys_poll(struct pollfd *fds, size_t count, int timeout_ms) {
	return HK_RET(poll(fds, count, timeout_ms));
}

static uint64_t now(clockid_t clock) {
	struct timespec time = {0};
	(void)clock_gettime(clock, &time); /* cannot fail for these two clocks */
	return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_nsec;
}

uint64_t hk_sys_monotonic_ns(void) {
	return now(CLOCK_MONOTONIC);
}

uint64_t hk_sys_realtime_ns(void) {
	return now(CLOCK_REALTIME);
}

int hk_sys_random(void *buffer, size_t size) {
	ssize_t n = HK_RET_AGAIN(getrandom(buffer, size, 0));
	if (n < 0) {
		return (int)n;
	}
	return (size_t)n == size ? 0 : -EIO;
}

int hk_sys_socketpair(int type, int ret_pair[2]) {
	return HK_RET(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ret_pair));
}

int hk_sys_peer(int socket, struct ucred *ret_peer) {
	socklen_t length = sizeof(*ret_peer);
	return HK_RET(getsockopt(socket, SOL_SOCKET, SO_PEERCRED, ret_peer, &length));
}

int hk_sys_socket(void) {
	return HK_RET(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

static int make_address(const char *path, struct sockaddr_un *ret_address) {
	size_t size = strlen(path) + 1;
	if (size > sizeof(ret_address->sun_path)) {
		return -ENAMETOOLONG;
	}
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret_address->sun_path, path, size);
	return 0;
}

int hk_sys_bind(int socket, const char *path) {
	struct sockaddr_un address;
	int r = make_address(path, &address);
	return r < 0 ? r : HK_RET(bind(socket, (const struct sockaddr *)&address, sizeof(address)));
}

int hk_sys_listen(int socket, int backlog) {
	return HK_RET(listen(socket, backlog));
}

int hk_sys_connect(int socket, const char *path) {
	struct sockaddr_un address;
	int r = make_address(path, &address);
	return r < 0 ? r
		     : HK_RET_AGAIN(
			       connect(socket, (const struct sockaddr *)&address, sizeof(address)));
}

ssize_t hk_sys_send(int socket, const void *buffer, size_t size, int flags) {
	return HK_RET_AGAIN(send(socket, buffer, size, flags | MSG_NOSIGNAL));
}

ssize_t hk_sys_recv(int socket, void *buffer, size_t size, int flags) {
	return HK_RET_AGAIN(recv(socket, buffer, size, flags));
}

/* What goes along with bytes: one descriptor, or who sent them. */
union control {
	struct cmsghdr header; /* for the alignment */
	unsigned char bytes[CMSG_SPACE(sizeof(struct ucred))];
};

ssize_t hk_sys_send_fd(int socket, const void *buffer, size_t size, int flags, int fd) {
	union control control = {.bytes = {0}};
	union {
		const void *in;
		void *out;
	} base = {.in = buffer};
	struct iovec part = {.iov_base = base.out, .iov_len = size};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = CMSG_SPACE(sizeof(fd)),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return HK_RET_AGAIN(sendmsg(socket, &message, flags | MSG_NOSIGNAL));
}

/* Receives bytes, and what of that type goes along, if it is of exactly this size. No room for
 * more: the kernel drops a second descriptor, which we would keep open and not know. */
static ssize_t receive_with(int socket, void *buffer, size_t size, int flags, int type, void *along,
	size_t along_size) {
	union control control = {.bytes = {0}};
	struct iovec part = {.iov_base = buffer, .iov_len = size};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = CMSG_LEN(along_size),
	};
	ssize_t n = HK_RET_AGAIN(recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC));
	struct cmsghdr *header = n < 0 ? NULL : CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == type &&
		header->cmsg_len == CMSG_LEN(along_size)) {
		memcpy(along, CMSG_DATA(header), along_size);
	}
	return n;
}

ssize_t hk_sys_recv_fd(int socket, void *buffer, size_t size, int flags, int *ret_fd) {
	int fd = -1;
	ssize_t n = receive_with(socket, buffer, size, flags, SCM_RIGHTS, &fd, sizeof(fd));
	if (n >= 0) {
		*ret_fd = fd;
	}
	return n;
}

int hk_sys_pass_credentials(int socket) {
	const int on = 1;
	return HK_RET(setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
}

ssize_t hk_sys_recv_from(
	int socket, void *buffer, size_t size, int flags, struct ucred *ret_sender) {
	struct ucred sender = {.uid = (uid_t)-1, .gid = (gid_t)-1};
	ssize_t n =
		receive_with(socket, buffer, size, flags, SCM_CREDENTIALS, &sender, sizeof(sender));
	if (n >= 0) {
		*ret_sender = sender;
	}
	return n;
}

int hk_sys_receive_timeout(int socket, int timeout_ms) {
	const struct timeval time = {
		.tv_sec = timeout_ms / 1000, .tv_usec = (timeout_ms % 1000) * 1000};
	return HK_RET(setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time)));
}
