/* SPDX-License-Identifier: MIT */
/* kernel.c: what a container needs of the kernel: tried, in namespaces that are gone afterwards. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>

#include "cli/doctor/doctor.h"
#include "sys/sys.h"

#define RELEASE	    "/proc/sys/kernel/osrelease"
#define RELEASE_MAX 256
#define SCOPE_ABI   6 /* of Landlock: scopes for abstract sockets */

static int look_at_release(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	char *text = NULL;
	size_t size = 0;
	int r = hk_sys_read_file(doctor->arena, RELEASE, RELEASE_MAX, &text, &size);
	if (r < 0) {
		return hk_err_step(err, r, "read '%s'", RELEASE);
	}
	text[strcspn(text, "\n")] = '\0';
	return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "Linux %s", text);
}

static int probe(struct hk_doctor *doctor, struct hk_err *err) {
	int r = doctor->probed ? 0 : hk_doctor_probe(&doctor->probe, err);
	doctor->probed = r >= 0;
	return r;
}

/* The same for what is tried in the namespaces. */
static int probe_inside(struct hk_doctor *doctor, struct hk_err *err) {
	int r = probe(doctor, err);
	const int namespaces = doctor->probe.namespaces;
	return r < 0 || namespaces >= 0 ? r : hk_err_say(err, namespaces, "not without namespaces");
}

static int look_at_namespaces(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	int r = probe(doctor, err);
	if (r < 0) {
		return r;
	}
	if (doctor->probe.namespaces == -ENOSPC) {
		hk_doctor_repair(doctor, finding, false,
			"sysctl $(sysctl -n -N user | grep namespaces | sed 's/$/=10000/')");
		return hk_err_say(err, doctor->probe.namespaces,
			"a limit of user.max_..._namespaces has been reached");
	}
	if (doctor->probe.namespaces < 0) {
		return hk_err_step(
			err, doctor->probe.namespaces, "create the namespaces of a container");
	}
	return hk_doctor_say(
		doctor, finding, HK_DOCTOR_OK, "user, mount, pid, net, ipc, uts and cgroup");
}

static int look_at_mounts(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	int r = probe_inside(doctor, err);
	if (r < 0) {
		return r;
	}
	if (doctor->probe.mounts == -ENOSYS) {
		return hk_err_say(err, -ENOSYS,
			"the kernel does not have the mount calls of Linux 5.12, or a filter "
			"forbids them");
	}
	if (doctor->probe.mounts < 0) {
		return hk_err_step(err, doctor->probe.mounts, "mount in a namespace of one's own");
	}
	return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "fsopen, open_tree, mount_setattr");
}

static int look_at_proc(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	int r = probe_inside(doctor, err);
	if (r < 0) {
		return r;
	}
	if (doctor->probe.proc < 0) {
		/* The kernel shows no more of proc inside than can be seen outside. */
		return hk_err_step(err, doctor->probe.proc,
			"mount a proc of one's own (is a part of /proc covered here, as in "
			"another container?)");
	}
	return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "a container has its own");
}

static int look_at_overlay(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	int r = probe_inside(doctor, err);
	if (r < 0) {
		return r;
	}
	if (doctor->probe.overlay < 0) {
		if (doctor->probe.overlay == -ENODEV) {
			hk_doctor_repair(doctor, finding, false, "modprobe overlay");
		}
		return hk_doctor_say(doctor, finding, HK_DOCTOR_NOTE,
			"configurations with an overlay do not work: %s",
			strerror(-doctor->probe.overlay));
	}
	return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "works in a user namespace");
}

static int look_at_filters(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	/* Where there are filters, the kernel gets as far as to the address of this one. */
	int r = hk_sys_prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0, 0, 0);
	if (r != -EFAULT) {
		return hk_err_say(err, -ENOSYS, "the kernel has no system call filters (%s)",
			strerror(r < 0 ? -r : 0));
	}
	return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "filters can be loaded");
}

static int look_at_landlock(
	struct hk_doctor *doctor, struct hk_doctor_finding *finding, struct hk_err *err) {
	(void)err; /* a run works without it */
	int abi = hk_sys_landlock_abi();
	if (abi >= SCOPE_ABI) {
		return hk_doctor_say(doctor, finding, HK_DOCTOR_OK, "ABI %d", abi);
	}
	const char *what = "configurations with host_net need host_abstract as well, for abstract "
			   "sockets cannot be closed";
	if (abi == -EOPNOTSUPP) {
		return hk_doctor_say(doctor, finding, HK_DOCTOR_NOTE,
			"switched off (lsm= on the kernel's command line): %s", what);
	}
	return hk_doctor_say(doctor, finding, HK_DOCTOR_NOTE, "ABI %d, %d is needed: %s",
		abi < 0 ? 0 : abi, SCOPE_ABI, what);
}

static const struct hk_doctor_check checks[] = {
	{"release", HK_DOCTOR_BOTH, look_at_release},
	{"namespaces", HK_DOCTOR_BOTH, look_at_namespaces},
	{"mount calls", HK_DOCTOR_BOTH, look_at_mounts},
	{"proc", HK_DOCTOR_BOTH, look_at_proc},
	{"overlay", HK_DOCTOR_BOTH, look_at_overlay},
	{"seccomp", HK_DOCTOR_BOTH, look_at_filters},
	{"Landlock", HK_DOCTOR_BOTH, look_at_landlock},
};

const struct hk_doctor_group hk_doctor_kernel = {
	.name = "kernel",
	.title = "Kernel",
	.kind = HK_DOCTOR_NEEDED,
	.who = HK_DOCTOR_BOTH,
	.needs = &hk_needs_userns,
	.checks = checks,
	.check_count = sizeof(checks) / sizeof(checks[0]),
};
