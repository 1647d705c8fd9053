/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifndef TIOCLINUX
#define TIOCLINUX 0x541c
#endif

static int code_of(int result) {
	return result < 0 ? errno : 0;
}

/* Whether a path can be opened for reading, without staying open. */
static int try_open(const char *path) {
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		return errno;
	}
	(void)close(fd);
	return 0;
}

static void descriptor(struct hk_json *json, int fd) {
	static const char *const access_names[] = {
		[O_RDONLY] = "read", [O_WRONLY] = "write", [O_RDWR] = "both"};
	hk_json_object(json, NULL);
	hk_json_number(json, "fd", fd);
	int flags = fcntl(fd, F_GETFL);
	hk_json_bool(json, "open", flags >= 0);
	int mode = flags & O_ACCMODE;
	hk_json_string(json, "access", flags >= 0 && mode <= O_RDWR ? access_names[mode] : NULL);
	hk_json_bool(json, "tty", isatty(fd) == 1);
	/* Reading nothing shows whether reading is allowed, and never waits. */
	char nothing[1];
	hk_json_errno(json, "read", code_of((int)read(fd, nothing, 0)));
	char path[32];
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	hk_json_errno(json, "reopen", try_open(path));
	/* A blank in front of the person's next command does no harm if it works. */
	hk_json_errno(json, "TIOCSTI", code_of(ioctl(fd, TIOCSTI, " ")));
	/* 6: which of the shift keys are down; nothing changes if it works. */
	char subcode = 6;
	hk_json_errno(json, "TIOCLINUX", code_of(ioctl(fd, TIOCLINUX, &subcode)));
	hk_json_number(json, "foreground", tcgetpgrp(fd));
	hk_json_object_end(json);
}

int hk_probe_tty(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	/* A background process would be stopped instead of told. */
	(void)signal(SIGTTIN, SIG_IGN);
	hk_probe_answer_begin(json, argv[0], 0);
	hk_json_list(json, "descriptors");
	for (int fd = 0; fd <= 2; fd++) {
		descriptor(json, fd);
	}
	hk_json_list_end(json);
	hk_json_errno(json, "open_dev_tty", try_open("/dev/tty"));
	hk_json_errno(json, "open_dev_console", try_open("/dev/console"));
	return hk_probe_answer_end(json);
}
