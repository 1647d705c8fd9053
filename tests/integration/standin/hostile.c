/* SPDX-License-Identifier: MIT */
/*
 * hostile: a program that wants out. Tries everything in its tables, each in a process of its own,
 * and prints a line "NAME ERRNO" for each; ERRNO 0 is a success, -N death by signal N. Where it can
 * make a user namespace it tries all of it again from in there, as that namespace's root:
 * "ns:NAME". Nothing of it does harm on a machine that lets it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define HIGH_BITS 0x5a5a5a5a00000000UL
#define UP	  "../../../../../../../../../../../../../.."

/* -- single system calls ---------------------------------------------------------------------- */

#define N(number) ((const void *)(uintptr_t)(number))
#define HERE	  N(AT_FDCWD)

struct call {
	const char *name;
	long number;
	const void *args[6];
};

static const uint64_t clone3_args[11] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};
static const uint64_t read_only[4] = {1};
static const uint64_t perf_attr[16] = {(uint64_t)128 << 32 | 1};
static const uint64_t bpf_code[] = {0xb7, 0x95}; /* return 0 */
static const uint64_t bpf_attr[16] = {
	(uint64_t)2 << 32 | 1, (uintptr_t)bpf_code, (uintptr_t) "GPL"};
static const uint32_t cap_header[] = {_LINUX_CAPABILITY_VERSION_3, 0};
static const uint32_t cap_all[] = {~0U, ~0U, ~0U, 0, 0, 0};
static const uint32_t handle[18] = {8, 1, 2}; /* often the root of a file system: inode 2 */
static const struct rlimit higher = {RLIM_INFINITY, RLIM_INFINITY};
static const gid_t root_group[] = {0};
static const char byte[] = "x";
static const struct iovec one_byte = {(void *)byte, 1};

/* clang-format off */
static const struct call calls[] = {
	/* mounts and namespaces */
	{"mount-tmpfs", SYS_mount, {"none", "/tmp", "tmpfs", N(0), ""}},
	{"mount-proc", SYS_mount, {"none", "/tmp", "proc", N(0), ""}},
	{"remount-writable", SYS_mount, {NULL, "/hostile", NULL, N(MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV)}},
	{"remount-suid", SYS_mount, {NULL, "/hostile", NULL, N(MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NODEV)}},
	{"remount-root-writable", SYS_mount, {NULL, "/", NULL, N(MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV)}},
	{"umount-proc", SYS_umount2, {"/proc", N(MNT_DETACH)}},
	{"umount-root", SYS_umount2, {"/", N(MNT_DETACH)}},
	{"pivot-root", SYS_pivot_root, {"/", "/"}},
	{"chroot", SYS_chroot, {"/tmp"}},
	{"unshare-user", SYS_unshare, {N(CLONE_NEWUSER)}},
	{"unshare-mounts", SYS_unshare, {N(CLONE_NEWNS)}},
	{"unshare-cgroup", SYS_unshare, {N(CLONE_NEWCGROUP)}},
	{"clone-user", SYS_clone, {N(CLONE_NEWUSER | SIGCHLD)}},
	{"clone3-user", SYS_clone3, {clone3_args, N(sizeof(clone3_args))}},
	{"open-tree", SYS_open_tree, {HERE, "/", N(OPEN_TREE_CLONE | AT_RECURSIVE)}},
	{"open-tree-attr", 467, {HERE, "/", N(OPEN_TREE_CLONE | AT_RECURSIVE), NULL, N(0)}},
	{"fsopen", SYS_fsopen, {"tmpfs", N(0)}},
	{"fspick", SYS_fspick, {HERE, "/", N(0)}},
	{"move-mount", SYS_move_mount, {HERE, "/proc", HERE, "/tmp", N(0)}},
	{"mount-setattr", SYS_mount_setattr, {HERE, "/", N(0), read_only, N(sizeof(read_only))}},
	/* the kernel's own */
	{"kernel-log", SYS_syslog, {N(10)}},
	{"console-level", SYS_syslog, {N(8), NULL, N(7)}},
	{"load-module", SYS_init_module, {"", N(0), ""}},
	{"unload-module", SYS_delete_module, {"no-such-module", N(O_NONBLOCK)}},
	{"load-kernel", SYS_kexec_load, {N(0), N(0), NULL, N(0)}},
	{"keys-that-reboot", SYS_reboot, {N(0xfee1dead), N(672274793), N(0), NULL}},
	{"swap-off", SYS_swapoff, {"/no-such-swap"}},
	{"accounting", SYS_acct, {"/no-such-file"}},
	{"quota", SYS_quotactl, {N(0x80000101), "/no-such-device", N(0), NULL}},
	{"host-name", SYS_sethostname, {"hostile", N(7)}},
	{"bpf", SYS_bpf, {N(5), bpf_attr, N(sizeof(bpf_attr))}},
	{"events", SYS_perf_event_open, {perf_attr, N(0), N(-1), N(-1), N(0)}},
	{"keyring", SYS_keyctl, {N(0), N(-3), N(1)}},
	{"add-key", SYS_add_key, {"user", "hostile", "x", N(1), N(-3)}},
	{"request-key", SYS_request_key, {"user", "hk-secret", NULL, N(-3)}},
	{"memory-policy", SYS_set_mempolicy, {N(0), NULL, N(0)}},
	{"file-by-handle", SYS_open_by_handle_at, {HERE, handle, N(0)}},
	/* ids, capabilities and limits */
	{"setuid", SYS_setuid, {N(0)}},
	{"setgid", SYS_setgid, {N(0)}},
	{"setgroups", SYS_setgroups, {N(1), root_group}},
	{"drop-groups", SYS_setgroups, {N(0), NULL}},
	{"capset", SYS_capset, {cap_header, cap_all}},
	{"ambient-capability", SYS_prctl, {N(PR_CAP_AMBIENT), N(PR_CAP_AMBIENT_RAISE), N(CAP_SYS_ADMIN), N(0), N(0)}},
	{"new-privileges", SYS_prctl, {N(PR_SET_NO_NEW_PRIVS), N(0), N(0), N(0), N(0)}},
	{"filters-off", SYS_prctl, {N(PR_SET_SECCOMP), N(0), N(0), N(0), N(0)}},
	{"securebits", SYS_prctl, {N(PR_SET_SECUREBITS), N(1), N(0), N(0), N(0)}},
	{"higher-limit", SYS_setrlimit, {N(RLIMIT_CORE), &higher}},
	{"priority", SYS_setpriority, {N(PRIO_PROCESS), N(0), N(-20)}},
	/* other processes */
	{"trace-init", SYS_ptrace, {N(PTRACE_SEIZE), N(1), NULL, NULL}},
	{"read-init", SYS_process_vm_readv, {N(1), &one_byte, N(1), &one_byte, N(1), N(0)}},
	{"write-init", SYS_process_vm_writev, {N(1), &one_byte, N(1), &one_byte, N(1), N(0)}},
	{"limits-of-init", SYS_prlimit64, {N(1), N(RLIMIT_CORE), &higher, NULL}},
};
/* clang-format on */

/* -- files that would do ------------------------------------------------------------------------
 */

struct file {
	const char *name;
	const char *path;
	int flags;
};

static const struct file files[] = {
	{"root-of-init", "/proc/1/root", O_PATH | O_DIRECTORY},
	{"cwd-of-init", "/proc/1/cwd", O_PATH | O_DIRECTORY},
	{"descriptor-of-init", "/proc/1/fd/0", O_PATH},
	{"memory-of-init", "/proc/1/mem", O_RDWR},
	{"program-of-init", "/proc/1/exe", O_RDONLY},
	{"own-program", "/proc/self/exe", O_WRONLY},
	{"core-pattern", "/proc/sys/kernel/core_pattern", O_WRONLY},
	{"modprobe", "/proc/sys/kernel/modprobe", O_WRONLY},
	{"sysrq", "/proc/sysrq-trigger", O_WRONLY},
	{"formats", "/proc/sys/fs/binfmt_misc/register", O_WRONLY},
	{"uevent-helper", "/sys/kernel/uevent_helper", O_WRONLY},
	{"release-agent", "/sys/fs/cgroup/release_agent", O_WRONLY},
	{"cgroup", "/sys/fs/cgroup/cgroup.procs", O_WRONLY},
	{"kernel-memory", "/proc/kcore", O_RDONLY},
	{"kernel-messages", "/dev/kmsg", O_RDONLY},
	{"memory", "/dev/mem", O_RDONLY},
	{"accounts", "/etc/passwd", O_WRONLY},
	{"passwords", "/etc/shadow", O_RDONLY},
	{"system", "/usr/bin/env", O_WRONLY},
	{"root", "/hostile-was-here", O_WRONLY | O_CREAT},
};

/* -- what takes more than a call ----------------------------------------------------------------
 */

static int join(int flags) {
	int fd = (int)syscall(SYS_pidfd_open, 1, 0);
	return fd < 0 ? -1 : setns(fd, flags);
}

static int join_init(void) {
	return join(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET);
}

static int descriptor_by_pidfd(void) {
	int fd = (int)syscall(SYS_pidfd_open, 1, 0);
	return fd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, fd, 0, 0);
}

/* A success only if it is somewhere else than the root. */
static int is_elsewhere(int fd) {
	struct statx here;
	struct statx root;
	unsigned int mask = STATX_INO | STATX_MNT_ID;
	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, mask, &here) != 0 ||
		statx(AT_FDCWD, "/", 0, mask, &root) != 0) {
		return -1;
	}
	errno = EXDEV;
	return here.stx_mnt_id == root.stx_mnt_id && here.stx_ino == root.stx_ino ? -1 : 0;
}

static int walk_up(void) {
	return is_elsewhere(openat(AT_FDCWD, UP, O_PATH));
}

static int walk_up_from_root(void) {
	return is_elsewhere(open("/" UP, O_PATH));
}

static int walk_up_through_link(void) {
	return is_elsewhere(open("/proc/self/cwd/" UP, O_PATH));
}

/* Above the root of a chroot a working directory leads on up. */
static int walk_up_out_of_chroot(void) {
	int fd = open("/", O_RDONLY | O_DIRECTORY);
	int root = open("/", O_PATH);
	struct statx here;
	struct statx there;
	if (fd < 0 || root < 0 || chroot("/tmp") != 0 || fchdir(fd) != 0 || chdir(UP) != 0 ||
		statx(AT_FDCWD, ".", 0, STATX_MNT_ID, &here) != 0 ||
		statx(root, "", AT_EMPTY_PATH, STATX_MNT_ID, &there) != 0) {
		return -1;
	}
	errno = EXDEV;
	return here.stx_mnt_id == there.stx_mnt_id ? -1 : 0;
}

static int inherited_descriptor(void) {
	for (int fd = 3; fd < 4096; fd++) {
		if (fcntl(fd, F_GETFD) >= 0) {
			return 0;
		}
	}
	return -1;
}

static int make_device(void) {
	(void)unlink("/tmp/device");
	int r = mknod("/tmp/device", S_IFCHR | 0666, makedev(1, 1));
	return r < 0 ? r : open("/tmp/device", O_RDONLY);
}

/* A ring opens sockets of any family behind the filters' backs. */
static int make_ring(void) {
	uint32_t params[30] = {0};
	return (int)syscall(SYS_io_uring_setup, 4, params);
}

static int open_socket(int family, int type) {
	return socket(family, type | SOCK_CLOEXEC, 0);
}

static int socket_packet(void) {
	return open_socket(AF_PACKET, SOCK_DGRAM);
}

static int socket_alg(void) {
	return open_socket(AF_ALG, SOCK_SEQPACKET);
}

static int socket_vsock(void) {
	return open_socket(AF_VSOCK, SOCK_STREAM);
}

static int socket_raw(void) {
	return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

/* The first descriptor that is a terminal, or the terminal of the session. */
static int type_into(unsigned long request) {
	char text[] = "\n";
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY);
	int result = -1;
	for (int fd = 0; fd < 3 && result < 0; fd++) {
		result = (int)syscall(SYS_ioctl, fd, request, text);
	}
	return result < 0 && tty >= 0 ? (int)syscall(SYS_ioctl, tty, request, text) : result;
}

static int type_with_sti(void) {
	return type_into(TIOCSTI);
}

static int type_with_sti_and_high_bits(void) {
	return type_into(TIOCSTI | HIGH_BITS);
}

static int paste_with_linux(void) {
	return type_into(TIOCLINUX);
}

static int paste_with_linux_and_high_bits(void) {
	return type_into(TIOCLINUX | HIGH_BITS);
}

/* The shim, the monitor and the person's shell are no longer there if it works. */
static int signal_others(void) {
	for (pid_t pid = 3; pid < 400; pid++) {
		if (pid != getpid() && pid != getppid() && kill(pid, 0) == 0) {
			return 0;
		}
	}
	return -1;
}

/* The kernel drops it without a word, so it is a success; who is still there tells. */
static int kill_init(void) {
	return kill(1, SIGKILL);
}

struct trick {
	const char *name;
	int (*run)(void);
};

static const struct trick tricks[] = {
	{"join-init", join_init},
	{"descriptor-by-pidfd", descriptor_by_pidfd},
	{"walk-up", walk_up},
	{"walk-up-from-root", walk_up_from_root},
	{"walk-up-through-link", walk_up_through_link},
	{"walk-up-out-of-chroot", walk_up_out_of_chroot},
	{"inherited-descriptor", inherited_descriptor},
	{"make-device", make_device},
	{"ring", make_ring},
	{"socket-packet", socket_packet},
	{"socket-alg", socket_alg},
	{"socket-vsock", socket_vsock},
	{"socket-raw", socket_raw},
	{"type-with-sti", type_with_sti},
	{"type-with-sti-high", type_with_sti_and_high_bits},
	{"paste-with-linux", paste_with_linux},
	{"paste-with-linux-high", paste_with_linux_and_high_bits},
	{"signal-others", signal_others},
	{"kill-init", kill_init},
};

/* -- running them -------------------------------------------------------------------------------
 */

struct attempt {
	const struct call *call;
	const struct file *file;
	const struct trick *trick;
};

static int attempt_run(const struct attempt *attempt) {
	if (attempt->call) {
		const void *const *args = attempt->call->args;
		return syscall(attempt->call->number, args[0], args[1], args[2], args[3], args[4],
			       args[5]) < 0
			       ? errno
			       : 0;
	}
	if (attempt->file) {
		return open(attempt->file->path, attempt->file->flags, 0600) < 0 ? errno : 0;
	}
	return attempt->trick->run() < 0 ? errno : 0;
}

static void try(const char *where, const char *name, const struct attempt *attempt) {
	pid_t pid = fork();
	if (pid == 0) {
		_exit(attempt_run(attempt));
	}
	int status = 0;
	(void)waitpid(pid, &status, 0);
	(void)printf("%s%s %d\n", where, name,
		WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
	(void)fflush(stdout); /* or a child would print it once more */
}

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static void try_all(const char *where) {
	for (size_t i = 0; i < ROWS(calls); i++) {
		try(where, calls[i].name, &(struct attempt){.call = &calls[i]});
	}
	for (size_t i = 0; i < ROWS(files); i++) {
		try(where, files[i].name, &(struct attempt){.file = &files[i]});
	}
	for (size_t i = 0; i < ROWS(tricks); i++) {
		try(where, tricks[i].name, &(struct attempt){.trick = &tricks[i]});
	}
}

static void write_file(const char *path, const char *text) {
	int fd = open(path, O_WRONLY);
	(void)!write(fd, text, strlen(text)); /* what then works tells */
	(void)close(fd);
}

int main(void) {
	char map[64];
	(void)snprintf(map, sizeof(map), "0 %d 1", (int)getuid());
	try_all("");
	/* So far it was the container's. */
	if (fork() == 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
			_exit(0);
		}
		write_file("/proc/self/setgroups", "deny");
		write_file("/proc/self/uid_map", map);
		write_file("/proc/self/gid_map", map);
		try_all("ns:");
		_exit(0);
	}
	(void)wait(NULL);
	(void)printf("end 0\n");
	return 0;
}
