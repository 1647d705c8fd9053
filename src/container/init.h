/* SPDX-License-Identifier: MIT */
/* init.h: pid 1 of the container, from the clone to the end. */
#ifndef HK_CONTAINER_INIT_H
#define HK_CONTAINER_INIT_H

#include "container/mount/mount.h"
#include "container/params.h"

struct hk_init {
	/* From the clone on. */
	struct hk_container_spaces spaces;
	struct hk_container_descriptors descriptors;
	uid_t outer_uid; /* ours, as the caller's namespace sees it */
	gid_t outer_gid;
	int control;		/* init's end */
	struct hk_arena *arena; /* init's own */

	/* Once the caller has said go. */
	const struct hk_container_params *params;
	struct hk_mount_prepareds mounts;
	struct hk_log *log; /* may be NULL */
};

#define HK_INIT_MEMORY (512 * 1024) /* bytes: enough for all but plans with hundreds of mounts */

/* Never returns: ends with the container. memory: in which the caller has laid init, and will send
 * everything else for; NULL: it is all there. */
_Noreturn void hk_init_run(struct hk_init *init, void *memory);

/* Ids, and a loopback in a network of its own: enter.c. */
int hk_init_enter(const struct hk_init *init, struct hk_err *err);

/* Host name and limits, which take the params: enter.c. */
int hk_init_furnish(const struct hk_container_params *params, struct hk_err *err);

/* no_new_privs, Landlock, capabilities, filters, session: seal.c. Nothing can be undone after. */
int hk_init_seal(const struct hk_container_params *params, struct hk_err *err);

/* Starts the program; returns its pid. *ret_exec: was it the exec that failed? program.c. */
pid_t hk_init_start_program(const struct hk_init *init, bool *ret_exec, struct hk_err *err);

/* Waits for the program and for what it leaves behind; reports. reap.c. */
void hk_init_reap(const struct hk_init *init, pid_t program);

#endif
