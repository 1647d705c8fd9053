/* SPDX-License-Identifier: MIT */
#include "outcome/advice.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/path.h"
#include "base/str.h"
#include "config/home.h"
#include "config/place.h"
#include "outcome/outcome.h"
#include "sys/sys.h"

#define WRITES_ANYWHERE "the whole file system is writable, wherever the program's user may write"
#define WRITES_HOME                                                                                \
	"your home can be changed from inside: who changes your start-up files runs as you"
#define PORTAL "org.freedesktop.portal.Desktop"

struct adviser {
	const struct hk_config *config;
	const char *home; /* the person's, clean; NULL: unknown */
	struct hk_config_findings *findings;
	struct hk_err *err;
};

/* One warning about the key at a place, which is a format for what follows it. */
static int say(const struct adviser *adviser, const char *place, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int say(const struct adviser *adviser, const char *place, const char *fmt, ...) {
	char text[HK_ERR_TEXT_MAX];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	const struct hk_config_finding finding = {
		.place = place,
		.text = text,
		.bearing = HK_CONFIG_FOLLOWS,
		.warning = true,
	};
	return hk_config_findings_add(adviser->findings, &finding) < 0 ? hk_err_oom(adviser->err)
								       : 0;
}

/* For places: valid until the end of the full expression. */
struct place_text {
	char text[128];
};

static struct place_text item(const char *list, size_t index, const char *key) {
	struct place_text place;
	(void)snprintf(place.text, sizeof(place.text), "%s[%zu]%s%s", list, index, key ? "." : "",
		key ? key : "");
	return place;
}

/* -- one thing after the other --------------------------------------------------------------- */

static int advise_services(const struct adviser *adviser) {
	const struct hk_config *config = adviser->config;
	const struct hk_config_container *container = config->container;
	const struct {
		bool set;
		const char *place;
		const char *text;
	} rows[] = {
		{!container, "container", HK_OUTCOME_NO_CONTAINER},
		{config->direct_wayland && config->enablements.wayland, "direct_wayland",
			HK_OUTCOME_DIRECT_WAYLAND},
		{container && container->tty, "container.tty",
			"the program reads what is typed in the terminal that it is started from"},
		{container && container->device, "container.device",
			"every device of the host is there, and can be used as far as the "
			"program's "
			"user may"},
		{container && container->host_abstract && !container->host_net,
			"container.host_abstract",
			"does nothing without host_net: abstract sockets belong to a network"},
		{container && container->host_abstract && container->host_net &&
				config->enablements.x11,
			"container.host_abstract",
			"with x11 the program also reaches what else listens beside the X server: "
			"session manager, input method, accessibility bus"},
	};
	int r = 0;
	for (size_t i = 0; r >= 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = rows[i].set ? say(adviser, rows[i].place, "%s", rows[i].text) : 0;
	}
	return r;
}

static int advise_unused(const struct adviser *adviser) {
	struct hk_outcome_unused unused;
	size_t index = 0;
	int r = 0;
	/* A service that is lost may have been meant to be enabled. */
	while (r >= 0 && !hk_config_findings_spoilt(adviser->findings, "enablements") &&
		hk_outcome_find_unused(adviser->config, &index, &unused)) {
		r = say(adviser, unused.setting, "does nothing: %s is not enabled", unused.service);
	}
	return r;
}

static int advise_groups(const struct adviser *adviser) {
	const struct hk_strs *groups = &adviser->config->groups;
	int r = 0;
	for (size_t i = 0; r >= 0 && i < groups->count; i++) {
		const char *name = groups->items[i];
		const char *gives = hk_outcome_group_gives(name);
		gid_t gid;
		if (gives) {
			r = say(adviser, item("groups", i, NULL).text,
				"who is in the group '%s' %s", name, gives);
		}
		if (r >= 0 && hk_sys_group_gid(name, &gid) == -ENOENT) {
			r = say(adviser, item("groups", i, NULL).text,
				"unknown group \"%s\": cannot start on this system", HK_ESC(name));
		}
	}
	return r;
}

/* What in a home is executed, or decides what is, when its owner logs in or starts something. */
static const char *const start_up[] = {
	".bashrc",
	".config/autostart",
	".config/systemd/user",
	".config/fish",
	".local/bin",
	".local/share/dbus-1/services",
	".profile",
	".ssh",
	".zshrc",
	"bin",
};

/* Does who may write to path, and below, run things as the person? */
static bool holds_start_up(const struct adviser *adviser, const char *path) {
	if (!adviser->home || !path || !hk_path_is_clean(path)) {
		return false;
	}
	if (hk_path_below(adviser->home, path)) {
		return true;
	}
	const char *below = hk_path_below(path, adviser->home);
	for (size_t i = 0; below && i < sizeof(start_up) / sizeof(start_up[0]); i++) {
		const char *place = start_up[i];
		size_t length = strlen(below);
		size_t whole = strlen(place);
		/* Is it the place, above it or in it? */
		size_t common = length < whole ? length : whole;
		char next = length < whole ? place[common] : below[common];
		if (strncmp(place, below, common) == 0 && (next == '/' || next == '\0')) {
			return true;
		}
	}
	return false;
}

static int advise_perms(const struct adviser *adviser) {
	const struct hk_extra_perms *perms = &adviser->config->extra_perms;
	int r = 0;
	for (size_t i = 0; r >= 0 && i < perms->count; i++) {
		const struct hk_extra_perm *perm = &perms->items[i];
		if (perm->w && holds_start_up(adviser, perm->path)) {
			r = say(adviser, item("extra_perms", i + perm->skipped, "w").text, "%s",
				WRITES_HOME);
		}
	}
	return r;
}

/* -- mounts ---------------------------------------------------------------------------------- */

static int advise_bind(const struct adviser *adviser, size_t index, const struct hk_fs *fs) {
	if (fs->type != HK_FS_BIND || !fs->src || (!fs->write && !fs->dev)) {
		return 0;
	}
	const struct place_text place =
		item("container.filesystem", index, fs->write ? "write" : "dev");
	if (strcmp(fs->src, "/") == 0) {
		return say(adviser, place.text, "%s", WRITES_ANYWHERE);
	}
	return holds_start_up(adviser, fs->src) ? say(adviser, place.text, "%s", WRITES_HOME) : 0;
}

/* A mount that a later one lies on does nothing. */
static int advise_order(const struct adviser *adviser, size_t index, const struct hk_fss *mounts) {
	const char *dst = mounts->items[index].dst;
	for (size_t i = index + 1; dst && i < mounts->count; i++) {
		const struct hk_fs *later = &mounts->items[i];
		if (later->dst && !later->optional && strcmp(later->dst, "/") != 0 &&
			hk_path_below(dst, later->dst)) {
			return say(adviser, item("container.filesystem", index, NULL).text,
				"cannot be seen: the later mount on '%s' lies over it",
				HK_ESC(later->dst));
		}
	}
	return 0;
}

static int advise_mounts(const struct adviser *adviser) {
	const struct hk_config_container *container = adviser->config->container;
	int r = 0;
	for (size_t i = 0; r >= 0 && container && i < container->filesystem.count; i++) {
		r = advise_bind(adviser, i, &container->filesystem.items[i]);
		r = r < 0 ? r : advise_order(adviser, i, &container->filesystem);
	}
	return r;
}

/* -- buses ----------------------------------------------------------------------------------- */

/* A name that may be called. in_full: all that it offers. */
static int advise_name(
	const struct adviser *adviser, const char *place, const char *pattern, bool in_full) {
	size_t index = 0;
	const struct hk_outcome_manager *first = hk_outcome_bus_manager(pattern, &index);
	size_t more = 0;
	while (first && hk_outcome_bus_manager(pattern, &index)) {
		more++;
	}
	if (first && more) {
		return say(adviser, place,
			"lets the program call %s, which %s, and %zu more that drive the host",
			first->name, first->what, more);
	}
	if (first) {
		return say(adviser, place, "lets the program call %s, which %s", first->name,
			first->what);
	}
	if (in_full && hk_outcome_bus_covers(pattern, PORTAL)) {
		return say(adviser, place,
			"lets the program call all of " PORTAL ", which takes it for one of yours "
			"and asks less: rules in call say what it needs");
	}
	return 0;
}

static int advise_names(
	const struct adviser *adviser, const char *place, const struct hk_strs *names) {
	int r = 0;
	for (size_t i = 0; r >= 0 && i < names->count; i++) {
		r = advise_name(adviser, item(place, i, NULL).text, names->items[i], true);
	}
	return r;
}

static int advise_bus(
	const struct adviser *adviser, const char *bus, const struct hk_bus_policy *policy) {
	if (!policy) {
		return 0;
	}
	if (!policy->filter) {
		return say(adviser, bus,
			"not filtered: the program can do through this bus whatever you can");
	}
	const struct {
		const char *key;
		const struct hk_strs *names;
	} lists[] = {{"talk", &policy->talk}, {"own", &policy->own}};
	int r = 0;
	for (size_t i = 0; r >= 0 && i < sizeof(lists) / sizeof(lists[0]); i++) {
		char place[64];
		(void)snprintf(place, sizeof(place), "%s.%s", bus, lists[i].key);
		r = advise_names(adviser, place, lists[i].names);
	}
	for (size_t i = 0; r >= 0 && i < policy->call.count; i++) {
		const char *name = policy->call.items[i].name;
		char place[HK_CONFIG_PLACE_MAX];
		(void)snprintf(place, sizeof(place), "%s.call.%s", bus, HK_ESC(name));
		r = advise_name(adviser, place, name, false);
	}
	return r;
}

/* The built-in policy has names below the id: what a start finds out only then. */
static int advise_id(const struct adviser *adviser) {
	const struct hk_config *config = adviser->config;
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_bus_policy *policy;
	struct hk_err why;
	if (!config->enablements.dbus || config->session_bus) {
		return 0;
	}
	int r = hk_outcome_builtin_policy(&arena, config->id, false, &policy, &why);
	if (r >= 0 || r == -ENOMEM) {
		return r < 0 ? hk_err_oom(adviser->err) : 0;
	}
	const struct hk_config_finding finding = {
		.place = "id", .text = why.text, .bearing = HK_CONFIG_FOLLOWS};
	return hk_config_findings_add(adviser->findings, &finding) < 0 ? hk_err_oom(adviser->err)
								       : 0;
}

static int advise_buses(const struct adviser *adviser) {
	int r = advise_bus(adviser, "session_bus", adviser->config->session_bus);
	r = r < 0 ? r : advise_bus(adviser, "system_bus", adviser->config->system_bus);
	return r < 0 ? r : advise_id(adviser);
}

/* ------------------------------------------------------------------------------------------- */

static int (*const parts[])(const struct adviser *adviser) = {
	advise_services,
	advise_unused,
	advise_groups,
	advise_perms,
	advise_mounts,
	advise_buses,
};

int hk_outcome_advise(
	const struct hk_config *config, struct hk_config_findings *findings, struct hk_err *err) {
	struct adviser adviser = {.config = config, .findings = findings, .err = err};
	const char *home;
	struct hk_err why;
	int r = hk_config_home_find(findings->arena, &home, &why);
	if (r == -ENOMEM) {
		return hk_err_oom(err);
	}
	/* Who has no home in the database, or one that is everything, has none to warn of. */
	if (r >= 0 && strcmp(home, "/") != 0) {
		adviser.home = home;
	}
	r = 0;
	for (size_t i = 0; r >= 0 && i < sizeof(parts) / sizeof(parts[0]); i++) {
		r = parts[i](&adviser);
	}
	return r;
}
