/* SPDX-License-Identifier: MIT */
/*
 * permissive.c: the container of a configuration that has none: the host's root, network and
 * terminal, with the uid of the identity as the one wall that stands.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "outcome/feature.h"
#include "sys/sys.h"

static const char *default_shell(struct hk_arena *arena) {
	const char *shell = hk_sys_getenv("SHELL");
	return hk_path_is_absolute(shell) ? hk_path_clean(arena, shell) : "/bin/sh";
}

/* -- the program --------------------------------------------------------------------------- */

/* 0 if the path is a file that can be executed. */
static int check_program(const char *path) {
	struct stat found;
	int r = hk_sys_stat(path, &found);
	if (r < 0) {
		return r;
	}
	return S_ISREG(found.st_mode) ? hk_sys_access(path, X_OK) : -EACCES;
}

/* A name with a slash: relative ones are taken from the working directory. Its last part stays
 * as it is, link or not: programs look at the name that they were called by. */
static int find_by_path(struct hk_arena *arena, const char *name, char **ret_path) {
	const char *last = hk_path_name(name);
	char *parent = hk_arena_strndup(arena, name, (size_t)(last - name));
	char *real;
	int r = parent ? hk_sys_realpath(arena, parent, &real) : -ENOMEM;
	if (r < 0) {
		return r;
	}
	char *joined = hk_path_join(arena, real, last);
	char *path = joined ? hk_path_clean(arena, joined) : NULL;
	if (!path) {
		return -ENOMEM;
	}
	r = check_program(path);
	if (r < 0) {
		return r;
	}
	*ret_path = path;
	return 0;
}

/* Says a place in PATH that it has nothing of that name? */
static bool is_no_place(int r) {
	return r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -ENAMETOOLONG;
}

/* A name without a slash: the first executable file of that name in the directories of PATH.
 * Entries that are not absolute are skipped: the working directory is not a place for programs.*/
static int find_in_path(struct hk_arena *arena, const char *name, char **ret_path) {
	const char *list = hk_sys_getenv("PATH");
	int worst = -ENOENT;
	while (list && *list) {
		size_t length = strcspn(list, ":");
		char *entry = hk_arena_strndup(arena, list, length);
		char *parent = entry ? hk_path_clean(arena, entry) : NULL;
		char *path = parent ? hk_path_join(arena, parent, name) : NULL;
		if (!path) {
			return -ENOMEM;
		}
		int r = hk_path_is_absolute(entry) ? check_program(path) : -ENOENT;
		if (r == 0) {
			*ret_path = path;
			return 0;
		}
		worst = is_no_place(r) ? worst : r;
		list += length + (list[length] == ':');
	}
	return worst;
}

int hk_outcome_find_program(
	struct hk_arena *arena, const char *name, const char **ret_path, struct hk_err *err) {
	char *path;
	int r = strchr(name, '/') ? find_by_path(arena, name, &path)
		: *name		  ? find_in_path(arena, name, &path)
				  : -ENOENT;
	if (r < 0) {
		bool no_path = r == -ENOENT && !strchr(name, '/') && !hk_sys_getenv("PATH");
		return hk_err_step(err, r, "look up executable file '%s'%s", HK_ESC(name),
			no_path ? " (PATH is not set)" : "");
	}
	*ret_path = path;
	return 0;
}

/* -- the container ------------------------------------------------------------------------- */

static int fill_container(struct hk_arena *arena, const struct hk_config *config,
	struct hk_config_container *container, struct hk_err *err) {
	*container = (struct hk_config_container){
		.userns = true,
		.host_net = true,
		.host_abstract = true,
		.tty = true,
		.share_runtime = HK_TRUE,
		.share_tmpdir = HK_TRUE,
	};
	const bool display = config->enablements.wayland || config->enablements.x11;
	const struct hk_fs mounts[] = {
		{.src = "/", .dst = "/", .write = true, .special = true},
		{.src = "/dev/dri", .dst = "/dev/dri", .dev = true, .optional = true},
		{.src = "/dev/kvm", .dst = "/dev/kvm", .dev = true, .optional = true},
		{.src = "/etc", .dst = "/etc", .special = true},
	};
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		if (!display && strcmp(mounts[i].dst, "/dev/dri") == 0) {
			continue;
		}
		struct hk_fs *fs = hk_vec_add(arena, &container->filesystem);
		if (!fs) {
			return hk_err_oom(err);
		}
		*fs = mounts[i];
		fs->type = HK_FS_BIND;
	}
	return 0;
}

int hk_outcome_permissive(struct hk_arena *arena, struct hk_config *config, struct hk_err *err) {
	if (config->container) {
		return 0;
	}
	struct hk_config filled = *config;
	if (!filled.shell) {
		filled.shell = default_shell(arena);
	}
	if (!filled.path) {
		filled.path = filled.shell;
		if (filled.args.count > 0) {
			/* Here, for neither hsu nor the container has the person's PATH. */
			int r = hk_outcome_find_program(
				arena, filled.args.items[0], &filled.path, err);
			if (r < 0) {
				return r;
			}
		}
	}
	filled.container = hk_arena_alloc(arena, sizeof(*filled.container));
	if (!filled.shell || !filled.container) {
		return hk_err_oom(err);
	}
	int r = fill_container(arena, &filled, filled.container, err);
	if (r < 0) {
		return r;
	}
	*config = filled;
	return 0;
}
