/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/auto.h"
#include "container/container.h"
#include "sys/sys.h"

static int check(int fd, struct hk_err *err) {
	struct stat stat;
	int r = hk_sys_fstat(fd, &stat);
	if (r < 0) {
		return hk_err_step(err, r, "look at descriptor %d", fd);
	}
	if (S_ISDIR(stat.st_mode) || hk_sys_is_place(fd) != 0) {
		return hk_err_say(err, -EISDIR,
			"descriptor %d is a directory or a place: it would lead out of the "
			"container",
			fd);
	}
	return 0;
}

static bool is_readable_terminal(int fd) {
	return hk_sys_isatty(fd) == 1 && hk_sys_access_mode(fd) != O_WRONLY;
}

static int take_reading_away(int fd, struct hk_err *err) {
	char self[] = "/proc/self/fd/N";
	self[sizeof(self) - 2] = (char)('0' + fd);
	const char *path = fd == STDIN_FILENO ? "/dev/null" : self;
	int flags = (fd == STDIN_FILENO ? O_RDONLY : O_WRONLY) | O_NOCTTY;
	HK_AUTO(fd) int sealed = hk_sys_open(path, flags, 0);
	int r = sealed < 0 ? sealed : hk_sys_dup_onto(sealed, fd);
	return r < 0 ? hk_err_step(err, r,
			       "take away reading from the terminal on descriptor %d (redirect "
			       "it, or set container.tty)",
			       fd)
		     : 0;
}

int hk_container_seal_stdio(bool keep_session, struct hk_err *err) {
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int r = check(fd, err);
		if (r >= 0 && !keep_session && is_readable_terminal(fd)) {
			r = take_reading_away(fd, err);
		}
		if (r < 0) {
			return r;
		}
	}
	return 0;
}
