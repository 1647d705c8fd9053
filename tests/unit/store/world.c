/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "config/config.h"
#include "store/document.h"
#include "tree.h"

int hk_test_world_setup(void **state) {
	if (hk_test_place_setup(state) != 0) {
		return -1;
	}
	struct hk_test_world *world = calloc(1, sizeof(*world));
	assert_non_null(world);
	world->place = *state;
	world->store_path = hk_test_path(world->place, "home/.local/state/hakurei");
	world->object = hk_test_path(world->place, "home/object");
	assert_int_equal(mkdir(world->object, 0700), 0);
	world->config = (struct hk_config){.id = "org.example.App",
		.identity = 3,
		.enablements = {.wayland = true},
		.path = "/bin/true",
		.shell = "/bin/sh",
		.home = "/home/u"};
	struct hk_err err = {0};
	if (hk_store_open(world->store_path, &world->place->scope, &world->store, &err) < 0) {
		fail_msg("%s", err.text);
	}
	struct hk_store_recovered recovered;
	assert_int_equal(hk_store_recover(&world->store, &world->place->log, &recovered, &err), 0);
	world->server = hk_test_x_start(hk_test_path(world->place, "home/X5"));
	*state = world;
	return 0;
}

int hk_test_world_teardown(void **state) {
	struct hk_test_world *world = *state;
	hk_test_x_stop(&world->server);
	hk_store_close(&world->store);
	*state = world->place;
	free(world);
	return hk_test_place_teardown(state);
}

static void add_op(struct hk_test_world *world, struct hk_plan *plan, struct hk_host_op op) {
	struct hk_host_op *slot = hk_vec_add(&world->place->arena, &plan->host);
	if (!slot) {
		abort(); /* no memory for a test */
	}
	*slot = op;
}

struct hk_plan hk_test_world_plan(
	struct hk_test_world *world, unsigned int n, uid_t target, uint32_t perm) {
	struct hk_test_place *place = world->place;
	struct hk_plan plan = {
		.id = hk_id_make(n, 0x1122334455667788), .identity = 3, .target = target};
	const struct hk_id_text id = hk_id_format(&plan.id);
	char *instance = hk_arena_printf(&place->arena, "%s/%s", place->run_dir, id.text);
	char *runtime = hk_arena_printf(&place->arena, "%s/runtime", place->share);
	const struct hk_host_op ops[] = {
		{.kind = HK_HOST_DIRECTORY, .path = place->run_dir, .mode = 0700},
		{.kind = HK_HOST_DIRECTORY, .path = instance, .mode = 0700},
		{.kind = HK_HOST_ACL, .path = instance, .target = target, .perm = HK_ACL_X},
		{.kind = HK_HOST_DIRECTORY, .path = place->share, .mode = 0711, .stays = true},
		{.kind = HK_HOST_DIRECTORY, .path = runtime, .mode = 0700, .stays = true},
		{.kind = HK_HOST_ACL, .path = runtime, .target = target, .perm = HK_ACL_X},
		{.kind = HK_HOST_X11, .path = world->server.path, .target = target, .text = "5"},
		{.kind = HK_HOST_ACL, .path = world->object, .target = target, .perm = perm},
	};
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		add_op(world, &plan, ops[i]);
	}
	return plan;
}

void hk_test_world_print_head(struct hk_test_world *world, const struct hk_plan *plan,
	const struct hk_config *config, const char *backend, struct hk_str *out) {
	const struct hk_store_info info = {
		.plan = plan,
		.config = config,
		.backend = backend,
		.pid = 100,
		.shim_pid = 101,
		.time = 1234567890123456789,
		.identifier_fd = -1,
	};
	if (hk_store_document_print_head(&info, out, &world->err) < 0) {
		fail_msg("%s", world->err.text);
	}
}

int hk_test_world_begin(
	struct hk_test_world *world, const struct hk_plan *plan, struct hk_store_entry *ret_entry) {
	const struct hk_store_info info = {
		.plan = plan,
		.config = &world->config,
		.backend = "hsu",
		.pid = getpid(),
		.shim_pid = getpid() + 1,
		.time = 1234567890123456789,
		.identifier_fd = -1,
	};
	return hk_store_begin(&world->store, &info, &world->place->log, ret_entry, &world->err);
}

void hk_test_world_kill(struct hk_store_entry *entry) {
	hk_store_entry_finish(entry);
}

void hk_test_world_assert_end(struct hk_test_world *world, struct hk_store_entry *entry) {
	int r = hk_store_end(&world->store, entry, &world->place->log);
	if (r != 0) {
		fail_msg("%d: %s", r,
			world->place->log.kept.text ? world->place->log.kept.text : "");
	}
}

void hk_test_world_assert_recovers(struct hk_test_world *world) {
	struct hk_store_recovered recovered = {0};
	if (hk_store_recover(&world->store, &world->place->log, &recovered, &world->err) < 0) {
		fail_msg("%s", world->err.text);
	}
	if (recovered.left + recovered.unreadable > 0) {
		fail_msg("%u left, %u unreadable: %s", recovered.left, recovered.unreadable,
			world->place->log.kept.text ? world->place->log.kept.text : "");
	}
}

char *hk_test_world_tree(struct hk_test_world *world) {
	char *tree = hk_test_tree(world->place->path);
	struct hk_str out = {0};
	char *save = NULL;
	for (char *line = strtok_r(tree, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!hk_str_starts(line, world->place->share)) {
			hk_str_addf(&out, "%s\n", line);
		}
	}
	free(tree);
	/* They stay, but as they were made: nobody but the person has a right in them. */
	if (hk_test_exists(world->place->share)) {
		char *runtime =
			hk_arena_printf(&world->place->arena, "%s/runtime", world->place->share);
		assert_int_equal(hk_test_mode(world->place->share), 0711);
		if (hk_test_exists(runtime)) {
			char *acl = hk_test_acl(runtime);
			hk_str_addf(&out, "runtime: %s\n",
				strcmp(acl, "u::rwx,g::---,o::---") == 0 ? "" : acl);
			free(acl);
		} else {
			hk_str_add(&out, "runtime: \n");
		}
	} else {
		hk_str_add(&out, "runtime: \n");
	}
	for (unsigned int i = 0; i < world->server.state->count; i++) {
		hk_str_addf(&out, "may connect: %u\n", world->server.state->users[i]);
	}
	return out.text;
}

void hk_test_world_assert_is(struct hk_test_world *world, const char *tree) {
	char *now = hk_test_world_tree(world);
	assert_string_equal(now, tree);
	free(now);
}
