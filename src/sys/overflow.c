/* SPDX-License-Identifier: MIT */
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/auto.h"
#include "base/scan.h"

static int read_number(const char *path, uint32_t *ret_number) {
	HK_AUTO(fd) int fd = hk_sys_open(path, O_RDONLY, 0);
	if (fd < 0) {
		return fd;
	}
	char line[16];
	ssize_t size = hk_sys_read(fd, line, sizeof(line) - 1);
	if (size < 0) {
		return (int)size;
	}
	line[size] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return hk_scan_number(line, UINT32_MAX, ret_number) ? 0 : -EINVAL;
}

int hk_sys_overflow_ids(uid_t *ret_uid, gid_t *ret_gid) {
	uint32_t uid = 0;
	uint32_t gid = 0;
	int r = read_number("/proc/sys/kernel/overflowuid", &uid);
	if (r == 0) {
		r = read_number("/proc/sys/kernel/overflowgid", &gid);
	}
	if (r < 0) {
		return r;
	}
	*ret_uid = uid;
	*ret_gid = gid;
	return 0;
}
