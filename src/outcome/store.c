/* SPDX-License-Identifier: MIT */
#include "base/path.h"
#include "config/home.h"
#include "outcome/outcome.h"

int hk_outcome_store(struct hk_arena *arena, char **ret_path, struct hk_err *err) {
	const char *home;
	int r = hk_config_home_find(arena, &home, err);
	if (r < 0) {
		return r;
	}
	char *path = hk_path_join(arena, home, ".local/state/hakurei");
	if (!path) {
		return hk_err_oom(err);
	}
	*ret_path = path;
	return 0;
}
