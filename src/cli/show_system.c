/* SPDX-License-Identifier: MIT */
#include "cli/show.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "cli/colour.h"
#include "cli/json.h"
#include "config/config.h"
#include "monitor/backend.h"
#include "outcome/outcome.h"
#include "paths.h"
#include "sys/sys.h"

#define COLUMN 16

void hk_show_line(struct hk_str *out, const char *name, const char *text) {
	char head[32];
	(void)snprintf(head, sizeof(head), "%s:", name);
	hk_str_addf(out, "  %-*s", COLUMN, head);
	hk_str_add_escaped(out, text);
	hk_str_add(out, "\n");
}

void hk_show_section(struct hk_str *out, const char *name) {
	hk_str_add(out, out->length ? "\n" : "");
	hk_colour_add_head(out, name);
	hk_str_add(out, "\n");
}

#define BACKENDS_MAX 4

/* What becomes of asking one of them. */
struct answer {
	const struct hk_backend *backend;
	bool usable;
	uid_t first; /* target of identity 0 */
	struct hk_err why;
};

struct system {
	const char *user;
	const char *store;
	const struct answer *used; /* NULL: none can be */
	struct answer answers[BACKENDS_MAX];
	size_t answer_count;
};

/* Asks them all; the one that is used is the first, or the one that this build is for. */
static void ask_backends(struct hk_arena *arena, struct system *system) {
	const struct hk_backend *backend;
	for (size_t i = 0; i < BACKENDS_MAX && (backend = hk_backend_at(i)); i++) {
		struct answer *answer = &system->answers[system->answer_count++];
		answer->backend = backend;
		answer->usable = hk_backend_ask(backend, arena, &answer->first, &answer->why) >= 0;
		bool wanted =
			strcmp(HK_BACKEND, "auto") == 0 || strcmp(HK_BACKEND, backend->name) == 0;
		if (!system->used && wanted && answer->usable) {
			system->used = answer;
		}
	}
}

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
	ask_backends(cli->arena, system);
	return 0;
}

static int print_system_json(const struct system *system, struct hk_str *out, struct hk_err *err) {
	json_t *object = json_pack("{s:s, s:s, s:I, s:s, s:s?, s:s, s:s, s:s}", "version",
		HK_VERSION, "user", system->user, "uid", (json_int_t)hk_sys_getuid(), "store",
		system->store, "backend", system->used ? system->used->backend->name : NULL,
		"hakurei", HK_PATH_HAKUREI, "hsu", HK_PATH_HSU, "shim", HK_PATH_SHIM);
	if (object && system->used) {
		(void)json_object_set_new(
			object, "first_target", json_integer(system->used->first));
	}
	json_t *backends = json_object();
	for (size_t i = 0; i < system->answer_count; i++) {
		const struct answer *answer = &system->answers[i];
		json_t *value = answer->usable ? json_pack("{s:I}", "first_target",
							 (json_int_t)answer->first)
					       : json_pack("{s:s}", "error", answer->why.text);
		(void)json_object_set_new(backends, answer->backend->name, value);
	}
	/* Where memory ran out each of these is NULL, and leaves only itself out. */
	(void)json_object_set_new(object, "backends", backends);
	return hk_cli_add_json(out, object, err);
}

static void print_uids(struct hk_str *out, const char *name, const struct answer *answer) {
	char text[64];
	(void)snprintf(
		text, sizeof(text), "%u to %u", answer->first, answer->first + HK_IDENTITY_MAX);
	hk_show_line(out, name, text);
}

static void print_system(const struct system *system, struct hk_str *out) {
	char text[64];
	hk_show_section(out, "System");
	hk_show_line(out, "Version", HK_VERSION);
	(void)snprintf(text, sizeof(text), "%u", hk_sys_getuid());
	hk_show_line(out, "User", system->user);
	hk_show_line(out, "Uid", text);
	hk_show_line(out, "Backend", system->used ? system->used->backend->name : "none");
	if (system->used) {
		print_uids(out, "Identities", system->used);
	}
	hk_show_section(out, "Backends");
	for (size_t i = 0; i < system->answer_count; i++) {
		const struct answer *answer = &system->answers[i];
		if (answer->usable) {
			print_uids(out, answer->backend->name, answer);
		} else {
			hk_show_line(out, answer->backend->name, answer->why.text);
		}
	}
	hk_show_section(out, "Paths");
	hk_show_line(out, "Store", system->store);
	hk_show_line(out, "Program", HK_PATH_HAKUREI);
	hk_show_line(out, "Helper", HK_PATH_HSU);
	hk_show_line(out, "Shim", HK_PATH_SHIM);
	hk_show_line(out, "Persons", HK_PATH_HSURC);
}

int hk_show_system(const struct hk_cli *cli, struct hk_err *err) {
	HK_AUTO(str) struct hk_str out = {0};
	struct system system = {0};
	int r = look(cli, &system, err);
	if (r >= 0 && cli->json) {
		r = print_system_json(&system, &out, err);
	} else if (r >= 0) {
		print_system(&system, &out);
	}
	return r < 0 ? r : hk_cli_print(&out, err);
}
