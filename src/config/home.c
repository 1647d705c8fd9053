/* SPDX-License-Identifier: MIT */
#include "config/home.h"

#include <errno.h>

#include "base/path.h"
#include "sys/sys.h"

struct expander {
	struct hk_arena *arena;
	const char *home; /* NULL: not looked up yet */
	struct hk_err *err;
};

static int find_home(struct expander *expander) {
	uid_t person = hk_sys_getuid();
	struct hk_sys_user user;
	int r = hk_sys_user(expander->arena, person, &user);
	if (r < 0) {
		return hk_err_step(
			expander->err, r, "find uid %u in the user database, for ~", person);
	}
	if (!hk_path_is_absolute(user.home)) {
		return hk_err_say(expander->err, -EINVAL,
			"the user database has no absolute home directory for uid %u, for ~",
			person);
	}
	expander->home = user.home;
	return 0;
}

static int expand(struct expander *expander, const char **path) {
	const char *text = *path;
	if (!text || text[0] != '~' || (text[1] != '/' && text[1] != '\0')) {
		return 0;
	}
	int r = expander->home ? 0 : find_home(expander);
	if (r < 0) {
		return r;
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
