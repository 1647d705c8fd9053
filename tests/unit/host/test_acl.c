/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "place.h"
#include "tree.h"

#include "base/auto.h"
#include "host/acl.h"

#define R HK_ACL_R
#define W HK_ACL_W
#define X HK_ACL_X
#define T HK_TEST_TARGET

#define RECORDS 4

/* Several operations that know of each other. */
struct scene {
	struct hk_test_place *place;
	const char *path;
	struct hk_host_record records[RECORDS];
	struct hk_host_peer peers[RECORDS];
	struct hk_err err;
};

static struct scene scene_of(void **state, const char *acl) {
	struct hk_test_place *place = *state;
	struct scene scene = {.place = place, .path = hk_test_path(place, "home/object")};
	assert_int_equal(mkdir(scene.path, 0700), 0);
	if (acl) {
		hk_test_acl_set(scene.path, acl);
	}
	return scene;
}

static struct hk_host_context context_of(struct scene *scene) {
	for (size_t i = 0; i < RECORDS; i++) {
		scene->peers[i].record = &scene->records[i];
		scene->peers[i].live = true;
	}
	return (struct hk_host_context){.scope = &scene->place->scope,
		.log = &scene->place->log,
		.peers = {.items = scene->peers, .count = RECORDS}};
}

static int add(struct scene *scene, size_t index, uid_t target, uint32_t perm) {
	struct hk_host_record *record = &scene->records[index];
	const struct hk_host_context context = context_of(scene);
	*record = (struct hk_host_record){
		.op = {.kind = HK_HOST_ACL, .path = scene->path, .target = target, .perm = perm}};
	int r = hk_host_acl.look(&context, record, &record->found, &scene->err);
	record->looked = r >= 0;
	return r < 0 ? r : hk_host_acl.apply(&context, record, &scene->err);
}

static int take(struct scene *scene, size_t index) {
	struct hk_host_record *record = &scene->records[index];
	const struct hk_host_context context = context_of(scene);
	int r = hk_host_acl.revert(&context, record, &scene->err);
	record->reverted = r >= 0;
	return r;
}

static void assert_added(struct scene *scene, size_t index, uid_t target, uint32_t perm) {
	int r = add(scene, index, target, perm);
	if (r < 0) {
		fail_msg("%s", scene->err.text);
	}
}

static void assert_taken(struct scene *scene, size_t index) {
	int r = take(scene, index);
	if (r < 0) {
		fail_msg("%s", scene->err.text);
	}
}

static void assert_says(const struct scene *scene, const char *words) {
	if (!strstr(scene->err.text, words)) {
		fail_msg("'%s' does not say '%s'", scene->err.text, words);
	}
}

/* -- coming and going ----------------------------------------------------------------------- */

static void the_last_to_leave_a_minimal_list_leaves_three_entries(void **state) {
	struct scene scene = scene_of(state, NULL);
	assert_added(&scene, 0, T, R | X);
	hk_test_assert_acl(scene.path, "u::rwx,u:1010000:r-x,g::---,m::r-x,o::---");
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, "u::rwx,g::---,o::---");
	assert_int_equal(hk_test_mode(scene.path), 0700);
}

static void the_group_gets_nothing_by_the_mask_and_keeps_what_it_has(void **state) {
	struct scene scene = scene_of(state, "u::rwx,g::r-x,o::--x");
	assert_added(&scene, 0, T, W);
	hk_test_assert_acl(scene.path, "u::rwx,u:1010000:-w-,g::r-x,m::rwx,o::--x");
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, "u::rwx,g::r-x,o::--x");
}

static void bits_are_the_union_of_what_live_instances_ask(void **state) {
	struct scene scene = scene_of(state, NULL);
	assert_added(&scene, 0, T, R);
	assert_added(&scene, 1, T, X);
	assert_added(&scene, 2, T + 1, W);
	hk_test_assert_acl(scene.path, "u::rwx,u:1010000:r-x,u:1010001:-w-,g::---,m::rwx,o::---");
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, "u::rwx,u:1010000:--x,u:1010001:-w-,g::---,m::-wx,o::---");
	assert_taken(&scene, 2);
	hk_test_assert_acl(scene.path, "u::rwx,u:1010000:--x,g::---,m::--x,o::---");
	assert_taken(&scene, 1);
	hk_test_assert_acl(scene.path, "u::rwx,g::---,o::---");
}

static void an_entry_that_the_target_had_before_comes_back(void **state) {
	const char *before = "u::rwx,u:1010000:r-x,g::---,m::r-x,o::---";
	struct scene scene = scene_of(state, before);
	assert_added(&scene, 0, T, W);
	hk_test_assert_acl(scene.path, "u::rwx,u:1010000:rwx,g::---,m::rwx,o::---");
	assert_added(&scene, 1, T, R);
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, before);
	assert_taken(&scene, 1);
	hk_test_assert_acl(scene.path, before);
}

static void what_the_mask_held_back_from_the_target_is_held_back_again(void **state) {
	const char *before = "u::rwx,u:1010000:rwx,g::---,m::r--,o::---";
	struct scene scene = scene_of(state, before);
	assert_added(&scene, 0, T, X);
	hk_test_assert_acl(scene.path, "u::rwx,u:1010000:rwx,g::---,m::r-x,o::---");
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, before);
}

static void a_mask_that_is_wide_enough_is_left_alone(void **state) {
	const char *before = "u::rwx,u:1234:r--,g::---,m::rwx,o::---";
	struct scene scene = scene_of(state, before);
	assert_added(&scene, 0, T, R | W);
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, before);
}

static void a_mask_of_a_list_that_names_nobody_comes_back(void **state) {
	const char *before = "u::rwx,g::rwx,m::r-x,o::---";
	struct scene scene = scene_of(state, before);
	assert_added(&scene, 0, T, R | X);
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, before);
}

static void taking_twice_or_without_adding_does_nothing(void **state) {
	static const char *const lists[] = {
		"u::rwx,g::r-x,o::--x",
		"u::rwx,u:1234:r-x,g::r-x,m::r-x,o::---",
		"u::rwx,u:1234:r--,u:1010000:r-x,g::r-x,m::r-x,o::---",
		"u::rwx,u:1234:r--,u:1010000:rwx,g::r-x,m::r--,o::---",
	};
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		struct scene scene = scene_of(state, lists[i]);
		struct hk_host_record *record = &scene.records[0];
		const struct hk_host_context context = context_of(&scene);
		record->op = (struct hk_host_op){
			.kind = HK_HOST_ACL, .path = scene.path, .target = T, .perm = R | W};
		/* Written down, and killed before it was applied. */
		assert_int_equal(hk_host_acl.look(&context, record, &record->found, &scene.err), 0);
		record->looked = true;
		assert_taken(&scene, 0);
		hk_test_assert_acl(scene.path, lists[i]);
		assert_taken(&scene, 0);
		hk_test_assert_acl(scene.path, lists[i]);
		assert_int_equal(rmdir(scene.path), 0);
	}
}

/* -- what the mask holds back from others ----------------------------------------------------- */

static void widening_the_mask_for_somebody_else_is_refused_by_name(void **state) {
	static const struct {
		const char *list;
		const char *words;
	} rows[] = {
		{"u::rwx,u:1234:rwx,g::---,m::r--,o::---", "gives uid 1234 -w-"},
		{"u::rwx,g::---,g:1234:rw-,m::r--,o::---", "gives gid 1234 -w-"},
		{"u::rwx,u:1234:r--,g::-w-,m::r--,o::---", "gives its group -w-"},
		{"u::rwx,g::rwx,m::r--,o::---", "gives its group -w-"},
		{"u::rwx,u:1010001:-w-,g::---,m::r--,o::---", "gives uid 1010001 -w-"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct scene scene = scene_of(state, rows[i].list);
		assert_int_equal(add(&scene, 0, T, R | W), -EPERM);
		assert_says(&scene, "cannot give uid 1010000 rw-");
		assert_says(&scene, "home/object'");
		assert_says(&scene, rows[i].words);
		hk_test_assert_acl(scene.path, rows[i].list);
		assert_int_equal(add(&scene, 0, T, R), 0);
		assert_taken(&scene, 0);
		hk_test_assert_acl(scene.path, rows[i].list);
		assert_int_equal(rmdir(scene.path), 0);
	}
}

static void a_mask_is_widened_where_nobody_else_gains(void **state) {
	const char *before = "u::rwx,u:1234:r-x,g::r--,m::r--,o::---";
	struct scene scene = scene_of(state, before);
	assert_added(&scene, 0, T, W);
	hk_test_assert_acl(scene.path, "u::rwx,u:1234:r-x,u:1010000:-w-,g::r--,m::rw-,o::---");
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, before);
}

/* -- what the person does meanwhile --------------------------------------------------------------
 */

static void a_mode_that_the_person_changes_stays(void **state) {
	static const mode_t modes[] = {0700, 0750, 0755, 0705, 0770, 0777, 0500};
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		struct scene scene = scene_of(state, NULL);
		assert_added(&scene, 0, T, R | X);
		assert_int_equal(chmod(scene.path, modes[i]), 0);
		assert_taken(&scene, 0);
		/* 0750 is what our mask made it look like: nothing has changed, as far as one
		 * can tell. */
		mode_t group = (modes[i] & 070) == 050 ? 0 : modes[i] & 070;
		assert_int_equal(hk_test_mode(scene.path), (modes[i] & ~070U) | group);
		char *acl = hk_test_acl(scene.path);
		assert_null(strstr(acl, "m::"));
		free(acl);
		assert_int_equal(rmdir(scene.path), 0);
	}
}

static void a_changed_mode_stays_over_several_instances(void **state) {
	struct scene scene = scene_of(state, NULL);
	assert_added(&scene, 0, T, R | W | X);
	assert_added(&scene, 1, T + 1, R | X);
	assert_int_equal(chmod(scene.path, 0750), 0);
	assert_taken(&scene, 0);
	assert_taken(&scene, 1);
	hk_test_assert_acl(scene.path, "u::rwx,g::r-x,o::---");
}

static void a_mode_that_was_changed_is_not_mixed_with_what_we_ask(void **state) {
	struct scene scene = scene_of(state, NULL);
	assert_added(&scene, 0, T, R | X);
	assert_int_equal(chmod(scene.path, 0700), 0);
	assert_int_equal(add(&scene, 1, T + 1, R), -EPERM);
	assert_says(&scene, "its mode was changed while other instances use it");
	scene.records[1].reverted = true;
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, "u::rwx,g::---,o::---");
}

static void a_mask_that_the_person_changes_stays(void **state) {
	struct scene scene = scene_of(state, "u::rwx,u:1234:r-x,g::---,m::r-x,o::---");
	assert_added(&scene, 0, T, R | W);
	assert_int_equal(chmod(scene.path, 0740), 0);
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, "u::rwx,u:1234:r-x,g::---,m::r--,o::---");
}

static void an_entry_that_the_person_adds_stays_and_keeps_its_rights(void **state) {
	struct scene scene = scene_of(state, NULL);
	assert_added(&scene, 0, T, R | X);
	hk_test_acl_set(scene.path, "u::rwx,u:1234:r-x,u:1010000:r-x,g::---,m::r-x,o::---");
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, "u::rwx,u:1234:r-x,g::---,m::r-x,o::---");
}

static void an_entry_that_the_person_took_away_does_not_come_back(void **state) {
	struct scene scene = scene_of(state, "u::rwx,u:1010000:r-x,g::---,m::r-x,o::---");
	assert_added(&scene, 0, T, W);
	hk_test_acl_set(scene.path, "u::rwx,g::---,o::---");
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, "u::rwx,g::---,o::---");
}

/* -- objects ------------------------------------------------------------------------------------
 */

static void another_object_at_the_path_is_left_alone(void **state) {
	struct scene scene = scene_of(state, NULL);
	assert_added(&scene, 0, T, R | X);
	const char *moved = hk_test_path(scene.place, "home/moved");
	assert_int_equal(rename(scene.path, moved), 0);
	assert_int_equal(mkdir(scene.path, 0700), 0);
	const char *theirs = "u::rwx,u:1010000:rwx,g::---,m::rwx,o::---";
	hk_test_acl_set(scene.path, theirs);
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, theirs);
	assert_non_null(strstr(scene.place->log.kept.text,
		"home/object' is not what uid 1010000 was given access to any more"));
}

static void a_link_planted_at_the_path_is_not_followed(void **state) {
	struct scene scene = scene_of(state, NULL);
	assert_added(&scene, 0, T, R | X);
	assert_int_equal(rmdir(scene.path), 0);
	const char *secret = hk_test_path(scene.place, "home/secret");
	assert_int_equal(mkdir(secret, 0700), 0);
	assert_int_equal(symlink(secret, scene.path), 0);
	assert_taken(&scene, 0);
	assert_int_equal(add(&scene, 0, T, R), -ELOOP);
	hk_test_assert_acl(secret, "u::rwx,g::---,o::---");
}

static void an_object_that_is_gone_needs_a_word_for_it_may_have_been_moved(void **state) {
	struct scene scene = scene_of(state, NULL);
	assert_added(&scene, 0, T, R | X);
	assert_int_equal(rmdir(scene.path), 0);
	assert_taken(&scene, 0);
	assert_non_null(strstr(scene.place->log.kept.text,
		"home/object' is gone; if it was moved, uid 1010000 still has access to it"));
}

static void an_object_that_was_replaced_after_the_look_is_not_touched(void **state) {
	struct scene scene = scene_of(state, NULL);
	struct hk_host_record *record = &scene.records[0];
	const struct hk_host_context context = context_of(&scene);
	record->op = (struct hk_host_op){
		.kind = HK_HOST_ACL, .path = scene.path, .target = T, .perm = R};
	assert_int_equal(hk_host_acl.look(&context, record, &record->found, &scene.err), 0);
	assert_int_equal(rename(scene.path, hk_test_path(scene.place, "home/moved")), 0);
	assert_int_equal(mkdir(scene.path, 0700), 0);
	assert_int_equal(hk_host_acl.apply(&context, record, &scene.err), -EAGAIN);
	hk_test_assert_acl(scene.path, "u::rwx,g::---,o::---");
}

static void a_file_system_is_known_again_after_its_device_number_changed(void **state) {
	struct scene scene = scene_of(state, NULL);
	assert_added(&scene, 0, T, R | X);
	if (scene.records[0].found.fs == 0) {
		skip();
	}
	scene.records[0].found.dev++;
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, "u::rwx,g::---,o::---");
}

static void files_and_sockets_can_have_entries_too(void **state) {
	struct scene scene = scene_of(state, NULL);
	scene.path = hk_test_path(scene.place, "home/file");
	HK_AUTO(fd) int fd = open(scene.path, O_CREAT | O_CLOEXEC, 0);
	assert_int_equal(fchmod(fd, 0), 0); /* we may not even open it */
	assert_added(&scene, 0, T, R | W);
	hk_test_assert_acl(scene.path, "u::---,u:1010000:rw-,g::---,m::rw-,o::---");
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, "u::---,g::---,o::---");
}

static void a_path_that_is_not_there_is_named(void **state) {
	struct scene scene = scene_of(state, NULL);
	scene.path = hk_test_path(scene.place, "home/nothing");
	assert_int_equal(add(&scene, 0, T, R), -ENOENT);
	assert_says(&scene, "home/nothing'");
}

static void somebody_elses_object_is_refused(void **state) {
	struct scene scene = scene_of(state, NULL);
	scene.path = "/usr";
	assert_int_equal(add(&scene, 0, T, R), -EPERM);
	assert_says(&scene, "cannot set an ACL on '/usr': it belongs to uid 0");
}

static void only_the_persons_own_identities_get_or_lose_entries(void **state) {
	const char *before = "u::rwx,u:1234:r-x,g::---,m::r-x,o::---";
	struct scene scene = scene_of(state, before);
	static const uid_t others[] = {0, 1234, T - 1, T + 10000, HK_TEST_EVIL};
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		assert_int_equal(add(&scene, 0, others[i], R), -EPERM);
		assert_says(&scene, "is not an identity of uid");
	}
	/* What an entry that was tampered with could say. */
	assert_added(&scene, 0, T, R);
	scene.records[0].op.target = 1234;
	assert_int_equal(take(&scene, 0), -EPERM);
	scene.records[0].op.target = T;
	assert_taken(&scene, 0);
	hk_test_assert_acl(scene.path, before);
}

static void a_set_group_id_bit_that_would_be_lost_is_an_error(void **state) {
	struct scene scene = scene_of(state, NULL);
	if (hk_test_lacks_root()) {
		skip();
	}
	hk_test_become(0);
	assert_int_equal(chown(scene.path, HK_TEST_PERSON, 12345), 0);
	assert_int_equal(chmod(scene.path, 02700), 0);
	hk_test_become(scene.place->scope.person);
	assert_int_equal(add(&scene, 0, T, R), -EPERM);
	assert_says(&scene, "set-group-ID");
	assert_int_equal(hk_test_mode(scene.path), 02700);
}

/* In a mount namespace of its own, as the tests' user again once ramfs is there. */
static int try_without_acls(struct scene *scene) {
	hk_test_become(0);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("none", scene->path, "ramfs", 0, NULL) < 0 ||
		chown(scene->path, HK_TEST_PERSON, HK_TEST_PERSON) < 0) {
		return 1;
	}
	hk_test_become(HK_TEST_PERSON);
	int r = add(scene, 0, T, R);
	bool named = strstr(scene->err.text, "home/object'") != NULL;
	return r == -EOPNOTSUPP && named && take(scene, 0) == 0 ? 0 : 2;
}

static void a_file_system_without_acls_is_an_error(void **state) {
	struct scene scene = scene_of(state, NULL);
	if (hk_test_lacks_root()) {
		skip();
	}
	pid_t pid = fork();
	if (pid == 0) {
		_exit(try_without_acls(&scene));
	}
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		HK_TEST(the_last_to_leave_a_minimal_list_leaves_three_entries),
		HK_TEST(the_group_gets_nothing_by_the_mask_and_keeps_what_it_has),
		HK_TEST(bits_are_the_union_of_what_live_instances_ask),
		HK_TEST(an_entry_that_the_target_had_before_comes_back),
		HK_TEST(what_the_mask_held_back_from_the_target_is_held_back_again),
		HK_TEST(a_mask_that_is_wide_enough_is_left_alone),
		HK_TEST(a_mask_of_a_list_that_names_nobody_comes_back),
		HK_TEST(taking_twice_or_without_adding_does_nothing),
		HK_TEST(widening_the_mask_for_somebody_else_is_refused_by_name),
		HK_TEST(a_mask_is_widened_where_nobody_else_gains),
		HK_TEST(a_mode_that_the_person_changes_stays),
		HK_TEST(a_changed_mode_stays_over_several_instances),
		HK_TEST(a_mode_that_was_changed_is_not_mixed_with_what_we_ask),
		HK_TEST(a_mask_that_the_person_changes_stays),
		HK_TEST(an_entry_that_the_person_adds_stays_and_keeps_its_rights),
		HK_TEST(an_entry_that_the_person_took_away_does_not_come_back),
		HK_TEST(another_object_at_the_path_is_left_alone),
		HK_TEST(a_link_planted_at_the_path_is_not_followed),
		HK_TEST(an_object_that_is_gone_needs_a_word_for_it_may_have_been_moved),
		HK_TEST(an_object_that_was_replaced_after_the_look_is_not_touched),
		HK_TEST(a_file_system_is_known_again_after_its_device_number_changed),
		HK_TEST(files_and_sockets_can_have_entries_too),
		HK_TEST(a_path_that_is_not_there_is_named),
		HK_TEST(somebody_elses_object_is_refused),
		HK_TEST(only_the_persons_own_identities_get_or_lose_entries),
		HK_TEST(a_set_group_id_bit_that_would_be_lost_is_an_error),
		HK_TEST(a_file_system_without_acls_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
