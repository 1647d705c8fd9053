/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

#include "base/auto.h"
#include "tree.h"

#define T HK_TEST_TARGET

static char *entry_path(struct hk_test_world *world, const struct hk_id *id) {
	return hk_arena_printf(
		&world->place->arena, "%s/%s", world->store_path, hk_id_format(id).text);
}

static struct hk_store_entry start(struct hk_test_world *world, unsigned int n, uid_t target) {
	const struct hk_plan plan = hk_test_world_plan(world, n, target, HK_ACL_R);
	struct hk_store_entry entry = {.fd = -1};
	if (hk_test_world_begin(world, &plan, &entry) < 0) {
		fail_msg("%s", world->err.text);
	}
	return entry;
}

static struct hk_store_recovered recover(struct hk_test_world *world) {
	struct hk_store_recovered recovered = {0};
	if (hk_store_recover(&world->store, &world->place->log, &recovered, &world->err) < 0) {
		fail_msg("%s", world->err.text);
	}
	return recovered;
}

static struct hk_store_instances list(struct hk_test_world *world) {
	struct hk_store_instances instances = {0};
	if (hk_store_list(&world->store, &world->place->arena, &world->place->log, &instances,
		    &world->err) < 0) {
		fail_msg("%s", world->err.text);
	}
	return instances;
}

static void assert_logged(const struct hk_test_world *world, const char *words) {
	const char *text = world->place->log.kept.text;
	if (!text || !strstr(text, words)) {
		fail_msg("'%s' does not say '%s'", text ? text : "", words);
	}
}

static void live_instances_are_listed_oldest_first(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry second = start(world, 2, T);
	struct hk_store_entry first = start(world, 1, T + 1);
	struct hk_store_entry dead = start(world, 3, T);
	hk_test_world_kill(&dead);
	struct hk_store_instances instances = list(world);
	assert_int_equal(instances.count, 2);
	assert_int_equal(instances.items[0].target, T + 1);
	assert_int_equal(instances.items[1].target, T);
	assert_int_equal(instances.items[0].pid, getpid());
	assert_string_equal(instances.items[0].backend, "hsu");
	assert_true(instances.items[0].enablements.wayland);
	assert_false(hk_test_exists(entry_path(world, &dead.id)));
	hk_test_world_assert_end(world, &first);
	hk_test_world_assert_end(world, &second);
	assert_int_equal(list(world).count, 0);
}

static void an_instance_lives_by_its_lock_whatever_its_pid(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entry = start(world, 1, T);
	/* Our own pid is in the entry, and we live. */
	hk_test_world_kill(&entry);
	assert_int_equal(recover(world).entries, 1);
	assert_int_equal(list(world).count, 0);
}

static void looking_does_not_make_a_dead_one_look_alive(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entry = start(world, 1, T);
	char *path = entry_path(world, &entry.id);
	hk_test_world_kill(&entry);
	HK_AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	const struct flock shared = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &shared), 0);
	assert_int_equal(recover(world).entries, 1);
}

static void an_entry_is_0600_whatever_the_umask(void **state) {
	struct hk_test_world *world = *state;
	static const mode_t masks[] = {0, 0777};
	for (unsigned int i = 0; i < 2; i++) {
		(void)umask(masks[i]);
		struct hk_store_entry entry = start(world, i, T);
		(void)umask(022);
		assert_int_equal(hk_test_mode(entry_path(world, &entry.id)), 0600);
		hk_test_world_assert_end(world, &entry);
	}
}

static void the_identifier_is_written_once_the_entry_exists(void **state) {
	struct hk_test_world *world = *state;
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	HK_AUTO(fd) int reading = ends[0];
	HK_AUTO(fd) int writing = ends[1];
	const struct hk_plan plan = hk_test_world_plan(world, 1, T, HK_ACL_R);
	const struct hk_store_info info = {
		.plan = &plan, .backend = "hsu", .identifier_fd = writing};
	struct hk_store_entry entry = {.fd = -1};
	assert_int_equal(
		hk_store_begin(&world->store, &info, &world->place->log, &entry, &world->err), 0);
	struct hk_id id;
	assert_int_equal(read(reading, &id, sizeof(id)), sizeof(id));
	assert_memory_equal(&id, &plan.id, sizeof(id));
	hk_test_world_assert_end(world, &entry);
}

static void an_identifier_that_cannot_be_written_is_an_error_and_leaves_nothing(void **state) {
	struct hk_test_world *world = *state;
	char *before = hk_test_tree(world->place->path);
	const struct hk_plan plan = hk_test_world_plan(world, 1, T, HK_ACL_R);
	const struct hk_store_info info = {.plan = &plan, .backend = "hsu", .identifier_fd = 999};
	struct hk_store_entry entry = {.fd = -1};
	assert_int_equal(
		hk_store_begin(&world->store, &info, &world->place->log, &entry, &world->err),
		-EBADF);
	assert_non_null(strstr(world->err.text, "write the identifier to descriptor 999"));
	char *after = hk_test_tree(world->place->path);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void an_operation_that_fails_takes_back_those_before_it(void **state) {
	struct hk_test_world *world = *state;
	char *before = hk_test_tree(world->place->path);
	assert_int_equal(rmdir(world->object), 0);
	struct hk_plan plan = hk_test_world_plan(world, 1, T, HK_ACL_R);
	/* Made outside of our places, and to stay: but not if nothing comes of it. */
	plan.host.items[4] = (struct hk_host_op){.kind = HK_HOST_DIRECTORY,
		.path = hk_test_path(world->place, "home/ensured"),
		.mode = 0700,
		.stays = true};
	plan.host.items[5] = plan.host.items[2];
	struct hk_store_entry entry = {.fd = -1};
	assert_int_equal(hk_test_world_begin(world, &plan, &entry), -ENOENT);
	assert_non_null(strstr(world->err.text, "home/object'"));
	assert_int_equal(mkdir(world->object, 0700), 0);
	char *after = hk_test_tree(world->place->path);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

/* -- what cannot be read ------------------------------------------------------------------------
 */

static void put(const char *path, const char *text, mode_t mode) {
	HK_AUTO(fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
}

static void unreadable_entries_are_reported_and_left_alone_and_stop_nothing(void **state) {
	struct hk_test_world *world = *state;
	const struct hk_id ids[] = {hk_id_make(100, 1), hk_id_make(101, 1), hk_id_make(102, 1),
		hk_id_make(103, 1), hk_id_make(104, 1)};
	put(entry_path(world, &ids[0]), "{\"version\":99}\n", 0600);
	put(entry_path(world, &ids[1]), "", 0600);
	put(entry_path(world, &ids[2]), "{\"version\":99}\n", 0644);
	assert_int_equal(symlink("/etc/passwd", entry_path(world, &ids[3])), 0);
	assert_int_equal(mkfifo(entry_path(world, &ids[4]), 0600), 0);
	char *before = hk_test_world_tree(world);

	struct hk_store_entry dead = start(world, 1, T);
	hk_test_world_kill(&dead);
	struct hk_store_recovered recovered = recover(world);
	assert_int_equal(recovered.entries, 1);
	assert_int_equal(recovered.unreadable, 5);
	struct hk_store_entry entry = start(world, 2, T);
	assert_int_equal(list(world).count, 1);
	hk_test_world_assert_end(world, &entry);
	hk_test_world_assert_is(world, before);
	free(before);
	assert_logged(world, "left alone: version 99");
	assert_logged(world, "left alone: empty");
	assert_logged(world, "is not a plain file of uid");
}

static void an_entry_under_another_name_is_not_believed(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entry = start(world, 1, T);
	const struct hk_id other = hk_id_make(2, 2);
	assert_int_equal(rename(entry_path(world, &entry.id), entry_path(world, &other)), 0);
	hk_test_world_kill(&entry);
	assert_int_equal(recover(world).unreadable, 1);
	assert_logged(world, "is about another instance");
	assert_int_equal(rename(entry_path(world, &other), entry_path(world, &entry.id)), 0);
	hk_test_world_assert_recovers(world);
}

/* -- what cannot be reverted --------------------------------------------------------------------
 */

static void what_could_not_be_reverted_is_tried_again(void **state) {
	struct hk_test_world *world = *state;
	char *before = hk_test_world_tree(world);
	struct hk_store_entry entry = start(world, 1, T);
	char *path = entry_path(world, &entry.id);
	char *instance = hk_arena_strdup(&world->place->arena, entry.records.items[1].op.path);
	char *file = hk_arena_printf(&world->place->arena, "%s/file", instance);
	put(file, "not ours", 0600);
	/* The instance directory, and the run dir for its sake. */
	assert_int_equal(hk_store_end(&world->store, &entry, &world->place->log), 2);
	assert_logged(world, "cannot remove directory");
	assert_true(hk_test_exists(path));
	hk_test_assert_acl(world->object, "u::rwx,g::---,o::---");

	struct hk_store_recovered recovered = recover(world);
	assert_int_equal(recovered.left, 1);
	assert_int_equal(recovered.operations, 0);
	/* Somebody else comes and goes meanwhile. */
	struct hk_store_entry other = start(world, 2, T);
	hk_test_world_assert_end(world, &other);
	assert_true(hk_test_exists(file));

	assert_int_equal(unlink(file), 0);
	recovered = recover(world);
	assert_int_equal(recovered.entries, 1);
	assert_int_equal(recovered.operations, 2);
	hk_test_world_assert_is(world, before);
	free(before);
}

static void the_entry_is_removed_even_if_its_objects_are_gone(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entry = start(world, 1, T);
	assert_int_equal(rmdir(world->object), 0);
	assert_int_equal(rmdir(entry.records.items[1].op.path), 0);
	assert_int_equal(rmdir(world->place->run_dir), 0);
	hk_test_world_assert_end(world, &entry);
	assert_int_equal(mkdir(world->object, 0700), 0);
}

static void the_person_may_remove_the_state_while_an_instance_runs(void **state) {
	struct hk_test_world *world = *state;
	char *before = hk_test_world_tree(world);
	struct hk_store_entry entry = start(world, 1, T);
	assert_int_equal(unlink(entry_path(world, &entry.id)), 0);
	hk_test_world_assert_end(world, &entry);
	hk_test_world_assert_is(world, before);
	free(before);
}

/* -- what recovery does not believe ---------------------------------------------------------------
 */

static void replace_in(const char *path, const char *from, const char *to) {
	char text[8192];
	HK_AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = read(fd, text, sizeof(text) - 1);
	assert_true(size > 0);
	text[size] = '\0';
	HK_AUTO(str) struct hk_str out = {0};
	const char *rest = text;
	const char *at;
	while ((at = strstr(rest, from))) {
		hk_str_add_bytes(&out, rest, (size_t)(at - rest));
		hk_str_add(&out, to);
		rest = at + strlen(from);
	}
	hk_str_add(&out, rest);
	assert_true(rest != text);
	put(path, out.text, 0600);
}

static void a_target_that_is_not_the_persons_loses_nothing(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entry = start(world, 1, T);
	const char *bobs = "u::rwx,u:1234:r--,u:1010000:r--,g::---,m::r--,o::---";
	hk_test_acl_set(world->object, bobs);
	hk_test_world_kill(&entry);
	char *path = entry_path(world, &entry.id);
	replace_in(path, "\"target\":1010000", "\"target\":1234");
	assert_int_equal(recover(world).left, 1);
	hk_test_assert_acl(world->object, bobs);
	assert_logged(world, "uid 1234 is not an identity of uid");
	replace_in(path, "\"target\":1234", "\"target\":1010000");
	hk_test_world_assert_recovers(world);
	hk_test_assert_acl(world->object, "u::rwx,u:1234:r--,g::---,m::r--,o::---");
}

static void a_directory_outside_of_our_places_is_not_removed(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entry = start(world, 1, T);
	const char *victim = hk_test_path(world->place, "home/victim");
	assert_int_equal(mkdir(victim, 0700), 0);
	char *path = entry_path(world, &entry.id);
	char *run = hk_arena_printf(&world->place->arena, "\"path\":\"%s\"", world->place->run_dir);
	char *planted = hk_arena_printf(&world->place->arena, "\"path\":\"%s\"", victim);
	hk_test_world_kill(&entry);
	replace_in(path, run, planted);
	assert_int_equal(recover(world).left, 1);
	assert_true(hk_test_exists(victim));
	assert_logged(world, "home/victim' is not in a place of ours");
}

static void what_is_gone_outside_of_our_places_keeps_no_entry(void **state) {
	struct hk_test_world *world = *state;
	struct hk_store_entry entry = start(world, 1, T);
	char *path = entry_path(world, &entry.id);
	char *run = hk_arena_printf(&world->place->arena, "\"path\":\"%s\"", world->place->run_dir);
	hk_test_world_kill(&entry);
	replace_in(path, run, "\"path\":\"/run/user/nobody/hakurei\"");
	assert_int_equal(recover(world).left, 0);
	assert_false(hk_test_exists(path));
}

static void half_written_new_entries_are_cleared_away(void **state) {
	struct hk_test_world *world = *state;
	char *before = hk_test_world_tree(world);
	const struct hk_id id = hk_id_make(1, 1);
	put(hk_arena_printf(&world->place->arena, "%s.new", entry_path(world, &id)), "{\"ver",
		0600);
	hk_test_world_assert_recovers(world);
	hk_test_world_assert_is(world, before);
	free(before);
}

/* -- the ground that we stand on ------------------------------------------------------------------
 */

static void an_entry_that_opens_our_own_state_is_refused(void **state) {
	struct hk_test_world *world = *state;
	static const struct {
		const char *name;
		uint32_t perm;
		bool refused;
	} rows[] = {
		{"home", HK_ACL_W, true},
		{"home", HK_ACL_R | HK_ACL_X, false},
		{"home/.local/state", HK_ACL_W, true},
		{"home/.local/state/hakurei", HK_ACL_X, true},
		{"run", HK_ACL_W, true},
		{"tmp", HK_ACL_W, true},
		{"home/object", HK_ACL_W, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *before = hk_test_world_tree(world);
		struct hk_plan plan = hk_test_world_plan(world, 1, T, rows[i].perm);
		plan.host.items[plan.host.count - 1].path =
			hk_test_path(world->place, rows[i].name);
		struct hk_store_entry entry = {.fd = -1};
		int r = hk_test_world_begin(world, &plan, &entry);
		assert_int_equal(r, rows[i].refused ? -EPERM : 0);
		if (r < 0) {
			assert_non_null(
				strstr(world->err.text, "hakurei keeps its own state there"));
		} else {
			hk_test_world_assert_end(world, &entry);
		}
		hk_test_world_assert_is(world, before);
		free(before);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		HK_WORLD_TEST(live_instances_are_listed_oldest_first),
		HK_WORLD_TEST(an_instance_lives_by_its_lock_whatever_its_pid),
		HK_WORLD_TEST(looking_does_not_make_a_dead_one_look_alive),
		HK_WORLD_TEST(an_entry_is_0600_whatever_the_umask),
		HK_WORLD_TEST(the_identifier_is_written_once_the_entry_exists),
		HK_WORLD_TEST(an_identifier_that_cannot_be_written_is_an_error_and_leaves_nothing),
		HK_WORLD_TEST(an_operation_that_fails_takes_back_those_before_it),
		HK_WORLD_TEST(unreadable_entries_are_reported_and_left_alone_and_stop_nothing),
		HK_WORLD_TEST(an_entry_under_another_name_is_not_believed),
		HK_WORLD_TEST(what_could_not_be_reverted_is_tried_again),
		HK_WORLD_TEST(the_entry_is_removed_even_if_its_objects_are_gone),
		HK_WORLD_TEST(the_person_may_remove_the_state_while_an_instance_runs),
		HK_WORLD_TEST(a_target_that_is_not_the_persons_loses_nothing),
		HK_WORLD_TEST(a_directory_outside_of_our_places_is_not_removed),
		HK_WORLD_TEST(what_is_gone_outside_of_our_places_keeps_no_entry),
		HK_WORLD_TEST(half_written_new_entries_are_cleared_away),
		HK_WORLD_TEST(an_entry_that_opens_our_own_state_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
