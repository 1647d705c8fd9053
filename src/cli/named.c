/* SPDX-License-Identifier: MIT */
#include "cli/named.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "cli/show.h"
#include "config/home.h"
#include "paths.h"
#include "sys/sys.h"

#define BELOW "hakurei/apps"

static int find_own(const struct hk_cli *cli, const char **ret_path, struct hk_err *err) {
	const char *parent = hk_sys_getenv("XDG_CONFIG_HOME");
	const char *below = BELOW;
	if (!hk_path_is_absolute(parent)) {
		below = ".config/" BELOW;
		int r = hk_config_home_find(cli->arena, &parent, err);
		if (r < 0) {
			return r;
		}
	}
	const char *path = hk_path_join(cli->arena, parent, below);
	path = path ? hk_path_clean(cli->arena, path) : NULL;
	if (!path) {
		return hk_err_oom(err);
	}
	*ret_path = path;
	return 0;
}

/* The first has the last word. */
static int find_dirs(const struct hk_cli *cli, struct hk_config_dirs *dirs, struct hk_err *err) {
	const char *own = NULL;
	int r = find_own(cli, &own, err);
	if (r < 0) {
		return r;
	}
	const struct hk_config_dir rows[] = {
		{own, false},
		{HK_PATH_APPS_SITE, true},
		{HK_PATH_APPS_DATA, true},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hk_config_dir *dir = hk_vec_add(cli->arena, dirs);
		if (!dir) {
			return hk_err_oom(err);
		}
		*dir = rows[i];
	}
	return 0;
}

/* There is no such file: it may have been meant as a name. */
static int say_not_there(const struct hk_cli *cli, const char *file, struct hk_err *err) {
	struct hk_err ignored; /* err has what matters */
	struct hk_strs names;
	size_t length = strlen(file);
	const size_t suffix = strlen(".json");
	if (length <= suffix || hk_cli_config_names(cli, &names, &ignored) < 0) {
		return err->code;
	}
	for (size_t i = 0; i < names.count; i++) {
		if (strlen(names.items[i]) == length - suffix &&
			hk_str_starts(file, names.items[i])) {
			return hk_err_say(err, err->code,
				"there is no file '%s' here; the configuration is named '%s'",
				HK_ESC(file), names.items[i]);
		}
	}
	return err->code;
}

int hk_cli_config_read(const struct hk_cli *cli, const char *word, struct hk_config *ret_config,
	struct hk_config_parts *ret_parts, struct hk_err *err) {
	struct hk_config_dirs dirs = {0};
	struct hk_config_parts parts = {0};
	int r;
	if (hk_config_is_name(word)) {
		r = find_dirs(cli, &dirs, err);
		r = r < 0 ? r
			  : hk_config_read_named(
				    cli->arena, &dirs, word, NULL, ret_config, &parts, err);
	} else {
		r = hk_config_read(cli->arena, word, ret_config, err);
		r = r == -ENOENT ? say_not_there(cli, word, err) : r;
	}
	if (r < 0) {
		return r;
	}
	for (size_t i = 0; i < parts.count; i++) {
		hk_log_verbose(cli->log, "configuration: %s%s", i ? "changed by " : "",
			HK_ESC(parts.items[i].path));
	}
	*ret_parts = parts;
	return 0;
}

int hk_cli_config_examine(const struct hk_cli *cli, const char *name,
	struct hk_config_findings *findings, struct hk_config *ret_config,
	struct hk_config_parts *ret_parts, struct hk_err *err) {
	struct hk_config_dirs dirs = {0};
	int r = find_dirs(cli, &dirs, err);
	return r < 0 ? r
		     : hk_config_read_named(
			       findings->arena, &dirs, name, findings, ret_config, ret_parts, err);
}

int hk_cli_config_names(const struct hk_cli *cli, struct hk_strs *ret_names, struct hk_err *err) {
	struct hk_config_dirs dirs = {0};
	int r = find_dirs(cli, &dirs, err);
	return r < 0 ? r : hk_config_list_names(cli->arena, &dirs, ret_names, err);
}

void hk_cli_parts_print(const struct hk_config_parts *parts, bool all, struct hk_str *out) {
	if (parts->count > 0) {
		hk_show_section(out, "Configuration");
	}
	for (size_t i = 0; i < parts->count; i++) {
		const struct hk_config_part *part = &parts->items[i];
		hk_show_line(out, i ? "Changed by" : "Base", part->path);
		for (size_t j = 0; (i > 0 || all) && j < part->keys.count; j++) {
			hk_str_add(out, "    ");
			hk_str_add_escaped(out, part->keys.items[j]);
			hk_str_add(out, "\n");
		}
	}
}
