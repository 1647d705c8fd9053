/* SPDX-License-Identifier: MIT */
#include "expect.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <linux/audit.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "container/params.h"

/* Calls that fail whatever their arguments are. */
static const struct {
	uint32_t unless;
	int error;
	const char *calls;
} groups[] = {
	{0, EPERM,
		" syslog uselib acct quotactl add_key keyctl request_key move_pages mbind"
		" get_mempolicy set_mempolicy migrate_pages "},
	{HK_FILTER_USERNS, EPERM, " unshare setns mount umount umount2 pivot_root chroot "},
	{HK_FILTER_USERNS, ENOSYS,
		" clone3 open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr "},
	{HK_FILTER_DEVEL, EPERM, " perf_event_open ptrace "},
	{HK_FILTER_MULTIARCH, EPERM, " modify_ldt "},
	{HK_FILTER_COMPAT, EPERM,
		" adjtimex clock_adjtime clock_adjtime64 clock_settime clock_settime64"
		" settimeofday delete_module finit_module init_module kexec_file_load kexec_load"
		" reboot swapoff swapon "},
	{HK_FILTER_COMPAT | HK_FILTER_USERNS, EPERM,
		" chown chown32 fchown fchown32 fchownat lchown lchown32 setgid setgid32 setgroups"
		" setgroups32 setregid setregid32 setresgid setresgid32 setresuid setresuid32"
		" setreuid setreuid32 setuid setuid32 "},
	{HK_FILTER_COMPAT | HK_FILTER_MULTIARCH, ENOSYS, " vm86 vm86old "},
	{HK_FILTER_COMPAT, ENOSYS, " io_uring_setup io_uring_enter io_uring_register "},
};

uint32_t call_number(uint32_t arch, const char *name) {
	/* libseccomp calls these by numbers of its own, for the sake of socketcall. */
	if (arch == AUDIT_ARCH_I386 && strcmp(name, "socket") == 0) {
		return 359;
	}
	int number = seccomp_syscall_resolve_name_arch(arch, name);
	if (number < 0) {
		(void)fprintf(stderr, "no number for %s\n", name);
		abort();
	}
	return (uint32_t)number;
}

/* Whether the calls, each between blanks, hold the one of this number. */
static bool has_call(const char *calls, uint32_t arch, uint32_t number) {
	char *name = seccomp_syscall_resolve_num_arch(arch, (int)number);
	char padded[64] = "";
	if (name) {
		(void)snprintf(padded, sizeof(padded), " %s ", name);
	}
	free(name);
	return padded[0] != '\0' && strstr(calls, padded);
}

/* The names are looked up once: libseccomp searches for them linearly. */
static size_t group_of(uint32_t arch, uint32_t number) {
	static uint8_t known[2][SWEEP]; /* 0: not looked up; else 1 + the group, or 1 + none */
	size_t none = sizeof(groups) / sizeof(groups[0]);
	if (number >= SWEEP) {
		return none;
	}
	uint8_t *slot = &known[arch == AUDIT_ARCH_I386][number];
	if (*slot == 0) {
		size_t i = 0;
		while (i < none && !has_call(groups[i].calls, arch, number)) {
			i++;
		}
		*slot = (uint8_t)(1 + i);
	}
	return *slot - 1;
}

static bool family_is_allowed(uint32_t flags, uint64_t family) {
	switch (family) {
	case AF_UNSPEC:
	case AF_UNIX:
	case AF_INET:
	case AF_INET6:
	case AF_NETLINK:
		return true;
	case AF_CAN:
		return (flags & HK_FILTER_CAN) != 0;
	case AF_BLUETOOTH:
		return (flags & HK_FILTER_BLUETOOTH) != 0;
	default:
		return false;
	}
}

static bool number_is_unknown(uint32_t arch, uint32_t number) {
	return number == 467 || number >= 470 ||
	       (arch == AUDIT_ARCH_X86_64 && number >= 337 && number <= 423);
}

/* The calls whose arguments matter. */
static int expect_arguments(uint32_t flags, const struct seccomp_data *data) {
	uint32_t number = (uint32_t)data->nr;
	uint32_t request = (uint32_t)data->args[1];
	if (number == call_number(data->arch, "ioctl")) {
		return request == TIOCSTI || request == TIOCLINUX ? EPERM : EXPECT_PASS;
	}
	if (number == call_number(data->arch, "clone")) {
		bool denied = !(flags & HK_FILTER_USERNS) && (data->args[0] & CLONE_NEWUSER);
		return denied ? EPERM : EXPECT_PASS;
	}
	if (number == call_number(data->arch, "personality")) {
		bool denied = !(flags & HK_FILTER_DEVEL) && data->args[0] != 0;
		return denied ? EPERM : EXPECT_PASS;
	}
	if (number == call_number(data->arch, "socket")) {
		uint32_t open = HK_FILTER_COMPAT | HK_FILTER_MULTIARCH;
		bool allowed = (flags & open) == open || family_is_allowed(flags, data->args[0]);
		return allowed ? EXPECT_PASS : EAFNOSUPPORT;
	}
	return EXPECT_PASS;
}

int expect(uint32_t flags, const struct seccomp_data *data) {
	uint32_t number = (uint32_t)data->nr;
	bool native = data->arch == AUDIT_ARCH_X86_64;
	if (!native && !(data->arch == AUDIT_ARCH_I386 && (flags & HK_FILTER_MULTIARCH))) {
		return EXPECT_KILL;
	}
	if (native && number >= 0x40000000 && number != UINT32_MAX) {
		return EXPECT_KILL; /* x32 */
	}
	size_t group = group_of(data->arch, number);
	if (group < sizeof(groups) / sizeof(groups[0])) {
		return groups[group].unless & flags ? EXPECT_PASS : groups[group].error;
	}
	if (number_is_unknown(data->arch, number)) {
		return flags & HK_FILTER_COMPAT ? EXPECT_PASS : ENOSYS;
	}
	return expect_arguments(flags, data);
}
