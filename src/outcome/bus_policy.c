/* SPDX-License-Identifier: MIT */
#include "outcome/bus_policy.h"

#include <errno.h>
#include <string.h>

#include "outcome/advice.h"

/* -- the built-in policy -------------------------------------------------------------------- */

static int add_pair(struct hk_arena *arena, struct hk_pairs *pairs, const char *name,
	const char *value, struct hk_err *err) {
	struct hk_pair *pair = hk_vec_add(arena, pairs);
	if (!pair) {
		return hk_err_oom(err);
	}
	*pair = (struct hk_pair){.name = name, .value = value};
	return 0;
}

static int add_own(struct hk_arena *arena, struct hk_bus_policy *policy, const char *prefix,
	const char *id, struct hk_err *err) {
	const char *name = hk_arena_printf(arena, "%s%s.*", prefix, id);
	return name && hk_strs_add_borrowed(arena, &policy->own, name) == 0 ? 0 : hk_err_oom(err);
}

int hk_outcome_builtin_policy(struct hk_arena *arena, const char *id, bool mpris,
	struct hk_bus_policy **ret_policy, struct hk_err *err) {
	struct hk_bus_policy *policy = hk_arena_alloc(arena, sizeof(*policy));
	if (!policy || hk_strs_add_borrowed(arena, &policy->talk, "org.freedesktop.DBus") < 0 ||
		hk_strs_add_borrowed(arena, &policy->talk, "org.freedesktop.Notifications") < 0) {
		return hk_err_oom(err);
	}
	policy->filter = true;
	int r = add_pair(arena, &policy->call, "org.freedesktop.portal.*", "*", err);
	r = r < 0 ? r
		  : add_pair(arena, &policy->broadcast, "org.freedesktop.portal.*",
			    "@/org/freedesktop/portal/*", err);
	if (r >= 0 && id) {
		if (!strchr(id, '.')) {
			/* The proxy would end without a word. */
			return hk_err_say(err, -EINVAL,
				"bad interface string \"%s.*\" in session bus configuration: the "
				"id needs a dot to be a bus name",
				HK_ESC(id));
		}
		r = add_own(arena, policy, "", id, err);
		r = r < 0 || !mpris ? r
				    : add_own(arena, policy, "org.mpris.MediaPlayer2.", id, err);
	}
	if (r < 0) {
		return r;
	}
	*ret_policy = policy;
	return 0;
}

/* -- for the proxy -------------------------------------------------------------------------- */

static int add_names(struct hk_arena *arena, const char *option, const struct hk_strs *names,
	struct hk_strs *args, struct hk_err *err) {
	for (size_t i = 0; i < names->count; i++) {
		const char *arg = hk_arena_printf(arena, "--%s=%s", option, names->items[i]);
		if (!arg || hk_strs_add_borrowed(arena, args, arg) < 0) {
			return hk_err_oom(err);
		}
	}
	return 0;
}

static int add_rules(struct hk_arena *arena, const char *option, const struct hk_pairs *rules,
	struct hk_strs *args, struct hk_err *err) {
	for (size_t i = 0; i < rules->count; i++) {
		const char *arg = hk_arena_printf(
			arena, "--%s=%s=%s", option, rules->items[i].name, rules->items[i].value);
		if (!arg || hk_strs_add_borrowed(arena, args, arg) < 0) {
			return hk_err_oom(err);
		}
	}
	return 0;
}

int hk_outcome_policy_arguments(struct hk_arena *arena, const struct hk_bus_policy *policy,
	struct hk_strs *args, struct hk_err *err) {
	if (policy->filter && hk_strs_add_borrowed(arena, args, "--filter") < 0) {
		return hk_err_oom(err);
	}
	int r = add_names(arena, "see", &policy->see, args, err);
	r = r < 0 ? r : add_names(arena, "talk", &policy->talk, args, err);
	r = r < 0 ? r : add_names(arena, "own", &policy->own, args, err);
	r = r < 0 ? r : add_rules(arena, "call", &policy->call, args, err);
	r = r < 0 ? r : add_rules(arena, "broadcast", &policy->broadcast, args, err);
	if (r >= 0 && policy->log && hk_strs_add_borrowed(arena, args, "--log") < 0) {
		return hk_err_oom(err);
	}
	return r;
}

/* -- for the person ------------------------------------------------------------------------- */

static const struct hk_outcome_manager managers[] = {
	{"ca.desrt.dconf", "changes the settings of your desktop"},
	{"org.a11y.Bus", "reads and drives the windows of all programs"},
	{"org.freedesktop.Flatpak", "starts programs outside of any container"},
	{"org.freedesktop.PackageKit", "installs software"},
	{"org.freedesktop.PolicyKit1", "decides who may do what on this machine"},
	{"org.freedesktop.UDisks2", "mounts and formats disks"},
	{"org.freedesktop.impl.portal.PermissionStore", "decides what the portals allow"},
	{"org.freedesktop.login1", "rules the sessions of this machine"},
	{"org.freedesktop.machine1", "starts programs in machines and on the host"},
	{"org.freedesktop.secrets", "holds your passwords"},
	{"org.freedesktop.systemd1", "starts programs as you"},
	{"org.gnome.SessionManager", "rules your session"},
	{"org.gnome.Shell", "runs the desktop, and code for it"},
	{"org.gtk.vfs.Daemon", "reads and writes your files"},
	{"org.kde.KWin", "runs the desktop, and code for it"},
	{"org.kde.klauncher5", "starts programs as you"},
	{"org.kde.plasmashell", "runs the desktop, and code for it"},
};

bool hk_outcome_bus_covers(const char *pattern, const char *name) {
	size_t length = strlen(pattern);
	if (length <= 2 || strcmp(pattern + length - 2, ".*") != 0) {
		return strcmp(pattern, name) == 0;
	}
	length -= 2;
	return strncmp(pattern, name, length) == 0 && (name[length] == '.' || !name[length]);
}

const struct hk_outcome_manager *hk_outcome_bus_manager(const char *pattern, size_t *index) {
	while (*index < sizeof(managers) / sizeof(managers[0])) {
		const struct hk_outcome_manager *manager = &managers[(*index)++];
		if (hk_outcome_bus_covers(pattern, manager->name)) {
			return manager;
		}
	}
	return NULL;
}

/* Does the policy let the program call the name? */
static bool lets_call(const struct hk_bus_policy *policy, const char *name) {
	const struct hk_strs *lists[] = {&policy->talk, &policy->own};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		for (size_t j = 0; j < lists[i]->count; j++) {
			if (hk_outcome_bus_covers(lists[i]->items[j], name)) {
				return true;
			}
		}
	}
	for (size_t i = 0; i < policy->call.count; i++) {
		if (hk_outcome_bus_covers(policy->call.items[i].name, name)) {
			return true;
		}
	}
	return false;
}

int hk_outcome_policy_warn(struct hk_outcome_state *state, const struct hk_bus_policy *policy,
	const char *bus, struct hk_err *err) {
	if (!policy->filter) {
		return hk_outcome_add_warning(state, err,
			"the %s bus is not filtered: the program can do through it whatever you "
			"can",
			bus);
	}
	for (size_t i = 0; i < sizeof(managers) / sizeof(managers[0]); i++) {
		int r = lets_call(policy, managers[i].name)
				? hk_outcome_add_warning(state, err,
					  "the %s bus policy lets the program call %s, which %s",
					  bus, managers[i].name, managers[i].what)
				: 0;
		if (r < 0) {
			return r;
		}
	}
	return 0;
}
