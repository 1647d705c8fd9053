/* SPDX-License-Identifier: MIT */
/*
 * test_kernel.c: the programs of every preset, run by the kernel.
 *
 * An older filter below ours lets nothing through: a call that ours allow ends there with an errno
 * that the kernel never uses, before it does anything. So every number can be called, exit, pause
 * and reboot too, and a call that is let through cannot be mistaken for one that failed by itself.
 */
#include <asm/ioctls.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "container/params.h"
#include "container/seccomp/seccomp.h"
#include "expect.h"
#include "sys/sys.h"

#define FLOOR_ERRNO 4000
#define PROBES_MAX  8192

/* Needed to load filters and to end; the last one by AddressSanitizer before that. */
static const uint32_t above_floor[] = {SYS_exit_group, SYS_prctl, SYS_seccomp, SYS_sigaltstack};

/* How uprobes return. The kernel asks no filter about them. */
static const uint32_t unfiltered[] = {335, 336};

struct probes {
	uint32_t flags;
	size_t count;
	struct {
		struct seccomp_data data;
		int error; /* what came of it: an errno, 0 if it did not fail */
	} probes[PROBES_MAX];
};

static bool load_floor(void) {
	const struct sock_filter floor[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, above_floor[0], 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, above_floor[1], 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, above_floor[2], 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, above_floor[3], 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | FLOOR_ERRNO),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	return hk_sys_seccomp_filter(floor, sizeof(floor) / sizeof(floor[0])) == 0;
}

static int call(const struct seccomp_data *data) {
	if (data->arch == AUDIT_ARCH_I386) {
		return -call_32bit(
			(uint32_t)data->nr, (uint32_t)data->args[0], (uint32_t)data->args[1]);
	}
	long r = syscall((long)(uint32_t)data->nr, data->args[0], data->args[1], 0, 0, 0, 0);
	return r < 0 ? errno : 0;
}

static int make_probes(void *argument) {
	struct probes *probes = argument;
	struct hk_err err;
	if (!load_floor() || hk_filter_load(probes->flags, &err) < 0) {
		return 1;
	}
	for (size_t i = 0; i < probes->count; i++) {
		probes->probes[i].error = call(&probes->probes[i].data);
	}
	return 0;
}

static bool holds(const uint32_t *numbers, size_t size, uint32_t number) {
	for (size_t i = 0; i < size / sizeof(numbers[0]); i++) {
		if (numbers[i] == number) {
			return true;
		}
	}
	return false;
}

static void add(struct probes *probes, uint32_t arch, uint32_t number, uint64_t a, uint64_t b) {
	if (arch == AUDIT_ARCH_X86_64 && (holds(above_floor, sizeof(above_floor), number) ||
						 holds(unfiltered, sizeof(unfiltered), number))) {
		return;
	}
	assert_true(probes->count < PROBES_MAX);
	probes->probes[probes->count].data =
		(struct seccomp_data){.nr = (int)number, .arch = arch, .args = {a, b}};
	probes->probes[probes->count].error = -1;
	probes->count++;
}

/* high: what goes into the half that the kernel ignores. */
static void add_all(struct probes *probes, uint32_t arch, uint64_t high) {
	static const uint32_t requests[] = {TIOCSTI, TIOCLINUX, TIOCSTI + 1, TIOCGWINSZ};
	static const uint32_t flags[] = {SIGCHLD, CLONE_NEWUSER, CLONE_NEWUSER | SIGCHLD, CLONE_VM};
	static const uint32_t values[] = {0, 8, 0x40000, UINT32_MAX};
	const uint64_t all = arch == AUDIT_ARCH_I386 ? UINT32_MAX : UINT64_MAX;

	for (uint32_t number = 0; number < SWEEP; number++) {
		add(probes, arch, number, 0, 0);
		/* No bit of an argument decides but where a group says so. */
		add(probes, arch, number, all, all);
		add(probes, arch, number, all / 3, all / 3 * 2);
	}
	for (uint32_t family = 0; family <= 50; family++) {
		add(probes, arch, call_number(arch, "socket"), family, 1);
	}
	for (size_t i = 0; i < 4; i++) {
		add(probes, arch, call_number(arch, "ioctl"), 0, requests[i]);
		add(probes, arch, call_number(arch, "ioctl"), 0, requests[i] | high);
		add(probes, arch, call_number(arch, "clone"), flags[i], 0);
		add(probes, arch, call_number(arch, "clone"), flags[i] | high, 0);
		add(probes, arch, call_number(arch, "personality"), values[i], 0);
		add(probes, arch, call_number(arch, "personality"), values[i] | high, 0);
	}
	add(probes, arch, UINT32_MAX, 0, 0);
}

static void check(const struct probes *probes) {
	for (size_t i = 0; i < probes->count; i++) {
		const struct seccomp_data *data = &probes->probes[i].data;
		int expected = expect(probes->flags, data);
		int error = probes->probes[i].error;
		int got = error == FLOOR_ERRNO ? EXPECT_PASS : error;
		if (got != expected || simulate(probes->flags, data) != expected) {
			fail_msg("preset %#x, architecture %#x, call %u(%#llx, %#llx): %d, in user "
				 "space %d, instead of %d",
				probes->flags, data->arch, (unsigned int)data->nr, data->args[0],
				data->args[1], got, simulate(probes->flags, data), expected);
		}
	}
}

static void every_call_gets_what_its_group_says(void **state) {
	(void)state;
	struct probes *probes = mmap(
		NULL, sizeof(*probes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(probes, MAP_FAILED);
	bool has_32bit = has_32bit_calls();
	for (uint32_t flags = 0; flags < HK_FILTER_PRESETS; flags++) {
		probes->flags = flags;
		probes->count = 0;
		add_all(probes, AUDIT_ARCH_X86_64, UINT64_C(5) << 32);
		if ((flags & HK_FILTER_MULTIARCH) && has_32bit) {
			add_all(probes, AUDIT_ARCH_I386, 0);
		}
		assert_int_equal(run_in_child(make_probes, probes), 0);
		check(probes);
	}
	assert_int_equal(munmap(probes, sizeof(*probes)), 0);
}

static int ask_pid_32bit(void *argument) {
	const uint32_t *flags = argument;
	struct hk_err err;
	if (hk_filter_load(*flags, &err) < 0) {
		return 1;
	}
	return call_32bit(20, 0, 0) > 0 ? 0 : 2;
}

static void calls_of_32bit_programs_kill_unless_multiarch(void **state) {
	(void)state;
	if (!has_32bit_calls()) {
		skip();
	}
	for (uint32_t flags = 0; flags < HK_FILTER_PRESETS; flags++) {
		int status = run_in_child(ask_pid_32bit, &flags);
		if (flags & HK_FILTER_MULTIARCH) {
			assert_int_equal(status, 0);
		} else {
			assert_true(WIFSIGNALED(status));
			assert_int_equal(WTERMSIG(status), SIGSYS);
		}
	}
}

static int ask_pid_x32(void *argument) {
	const uint32_t *flags = argument;
	struct hk_err err;
	if (hk_filter_load(*flags, &err) < 0) {
		return 1;
	}
	(void)syscall(0x40000000 | SYS_getpid); /* does not return */
	return 2;
}

static void x32_calls_kill(void **state) {
	(void)state;
	for (uint32_t flags = 0; flags < HK_FILTER_PRESETS; flags++) {
		int status = run_in_child(ask_pid_x32, &flags);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_gets_what_its_group_says),
		cmocka_unit_test(calls_of_32bit_programs_kill_unless_multiarch),
		cmocka_unit_test(x32_calls_kill),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
