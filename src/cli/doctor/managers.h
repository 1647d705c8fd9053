/* SPDX-License-Identifier: MIT */
/*
 * managers.h: programs of the system that give ids to containers without a line in any file. They
 * choose from ranges of their own, and know nothing of /etc/hsurc; no start can tell that they have
 * one of ours.
 */
#ifndef HK_CLI_DOCTOR_MANAGERS_H
#define HK_CLI_DOCTOR_MANAGERS_H

#include <stdint.h>

#include "base/arena.h"

struct hk_doctor_manager {
	const char *name; /* of the program */
	uint32_t first;	  /* of the ids that it chooses from */
	uint32_t last;
};

/* One that is in PATH, and may choose one of the ids that the identities of a person have, who has
 * them from first on. NULL: none. */
const struct hk_doctor_manager *hk_doctor_find_manager(struct hk_arena *arena, uint32_t first);

#endif
