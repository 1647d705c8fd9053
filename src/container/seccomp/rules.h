/* SPDX-License-Identifier: MIT */
/* rules.h: the form of the rules. For the programs that run while hakurei is built, only. */
#ifndef HK_CONTAINER_SECCOMP_RULES_H
#define HK_CONTAINER_SECCOMP_RULES_H

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* System call numbers from first to last. All zero: none. */
struct hk_filter_range {
	uint32_t first;
	uint32_t last;
};

#define HK_FILTER_UNKNOWN_MAX 2

struct hk_filter_arch {
	const char *name; /* as meson's cpu_family calls it */
	uint32_t token;	  /* libseccomp's, which is the kernel's AUDIT_ARCH_* */
	uint32_t sibling; /* the 32-bit one that the same kernel runs; 0: none */
	/* The numbers that were no system call when the rules were last looked through. */
	struct hk_filter_range unknown[HK_FILTER_UNKNOWN_MAX];
	int socket; /* its number where libseccomp takes it for a part of socketcall; else 0 */
};

extern const struct hk_filter_arch hk_filter_arches[];
extern const size_t hk_filter_arch_count;

/* Looked up by name or by token; NULL: not in the table. */
const struct hk_filter_arch *hk_filter_arch_named(const char *name);
const struct hk_filter_arch *hk_filter_arch_of(uint32_t token);

/* A row of the first filter: the call fails with error, if compare holds. */
struct hk_filter_deny {
	uint32_t unless; /* left out in presets with any of these HK_FILTER_* flags */
	int error;
	const char *call;
	struct scmp_arg_cmp compare; /* {argument, operator, a, b}; operator 0: whatever the
				      * arguments are */
};

extern const struct hk_filter_deny hk_filter_denies[];
extern const size_t hk_filter_deny_count;

/* A socket family that may be used. */
struct hk_filter_family {
	int family;
	uint32_t only; /* in presets with this flag; 0: in all */
};

extern const struct hk_filter_family hk_filter_families[];
extern const size_t hk_filter_family_count;

/* What a row of the second filter looks at, besides the number of the call. */
enum hk_filter_look {
	HK_FILTER_LOOK_NOTHING, /* denied, whatever the arguments are */
	HK_FILTER_LOOK_REQUEST, /* denied if argument 1 is in hk_filter_requests */
	HK_FILTER_LOOK_FAMILY,	/* denied unless argument 0 is in hk_filter_families */
	HK_FILTER_LOOK_UNKNOWN, /* no call, but the architecture's unknown numbers */
};

/* A row of the second filter. Of an argument only the low 32 bits count, as for the kernel. */
struct hk_filter_guard {
	uint32_t unless; /* left out in presets with any of these flags */
	int error;
	enum hk_filter_look look;
	const char *call;
	int number; /* of a call newer than libseccomp, the same everywhere; else 0 */
};

extern const struct hk_filter_guard hk_filter_guards[];
extern const size_t hk_filter_guard_count;

extern const uint32_t hk_filter_requests[];
extern const size_t hk_filter_request_count;

#endif
