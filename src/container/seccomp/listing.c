/* SPDX-License-Identifier: MIT */
#include "container/seccomp/listing.h"

#include <errno.h>
#include <linux/bpf_common.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "container/seccomp/rules.h"

/* What the accumulator holds, and for which architecture, when an instruction is reached. A filter
 * only jumps forward, so one pass settles it; where two ways with different facts meet, neither
 * holds. */
struct facts {
	bool reached;
	uint32_t offset; /* in struct seccomp_data */
	uint32_t arch;	 /* token; 0: any */
};

static const struct {
	int error;
	const char *name;
} errors[] = {
	{EAFNOSUPPORT, "EAFNOSUPPORT"},
	{ENOSYS, "ENOSYS"},
	{EPERM, "EPERM"},
};

static const struct {
	unsigned short code;
	const char *text;
} tests[] = {
	{BPF_JMP | BPF_JEQ | BPF_K, "=="},
	{BPF_JMP | BPF_JGE | BPF_K, ">="},
	{BPF_JMP | BPF_JGT | BPF_K, ">"},
	{BPF_JMP | BPF_JSET | BPF_K, "has a bit of"},
};

static const char *test_text(unsigned short code) {
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (tests[i].code == code) {
			return tests[i].text;
		}
	}
	return NULL;
}

static void reach(struct facts *at, struct facts now) {
	if (!at->reached) {
		*at = now;
		at->reached = true;
		return;
	}
	at->offset = at->offset == now.offset ? now.offset : UINT32_MAX;
	at->arch = at->arch == now.arch ? now.arch : 0;
}

static void follow(struct hk_filter filter, size_t i, struct facts *facts) {
	const struct sock_filter *code = &filter.code[i];
	struct facts now = facts[i];
	switch (BPF_CLASS(code->code)) {
	case BPF_RET:
		break;
	case BPF_JMP:
		if (BPF_OP(code->code) == BPF_JA) {
			reach(&facts[i + 1 + code->k], now);
			break;
		}
		reach(&facts[i + 1 + code->jf], now);
		if (now.offset == offsetof(struct seccomp_data, arch)) {
			now.arch = code->k;
		}
		reach(&facts[i + 1 + code->jt], now);
		break;
	case BPF_LD:
		now.offset = code->k;
		reach(&facts[i + 1], now);
		break;
	default:
		reach(&facts[i + 1], now);
		break;
	}
}

static void print_load(FILE *file, uint32_t offset) {
	size_t arguments = offsetof(struct seccomp_data, args);
	if (offset == offsetof(struct seccomp_data, arch)) {
		(void)fprintf(file, "load architecture");
	} else if (offset == offsetof(struct seccomp_data, nr)) {
		(void)fprintf(file, "load call");
	} else if (offset >= arguments) {
		size_t half = (offset - arguments) / sizeof(uint32_t);
		(void)fprintf(file, "load argument %zu, %s half", half / 2,
			half % 2 == 0 ? "low" : "high");
	} else {
		(void)fprintf(file, "load %#x", offset);
	}
}

static void print_value(FILE *file, uint32_t value, const struct facts *facts) {
	if (facts->offset == offsetof(struct seccomp_data, arch)) {
		const struct hk_filter_arch *arch = hk_filter_arch_of(value);
		(void)fprintf(file, "%s", arch ? arch->name : "?");
		return;
	}
	if (facts->offset != offsetof(struct seccomp_data, nr)) {
		(void)fprintf(file, "%#x", value);
		return;
	}
	(void)fprintf(file, "%u", value);
	char *name = facts->arch == 0 || value > INT32_MAX
			     ? NULL
			     : seccomp_syscall_resolve_num_arch(facts->arch, (int)value);
	if (name) {
		(void)fprintf(file, " (%s)", name);
	}
	free(name);
}

static void print_return(FILE *file, uint32_t action) {
	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		(void)fprintf(file, "allow");
		return;
	case SECCOMP_RET_KILL_THREAD:
		(void)fprintf(file, "kill");
		return;
	case SECCOMP_RET_ERRNO:
		for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
			if ((action & SECCOMP_RET_DATA) == (uint32_t)errors[i].error) {
				(void)fprintf(file, "fail with %s", errors[i].name);
				return;
			}
		}
	}
	(void)fprintf(file, "return %#x", action);
}

static bool print_instruction(
	FILE *file, const struct sock_filter *code, size_t i, const struct facts *facts) {
	(void)fprintf(file, "%5zu  ", i);
	if (code->code == (BPF_LD | BPF_W | BPF_ABS)) {
		print_load(file, code->k);
	} else if (code->code == (BPF_ALU | BPF_AND | BPF_K)) {
		(void)fprintf(file, "keep the bits %#x", code->k);
	} else if (code->code == (BPF_JMP | BPF_JA)) {
		(void)fprintf(file, "go to %zu", i + 1 + code->k);
	} else if (code->code == (BPF_RET | BPF_K)) {
		print_return(file, code->k);
	} else if (test_text(code->code)) {
		(void)fprintf(file, "%s ", test_text(code->code));
		print_value(file, code->k, facts);
		(void)fprintf(file, " ? %zu : %zu", i + 1 + code->jt, i + 1 + code->jf);
	} else {
		(void)fprintf(file, "unknown instruction %#x\n", code->code);
		return false;
	}
	(void)fprintf(file, "\n");
	return true;
}

bool hk_filter_print_listing(FILE *file, struct hk_filter filter) {
	/* A jump from the last instruction but one cannot lead further than this. */
	struct facts *facts = calloc((size_t)filter.count + 1 + UINT8_MAX, sizeof(*facts));
	if (!facts) {
		return false;
	}
	bool known = true;
	for (size_t i = 0; i < filter.count && known; i++) {
		known = print_instruction(file, &filter.code[i], i, &facts[i]);
		if (known) {
			follow(filter, i, facts);
		}
	}
	free(facts);
	return known;
}
