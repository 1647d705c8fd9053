/* SPDX-License-Identifier: MIT */
#include "expect.h"

#include <linux/bpf_common.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool holds(unsigned short code, uint32_t value, uint32_t operand) {
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return value == operand;
	case BPF_JGE:
		return value >= operand;
	case BPF_JGT:
		return value > operand;
	case BPF_JSET:
		return (value & operand) != 0;
	default:
		abort();
	}
}

/* What the program returns for data: SECCOMP_RET_*. */
static uint32_t run(struct hk_filter filter, const struct seccomp_data *data) {
	uint32_t value = 0;
	for (size_t i = 0; i < filter.count; i++) {
		const struct sock_filter *code = &filter.code[i];
		if (code->code == (BPF_RET | BPF_K)) {
			return code->k;
		}
		if (code->code == (BPF_LD | BPF_W | BPF_ABS) && code->k <= sizeof(*data) - 4) {
			(void)memcpy(&value, (const char *)data + code->k, sizeof(value));
		} else if (code->code == (BPF_ALU | BPF_AND | BPF_K)) {
			value &= code->k;
		} else if (code->code == (BPF_JMP | BPF_JA)) {
			i += code->k;
		} else if (BPF_CLASS(code->code) == BPF_JMP && BPF_SRC(code->code) == BPF_K) {
			i += holds(code->code, value, code->k) ? code->jt : code->jf;
		} else {
			break;
		}
	}
	(void)fprintf(stderr, "not a program\n");
	abort();
}

static int verdict(uint32_t action) {
	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		return EXPECT_PASS;
	case SECCOMP_RET_ERRNO:
		return (int)(action & SECCOMP_RET_DATA);
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_KILL_PROCESS:
		return EXPECT_KILL;
	default:
		abort();
	}
}

int simulate_one(struct hk_filter filter, const struct seccomp_data *data) {
	return verdict(run(filter, data));
}

int simulate(uint32_t flags, const struct seccomp_data *data) {
	int first = simulate_one(hk_filter_first(flags), data);
	int second = simulate_one(hk_filter_second(flags), data);
	if (first == EXPECT_KILL || second == EXPECT_KILL) {
		return EXPECT_KILL;
	}
	/* Of two errors the kernel takes the one of the filter that was loaded last. */
	return second != EXPECT_PASS ? second : first;
}
