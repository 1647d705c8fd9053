/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sys/sys.h"

/* No descriptor of ours may land on 0-2, where everybody writes to. */
static int fill_stdio(void) {
	int fd;
	do {
		fd = hk_sys_open("/dev/null", O_RDWR, 0);
		if (fd >= 0 && fd <= STDERR_FILENO) {
			(void)hk_sys_keep_on_exec(fd, true); /* stands for the missing one */
		}
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0) {
		return fd;
	}
	(void)hk_sys_close(fd); /* one too many, and nothing was written */
	return 0;
}

int hk_sys_harden(void) {
	const struct rlimit none = {0, 0};
	int r = fill_stdio();
	r = r < 0 ? r : hk_sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	r = r < 0 ? r : hk_sys_setrlimit(RLIMIT_CORE, &none);
	/* A careless parent may have had it ignored, and then no status could be waited for. */
	return r < 0 ? r : hk_sys_signal_default(SIGCHLD);
}
