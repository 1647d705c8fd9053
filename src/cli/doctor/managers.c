/* SPDX-License-Identifier: MIT */
/* managers.c: programs of the system that give ids to containers without a line in any file. */
#include "cli/doctor/managers.h"

#include <stddef.h>

#include "monitor/ranges.h"
#include "monitor/tool.h"

/* With lines in /etc/subuid: podman, Docker, LXC, Incus. Those are found there. */
static const struct hk_doctor_manager managers[] = {
	/* --private-users=pick, -U, machinectl: 65536 ids, wherever no user has the first. */
	{"systemd-nspawn", 0x00080000, 0x6fffffff},
};

const struct hk_doctor_manager *hk_doctor_find_manager(struct hk_arena *arena, uint32_t first) {
	for (size_t i = 0; i < sizeof(managers) / sizeof(managers[0]); i++) {
		const char *path;
		bool apart = managers[i].last < first ||
			     managers[i].first > first + (HK_RANGES_COUNT - 1);
		if (!apart && hk_tool_find(arena, managers[i].name, &path) >= 0) {
			return &managers[i];
		}
	}
	return NULL;
}
