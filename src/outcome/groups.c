/* SPDX-License-Identifier: MIT */
/* groups.c: the supplementary groups that the program keeps. */
#include <errno.h>

#include "outcome/advice.h"
#include "outcome/feature.h"
#include "sys/sys.h"

/* Groups that hand over more than their name says, by usual convention. Sorted. */
static const struct {
	const char *name;
	const char *gives;
} telling[] = {
	{"adm", "reads the system's logs"},
	{"disk", "reads and writes every disk, past all permissions"},
	{"docker", "is as good as root"},
	{"incus-admin", "is as good as root"},
	{"input", "reads every key that is typed"},
	{"kmem", "reads the kernel's memory"},
	{"libvirt", "is as good as root"},
	{"lxd", "is as good as root"},
	{"shadow", "reads the password hashes"},
	{"sudo", "may become root where sudo is configured so"},
	{"video", "reads the screen and the cameras"},
	{"wheel", "may become root where sudo or doas is configured so"},
};

int hk_outcome_groups(const struct hk_config *config, struct hk_arena *arena,
	struct hk_gids *ret_gids, struct hk_err *err) {
	struct hk_gids gids = {0};
	for (size_t i = 0; i < config->groups.count; i++) {
		const char *name = config->groups.items[i];
		gid_t gid;
		int r = hk_sys_group_gid(name, &gid);
		if (r == -ENOENT) {
			return hk_err_say(err, r, "unknown group \"%s\"", HK_ESC(name));
		}
		if (r < 0) {
			return hk_err_step(err, r, "look up group \"%s\"", HK_ESC(name));
		}
		gid_t *slot = hk_vec_add(arena, &gids);
		if (!slot) {
			return hk_err_oom(err);
		}
		*slot = gid;
	}
	*ret_gids = gids;
	return 0;
}

const char *hk_outcome_group_gives(const char *name) {
	for (size_t i = 0; i < sizeof(telling) / sizeof(telling[0]); i++) {
		if (hk_str_equal(name, telling[i].name)) {
			return telling[i].gives;
		}
	}
	return NULL;
}

int hk_outcome_warn_groups(struct hk_outcome_state *state, struct hk_err *err) {
	const struct hk_strs *groups = &state->config.groups;
	for (size_t i = 0; i < groups->count; i++) {
		const char *name = groups->items[i];
		const char *gives = hk_outcome_group_gives(name);
		int r = gives ? hk_outcome_add_warning(
					state, err, "who is in the group '%s' %s", name, gives)
			      : 0;
		if (r < 0) {
			return r;
		}
	}
	return 0;
}
