/* SPDX-License-Identifier: MIT */
/*
 * second.c: the second filter, put together here: libseccomp knows neither numbers that are no
 * calls yet nor ranges.
 *
 * The program is one section an architecture, then the end for any other. A section is one block a
 * row of hk_filter_guards. Between blocks the accumulator holds the number of the call.
 */
#include "container/seccomp/program.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>

#include "container/params.h"

/* Where the kernel puts what a filter sees. All our architectures are little-endian: the low half
 * of an argument comes first. */
#define OFFSET_CALL	   offsetof(struct seccomp_data, nr)
#define OFFSET_ARCH	   offsetof(struct seccomp_data, arch)
#define OFFSET_ARGUMENT(n) (offsetof(struct seccomp_data, args) + (n) * sizeof(uint64_t))

static void put(struct hk_filter_program *program, struct sock_filter instruction) {
	if (program->count < BPF_MAXINSNS) {
		program->code[program->count] = instruction;
	}
	program->count++; /* too long a program is noticed at the end */
}

static void put_load(struct hk_filter_program *program, size_t offset) {
	put(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* Skips so many of the instructions that follow; test: BPF_JEQ, BPF_JGE or BPF_JGT. */
static void put_skip(struct hk_filter_program *program, unsigned short test, uint32_t value,
	size_t if_true, size_t if_false) {
	put(program, (struct sock_filter)BPF_JUMP(
			     BPF_JMP | test | BPF_K, value, (uint8_t)if_true, (uint8_t)if_false));
}

static void put_return(struct hk_filter_program *program, uint32_t action) {
	put(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static uint32_t fail_with(int error) {
	return SECCOMP_RET_ERRNO | ((uint32_t)error & SECCOMP_RET_DATA);
}

/* A call that is decided by whether its argument is one of the values. */
static void put_choice(struct hk_filter_program *program, uint32_t call, unsigned int argument,
	const uint32_t *values, size_t count, uint32_t others, uint32_t listed) {
	put_skip(program, BPF_JEQ, call, 0, 1 + count + 2);
	put_load(program, OFFSET_ARGUMENT(argument));
	for (size_t i = 0; i < count; i++) {
		put_skip(program, BPF_JEQ, values[i], count - i, 0);
	}
	put_return(program, others);
	put_return(program, listed);
}

static void put_families(
	struct hk_filter_program *program, uint32_t call, uint32_t flags, uint32_t denied) {
	uint32_t allowed[16];
	size_t count = 0;
	for (size_t i = 0; i < hk_filter_family_count && count < 16; i++) {
		const struct hk_filter_family *family = &hk_filter_families[i];
		if (family->only == 0 || (flags & family->only)) {
			allowed[count] = (uint32_t)family->family;
			count++;
		}
	}
	put_choice(program, call, 0, allowed, count, denied, SECCOMP_RET_ALLOW);
}

static void put_unknown(
	struct hk_filter_program *program, const struct hk_filter_arch *arch, uint32_t denied) {
	for (size_t i = 0; i < HK_FILTER_UNKNOWN_MAX; i++) {
		const struct hk_filter_range *range = &arch->unknown[i];
		if (range->last != 0) {
			put_skip(program, BPF_JGE, range->first, 0, 2);
			put_skip(program, BPF_JGT, range->last, 1, 0);
			put_return(program, denied);
		}
	}
}

static bool put_guard(struct hk_filter_program *program, const struct hk_filter_guard *guard,
	const struct hk_filter_arch *arch, uint32_t flags) {
	uint32_t denied = fail_with(guard->error);
	if (guard->look == HK_FILTER_LOOK_UNKNOWN) {
		put_unknown(program, arch, denied);
		return true;
	}
	int call = guard->look == HK_FILTER_LOOK_FAMILY ? arch->socket : guard->number;
	if (call == 0) {
		/* Every row names a call that all our architectures have: without a number there
		 * would be nothing to compare. */
		call = seccomp_syscall_resolve_name_arch(arch->token, guard->call);
	}
	if (call < 0) {
		(void)fprintf(stderr, "cannot find the system call '%s'\n", guard->call);
		return false;
	}
	switch (guard->look) {
	case HK_FILTER_LOOK_REQUEST:
		put_choice(program, (uint32_t)call, 1, hk_filter_requests, hk_filter_request_count,
			SECCOMP_RET_ALLOW, denied);
		break;
	case HK_FILTER_LOOK_FAMILY:
		put_families(program, (uint32_t)call, flags, denied);
		break;
	case HK_FILTER_LOOK_NOTHING:
	case HK_FILTER_LOOK_UNKNOWN:
		put_skip(program, BPF_JEQ, (uint32_t)call, 0, 1);
		put_return(program, denied);
		break;
	}
	return true;
}

/* With the accumulator holding the architecture. */
static bool put_section(
	struct hk_filter_program *program, const struct hk_filter_arch *arch, uint32_t flags) {
	size_t start = program->count;
	put_skip(program, BPF_JEQ, arch->token, 0, 0); /* how far is known at the end */
	put_load(program, OFFSET_CALL);
	for (size_t i = 0; i < hk_filter_guard_count; i++) {
		const struct hk_filter_guard *guard = &hk_filter_guards[i];
		if (!(guard->unless & flags) && !put_guard(program, guard, arch, flags)) {
			return false;
		}
	}
	put_return(program, SECCOMP_RET_ALLOW);
	size_t length = program->count - start - 1;
	if (length > UINT8_MAX) {
		(void)fprintf(stderr, "the second filter is too long to jump over\n");
		return false;
	}
	program->code[start].jf = (uint8_t)length;
	return true;
}

bool hk_filter_make_second(
	const struct hk_filter_arch *arch, uint32_t flags, struct hk_filter_program *ret_program) {
	ret_program->count = 0;
	put_load(ret_program, OFFSET_ARCH);
	if (!put_section(ret_program, arch, flags)) {
		return false;
	}
	if ((flags & HK_FILTER_MULTIARCH) && arch->sibling != 0) {
		const struct hk_filter_arch *sibling = hk_filter_arch_of(arch->sibling);
		if (!sibling || !put_section(ret_program, sibling, flags)) {
			return false;
		}
	}
	/* The same end as in the first filter. */
	put_return(ret_program, SECCOMP_RET_KILL_THREAD);
	return true;
}
