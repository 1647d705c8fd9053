/* SPDX-License-Identifier: MIT */
/* show.c: what hakurei knows of the system, or what a configuration says, for people; as JSON,
 * the same document that the reader of configurations accepts. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/auto.h"
#include "base/str.h"
#include "cli/command.h"
#include "config/config.h"
#include "config/print.h"
#include "monitor/backend.h"
#include "outcome/outcome.h"
#include "paths.h"
#include "sys/sys.h"

#define COLUMN 16

struct options {
	bool brief;
	bool no_store;
};

static const struct hk_option rows[] = {
	{"short", NULL, HK_OPTION_FLAG, offsetof(struct options, brief),
		"only identity, program and services"},
	{"no-store", NULL, HK_OPTION_FLAG, offsetof(struct options, no_store),
		"take the argument for a file, whatever it looks like"},
};

/* "  NAME:   TEXT"; the text is escaped. */
static void line(struct hk_str *out, const char *name, const char *text) {
	char head[32];
	(void)snprintf(head, sizeof(head), "%s:", name);
	hk_str_addf(out, "  %-*s", COLUMN, head);
	hk_str_add_escaped(out, text);
	hk_str_add(out, "\n");
}

static void section(struct hk_str *out, const char *name) {
	hk_str_addf(out, "%s%s\n", out->length ? "\n" : "", name);
}

/* -- the system ---------------------------------------------------------------------------- */

struct system {
	const char *user;
	const char *store;
	const char *backend;
	struct hk_str why; /* why there is none */
	uid_t first;	   /* target of identity 0 */
};

static int look(const struct hk_cli *cli, struct system *system, struct hk_err *err) {
	struct hk_sys_user user;
	int r = hk_sys_user(cli->arena, hk_sys_getuid(), &user);
	if (r < 0 && r != -ENOENT) {
		return hk_err_step(err, r, "look up your user name");
	}
	system->user = r < 0 ? "(no passwd entry)" : user.name;
	char *store;
	r = hk_outcome_store(cli->arena, &store, err);
	if (r < 0) {
		return r;
	}
	system->store = store;
	const struct hk_backend *backend;
	struct hk_err why;
	if (hk_backend_choose(cli->arena, "auto", &backend, &why) < 0 ||
		backend->find_target(cli->arena, 0, &system->first, &why) < 0) {
		hk_str_add(&system->why, why.text);
		return 0;
	}
	system->backend = backend->name;
	return 0;
}

static int print_system_json(const struct system *system, struct hk_str *out, struct hk_err *err) {
	json_t *object = json_pack("{s:s, s:s, s:I, s:s, s:s?, s:s, s:s, s:s}", "version",
		HK_VERSION, "user", system->user, "uid", (json_int_t)hk_sys_getuid(), "store",
		system->store, "backend", system->backend, "hakurei", HK_PATH_HAKUREI, "hsu",
		HK_PATH_HSU, "shim", HK_PATH_SHIM);
	if (object && system->backend) {
		(void)json_object_set_new(object, "first_target", json_integer(system->first));
	}
	HK_AUTO(free) char *text = object ? json_dumps(object, JSON_INDENT(4)) : NULL;
	json_decref(object);
	if (!text) {
		return hk_err_oom(err);
	}
	hk_str_addf(out, "%s\n", text);
	return 0;
}

static void print_system(const struct system *system, struct hk_str *out) {
	char text[64];
	section(out, "System");
	line(out, "Version", HK_VERSION);
	(void)snprintf(text, sizeof(text), "%u", hk_sys_getuid());
	line(out, "User", system->user);
	line(out, "Uid", text);
	if (system->backend) {
		(void)snprintf(text, sizeof(text), "%u to %u", system->first,
			system->first + HK_IDENTITY_MAX);
		line(out, "Backend", system->backend);
		line(out, "Identities", text);
	} else {
		line(out, "Backend", system->why.text ? system->why.text : "none");
	}
	section(out, "Paths");
	line(out, "Store", system->store);
	line(out, "Program", HK_PATH_HAKUREI);
	line(out, "Helper", HK_PATH_HSU);
	line(out, "Shim", HK_PATH_SHIM);
	line(out, "Persons", HK_PATH_HSURC);
}

static int show_system(const struct hk_cli *cli, struct hk_err *err) {
	HK_AUTO(str) struct hk_str out = {0};
	struct system system = {0};
	int r = look(cli, &system, err);
	if (r >= 0 && cli->json) {
		r = print_system_json(&system, &out, err);
	} else if (r >= 0) {
		print_system(&system, &out);
	}
	hk_str_finish(&system.why);
	return r < 0 ? r : hk_cli_print(&out, err);
}

/* -- a configuration ------------------------------------------------------------------------ */

/* Names of what is true, with ", " between them. */
struct flag {
	const char *name;
	bool set;
};

static void line_flags(
	struct hk_str *out, const char *name, const struct flag *flags, size_t count) {
	HK_AUTO(str) struct hk_str text = {0};
	for (size_t i = 0; i < count; i++) {
		if (flags[i].set) {
			hk_str_addf(&text, "%s%s", text.length ? ", " : "", flags[i].name);
		}
	}
	line(out, name, text.text ? text.text : "none");
}

static void line_list(struct hk_str *out, const char *name, const struct hk_strs *list) {
	HK_AUTO(str) struct hk_str text = {0};
	for (size_t i = 0; i < list->count; i++) {
		hk_str_addf(&text, "%s%s", i ? " " : "", list->items[i]);
	}
	if (text.text) {
		line(out, name, text.text);
	}
}

static void line_rules(struct hk_str *out, const char *name, const struct hk_pairs *rules) {
	for (size_t i = 0; i < rules->count; i++) {
		HK_AUTO(str) struct hk_str text = {0};
		hk_str_addf(&text, "%s=%s", rules->items[i].name, rules->items[i].value);
		line(out, name, text.text ? text.text : "");
	}
}

static void print_app(const struct hk_config *config, struct hk_str *out) {
	const struct hk_enablements *enable = &config->enablements;
	const struct flag services[] = {
		{"wayland", enable->wayland},
		{"x11", enable->x11},
		{"dbus", enable->dbus},
		{"pulse", enable->pulse},
		{"direct_wayland", config->direct_wayland},
	};
	char text[32];
	section(out, "App");
	(void)snprintf(text, sizeof(text), "%lld", (long long)config->identity);
	line(out, "Identity", text);
	if (config->id && config->id[0]) {
		line(out, "Id", config->id);
	}
	line_list(out, "Groups", &config->groups);
	line_flags(out, "Services", services, sizeof(services) / sizeof(services[0]));
	if (config->path) {
		line(out, "Path", config->path);
	}
	line_list(out, "Arguments", &config->args);
}

static void print_container(const struct hk_config *config, struct hk_str *out) {
	const struct hk_config_container *container = config->container;
	if (config->home) {
		line(out, "Home", config->home);
	}
	if (!container) {
		line(out, "Container", "permissive defaults");
		return;
	}
	const struct flag flags[] = {
		{"userns", container->userns},
		{"devel", container->devel},
		{"host_net", container->host_net},
		{"host_abstract", container->host_abstract},
		{"tty", container->tty},
		{"multiarch", container->multiarch},
		{"seccomp_compat", container->seccomp_compat},
		{"map_real_uid", container->map_real_uid},
		{"device", container->device},
		{"share_runtime", container->share_runtime == HK_TRUE},
		{"share_tmpdir", container->share_tmpdir == HK_TRUE},
	};
	if (container->hostname && container->hostname[0]) {
		line(out, "Hostname", container->hostname);
	}
	line_flags(out, "Flags", flags, sizeof(flags) / sizeof(flags[0]));
}

static void print_lists(const struct hk_config *config, struct hk_str *out) {
	if (config->container && config->container->filesystem.count > 0) {
		section(out, "Filesystem");
		for (size_t i = 0; i < config->container->filesystem.count; i++) {
			hk_str_add(out, "  ");
			hk_config_print_mount(&config->container->filesystem.items[i], out);
			hk_str_add(out, "\n");
		}
	}
	if (config->extra_perms.count > 0) {
		section(out, "Extra ACL");
		for (size_t i = 0; i < config->extra_perms.count; i++) {
			hk_str_add(out, "  ");
			hk_config_print_perm(&config->extra_perms.items[i], out);
			hk_str_add(out, "\n");
		}
	}
}

static void print_bus(const char *name, const struct hk_bus_policy *policy, struct hk_str *out) {
	if (!policy) {
		return;
	}
	const struct flag flags[] = {{"filter", policy->filter}, {"log", policy->log}};
	section(out, name);
	line_flags(out, "Flags", flags, sizeof(flags) / sizeof(flags[0]));
	line_list(out, "See", &policy->see);
	line_list(out, "Talk", &policy->talk);
	line_list(out, "Own", &policy->own);
	line_rules(out, "Call", &policy->call);
	line_rules(out, "Broadcast", &policy->broadcast);
}

/* An invalid one is the answer "no", said on top. */
static int show_invalid(const struct hk_err *why, struct hk_err *err) {
	HK_AUTO(str) struct hk_str out = {0};
	hk_str_addf(&out, "Error: %s!\n", why->text);
	int r = hk_cli_print(&out, err);
	return r < 0 ? r : HK_STATUS_NO;
}

static int show_file(const struct hk_cli *cli, const struct options *options, const char *file,
	struct hk_err *err) {
	struct hk_config config;
	struct hk_err why;
	if (hk_config_read(cli->arena, file, &config, &why) < 0) {
		return show_invalid(&why, err);
	}
	HK_AUTO(str) struct hk_str out = {0};
	if (cli->json) {
		hk_config_print_json(&config, false, &out);
		return hk_cli_print(&out, err);
	}
	print_app(&config, &out);
	if (!options->brief) {
		print_container(&config, &out);
		print_lists(&config, &out);
		print_bus("Session bus", config.session_bus, &out);
		print_bus("System bus", config.system_bus, &out);
	}
	return hk_cli_print(&out, err);
}

static int show(
	const struct hk_cli *cli, void *values, int argc, char *const argv[], struct hk_err *err) {
	const struct options *options = values;
	if (argc > 1) {
		return hk_err_say(err, -EINVAL, "show takes one argument");
	}
	return argc == 0 ? show_system(cli, err) : show_file(cli, options, argv[0], err);
}

const struct hk_command hk_command_show = {
	.name = "show",
	.arguments = "[options] [FILE]",
	.summary = "show the system, or what a configuration says",
	.options = {rows, sizeof(rows) / sizeof(rows[0])},
	.values_size = sizeof(struct options),
	.run = show,
};
