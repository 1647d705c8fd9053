/* SPDX-License-Identifier: MIT */
/*
 * attack PID ADDRESS: tries to take a process over, in every way there is, and prints one line
 * "WAY ERRNO" each; ERRNO 0 is a success. It lets go of what it got hold of.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void report(const char *way, long result) {
	printf("%s %d\n", way, result < 0 ? errno : 0);
}

static void try_file(const char *way, pid_t pid, const char *name, int flags) {
	char path[64];
	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	report(way, open(path, flags));
}

int main(int argc, char **argv) {
	if (argc < 2) {
		return 1;
	}
	pid_t pid = atoi(argv[1]);
	char byte = 0;
	struct iovec here = {&byte, 1};
	struct iovec there = {(void *)0x400000, 1};
	/* EFAULT would mean that only the address was wrong. */
	report("process_vm_readv", process_vm_readv(pid, &here, 1, &there, 1, 0));
	report("process_vm_writev", process_vm_writev(pid, &here, 1, &there, 1, 0));
	try_file("mem-read", pid, "mem", O_RDONLY);
	try_file("mem-write", pid, "mem", O_RDWR);
	try_file("maps", pid, "maps", O_RDONLY);
	try_file("environ", pid, "environ", O_RDONLY);
	try_file("fd", pid, "fd", O_RDONLY | O_DIRECTORY);
	try_file("root", pid, "root/etc", O_PATH);
	long pidfd = syscall(SYS_pidfd_open, pid, 0);
	report("pidfd_getfd", syscall(SYS_pidfd_getfd, (int)pidfd, 0, 0));
	report("seize", ptrace(PTRACE_SEIZE, pid, NULL, NULL));
	long attached = ptrace(PTRACE_ATTACH, pid, NULL, NULL);
	report("attach", attached);
	if (attached == 0) {
		waitpid(pid, NULL, 0);
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
	}
	return 0;
}
