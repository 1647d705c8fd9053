/* SPDX-License-Identifier: MIT */
/* liar.c: in the shim's place: what a program could say to the monitor that has taken over its
 * shim. What it says is decided when it is built (LIE). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { HELLO = 1, STARTED, ERROR, ENDED, GONE, SPACES, PLAN, EXIT };

static int channel;

static void say(uint32_t size, uint32_t kind, uint32_t value, const char *text, size_t length) {
	const uint32_t header[] = {size, kind, value, (uint32_t)-5};
	struct iovec parts[] = {{(void *)header, sizeof(header)}, {(void *)text, length}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	(void)sendmsg(channel, &message, MSG_NOSIGNAL);
}

static void tell(uint32_t kind, uint32_t value) {
	say(0, kind, value, "", 0);
}

static void hello(void) {
	tell(HELLO, getuid());
}

/* Until the monitor is gone, as a shim that waits does. */
static void listen_on(void) {
	char bytes[4096];
	while (read(channel, bytes, sizeof(bytes)) > 0) {
	}
}

static void hand_over_descriptors(void) {
	char bytes[16] = {0};
	char control[CMSG_SPACE(100 * sizeof(int))] = {0};
	struct iovec part = {bytes, sizeof(bytes)};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	*header = (struct cmsghdr){.cmsg_len = CMSG_LEN(100 * sizeof(int)),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS};
	memset(CMSG_DATA(header), 0, 100 * sizeof(int));
	bytes[4] = ERROR;
	(void)sendmsg(channel, &message, MSG_NOSIGNAL);
}

static void lie(void) {
	static const char escapes[] = "\033]0;owned\007\nhakurei: all is well\n\0tail";
	switch (LIE) {
	case 0: /* somebody else */
		tell(HELLO, getuid() + 1);
		break;
	case 1: /* a frame that is too long, by all or by one */
		say(UINT32_MAX, HELLO, getuid(), "", 0);
		break;
	case 2:
		say(64 * 1024 + 1, HELLO, getuid(), "", 0);
		break;
	case 3: /* half a frame, and no more */
		(void)send(channel, "\0\0\0\0\1", 5, MSG_NOSIGNAL);
		break;
	case 4: /* what only the monitor says */
		tell(PLAN, 0);
		break;
	case 5: /* a kind that there is not */
		hello();
		tell(77, 0);
		break;
	case 6: /* twice, where an answer is due */
		hello();
		hello();
		break;
	case 7: /* an error that a terminal would act on */
		hello();
		say(sizeof(escapes), ERROR, 0, escapes, sizeof(escapes));
		break;
	case 8: /* started, and then nothing */
		hello();
		tell(STARTED, 0);
		(void)usleep(300 * 1000); /* the plan has to be under way */
		_exit(0);
	case 9: /* a wait status that is none: stopped, and every bit */
		hello();
		tell(STARTED, 0);
		tell(ENDED, 0xffffffff);
		(void)usleep(300 * 1000);
		_exit(0);
	case 10: /* gone, and still there */
		hello();
		tell(STARTED, 0);
		tell(ENDED, 0);
		tell(GONE, 0);
		break;
	case 11: /* descriptors that nobody asked for, again and again */
		hello();
		tell(STARTED, 0);
		for (int i = 0; i < 50; i++) {
			hand_over_descriptors();
		}
		break;
	case 12: /* errors without end */
		hello();
		tell(STARTED, 0);
		while (write(channel, "", 0) >= 0 && getppid() > 1) {
			say(5, ERROR, 0, "again", 5);
		}
		break;
	}
}

int main(void) {
	const char *number = getenv("HAKUREI_SHIM");
	channel = number ? atoi(number) : 3;
	lie();
	listen_on();
	return 0;
}
