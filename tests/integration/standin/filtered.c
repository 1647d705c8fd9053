/* SPDX-License-Identifier: MIT */
/* A user's program on a kernel that lacks a system call: filtered NUMBER ERRNO UID GID PROGRAM...
 * Started by root, so that the filter comes without no_new_privs, and setuid programs work. */
#include <errno.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char *argv[]) {
	if (argc < 6) {
		return 2;
	}
	const unsigned number = (unsigned)atoi(argv[1]);
	const unsigned code = (unsigned)atoi(argv[2]);
	const uid_t uid = (uid_t)atoi(argv[3]);
	const gid_t gid = (gid_t)atoi(argv[4]);
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | code),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(rules) / sizeof(rules[0]), rules};
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0 || setgroups(1, &gid) < 0 ||
		setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0) {
		perror("filtered");
		return 2;
	}
	execv(argv[5], argv + 5);
	perror("filtered: execv");
	return 2;
}
