/* SPDX-License-Identifier: MIT */
/*
 * first.c: the first filter, made by libseccomp. The calls to it, not only the rules, decide what
 * program comes out: which rules are exact, and what the default actions are.
 */
#include "container/seccomp/program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "container/params.h"

static bool complain(const char *what, const char *object, int r) {
	(void)fprintf(stderr, "cannot %s '%s': %s\n", what, object, strerror(-r));
	return false;
}

/* libseccomp starts with the machine that builds. */
static bool set_arches(scmp_filter_ctx context, const struct hk_filter_arch *arch, uint32_t flags) {
	int r = 0;
	if (arch->token != seccomp_arch_native()) {
		r = seccomp_arch_add(context, arch->token);
		if (r == 0) {
			r = seccomp_arch_remove(context, seccomp_arch_native());
		}
	}
	if (r == 0 && (flags & HK_FILTER_MULTIARCH) && arch->sibling != 0) {
		r = seccomp_arch_add(context, arch->sibling);
	}
	return r == 0 || complain("choose the architectures for", arch->name, r);
}

static bool add_deny(scmp_filter_ctx context, const struct hk_filter_deny *deny) {
	/* A call that only other architectures have gets a number of libseccomp's own, and its
	 * rule has no effect here. A name that it has never heard of is our mistake. */
	int call = seccomp_syscall_resolve_name(deny->call);
	if (call == __NR_SCMP_ERROR) {
		return complain("find the system call", deny->call, -ENOENT);
	}
	unsigned int compared = deny->compare.op == _SCMP_CMP_MIN ? 0 : 1;
	int r = seccomp_rule_add_array(
		context, SCMP_ACT_ERRNO(deny->error), call, compared, &deny->compare);
	return r == 0 || complain("add the rule for", deny->call, r);
}

static int deny_family(scmp_filter_ctx context, enum scmp_compare op, int family) {
	return seccomp_rule_add_exact(context, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
		SCMP_CMP(0, op, (scmp_datum_t)family));
}

/* Denies the families between the allowed ones, and all after the last. */
static int add_families(scmp_filter_ctx context, uint32_t flags) {
	int next = 0;
	for (size_t i = 0; i < hk_filter_family_count; i++) {
		const struct hk_filter_family *family = &hk_filter_families[i];
		if (family->only != 0 && !(flags & family->only)) {
			continue;
		}
		for (; next < family->family; next++) {
			int r = deny_family(context, SCMP_CMP_EQ, next);
			if (r < 0) {
				return r;
			}
		}
		next = family->family + 1;
	}
	return deny_family(context, SCMP_CMP_GE, next);
}

static bool add_rules(scmp_filter_ctx context, const struct hk_filter_arch *arch, uint32_t flags) {
	for (size_t i = 0; i < hk_filter_deny_count; i++) {
		const struct hk_filter_deny *deny = &hk_filter_denies[i];
		if (!(deny->unless & flags) && !add_deny(context, deny)) {
			return false;
		}
	}
	/* libseccomp makes no exact rules for two architectures at once, nor any on the arguments
	 * of 32-bit x86's socket, which may hide behind socketcall. Flatpak goes on without them;
	 * so do we, and the second filter does what can be done. */
	bool two = (flags & HK_FILTER_MULTIARCH) && arch->sibling != 0;
	bool optional = two || arch->token == SCMP_ARCH_X86;
	int r = add_families(context, flags);
	return r == 0 || optional || complain("add the rules for", "socket", r);
}

/* libseccomp 2.5 writes programs into files only. */
static bool export(scmp_filter_ctx context, struct hk_filter_program *ret_program) {
	FILE *file = tmpfile();
	if (!file) {
		return complain("make", "temporary file", -errno);
	}
	int r = seccomp_export_bpf(context, fileno(file));
	ssize_t size = -1;
	if (r == 0) {
		size = pread(fileno(file), ret_program->code, sizeof(ret_program->code), 0);
	}
	(void)fclose(file); /* it was only read */
	if (r < 0 || size <= 0) {
		return complain("export", "filter", r < 0 ? r : -EIO);
	}
	ret_program->count = (size_t)size / sizeof(ret_program->code[0]);
	return true;
}

bool hk_filter_make_first(
	const struct hk_filter_arch *arch, uint32_t flags, struct hk_filter_program *ret_program) {
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
	if (!context) {
		return complain("start", "filter", -ENOMEM);
	}
	bool made = set_arches(context, arch, flags) && add_rules(context, arch, flags) &&
		    export(context, ret_program);
	seccomp_release(context);
	return made;
}
