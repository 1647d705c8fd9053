/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/path.h"
#include "outcome/outcome.h"
#include "sys/sys.h"

int hk_outcome_store(struct hk_arena *arena, char **ret_path, struct hk_err *err) {
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
	char *home = hk_path_clean(arena, user.home);
	char *path = home ? hk_path_join(arena, home, ".local/state/hakurei") : NULL;
	if (!path) {
		return hk_err_oom(err);
	}
	*ret_path = path;
	return 0;
}
