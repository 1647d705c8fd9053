/* SPDX-License-Identifier: MIT */
/* probe.c: a child in the namespaces that a container has, which tries what building one takes.
 * Nothing of it can be seen outside, and it is gone with the child. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/auto.h"
#include "cli/doctor/doctor.h"
#include "sys/sys.h"

#define NAMESPACES                                                                                 \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | \
		CLONE_NEWCGROUP)
#define TIMEOUT_MS 5000

/* What is mounted over in the child: there on every system, and needed no more. */
#define PLACE "/tmp"

static int try_mounts(void) {
	HK_AUTO(fd) int fs = hk_sys_fsopen("tmpfs");
	int r = fs < 0 ? fs : hk_sys_fsconfig_create(fs);
	HK_AUTO(fd) int mount = r < 0 ? r : hk_sys_fsmount(fs, MOUNT_ATTR_NOSUID);
	r = mount < 0 ? mount
		      : hk_sys_move_mount(mount, "", AT_FDCWD, PLACE, MOVE_MOUNT_F_EMPTY_PATH);
	HK_AUTO(fd)
	int tree = r < 0 ? r
			 : hk_sys_open_tree(AT_FDCWD, "/",
				   OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	return tree < 0 ? tree
			: hk_sys_mount_setattr(
				  tree, AT_EMPTY_PATH | AT_RECURSIVE, MOUNT_ATTR_RDONLY, 0, 0);
}

static _Noreturn void run_child(int output) {
	struct hk_doctor_probe probe = {.mounts = try_mounts()};
	probe.proc = hk_sys_mount("proc", PLACE, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	/* Two directories that lie apart, wherever this is. */
	probe.overlay = hk_sys_mount(
		"overlay", PLACE, "overlay", MS_RDONLY, "lowerdir=/usr:/etc,userxattr");
	_exit(hk_sys_write_all(output, &probe, sizeof(probe)) < 0);
}

int hk_doctor_probe(struct hk_doctor_probe *ret_probe, struct hk_err *err) {
	int pair[2];
	int r = hk_sys_socketpair(SOCK_STREAM, pair);
	if (r < 0) {
		return hk_err_step(err, r, "make a socket pair");
	}
	HK_AUTO(fd) int ours = pair[0];
	HK_AUTO(fd) int theirs = pair[1];
	pid_t pid = hk_sys_fork(NAMESPACES, NULL);
	if (pid == 0) {
		run_child(theirs);
	}
	if (pid < 0) {
		*ret_probe = (struct hk_doctor_probe){.namespaces = pid};
		return 0;
	}
	(void)hk_sys_close(hk_take(&theirs)); /* or its end would not be seen */
	struct hk_doctor_probe probe;
	r = hk_sys_receive_timeout(ours, TIMEOUT_MS);
	ssize_t n = r < 0 ? r : hk_sys_read(ours, &probe, sizeof(probe));
	(void)hk_sys_kill(pid, SIGKILL); /* one that hangs in a mount; else it has ended */
	int status;
	(void)hk_sys_waitpid(pid, &status, 0);
	if (n != sizeof(probe)) {
		return hk_err_step(err, n < 0 ? (int)n : -EPIPE, "try what the kernel can do");
	}
	*ret_probe = probe;
	return 0;
}
