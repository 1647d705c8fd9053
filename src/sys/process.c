/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/scan.h"
#include "sys/ret.h"
#include "sys/sys.h"

pid_t hk_sys_fork(uint64_t flags, int *ret_pidfd) {
	int pidfd = -1;
	struct clone_args args = {
		.flags = flags | (ret_pidfd ? CLONE_PIDFD : 0),
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
	};
	long pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0) {
		return -errno;
	}
	if (pid > 0 && ret_pidfd) {
		*ret_pidfd = pidfd;
	}
	return (pid_t)pid;
}

int hk_sys_unshare_mounts(void) {
	return HK_RET(unshare(CLONE_NEWNS));
}

int hk_sys_map(size_t size, void **ret_memory) {
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED) {
		return -errno;
	}
	*ret_memory = memory;
	return 0;
}

void hk_sys_unmap(void *memory, size_t size) {
	(void)munmap(memory, size);
}

#define SPAWN_STACK (64 * 1024) /* what a few errors of fixed size and snprintf need */

pid_t hk_sys_spawn(int (*child)(void *data), void *data) {
	/* CLONE_VFORK keeps us, and so this stack, until the child no longer needs it; with
	 * CLONE_VM no page table is copied. A mapping: our own stack may be small. */
	void *stack = mmap(NULL, SPAWN_STACK, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED) {
		return -errno;
	}
	pid_t pid = HK_RET(clone(child, (unsigned char *)stack + SPAWN_STACK,
		CLONE_VM | CLONE_VFORK | SIGCHLD, data));
	(void)munmap(stack, SPAWN_STACK); /* what mmap gave */
	return pid;
}

/* exec never writes to the strings; its prototype is older than const. */
union unconst {
	const char *const *in;
	char *const *out;
};

int hk_sys_execve(const char *path, const char *const argv[], const char *const env[]) {
	union unconst args = {.in = argv};
	union unconst vars = {.in = env};
	(void)execve(path, args.out, vars.out); /* returns only to fail */
	return -errno;
}

int hk_sys_execveat(int fd, const char *const argv[], const char *const env[]) {
	(void)syscall(SYS_execveat, fd, "", argv, env, AT_EMPTY_PATH); /* likewise */
	return -errno;
}

pid_t hk_sys_getpid(void) {
	return getpid();
}

pid_t hk_sys_getppid(void) {
	return getppid();
}

int hk_sys_kill(pid_t pid, int sig) {
	return HK_RET(kill(pid, sig));
}

pid_t hk_sys_waitpid(pid_t pid, int *ret_status, int options) {
	return HK_RET_AGAIN(waitpid(pid, ret_status, options));
}

int hk_sys_pidfd_open(pid_t pid) {
	return (int)HK_RET(syscall(SYS_pidfd_open, pid, 0));
}

int hk_sys_pidfd_signal(int pidfd, int sig) {
	return (int)HK_RET(syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0));
}

int hk_sys_setsid(void) {
	return HK_RET(setsid());
}

int hk_sys_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
	return HK_RET(prctl(option, a, b, c, d));
}

int hk_sys_setrlimit(int resource, const struct rlimit *limit) {
	return HK_RET(setrlimit((__typeof__(RLIMIT_CORE))resource, limit));
}

int hk_sys_sethostname(const char *name) {
	return HK_RET(sethostname(name, strlen(name)));
}

int hk_sys_hostname(char *buffer, size_t size) {
	return HK_RET(gethostname(buffer, size));
}

int hk_sys_close_range(unsigned int first, unsigned int last, unsigned int flags) {
	return (int)HK_RET(syscall(SYS_close_range, first, last, flags));
}

int hk_sys_getgroups(struct hk_arena *arena, gid_t **ret_gids, size_t *ret_count) {
	int count = HK_RET(getgroups(0, NULL));
	if (count < 0) {
		return count;
	}
	gid_t *gids = hk_arena_alloc(arena, sizeof(*gids) * ((size_t)count + 1));
	if (!gids) {
		return -ENOMEM;
	}
	count = HK_RET(getgroups(count, gids));
	if (count < 0) {
		return count;
	}
	*ret_gids = gids;
	*ret_count = (size_t)count;
	return 0;
}

int hk_sys_setgroups(size_t count, const gid_t *gids) {
	return HK_RET(setgroups(count, gids));
}

int hk_sys_setresuid(uid_t real, uid_t effective, uid_t saved) {
	return HK_RET(setresuid(real, effective, saved));
}

int hk_sys_setresgid(gid_t real, gid_t effective, gid_t saved) {
	return HK_RET(setresgid(real, effective, saved));
}

int hk_sys_capset_none(void) {
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
	return (int)HK_RET(syscall(SYS_capset, &header, data));
}

int hk_sys_keyring_join(const char *name) {
	return (int)HK_RET(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name));
}

int hk_sys_keyring_owner(uid_t *ret_owner) {
	char text[256] = ""; /* "keyring;UID;GID;PERMISSIONS;NAME" */
	long r = HK_RET(syscall(
		SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, sizeof(text) - 1));
	if (r < 0) {
		return (int)r;
	}
	const char *type_end = strchr(text, ';');
	const char *end = type_end ? strchr(type_end + 1, ';') : NULL;
	uint32_t uid;
	if (!end ||
		!hk_scan_number_n(type_end + 1, (size_t)(end - type_end - 1), UINT32_MAX, &uid)) {
		return -EPROTO;
	}
	*ret_owner = uid;
	return 0;
}

int hk_sys_seccomp_filter(const void *code, unsigned short count) {
	union {
		const void *in;
		struct sock_filter *out;
	} filter = {.in = code};
	struct sock_fprog program = {.len = count, .filter = filter.out};
	return (int)HK_RET(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

int hk_sys_landlock_abi(void) {
	return (int)HK_RET(
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION));
}

int hk_sys_landlock_scope(uint64_t scopes) {
	/* ABI 6; the headers of the oldest distribution that we build on end before it */
	struct {
		uint64_t handled_access_fs;
		uint64_t handled_access_net;
		uint64_t scoped;
	} ruleset = {.scoped = scopes};
	HK_AUTO(fd)
	int fd = (int)HK_RET(syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0));
	if (fd < 0) {
		return fd;
	}
	return (int)HK_RET(syscall(SYS_landlock_restrict_self, fd, 0));
}

int hk_sys_loopback_up(void) {
	HK_AUTO(fd) int fd = HK_RET(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	if (fd < 0) {
		return fd;
	}
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	return HK_RET(ioctl(fd, SIOCSIFFLAGS, &request));
}
