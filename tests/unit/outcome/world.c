/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <stdlib.h>

static struct world *make_world(void) {
	struct world *world = test_calloc(1, sizeof(*world));
	world->config.home = "/home/app";
	world->config.shell = "/bin/sh";
	world->config.path = "/bin/app";
	world->config.container = &world->container;
	world->container.share_runtime = HK_FALSE;
	world->container.share_tmpdir = HK_FALSE;
	world->input.config = &world->config;
	world->input.target = 10000;
	world->input.share_name = "hakurei.0";
	world->input.store = STORE;
	assert_true(hk_id_parse(TEST_ID, &world->input.id));
	return world;
}

int world_setup(void **state) {
	fake_reset();
	fake_env("XDG_RUNTIME_DIR", "/run/user/1000");
	fake_env("PATH", "/usr/local/bin:/usr/bin");
	fake_env("TERM", "xterm");
	fake_env("SHELL", "/usr/bin/bash");
	fake_user(1000, "alice", "/home/alice", "/usr/bin/bash");
	fake_group("video", 44);
	fake_group("docker", 998);
	fake_directory("/home/alice", 0700, 1000);
	fake_directory("/run/user/1000", 0700, 1000);
	fake_directory("/run/dbus", 0755, 0);
	fake_directory("/run/nscd", 0755, 0);
	fake_link("/var/run", "/run");
	fake_directory("/tmp", 01777, 0);
	fake_directory("/etc/alternatives", 0755, 0);
	fake_directory("/dev/shm", 01777, 0);
	fake_file("/usr/bin/bash", 0755, 0);
	fake_link("/bin", "usr/bin");
	*state = make_world();
	return 0;
}

int world_teardown(void **state) {
	struct world *world = *state;
	hk_arena_finish(&world->arena);
	test_free(world);
	return 0;
}

void world_add(struct world *world, const struct hk_fs *fs) {
	struct hk_fs *slot = hk_vec_add(&world->arena, &world->container.filesystem);
	if (!slot) {
		abort();
	}
	*slot = *fs;
}

void world_add_env(struct world *world, const char *name, const char *value) {
	struct hk_pair *slot = hk_vec_add(&world->arena, &world->container.env);
	if (!slot) {
		abort();
	}
	*slot = (struct hk_pair){.name = name, .value = value};
}

void world_add_perm(struct world *world, const struct hk_extra_perm *perm) {
	struct hk_extra_perm *slot = hk_vec_add(&world->arena, &world->config.extra_perms);
	if (!slot) {
		abort();
	}
	*slot = *perm;
}

void world_add_bind(struct world *world, const char *src, const char *dst) {
	world_add(world, &(const struct hk_fs){.type = HK_FS_BIND, .src = src, .dst = dst});
}

void world_finalise(struct world *world) {
	if (hk_outcome_finalise(&world->input, &world->arena, &world->plan, &world->err) < 0) {
		fail_msg("%s", world->err.text);
	}
}

void world_refuse(struct world *world, int code, const char *text) {
	const struct hk_plan before = world->plan;
	int r = hk_outcome_finalise(&world->input, &world->arena, &world->plan, &world->err);
	assert_int_equal(r, code);
	assert_int_equal(world->err.code, code);
	assert_string_equal(world->err.text, text);
	assert_memory_equal(&before, &world->plan, sizeof(before));
}

int world_mount_index(const struct world *world, enum hk_mount_kind kind, const char *target) {
	const struct hk_mount_ops *mounts = &world->plan.container.mounts;
	for (size_t i = 0; i < mounts->count; i++) {
		if (mounts->items[i].kind == kind && strcmp(mounts->items[i].target, target) == 0) {
			return (int)i;
		}
	}
	return -1;
}

const struct hk_mount_op *world_mount(
	const struct world *world, enum hk_mount_kind kind, const char *target) {
	int index = world_mount_index(world, kind, target);
	if (index < 0) {
		fail_msg("no mount of kind %d on '%s'", (int)kind, target);
	}
	return &world->plan.container.mounts.items[index];
}

bool world_hides(const struct world *world, const char *target) {
	const struct hk_mount_ops *mounts = &world->plan.container.mounts;
	for (size_t i = 0; i < mounts->count; i++) {
		const struct hk_mount_op *op = &mounts->items[i];
		if (op->flags & HK_MOUNT_HIDE && strcmp(op->target, target) == 0) {
			assert_int_equal(op->kind, HK_MOUNT_TMPFS);
			assert_int_equal(op->flags, HK_MOUNT_HIDE);
			assert_int_equal(op->size, 8192);
			assert_int_equal(op->mode, 0755);
			return true;
		}
	}
	return false;
}

size_t world_hidden_count(const struct world *world) {
	const struct hk_mount_ops *mounts = &world->plan.container.mounts;
	size_t count = 0;
	for (size_t i = 0; i < mounts->count; i++) {
		count += (mounts->items[i].flags & HK_MOUNT_HIDE) != 0;
	}
	return count;
}

const struct hk_host_op *world_host(
	const struct world *world, enum hk_host_kind kind, const char *path) {
	for (size_t i = 0; i < world->plan.host.count; i++) {
		const struct hk_host_op *op = &world->plan.host.items[i];
		if (op->kind == kind && strcmp(op->path, path) == 0) {
			return op;
		}
	}
	return NULL;
}

const char *world_env(const struct world *world, const char *name) {
	size_t length = strlen(name);
	const struct hk_strs *env = &world->plan.container.env;
	for (size_t i = 0; i < env->count; i++) {
		if (strncmp(env->items[i], name, length) == 0 && env->items[i][length] == '=') {
			return env->items[i] + length + 1;
		}
	}
	return NULL;
}

bool world_warns(const struct world *world, const char *text) {
	for (size_t i = 0; i < world->plan.warnings.count; i++) {
		if (strstr(world->plan.warnings.items[i], text)) {
			return true;
		}
	}
	return false;
}
