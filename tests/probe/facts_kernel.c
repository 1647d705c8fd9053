/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

static void facts_names(struct hk_json *json) {
	struct utsname names;
	if (uname(&names) < 0) {
		return;
	}
	hk_json_string(json, "hostname", names.nodename);
	hk_json_string(json, "kernel", names.release);
	hk_json_string(json, "machine", names.machine);
}

static void facts_loopback(struct hk_json *json) {
	hk_json_object(json, "loopback");
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int r = fd < 0 ? -1 : ioctl(fd, SIOCGIFFLAGS, &request);
	hk_json_errno(json, "errno", r < 0 ? errno : 0);
	hk_json_number(json, "flags", request.ifr_flags);
	hk_json_bool(json, "up", request.ifr_flags & IFF_UP);
	if (fd >= 0) {
		(void)close(fd);
	}
	hk_json_object_end(json);
}

/* [soft, hard]; -1 is no limit. */
static void facts_limit(struct hk_json *json, const char *key, int resource) {
	struct rlimit limit = {0};
	if (getrlimit(resource, &limit) < 0) {
		hk_json_null(json, key);
		return;
	}
	hk_json_list(json, key);
	const rlim_t ends[] = {limit.rlim_cur, limit.rlim_max};
	for (size_t i = 0; i < 2; i++) {
		hk_json_number(json, NULL, ends[i] == RLIM_INFINITY ? -1 : (int64_t)ends[i]);
	}
	hk_json_list_end(json);
}

static void facts_place(struct hk_json *json, const char *key, const struct statx *place) {
	hk_json_object(json, key);
	hk_json_unsigned(json, "mount_id", place->stx_mnt_id);
	hk_json_unsigned(json, "inode", place->stx_ino);
	hk_json_unsigned(json, "device", makedev(place->stx_dev_major, place->stx_dev_minor));
	hk_json_object_end(json);
}

/* Whether "/.." leads out of "/": it does where another mount lies below the root mount. */
static void facts_root(struct hk_json *json) {
	struct statx root = {0};
	struct statx parent = {0};
	const unsigned int mask = STATX_INO | STATX_MNT_ID;
	bool known = statx(AT_FDCWD, "/", 0, mask, &root) == 0 &&
		     statx(AT_FDCWD, "/..", 0, mask, &parent) == 0;
	facts_place(json, "root", &root);
	facts_place(json, "root_parent", &parent);
	hk_json_bool(json, "root_is_its_own_parent",
		known && root.stx_mnt_id == parent.stx_mnt_id && root.stx_ino == parent.stx_ino &&
			root.stx_dev_major == parent.stx_dev_major &&
			root.stx_dev_minor == parent.stx_dev_minor);
}

void hk_probe_facts_kernel(struct hk_json *json) {
	facts_names(json);
	facts_loopback(json);
	hk_json_object(json, "limits");
	facts_limit(json, "core", RLIMIT_CORE);
	facts_limit(json, "nofile", RLIMIT_NOFILE);
	hk_json_object_end(json);
	hk_json_number(json, "dumpable", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	hk_json_number(json, "securebits", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
	facts_root(json);
}
