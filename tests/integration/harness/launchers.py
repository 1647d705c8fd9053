# SPDX-License-Identifier: MIT
"""Programs that root starts, and that become a user with something that only root can give."""

# launcher UID GID NUMBER:ERRNO[,...] PROGRAM [ARGUMENTS]: system calls that fail, for the user
# and everything it starts, also through a setuid program: the filter is loaded with a capability,
# so without no_new_privs.
FAILING_CALLS = r"""
#include <errno.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALLS_MAX 32

int main(int argc, char **argv) {
	struct sock_filter code[2 + 2 * CALLS_MAX] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	unsigned short length = 1;
	if (argc < 5) {
		return 90;
	}
	for (char *call = strtok(argv[3], ","); call; call = strtok(NULL, ",")) {
		char *code_text = strchr(call, ':');
		if (!code_text || length + 3 > sizeof(code) / sizeof(code[0])) {
			return 91;
		}
		unsigned int number = (unsigned int)atoi(call);
		unsigned int error = (unsigned int)atoi(code_text + 1);
		code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
		code[length++] = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error & SECCOMP_RET_DATA));
	}
	code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {length, code};
	uid_t uid = (uid_t)atoi(argv[1]);
	gid_t gid = (gid_t)atoi(argv[2]);
	/* Ids first: the filter may deny their calls. The capability is kept until it is loaded. */
	if (setgroups(1, &gid) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, 0) != 0 ||
		seteuid(0) != 0) {
		return 92;
	}
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) {
		return 93;
	}
	if (setresuid(uid, uid, uid) != 0) {
		return 94;
	}
	execv(argv[4], argv + 4);
	return 95;
}
"""

# launcher UID GID PROGRAM [ARGUMENTS]: with an inheritable and ambient capability.
AMBIENT_CAPABILITY = r"""
#include <grp.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	unsigned int cap = 1u << CAP_NET_BIND_SERVICE;
	struct __user_cap_data_struct data[2] = {{cap, cap, cap}, {0, 0, 0}};
	uid_t uid = (uid_t)atoi(argv[1]);
	gid_t gid = (gid_t)atoi(argv[2]);
	if (argc < 4 || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(1, &gid) ||
		setresgid(gid, gid, gid) || setresuid(uid, uid, uid) ||
		syscall(SYS_capset, &header, data) ||
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_BIND_SERVICE, 0, 0)) {
		return 1;
	}
	execv(argv[3], argv + 3);
	return 1;
}
"""

# launcher UID GID NUMBER WHEN LOG PROGRAM [ARGUMENTS]: the WHENth of all calls with this number,
# by whichever process, fails with EPERM (fstatfs: says that the file is on a tmpfs); 0: none. With
# an "o" behind WHEN it is made an orphan's: the caller's parent is killed first, and then the call
# goes on; with an "h" it hangs until its caller is killed. How many there were goes to LOG. Nobody
# is traced: a supervisor of root's answers for the kernel.
ONE_FAILING_CALL = r"""
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

static int load(unsigned int number) {
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
		&program);
}

static int pretend_tmpfs(const struct seccomp_notif *call) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/%u/mem", call->pid);
	struct statfs stat = {.f_type = TMPFS_MAGIC};
	int fd = open(path, O_WRONLY);
	ssize_t n = pwrite(fd, &stat, sizeof(stat), (off_t)call->data.args[1]);
	close(fd);
	return n == sizeof(stat) ? 0 : -EIO;
}

/* Kills the parent of whoever calls; of the first process, that one. */
static void orphan(pid_t pid) {
	char path[64], text[4096] = "";
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	const char *line = n > 0 ? strstr(text, "PPid:") : NULL;
	pid_t parent = line ? atoi(line + strlen("PPid:")) : 0;
	if (parent > 1) {
		kill(parent == getpid() ? pid : parent, SIGKILL);
		usleep(20000); /* until it is gone */
	}
}

static int supervise(int listener, pid_t child, int number, const char *how, const char *log) {
	int when = atoi(how);
	int count = 0;
	int status = 0;
	int ended = 0;
	for (;;) {
		struct pollfd poll_fd = {.fd = listener, .events = POLLIN};
		if (poll(&poll_fd, 1, 10) > 0 && (poll_fd.revents & POLLIN)) {
			struct seccomp_notif call = {0};
			if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) {
				continue;
			}
			struct seccomp_notif_resp answer = {.id = call.id};
			const int hit = ++count == when;
			if (hit && strchr(how, 'o')) {
				orphan((pid_t)call.pid);
			}
			if (hit && strchr(how, 'h')) {
				continue; /* no answer */
			}
			if (!hit || strchr(how, 'o')) {
				answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
			} else {
				answer.error = number == SYS_fstatfs ? pretend_tmpfs(&call) : -EPERM;
			}
			ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
		} else if (ended || waitpid(child, &status, WNOHANG) == child) {
			/* Orphans have a second to notice. Without us their calls would fail. */
			if (!strchr(how, 'o') || (poll_fd.revents & POLLHUP) || ++ended > 100) {
				break;
			}
		}
	}
	FILE *file = fopen(log, "w");
	fprintf(file, "%d", count);
	fclose(file);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

int main(int argc, char **argv) {
	if (argc < 7) {
		return 90;
	}
	uid_t uid = (uid_t)atoi(argv[1]);
	gid_t gid = (gid_t)atoi(argv[2]);
	int number = atoi(argv[3]);
	int said[2];
	if (pipe2(said, O_CLOEXEC) != 0) {
		return 91;
	}
	/* With one table of descriptors until the exec: the listener is ours as well. */
	pid_t child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (child == 0) {
		if (setgroups(1, &gid) != 0 || setresgid(gid, gid, gid) != 0 ||
			setresuid(uid, uid, 0) != 0 || seteuid(0) != 0) {
			_exit(92);
		}
		int listener = load((unsigned int)number);
		if (write(said[1], &listener, sizeof(listener)) != sizeof(listener) ||
			setresuid(uid, uid, uid) != 0) {
			_exit(93);
		}
		execv(argv[6], argv + 6);
		_exit(95);
	}
	int listener;
	if (read(said[0], &listener, sizeof(listener)) != sizeof(listener) || listener < 0) {
		return 94;
	}
	return supervise(listener, child, number, argv[4], argv[5]);
}
"""
