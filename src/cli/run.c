/* SPDX-License-Identifier: MIT */
/* run.c: a permissive container for a program of the host. */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "cli/launch.h"
#include "config/config.h"
#include "config/home.h"
#include "outcome/outcome.h"
#include "sys/sys.h"

/* Always there, and always writable: programs insist on a home. */
#define FALLBACK_HOME "/.hakurei/home"
#define HOME_OF_OS    "os"

/* In place of a file. */
#define POLICY_BUILTIN "builtin"
#define POLICY_NONE    "nil"

struct options {
	struct hk_launch launch;
	int64_t identity;
	struct hk_strs groups;
	const char *home;
	const char *user;
	const char *id;
	struct hk_enablements enable;
	bool mpris;
	const char *session_policy;
	const char *system_policy;
	bool log_bus;
	bool private_runtime;
	bool private_tmpdir;
};

static const struct hk_option rows[] = {
	{"a", "IDENTITY", HK_OPTION_NUMBER, offsetof(struct options, identity),
		"which of your identities, 0 to 9999 (0: shared by all such runs)"},
	{"g", "GROUP", HK_OPTION_LIST, offsetof(struct options, groups),
		"keep this supplementary group; may be given again"},
	{"d", "HOME|os", HK_OPTION_TEXT, offsetof(struct options, home),
		"home in the container (os, the default: the target's in /etc/passwd)"},
	{"u", "USER", HK_OPTION_TEXT, offsetof(struct options, user), "user name in the container"},
	{"id", "ID", HK_OPTION_TEXT, offsetof(struct options, id),
		"reverse-DNS name of the program"},
	{"wayland", NULL, HK_OPTION_FLAG, offsetof(struct options, enable.wayland),
		"let the Wayland display through"},
	{"X", NULL, HK_OPTION_FLAG, offsetof(struct options, enable.x11),
		"let the X11 display through"},
	{"dbus", NULL, HK_OPTION_FLAG, offsetof(struct options, enable.dbus),
		"let a filtered D-Bus session bus through"},
	{"pulse", NULL, HK_OPTION_FLAG, offsetof(struct options, enable.pulse),
		"let the sound server through"},
	{"mpris", NULL, HK_OPTION_FLAG, offsetof(struct options, mpris),
		"with --dbus and --id: may be a media player on the session bus"},
	{"dbus-config", "FILE|builtin", HK_OPTION_TEXT, offsetof(struct options, session_policy),
		"with --dbus: the policy of the session bus (default: builtin)"},
	{"dbus-system", "FILE|nil", HK_OPTION_TEXT, offsetof(struct options, system_policy),
		"with --dbus: the system bus too, by this policy (default: nil, not)"},
	{"dbus-log", NULL, HK_OPTION_FLAG, offsetof(struct options, log_bus),
		"with --dbus: say what passes the proxy, and what does not"},
	{"private-runtime", NULL, HK_OPTION_FLAG, offsetof(struct options, private_runtime),
		"a runtime directory of its own, gone in the end"},
	{"private-tmpdir", NULL, HK_OPTION_FLAG, offsetof(struct options, private_tmpdir),
		"a /tmp of its own, gone in the end"},
	HK_LAUNCH_ROWS(struct options, launch),
};

/* Once the target is known: what its passwd entry says, where nothing else was said. Its uid was
 * given out on this machine: whoever has it in a directory of the network is somebody else. */
static int complete(void *data, struct hk_arena *arena, uid_t target, struct hk_config *config,
	struct hk_err *err) {
	const struct options *options = data;
	struct hk_sys_user user = {0};
	int r = hk_sys_local_user(arena, target, &user);
	if (r < 0 && r != -ENOENT) {
		return hk_err_step(err, r, "look up the user with uid %u", target);
	}
	bool of_os = !options->home || strcmp(options->home, HOME_OF_OS) == 0;
	if (!of_os) {
		config->home = options->home;
	} else {
		config->home = hk_path_is_absolute(user.home) ? user.home : FALLBACK_HOME;
	}
	config->username = options->user ? options->user : user.name;
	return 0;
}

/* The program may read and write whatever the person has left open to others. */
static void warn_open_home(const struct hk_cli *cli) {
	const char *home;
	struct stat stat;
	struct hk_err ignored; /* without one nothing can be started, which says more */
	if (hk_config_home_find(cli->arena, &home, &ignored) >= 0 &&
		hk_sys_stat(home, &stat) >= 0 && (stat.st_mode & S_IRWXO)) {
		hk_log_warning(cli->log,
			"your home '%s' is open to others, so to this program as well; chmod o= "
			"closes it",
			HK_ESC(home));
	}
}

/* -- D-Bus -------------------------------------------------------------------------------- */

/* What was asked for must not be left out in silence. */
static int check_bus_options(const struct options *options, struct hk_err *err) {
	const bool builtin =
		!options->session_policy || strcmp(options->session_policy, POLICY_BUILTIN) == 0;
	const struct {
		const char *name;
		bool given;
	} needing[] = {
		{"mpris", options->mpris},
		{"dbus-config", options->session_policy},
		{"dbus-system", options->system_policy},
		{"dbus-log", options->log_bus},
	};
	for (size_t i = 0; i < sizeof(needing) / sizeof(needing[0]); i++) {
		if (needing[i].given && !options->enable.dbus) {
			return hk_err_say(
				err, -EINVAL, "option --%s needs --dbus", needing[i].name);
		}
	}
	if (options->mpris && !builtin) {
		return hk_err_say(err, -EINVAL,
			"option --mpris is for the built-in policy: the one of --dbus-config says "
			"itself what may be owned");
	}
	if (options->mpris && !options->id) {
		return hk_err_say(err, -EINVAL, "option --mpris needs --id");
	}
	return 0;
}

static int read_policy(const struct hk_cli *cli, const char *file,
	struct hk_bus_policy **ret_policy, struct hk_err *err) {
	struct hk_bus_policy *policy = hk_arena_alloc(cli->arena, sizeof(*policy));
	int r = policy ? hk_config_read_policy(cli->arena, file, policy, err) : hk_err_oom(err);
	if (r >= 0) {
		*ret_policy = policy;
	}
	return r;
}

static int add_buses(const struct hk_cli *cli, const struct options *options,
	struct hk_config *config, struct hk_err *err) {
	int r = check_bus_options(options, err);
	if (r < 0 || !options->enable.dbus) {
		return r;
	}
	if (options->session_policy && strcmp(options->session_policy, POLICY_BUILTIN) != 0) {
		r = read_policy(cli, options->session_policy, &config->session_bus, err);
	} else {
		r = hk_outcome_builtin_policy(
			cli->arena, options->id, options->mpris, &config->session_bus, err);
	}
	if (r >= 0 && options->system_policy && strcmp(options->system_policy, POLICY_NONE) != 0) {
		r = read_policy(cli, options->system_policy, &config->system_bus, err);
	}
	if (r < 0) {
		return r;
	}
	config->session_bus->log |= options->log_bus;
	if (config->system_bus) {
		config->system_bus->log |= options->log_bus;
	}
	/* Programs tell the bus the uid that they see, and it knows the person only. */
	config->container->map_real_uid = true;
	return 0;
}

static int make_config(const struct hk_cli *cli, const struct options *options, int argc,
	char *const argv[], struct hk_config *ret_config, struct hk_err *err) {
	struct hk_config config = {
		.id = options->id,
		.identity = options->identity,
		.groups = options->groups,
		.enablements = options->enable,
	};
	if (options->identity > HK_IDENTITY_MAX) {
		return hk_err_say(err, -ERANGE, "identity %lld out of range; it is 0 to %d",
			(long long)options->identity, HK_IDENTITY_MAX);
	}
	if (options->home && strcmp(options->home, HOME_OF_OS) != 0 &&
		!hk_path_is_absolute(options->home)) {
		return hk_err_say(err, -EINVAL,
			"invalid path to home directory; -d takes an absolute one, or " HOME_OF_OS);
	}
	for (int i = 0; i < argc; i++) {
		if (hk_strs_add_borrowed(cli->arena, &config.args, argv[i]) < 0) {
			return hk_err_oom(err);
		}
	}
	int r = hk_outcome_permissive(cli->arena, &config, err);
	if (r < 0) {
		return r;
	}
	config.container->share_runtime = options->private_runtime ? HK_FALSE : HK_TRUE;
	config.container->share_tmpdir = options->private_tmpdir ? HK_FALSE : HK_TRUE;
	*ret_config = config;
	return 0;
}

static int run(
	const struct hk_cli *cli, void *values, int argc, char *const argv[], struct hk_err *err) {
	struct options *options = values;
	struct hk_config config;
	int r = make_config(cli, options, argc, argv, &config, err);
	if (r == -ENOENT || r == -EACCES) {
		/* As a shell says it of a program that it cannot find, or not execute. */
		hk_log_error(cli->log, err);
		return r == -ENOENT ? HK_STATUS_NOT_FOUND : HK_STATUS_NOT_EXECUTABLE;
	}
	r = r < 0 ? r : add_buses(cli, options, &config, err);
	if (r < 0) {
		return r;
	}
	warn_open_home(cli);
	struct hk_monitor_request request = {
		.config = &config, .complete = complete, .data = options};
	return hk_launch(cli, &options->launch, &request, err);
}

const struct hk_command hk_command_run = {
	.name = "run",
	.arguments = "[options] [--] [PROGRAM [ARGUMENT...]]",
	.summary = "run a program of the host, by default your shell, in a permissive container",
	.options = {rows, sizeof(rows) / sizeof(rows[0])},
	.values_size = sizeof(struct options),
	.passes_on = true,
	.run = run,
};
