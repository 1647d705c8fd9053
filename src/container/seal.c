/* SPDX-License-Identifier: MIT */
/*
 * seal.c: gives up, for good and one after the other, everything that the program must not have.
 * Each step that fails stops the start.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/prctl.h>

#include "container/init.h"
#include "container/seccomp/seccomp.h"
#include "sys/sys.h"

/* linux/landlock.h, ABI 6; older headers do not have them. */
#define SCOPE_ABSTRACT	 (UINT64_C(1) << 0)
#define SCOPE_SIGNAL	 (UINT64_C(1) << 1)
#define SCOPE_ABI	 6
#define CAPABILITIES_MAX 64 /* sets are 64 bits wide */

/*
 * Names of abstract sockets belong to the network namespace: in one of our own nothing of the
 * host's is there to be reached. Where the network is shared, only Landlock keeps the program
 * from the host's X server or bus by such a name.
 */
static int scope(const struct hk_container_params *params, struct hk_err *err) {
	int abi = hk_sys_landlock_abi();
	if (abi < SCOPE_ABI) {
		if (params->host_net && !params->host_abstract) {
			return hk_err_say(err, -EOPNOTSUPP,
				"abstract sockets of the shared network cannot be scoped: the "
				"kernel "
				"has no Landlock ABI %d; use a private network (host_net false), "
				"or "
				"let them through (host_abstract true)",
				SCOPE_ABI);
		}
		return 0; /* signals: the pid namespace keeps them in already */
	}
	uint64_t scopes = SCOPE_SIGNAL | (params->host_abstract ? 0 : SCOPE_ABSTRACT);
	int r = hk_sys_landlock_scope(scopes);
	return r < 0 ? hk_err_step(err, r, "restrict with Landlock") : 0;
}

static int drop_capabilities(struct hk_err *err) {
	int r = hk_sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (r < 0) {
		return hk_err_step(err, r, "clear the ambient set");
	}
	/* As many as this kernel has, which may be more than the headers know. */
	for (unsigned long cap = 0; cap < CAPABILITIES_MAX; cap++) {
		r = hk_sys_prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
		if (r == -EINVAL && cap > 0) {
			break;
		}
		if (r < 0) {
			return hk_err_step(err, r, "empty the bounding set");
		}
	}
	r = hk_sys_capset_none();
	return r < 0 ? hk_err_step(err, r, "give up all capabilities") : 0;
}

int hk_init_seal(const struct hk_container_params *params, struct hk_err *err) {
	/* First: Landlock and filters need it, and from here on no exec gives anything. */
	int r = hk_sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (r < 0) {
		return hk_err_step(err, r, "set no_new_privs");
	}
	r = scope(params, err);
	r = r < 0 ? r : drop_capabilities(err);
	if (r < 0) {
		return r;
	}
	if (!params->keep_session) {
		/* Without a session of the caller's there is no controlling terminal either. */
		r = hk_sys_setsid();
		if (r < 0) {
			return hk_err_step(err, r, "start a session");
		}
	}
	/* Last: the filters may deny calls that are made above. */
	return hk_filter_load(params->filter, err);
}
