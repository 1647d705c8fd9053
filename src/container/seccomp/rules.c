/* SPDX-License-Identifier: MIT */
/*
 * rules.c: what the filters deny. These tables are meant to be read by whoever asks why a program
 * gets an error in a container; docs/seccomp.md says why for each group.
 *
 * What MUST hold: the rows of the first filter stay in this order. libseccomp emits the calls in
 * the order of their rules, and the program has to be the one that Flatpak's rules yield.
 */
#include "container/seccomp/rules.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/socket.h>

#include "container/params.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* For the column `unless`. */
#define ALWAYS	  0
#define USERNS	  HK_FILTER_USERNS
#define TTY	  HK_FILTER_TTY
#define DEVEL	  HK_FILTER_DEVEL
#define MULTIARCH HK_FILTER_MULTIARCH
#define COMPAT	  HK_FILTER_COMPAT

/* -- the first filter ---------------------------------------------------------------------- */

const struct hk_filter_deny hk_filter_denies[] = {
	/* the kernel's log */
	{ALWAYS, EPERM, "syslog"},
	/* obsolete, and privileged anyway */
	{ALWAYS, EPERM, "uselib"},
	{ALWAYS, EPERM, "acct"},
	{ALWAYS, EPERM, "quotactl"},
	/* keyrings know no namespaces */
	{ALWAYS, EPERM, "add_key"},
	{ALWAYS, EPERM, "keyctl"},
	{ALWAYS, EPERM, "request_key"},
	/* a history of kernel bugs, for the sake of a few scientific programs */
	{ALWAYS, EPERM, "move_pages"},
	{ALWAYS, EPERM, "mbind"},
	{ALWAYS, EPERM, "get_mempolicy"},
	{ALWAYS, EPERM, "set_mempolicy"},
	{ALWAYS, EPERM, "migrate_pages"},

	/* new namespaces, and the parts of the kernel that are reached with their capabilities */
	{USERNS, EPERM, "unshare"},
	{USERNS, EPERM, "setns"},
	{USERNS, EPERM, "mount"},
	{USERNS, EPERM, "umount"},
	{USERNS, EPERM, "umount2"},
	{USERNS, EPERM, "pivot_root"},
	{USERNS, EPERM, "chroot"},
	{USERNS, EPERM, "clone", {0, SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER}},
	/* clone3's flags lie in memory, where a filter cannot look: callers fall back to clone
	 * when told that it is not there. The new mount calls get the same answer. */
	{USERNS, ENOSYS, "clone3"},
	{USERNS, ENOSYS, "open_tree"},
	{USERNS, ENOSYS, "move_mount"},
	{USERNS, ENOSYS, "fsopen"},
	{USERNS, ENOSYS, "fsconfig"},
	{USERNS, ENOSYS, "fsmount"},
	{USERNS, ENOSYS, "fspick"},
	{USERNS, ENOSYS, "mount_setattr"},

	/* typing into the terminal. The kernel takes 32 bits of the request: comparing all 64
	 * would let a request with a bit set above them through. */
	{TTY, EPERM, "ioctl", {1, SCMP_CMP_MASKED_EQ, 0xffffffff, TIOCSTI}},
	{TTY, EPERM, "ioctl", {1, SCMP_CMP_MASKED_EQ, 0xffffffff, TIOCLINUX}},

	/* looking into other processes; execution domains of old */
	{DEVEL, EPERM, "perf_event_open"},
	{DEVEL, EPERM, "personality", {0, SCMP_CMP_NE, PER_LINUX}},
	{DEVEL, EPERM, "ptrace"},

	/* 16-bit segments */
	{MULTIARCH, EPERM, "modify_ldt"},

	/* clocks, modules, kernels, power, swap: privileged, refused without asking */
	{COMPAT, EPERM, "adjtimex"},
	{COMPAT, EPERM, "clock_adjtime"},
	{COMPAT, EPERM, "clock_adjtime64"},
	{COMPAT, EPERM, "clock_settime"},
	{COMPAT, EPERM, "clock_settime64"},
	{COMPAT, EPERM, "settimeofday"},
	{COMPAT, EPERM, "delete_module"},
	{COMPAT, EPERM, "finit_module"},
	{COMPAT, EPERM, "init_module"},
	{COMPAT, EPERM, "kexec_file_load"},
	{COMPAT, EPERM, "kexec_load"},
	{COMPAT, EPERM, "reboot"},
	{COMPAT, EPERM, "swapoff"},
	{COMPAT, EPERM, "swapon"},

	/* other owners and other ids: there is but one id inside */
	{USERNS | COMPAT, EPERM, "chown"},
	{USERNS | COMPAT, EPERM, "chown32"},
	{USERNS | COMPAT, EPERM, "fchown"},
	{USERNS | COMPAT, EPERM, "fchown32"},
	{USERNS | COMPAT, EPERM, "fchownat"},
	{USERNS | COMPAT, EPERM, "lchown"},
	{USERNS | COMPAT, EPERM, "lchown32"},
	{USERNS | COMPAT, EPERM, "setgid"},
	{USERNS | COMPAT, EPERM, "setgid32"},
	{USERNS | COMPAT, EPERM, "setgroups"},
	{USERNS | COMPAT, EPERM, "setgroups32"},
	{USERNS | COMPAT, EPERM, "setregid"},
	{USERNS | COMPAT, EPERM, "setregid32"},
	{USERNS | COMPAT, EPERM, "setresgid"},
	{USERNS | COMPAT, EPERM, "setresgid32"},
	{USERNS | COMPAT, EPERM, "setresuid"},
	{USERNS | COMPAT, EPERM, "setresuid32"},
	{USERNS | COMPAT, EPERM, "setreuid"},
	{USERNS | COMPAT, EPERM, "setreuid32"},
	{USERNS | COMPAT, EPERM, "setuid"},
	{USERNS | COMPAT, EPERM, "setuid32"},

	/* emulation that only other architectures have */
	{MULTIARCH | COMPAT, ENOSYS, "subpage_prot"},
	{MULTIARCH | COMPAT, ENOSYS, "switch_endian"},
	{MULTIARCH | COMPAT, ENOSYS, "vm86"},
	{MULTIARCH | COMPAT, ENOSYS, "vm86old"},
};
const size_t hk_filter_deny_count = COUNT(hk_filter_denies);

/* Sorted by number: the rules for those in between are made from the gaps. */
const struct hk_filter_family hk_filter_families[] = {
	{AF_UNSPEC},
	{AF_UNIX},
	{AF_INET},
	{AF_INET6},
	{AF_NETLINK},
	{AF_CAN, HK_FILTER_CAN},
	{AF_BLUETOOTH, HK_FILTER_BLUETOOTH},
};
const size_t hk_filter_family_count = COUNT(hk_filter_families);

/* -- the second filter ---------------------------------------------------------------------- */

const struct hk_filter_guard hk_filter_guards[] = {
	/* tty is about keeping the session, for job control; injection is not part of it */
	{ALWAYS, EPERM, HK_FILTER_LOOK_REQUEST, "ioctl"},
	/* libseccomp leaves the families out of a first filter of two architectures, and of one for
	 * 32-bit x86. That has socketcall, too, whose arguments lie in memory: it stays open. */
	{COMPAT, EAFNOSUPPORT, HK_FILTER_LOOK_FAMILY, "socket"},
	/* a ring opens sockets and files on its own, with no call that a filter would see */
	{COMPAT, ENOSYS, HK_FILTER_LOOK_NOTHING, "io_uring_setup"},
	{COMPAT, ENOSYS, HK_FILTER_LOOK_NOTHING, "io_uring_enter"},
	{COMPAT, ENOSYS, HK_FILTER_LOOK_NOTHING, "io_uring_register"},
	/* open_tree and mount_setattr in one */
	{COMPAT, ENOSYS, HK_FILTER_LOOK_NOTHING, "open_tree_attr", 467},
	/* a deny-list knows nothing of what comes after it */
	{COMPAT, ENOSYS, HK_FILTER_LOOK_UNKNOWN},
};
const size_t hk_filter_guard_count = COUNT(hk_filter_guards);

const uint32_t hk_filter_requests[] = {TIOCSTI, TIOCLINUX};
const size_t hk_filter_request_count = COUNT(hk_filter_requests);

/* -- architectures -------------------------------------------------------------------------- */

/*
 * The first number that no architecture used when this list was last looked through, with Linux
 * 6.18. To go further: read what the calls in between do, give those that need it a row above,
 * then raise the number. Looked at and left alone since 450: cachestat, fchmodat2,
 * map_shadow_stack, futex_wake, futex_wait, futex_requeue, statmount, listmount,
 * lsm_get_self_attr, lsm_set_self_attr, lsm_list_modules, mseal, setxattrat, getxattrat,
 * listxattrat, removexattrat, file_getattr, file_setattr.
 */
#define FIRST_UNKNOWN 470

/* The first one whose number is the same everywhere; below it lie numbers to grow into. */
#define FIRST_COMMON 403

const struct hk_filter_arch hk_filter_arches[] = {
	/* 335 and 336 are how probes return; the common numbers start at 424 here. Everything
	 * with the x32 bit is above the last one. */
	{"x86_64", SCMP_ARCH_X86_64, SCMP_ARCH_X86, {{337, 423}, {FIRST_UNKNOWN, UINT32_MAX}}},
	{"x86", SCMP_ARCH_X86, 0, {{FIRST_UNKNOWN, UINT32_MAX}}, .socket = 359},
	{"aarch64", SCMP_ARCH_AARCH64, SCMP_ARCH_ARM,
		{{295, FIRST_COMMON - 1}, {FIRST_UNKNOWN, UINT32_MAX}}},
	/* from 0xf0001 on: its own, for caches and thread pointers, without which nothing runs */
	{"arm", SCMP_ARCH_ARM, 0, {{FIRST_UNKNOWN, 0xf0000}, {0xf0007, UINT32_MAX}}},
	{"riscv64", SCMP_ARCH_RISCV64, 0, {{295, FIRST_COMMON - 1}, {FIRST_UNKNOWN, UINT32_MAX}}},
};
const size_t hk_filter_arch_count = COUNT(hk_filter_arches);

const struct hk_filter_arch *hk_filter_arch_named(const char *name) {
	for (size_t i = 0; i < hk_filter_arch_count; i++) {
		if (strcmp(hk_filter_arches[i].name, name) == 0) {
			return &hk_filter_arches[i];
		}
	}
	return NULL;
}

const struct hk_filter_arch *hk_filter_arch_of(uint32_t token) {
	for (size_t i = 0; i < hk_filter_arch_count; i++) {
		if (hk_filter_arches[i].token == token) {
			return &hk_filter_arches[i];
		}
	}
	return NULL;
}
