/* SPDX-License-Identifier: MIT */
/* test_programs.c: the programs of every preset, run in user space. */
#include <asm/ioctls.h>
#include <errno.h>
#include <linux/audit.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "container/params.h"
#include "container/seccomp/seccomp.h"
#include "expect.h"

#define HIGH_BIT (UINT64_C(1) << 32)

static const uint32_t arches[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386};

static struct seccomp_data call_data(uint32_t arch, uint32_t number, uint64_t a, uint64_t b) {
	/* the kernel widens the arguments of 32-bit calls */
	uint64_t mask = arch == AUDIT_ARCH_I386 ? UINT32_MAX : UINT64_MAX;
	return (struct seccomp_data){.nr = (int)number, .arch = arch, .args = {a & mask, b & mask}};
}

static void check(uint32_t flags, uint32_t arch, uint32_t number, uint64_t a, uint64_t b) {
	struct seccomp_data data = call_data(arch, number, a, b);
	int expected = expect(flags, &data);
	int got = simulate(flags, &data);
	if (got != expected) {
		fail_msg("preset %#x, architecture %#x, call %u(%#lx, %#lx): %d instead of %d",
			flags, arch, number, (unsigned long)a, (unsigned long)b, got, expected);
	}
}

static void check_everywhere(const char *call, uint64_t a, uint64_t b) {
	for (uint32_t flags = 0; flags < HK_FILTER_PRESETS; flags++) {
		for (size_t i = 0; i < 2; i++) {
			check(flags, arches[i], call_number(arches[i], call), a, b);
		}
	}
}

static void every_number_gets_what_its_group_says(void **state) {
	(void)state;
	for (uint32_t flags = 0; flags < HK_FILTER_PRESETS; flags++) {
		for (uint32_t number = 0; number < SWEEP; number++) {
			check(flags, AUDIT_ARCH_X86_64, number, 0, 0);
			check(flags, AUDIT_ARCH_X86_64, number, UINT64_MAX, UINT64_MAX);
			check(flags, AUDIT_ARCH_I386, number, 0, 0);
			check(flags, AUDIT_ARCH_I386, number, UINT32_MAX, UINT32_MAX);
		}
	}
}

static void numbers_far_out_are_unknown_or_x32(void **state) {
	static const uint32_t numbers[] = {1024, 65535, 0x3fffffff, 0x40000000, 0x40000001,
		0x7fffffff, 0x80000000, UINT32_MAX};
	(void)state;
	for (uint32_t flags = 0; flags < HK_FILTER_PRESETS; flags++) {
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			check(flags, AUDIT_ARCH_X86_64, numbers[i], 0, 0);
			check(flags, AUDIT_ARCH_I386, numbers[i], 0, 0);
		}
	}
}

static void both_filters_kill_other_architectures(void **state) {
	static const uint32_t others[] = {0, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, UINT32_MAX};
	(void)state;
	for (uint32_t flags = 0; flags < HK_FILTER_PRESETS; flags++) {
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
			struct seccomp_data data = call_data(others[i], 1, 0, 0);
			assert_int_equal(simulate_one(hk_filter_first(flags), &data), EXPECT_KILL);
			assert_int_equal(simulate_one(hk_filter_second(flags), &data), EXPECT_KILL);
		}
	}
}

static void socket_families_are_an_allow_list(void **state) {
	(void)state;
	for (uint64_t family = 0; family <= 50; family++) {
		check_everywhere("socket", family, 0);
	}
	check_everywhere("socket", UINT32_MAX, 0);
	/* A family that must not be: one more bit in the half that the kernel ignores does not
	 * let it through. */
	for (uint32_t flags = 0; flags < HK_FILTER_PRESETS; flags++) {
		if ((flags & HK_FILTER_COMPAT) && (flags & HK_FILTER_MULTIARCH)) {
			continue;
		}
		uint32_t number = call_number(AUDIT_ARCH_X86_64, "socket");
		struct seccomp_data data = call_data(AUDIT_ARCH_X86_64, number, HIGH_BIT | 17, 0);
		assert_int_equal(simulate(flags, &data), EAFNOSUPPORT);
	}
}

static void terminal_injection_is_denied_whatever_the_high_half_is(void **state) {
	(void)state;
	static const uint64_t requests[] = {TIOCSTI, TIOCLINUX, TIOCSTI - 1, TIOCSTI + 1,
		TIOCGWINSZ, TIOCLINUX - 1, TIOCLINUX + 1, 0};
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		check_everywhere("ioctl", 0, requests[i]);
		check_everywhere("ioctl", UINT32_MAX, requests[i] | HIGH_BIT);
		check_everywhere("ioctl", 0, requests[i] | (UINT64_MAX << 32));
	}
}

static void the_first_filter_denies_injection_by_itself_unless_tty(void **state) {
	static const uint64_t requests[] = {
		TIOCSTI, TIOCLINUX, HIGH_BIT | TIOCSTI, HIGH_BIT | TIOCLINUX};
	(void)state;
	for (uint32_t flags = 0; flags < HK_FILTER_PRESETS; flags++) {
		int expected = flags & HK_FILTER_TTY ? EXPECT_PASS : EPERM;
		for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
			uint32_t number = call_number(AUDIT_ARCH_X86_64, "ioctl");
			struct seccomp_data data =
				call_data(AUDIT_ARCH_X86_64, number, 0, requests[i]);
			assert_int_equal(simulate_one(hk_filter_first(flags), &data), expected);
		}
	}
}

static void clone_is_denied_for_user_namespaces_only(void **state) {
	(void)state;
	static const uint64_t flags[] = {0, CLONE_VM | CLONE_THREAD, CLONE_NEWUSER,
		CLONE_NEWUSER | CLONE_VM, CLONE_NEWNET, UINT32_MAX & ~(uint64_t)CLONE_NEWUSER};
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		check_everywhere("clone", flags[i], 0);
		check_everywhere("clone", flags[i] | HIGH_BIT, 0);
	}
}

static void personality_may_only_be_the_usual_one(void **state) {
	(void)state;
	static const uint64_t values[] = {0, 1, 8, 0x0040000, UINT32_MAX, HIGH_BIT};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		check_everywhere("personality", values[i], 0);
	}
}

static void a_watcher_may_only_watch(void **state) {
	static const char *const allowed[] = {"poll", "ppoll", "recvmsg", "recvfrom", "sendmsg",
		"sendto", "restart_syscall", "rt_sigreturn", "clock_gettime", "pidfd_send_signal",
		"kill", "wait4", "close", "exit", "exit_group", "brk", "munmap", "mremap",
		"madvise", "mmap", "mprotect"};
	const size_t count = sizeof(allowed) / sizeof(allowed[0]);
	(void)state;
	size_t passed = 0;
	for (uint32_t number = 0; number < SWEEP; number++) {
		struct seccomp_data data = call_data(AUDIT_ARCH_X86_64, number, 0, 0);
		bool expected = false;
		for (size_t i = 0; i < count; i++) {
			expected = expected || number == call_number(AUDIT_ARCH_X86_64, allowed[i]);
		}
		int got = simulate_one(hk_filter_watch(), &data);
		assert_int_equal(got, expected ? EXPECT_PASS : EPERM);
		passed += got == EXPECT_PASS;
		data = call_data(AUDIT_ARCH_I386, number, 0, 0);
		assert_int_equal(simulate_one(hk_filter_watch(), &data), EPERM);
	}
	assert_int_equal(passed, count);
	struct seccomp_data map =
		call_data(AUDIT_ARCH_X86_64, call_number(AUDIT_ARCH_X86_64, "mmap"), 0, 0);
	map.args[2] = PROT_READ | PROT_WRITE;
	assert_int_equal(simulate_one(hk_filter_watch(), &map), EXPECT_PASS);
	map.args[2] = PROT_READ | PROT_EXEC;
	assert_int_equal(simulate_one(hk_filter_watch(), &map), EPERM);
}

static void flags_that_are_no_preset_are_an_error(void **state) {
	struct hk_err err = {0};
	(void)state;
	assert_int_equal(hk_filter_load(HK_FILTER_PRESETS, &err), -EINVAL);
	assert_non_null(strstr(err.text, "0x80"));
	assert_int_equal(hk_filter_load(UINT32_MAX, &err), -EINVAL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_gets_what_its_group_says),
		cmocka_unit_test(numbers_far_out_are_unknown_or_x32),
		cmocka_unit_test(both_filters_kill_other_architectures),
		cmocka_unit_test(socket_families_are_an_allow_list),
		cmocka_unit_test(terminal_injection_is_denied_whatever_the_high_half_is),
		cmocka_unit_test(the_first_filter_denies_injection_by_itself_unless_tty),
		cmocka_unit_test(clone_is_denied_for_user_namespaces_only),
		cmocka_unit_test(personality_may_only_be_the_usual_one),
		cmocka_unit_test(a_watcher_may_only_watch),
		cmocka_unit_test(flags_that_are_no_preset_are_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
