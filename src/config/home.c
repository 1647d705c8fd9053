/* SPDX-License-Identifier: MIT */
#include "config/home.h"

#include <errno.h>

#include "base/path.h"
#include "sys/sys.h"

int hk_config_home_find(struct hk_arena *arena, const char **ret_home, struct hk_err *err) {
	uid_t person = hk_sys_getuid();
	struct hk_sys_user user;
	int r = hk_sys_user(arena, person, &user);
	if (r < 0) {
		return hk_err_step(err, r, "find uid %u in the user database", person);
	}
	if (!hk_path_is_absolute(user.home)) {
		return hk_err_say(err, -EINVAL,
			"the user database has no absolute home directory for uid %u", person);
	}
	const char *home = hk_path_clean(arena, user.home);
	if (!home) {
		return hk_err_oom(err);
	}
	*ret_home = home;
	return 0;
}

/* -- in paths ------------------------------------------------------------------------------- */

struct expander {
	struct hk_arena *arena;
	const char *home; /* NULL: not looked up yet */
	struct hk_err *err;
};

static int expand(struct expander *expander, const char **path) {
	const char *text = *path;
	if (!text || text[0] != '~' || (text[1] != '/' && text[1] != '\0')) {
		return 0;
	}
	if (!expander->home &&
		hk_config_home_find(expander->arena, &expander->home, expander->err) < 0) {
		return hk_err_frame(expander->err, "~");
	}
	const char *joined = hk_path_join(expander->arena, expander->home, text + 1);
	const char *clean = joined ? hk_path_clean(expander->arena, joined) : NULL;
	if (!clean) {
		return hk_err_oom(expander->err);
	}
	*path = clean;
	return 0;
}

static int expand_mount(struct expander *expander, struct hk_fs *fs) {
	bool same = fs->dst == fs->src; /* there was no dst: it is where src is */
	int r = expand(expander, &fs->src);
	fs->dst = same ? fs->src : fs->dst;
	for (size_t i = 0; r >= 0 && i < fs->lower.count; i++) {
		r = expand(expander, &fs->lower.items[i]);
	}
	r = r < 0 ? r : expand(expander, &fs->upper);
	return r < 0 ? r : expand(expander, &fs->work);
}

int hk_config_home_expand(struct hk_arena *arena, struct hk_config *config, struct hk_err *err) {
	struct expander expander = {.arena = arena, .err = err};
	int r = 0;
	for (size_t i = 0; r >= 0 && i < config->extra_perms.count; i++) {
		r = expand(&expander, &config->extra_perms.items[i].path);
	}
	struct hk_config_container *container = config->container;
	for (size_t i = 0; r >= 0 && container && i < container->filesystem.count; i++) {
		r = expand_mount(&expander, &container->filesystem.items[i]);
	}
	return r;
}
