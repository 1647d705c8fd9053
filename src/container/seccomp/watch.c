/* SPDX-License-Identifier: MIT */
/*
 * watch.c: the filter of a process that has nothing left to do but to watch over a container. It
 * runs under the program's uid, and its channel leads to the person's process: whoever takes it
 * over shall find nothing there to work with.
 *
 * A list of what is allowed, so nothing that a later kernel brings. Everything else fails with
 * EPERM. No file is opened, no process made, no memory made executable.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "container/seccomp/seccomp.h"

/* That of the build, as first.c's generator and the kernel name it. */
#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__i386__)
#define ARCH AUDIT_ARCH_I386
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#else
#error "the audit name of this architecture is missing"
#endif

#define LOAD(offset)   BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)
#define DENY	       RETURN(SECCOMP_RET_ERRNO | EPERM)
#define ALLOW(call)    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1), RETURN(SECCOMP_RET_ALLOW)
#define PROTECTION     (offsetof(struct seccomp_data, args) + 2 * sizeof(uint64_t))

/* The one that takes its arguments as others do: the third is the protection. */
#ifdef SYS_mmap2
#define MAP SYS_mmap2
#else
#define MAP SYS_mmap
#endif

static const struct sock_filter code[] = {
	LOAD(offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
	DENY,
	LOAD(offsetof(struct seccomp_data, nr)),
/* Waiting, and what came of it. */
#ifdef SYS_poll
	ALLOW(SYS_poll),
#endif
	ALLOW(SYS_ppoll),
	ALLOW(SYS_recvmsg),
	ALLOW(SYS_recvfrom),
	ALLOW(SYS_sendmsg),
	ALLOW(SYS_sendto),
	ALLOW(SYS_restart_syscall),
	ALLOW(SYS_rt_sigreturn),
	ALLOW(SYS_clock_gettime),
	/* The end. */
	ALLOW(SYS_pidfd_send_signal),
	ALLOW(SYS_kill), /* where that is denied from outside */
	ALLOW(SYS_wait4),
	ALLOW(SYS_close),
	ALLOW(SYS_exit),
	ALLOW(SYS_exit_group),
	/* Memory, which malloc asks for; but nothing that could be run. */
	ALLOW(SYS_brk),
	ALLOW(SYS_munmap),
	ALLOW(SYS_mremap),
	ALLOW(SYS_madvise),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 1, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MAP, 0, 3),
	LOAD(PROTECTION),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0),
	RETURN(SECCOMP_RET_ALLOW),
	DENY,
};

struct hk_filter hk_filter_watch(void) {
	return (struct hk_filter){.code = code, .count = sizeof(code) / sizeof(code[0])};
}
