/* SPDX-License-Identifier: MIT */
/*
 * floor.c: what a container takes at the least. Makes the namespaces and the mounts that the other
 * ones of the benchmark make, with no system call too many, and executes /usr/bin/true in there.
 * No second uid, no helper, no filter, no state, and no message that says what went wrong: the
 * status is the number of the step.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Not every C library has wrappers for these, and their headers quarrel with the kernel's. */
#define CLONE_TREE	1		     /* OPEN_TREE_CLONE */
#define SUBTREE		0x8000		     /* AT_RECURSIVE */
#define FROM_DESCRIPTOR 0x00000004	     /* MOVE_MOUNT_F_EMPTY_PATH */
#define LOCKED_DOWN	(0x01 | 0x02 | 0x04) /* read-only, no setuid, no devices */
#define QUIET		(MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define NAMESPACES                                                                                 \
	(CLONE_NEWUSER | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWCGROUP |            \
		CLONE_NEWNET | CLONE_NEWNS)

struct attributes {
	uint64_t set, clear, propagation, userns;
};

static void must(int good, int step) {
	if (!good) {
		_exit(step);
	}
}

static void write_file(const char *path, const char *text) {
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	must(fd >= 0 && write(fd, text, strlen(text)) >= 0, 10);
	(void)close(fd); /* nothing is held back in proc */
}

static void map_ids(uid_t uid, gid_t gid) {
	char line[32];
	(void)snprintf(line, sizeof(line), "%u %u 1", uid, uid);
	write_file("/proc/self/uid_map", line);
	write_file("/proc/self/setgroups", "deny");
	(void)snprintf(line, sizeof(line), "%u %u 1", gid, gid);
	write_file("/proc/self/gid_map", line);
}

static int take(const char *path, unsigned int flags) {
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, path, CLONE_TREE | O_CLOEXEC | flags);
	must(fd >= 0, 20);
	return fd;
}

static void put(int fd, const char *path) {
	must(syscall(SYS_move_mount, fd, "", AT_FDCWD, path, FROM_DESCRIPTOR) == 0, 21);
	(void)close(fd); /* the mount stays */
}

static void put_usr(void) {
	struct attributes attributes = {.set = LOCKED_DOWN};
	int usr = take("/usr", SUBTREE);
	must(syscall(SYS_mount_setattr, usr, "", AT_EMPTY_PATH | SUBTREE, &attributes,
		     sizeof(attributes)) == 0,
		22);
	must(mkdir("usr", 0755) == 0, 23);
	put(usr, "usr");
}

static void put_dev(void) {
	static const char *const nodes[] = {"null", "zero", "full", "random", "urandom", "tty"};
	static const char *const links[][2] = {{"/proc/self/fd", "fd"},
		{"/proc/self/fd/0", "stdin"}, {"/proc/self/fd/1", "stdout"},
		{"/proc/self/fd/2", "stderr"}, {"pts/ptmx", "ptmx"}};
	must(mkdir("dev", 0755) == 0, 30);
	must(mount("tmpfs", "dev", "tmpfs", MS_NOSUID, "mode=755") == 0, 31);
	must(mkdir("dev/pts", 0755) == 0 && mkdir("dev/shm", 01777) == 0 &&
			mkdir("dev/mqueue", 0755) == 0,
		32);
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		char path[32];
		(void)snprintf(path, sizeof(path), "/dev/%s", nodes[i]);
		must(mknod(path + 1, S_IFREG | 0644, 0) == 0, 33);
		put(take(path, 0), path + 1);
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		char path[32];
		(void)snprintf(path, sizeof(path), "dev/%s", links[i][1]);
		must(symlink(links[i][0], path) == 0, 34);
	}
	must(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		     "newinstance,ptmxmode=0666,mode=620") == 0,
		35);
	must(mount("mqueue", "dev/mqueue", "mqueue", QUIET, NULL) == 0, 36);
}

static _Noreturn void be_container(uid_t uid, gid_t gid) {
	map_ids(uid, gid);
	/* In a mount namespace of another user's nothing is shared any more. */
	must(mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") == 0, 40);
	must(chdir("/tmp") == 0, 41);
	put_usr();
	must(symlink("usr/bin", "bin") == 0 && symlink("usr/lib", "lib") == 0 &&
			symlink("usr/lib64", "lib64") == 0,
		42);
	must(mkdir("proc", 0755) == 0 && mount("proc", "proc", "proc", QUIET, NULL) == 0, 43);
	put_dev();
	must(mkdir("tmp", 0755) == 0, 44);
	must(mount("tmpfs", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") == 0, 45);
	must(syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0, 46);
	(void)execl("/usr/bin/true", "true", (char *)NULL);
	_exit(47);
}

int main(void) {
	uid_t uid = geteuid();
	gid_t gid = getegid();
	pid_t pid = (pid_t)syscall(SYS_clone, NAMESPACES | SIGCHLD, NULL, NULL, NULL, NULL);
	must(pid >= 0, 50);
	if (pid == 0) {
		be_container(uid, gid);
	}
	int status;
	must(waitpid(pid, &status, 0) == pid, 51);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
