/* SPDX-License-Identifier: MIT */
/* show.c: what a configuration or a running instance says, for people; as JSON, the same document
 * that the reader of configurations accepts. */
#include "cli/show.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "cli/colour.h"
#include "cli/instances.h"
#include "cli/named.h"
#include "config/config.h"
#include "config/print.h"

struct options {
	bool brief;
	bool no_store;
};

static const struct hk_option rows[] = {
	{"short", NULL, HK_OPTION_FLAG, offsetof(struct options, brief),
		"only identity, program and services"},
	{"no-store", NULL, HK_OPTION_FLAG, offsetof(struct options, no_store),
		"take the argument for a configuration, whatever it looks like"},
};

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
	hk_show_line(out, name, text.text ? text.text : "none");
}

static void line_list(struct hk_str *out, const char *name, const struct hk_strs *list) {
	HK_AUTO(str) struct hk_str text = {0};
	for (size_t i = 0; i < list->count; i++) {
		hk_str_addf(&text, "%s%s", i ? " " : "", list->items[i]);
	}
	if (text.text) {
		hk_show_line(out, name, text.text);
	}
}

static void line_rules(struct hk_str *out, const char *name, const struct hk_pairs *rules) {
	for (size_t i = 0; i < rules->count; i++) {
		HK_AUTO(str) struct hk_str text = {0};
		hk_str_addf(&text, "%s=%s", rules->items[i].name, rules->items[i].value);
		hk_show_line(out, name, text.text ? text.text : "");
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
	hk_show_section(out, "App");
	(void)snprintf(text, sizeof(text), "%lld", (long long)config->identity);
	hk_show_line(out, "Identity", text);
	if (config->id && config->id[0]) {
		hk_show_line(out, "Id", config->id);
	}
	line_list(out, "Groups", &config->groups);
	line_flags(out, "Services", services, sizeof(services) / sizeof(services[0]));
	if (config->path) {
		hk_show_line(out, "Path", config->path);
	}
	line_list(out, "Arguments", &config->args);
}

static void print_container(const struct hk_config *config, struct hk_str *out) {
	const struct hk_config_container *container = config->container;
	if (config->home) {
		hk_show_line(out, "Home", config->home);
	}
	if (!container) {
		hk_show_line(out, "Container", "permissive defaults");
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
		hk_show_line(out, "Hostname", container->hostname);
	}
	line_flags(out, "Flags", flags, sizeof(flags) / sizeof(flags[0]));
}

static void print_lists(const struct hk_config *config, struct hk_str *out) {
	if (config->container && config->container->filesystem.count > 0) {
		hk_show_section(out, "Filesystem");
		for (size_t i = 0; i < config->container->filesystem.count; i++) {
			hk_str_add(out, "  ");
			hk_config_print_mount(&config->container->filesystem.items[i], out);
			hk_str_add(out, "\n");
		}
	}
	if (config->extra_perms.count > 0) {
		hk_show_section(out, "Extra ACL");
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
	hk_show_section(out, name);
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
	hk_colour_add_bad(&out, "Error:");
	hk_str_addf(&out, " %s!\n", why->text);
	int r = hk_cli_print(&out, err);
	return r < 0 ? r : HK_STATUS_NO;
}

/* -- a live instance ------------------------------------------------------------------------ */

/* Digits enough for an id: the whole of it, or what `ps` shows and any more of its random half. */
static bool looks_like_id(const char *text) {
	size_t length = strlen(text);
	return length >= HK_ID_SHORT_HEX && length <= HK_ID_HEX &&
	       strspn(text, "0123456789abcdef") == length;
}

static int find_instance(const struct hk_cli *cli, const char *digits,
	const struct hk_store_instance **ret_instance, struct hk_err *err) {
	struct hk_store_instances instances;
	int r = hk_cli_list(cli, &instances, err);
	if (r < 0) {
		return r;
	}
	const struct hk_store_instance *found = NULL;
	for (size_t i = 0; i < instances.count; i++) {
		struct hk_id_text id = hk_id_format(&instances.items[i].id);
		if (strcmp(id.text, digits) != 0 &&
			!hk_str_starts(id.text + HK_ID_HEX / 2, digits)) {
			continue;
		}
		if (found) {
			return hk_err_say(err, -ENOTUNIQ,
				"'%s' is the start of more than one instance id; `hakurei ps` "
				"lists them",
				digits);
		}
		found = &instances.items[i];
	}
	*ret_instance = found;
	return 0;
}

static void print_state(const struct hk_store_instance *instance, struct hk_str *out) {
	char text[32];
	hk_show_section(out, "State");
	hk_show_line(out, "Instance", hk_id_format(&instance->id).text);
	(void)snprintf(text, sizeof(text), "%d", instance->pid);
	hk_show_line(out, "Pid", text);
	(void)snprintf(text, sizeof(text), "%u", instance->target);
	hk_show_line(out, "Uid", text);
	hk_show_line(out, "Backend", instance->backend);
	hk_show_line(out, "Uptime", hk_cli_uptime(instance->time).text);
}

/* ------------------------------------------------------------------------------------------- */

/* Digits of an id that nobody has any more are tried as a name, or a descriptor: that there is no
 * such thing is not what matters then. */
static void say_neither(const char *digits, struct hk_err *why) {
	if (why->code == -ENOENT || why->code == -EBADF) {
		(void)hk_err_say(why, why->code,
			"'%s' is neither a running instance (`hakurei ps` lists them) nor a "
			"configuration",
			digits);
	}
}

static void show_config(const struct options *options, const struct hk_store_instance *instance,
	const struct hk_config *config, struct hk_str *out) {
	if (instance) {
		print_state(instance, out);
	}
	print_app(config, out);
	if (!options->brief) {
		print_container(config, out);
		print_lists(config, out);
		print_bus("Session bus", config->session_bus, out);
		print_bus("System bus", config->system_bus, out);
	}
}

static int show(
	const struct hk_cli *cli, void *values, int argc, char *const argv[], struct hk_err *err) {
	const struct options *options = values;
	if (argc > 1) {
		return hk_err_say(err, -EINVAL, "show takes one argument; see `hakurei help show`");
	}
	if (argc == 0) {
		return hk_show_system(cli, err);
	}
	const struct hk_store_instance *instance = NULL;
	bool maybe_id = !options->no_store && looks_like_id(argv[0]);
	if (maybe_id) {
		int r = find_instance(cli, argv[0], &instance, err);
		if (r < 0) {
			return r;
		}
	}
	struct hk_config config;
	struct hk_config_parts parts = {0};
	struct hk_err why;
	const char *text = instance && instance->config ? instance->config : "";
	int r = instance ? hk_config_parse(cli->arena, text, strlen(text), argv[0], &config, &why)
			 : hk_cli_config_read(cli, argv[0], &config, &parts, &why);
	if (r < 0 && maybe_id && !instance) {
		say_neither(argv[0], &why);
	}
	if (r < 0) {
		return show_invalid(&why, err);
	}
	HK_AUTO(str) struct hk_str out = {0};
	if (cli->json) {
		hk_config_print_json(&config, false, &out);
		return hk_cli_print(&out, err);
	}
	hk_cli_parts_print(&parts, cli->log->verbose, &out);
	show_config(options, instance, &config, &out);
	return hk_cli_print(&out, err);
}

const struct hk_command hk_command_show = {
	.name = "show",
	.arguments = "[options] [NAME|FILE|INSTANCE]",
	.summary = "show the system, a configuration or a running instance",
	.options = {rows, sizeof(rows) / sizeof(rows[0])},
	.values_size = sizeof(struct options),
	.run = show,
};
