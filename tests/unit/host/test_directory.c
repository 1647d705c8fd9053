/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "place.h"
#include "tree.h"

#include "base/auto.h"
#include "host/directory.h"

#define ID "0123456789abcdef0123456789abcdef"

static struct hk_host_record record_of(const char *path, uint32_t mode, bool stays) {
	return (struct hk_host_record){
		.op = {.kind = HK_HOST_DIRECTORY, .path = path, .mode = mode, .stays = stays}};
}

static struct hk_host_context context_of(struct hk_test_place *place) {
	return (struct hk_host_context){.scope = &place->scope, .log = &place->log};
}

static int make(struct hk_test_place *place, struct hk_host_record *record, struct hk_err *err) {
	const struct hk_host_context context = context_of(place);
	int r = hk_host_directory.look(&context, record, &record->found, err);
	record->looked = r >= 0;
	return r < 0 ? r : hk_host_directory.apply(&context, record, err);
}

static int unmake(struct hk_test_place *place, struct hk_host_record *record, struct hk_err *err) {
	const struct hk_host_context context = context_of(place);
	return hk_host_directory.revert(&context, record, err);
}

static void assert_refused(
	struct hk_test_place *place, const char *path, int code, const char *words) {
	struct hk_host_record record = record_of(path, 0700, false);
	struct hk_err err = {0};
	char *before = hk_test_tree(place->path);
	assert_int_equal(make(place, &record, &err), code);
	if (!strstr(err.text, words)) {
		fail_msg("'%s' does not say '%s'", err.text, words);
	}
	char *after = hk_test_tree(place->path);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void has_exactly_its_mode_whatever_the_umask(void **state) {
	struct hk_test_place *place = *state;
	static const uint32_t modes[] = {0700, 0711, 0755, 0777};
	static const mode_t masks[] = {0, 022, 0777};
	for (size_t i = 0; i < 12; i++) {
		struct hk_host_record record = record_of(place->share, modes[i % 4], false);
		struct hk_err err = {0};
		(void)umask(masks[i / 4]);
		int r = make(place, &record, &err);
		assert_int_equal(umask(022), masks[i / 4]);
		assert_int_equal(r, 0);
		assert_false(record.found.existed);
		assert_int_equal(hk_test_mode(place->share), modes[i % 4]);
		assert_int_equal(unmake(place, &record, &err), 0);
		assert_false(hk_test_exists(place->share));
	}
}

static void inherits_nothing_from_a_default_acl(void **state) {
	struct hk_test_place *place = *state;
	hk_test_acl_set_default(
		hk_test_path(place, "run"), "u::rwx,u:1234:rwx,g::rwx,m::rwx,o::rwx");
	struct hk_host_record record = record_of(place->run_dir, 0700, false);
	struct hk_err err = {0};
	assert_int_equal(make(place, &record, &err), 0);
	hk_test_assert_acl(place->run_dir, "u::rwx,g::---,o::---");
	char *tree = hk_test_tree(place->run_dir);
	assert_null(strstr(tree, "default"));
	free(tree);
}

static void loses_an_inherited_set_group_id_bit(void **state) {
	struct hk_test_place *place = *state;
	assert_int_equal(chmod(hk_test_path(place, "run"), 02700), 0);
	struct hk_host_record record = record_of(place->run_dir, 0700, false);
	struct hk_err err = {0};
	assert_int_equal(make(place, &record, &err), 0);
	assert_int_equal(hk_test_mode(place->run_dir), 0700);
}

static void an_existing_one_is_used_and_never_changed(void **state) {
	struct hk_test_place *place = *state;
	assert_int_equal(mkdir(place->share, 0700), 0);
	hk_test_acl_set(place->share, "u::rwx,u:1010000:--x,g::---,m::--x,o::---");
	char *before = hk_test_tree(place->path);
	struct hk_host_record record = record_of(place->share, 0711, false);
	struct hk_err err = {0};
	assert_int_equal(make(place, &record, &err), 0);
	assert_true(record.found.existed);
	assert_int_equal(unmake(place, &record, &err), 0);
	char *after = hk_test_tree(place->path);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void one_that_is_more_open_than_asked_is_refused(void **state) {
	struct hk_test_place *place = *state;
	assert_int_equal(mkdir(place->share, 0700), 0);
	static const char *const acls[] = {
		"u::rwx,g::---,o::--x",
		"u::rwx,g::r--,o::---",
		"u::rwx,u:1234:r--,g::---,m::r--,o::---",
		"u::rwx,g::---,g:1234:r--,m::r--,o::---",
		"u::rwx,u:1010000:--x,g::--x,m::--x,o::---",
	};
	for (size_t i = 0; i < sizeof(acls) / sizeof(*acls); i++) {
		hk_test_acl_set(place->share, acls[i]);
		assert_refused(place, place->share, -EPERM, "is open to others");
	}
	hk_test_acl_set(place->share, "u::rwx,u:1234:rwx,g::rwx,m::---,o::---");
	hk_test_acl_set_default(place->share, "u::rwx,g::---,o::---");
	assert_refused(place, place->share, -EPERM, "has a default ACL");
}

static void an_existing_one_outside_of_our_places_may_be_open(void **state) {
	struct hk_test_place *place = *state;
	assert_int_equal(chmod(place->elsewhere, 0755), 0);
	struct hk_host_record record = record_of(place->elsewhere, 0700, true);
	struct hk_err err = {0};
	assert_int_equal(make(place, &record, &err), 0);
	assert_int_equal(hk_test_mode(place->elsewhere), 0755);
}

static void a_link_in_its_place_is_refused(void **state) {
	struct hk_test_place *place = *state;
	assert_int_equal(symlink(place->elsewhere, place->share), 0);
	assert_refused(place, place->share, -ELOOP, "hakurei.0' is a symbolic link");
}

static void a_file_in_its_place_is_refused(void **state) {
	struct hk_test_place *place = *state;
	HK_AUTO(fd) int fd = open(place->share, O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_refused(place, place->share, -ENOTDIR, "hakurei.0'");
}

static void a_name_that_another_user_took_first_is_refused(void **state) {
	struct hk_test_place *place = *state;
	if (hk_test_lacks_root()) {
		skip();
	}
	hk_test_become(HK_TEST_EVIL);
	assert_int_equal(mkdir(place->share, 0777), 0);
	hk_test_become(place->scope.person);
	assert_refused(place, place->share, -EPERM, "hakurei.0' was created by uid 40001");
}

static void a_missing_parent_is_named(void **state) {
	struct hk_test_place *place = *state;
	assert_refused(place, hk_test_path(place, "tmp/hakurei.0/runtime"), -ENOENT, "hakurei.0'");
}

static void a_place_that_others_can_move_is_refused(void **state) {
	struct hk_test_place *place = *state;
	assert_int_equal(chmod(hk_test_path(place, "tmp"), 0777), 0);
	assert_refused(place, place->share, -EPERM, "tmp' can be written to by others");
}

static void one_that_could_not_be_removed_again_is_not_made(void **state) {
	struct hk_test_place *place = *state;
	assert_refused(place, hk_test_path(place, "home/x"), -EINVAL, "could not be removed again");
}

static void one_that_stays_is_removed_only_when_a_commit_is_taken_back(void **state) {
	struct hk_test_place *place = *state;
	struct hk_host_record record = record_of(hk_test_path(place, "home/x"), 0700, true);
	struct hk_err err = {0};
	assert_int_equal(make(place, &record, &err), 0);
	assert_int_equal(unmake(place, &record, &err), 0);
	assert_true(hk_test_exists(record.op.path));
	struct hk_host_context context = context_of(place);
	/* An entry on disk could say this of any directory. */
	context.undo = HK_HOST_UNDO_READ;
	assert_int_equal(hk_host_directory.revert(&context, &record, &err), 0);
	assert_true(hk_test_exists(record.op.path));
	context.undo = HK_HOST_UNDO_OWN;
	assert_int_equal(hk_host_directory.revert(&context, &record, &err), 0);
	assert_false(hk_test_exists(record.op.path));
}

static void stays_while_a_live_peer_lists_it(void **state) {
	struct hk_test_place *place = *state;
	struct hk_host_record first = record_of(place->run_dir, 0700, false);
	struct hk_host_record second = first;
	struct hk_host_peer peers[] = {{.record = &first, .live = true}, {.record = &second}};
	struct hk_host_context context = context_of(place);
	context.peers = (struct hk_host_peers){.items = peers, .count = 2};
	struct hk_err err = {0};
	assert_int_equal(make(place, &first, &err), 0);
	/* It exists by now, but only because of the first. */
	assert_int_equal(hk_host_directory.look(&context, &second, &second.found, &err), 0);
	second.looked = true;
	assert_false(second.found.existed);
	assert_int_equal(hk_host_directory.revert(&context, &second, &err), 0);
	assert_true(hk_test_exists(place->run_dir));
	peers[0].live = false;
	assert_int_equal(hk_host_directory.revert(&context, &second, &err), 0);
	assert_false(hk_test_exists(place->run_dir));
}

static void reverting_twice_or_what_is_gone_is_fine(void **state) {
	struct hk_test_place *place = *state;
	struct hk_host_record record =
		record_of(hk_test_path(place, "run/hakurei/" ID), 0700, false);
	struct hk_err err = {0};
	assert_int_equal(unmake(place, &record, &err), 0);
	assert_int_equal(mkdir(place->run_dir, 0700), 0);
	assert_int_equal(make(place, &record, &err), 0);
	assert_int_equal(unmake(place, &record, &err), 0);
	assert_int_equal(unmake(place, &record, &err), 0);
	assert_false(hk_test_exists(record.op.path));
}

static void what_programs_put_there_is_not_removed(void **state) {
	struct hk_test_place *place = *state;
	struct hk_host_record record = record_of(place->share, 0700, false);
	struct hk_err err = {0};
	assert_int_equal(make(place, &record, &err), 0);
	const char *file = hk_test_path(place, "tmp/hakurei.0/file");
	HK_AUTO(fd) int fd = open(file, O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(unmake(place, &record, &err), 0);
	assert_true(hk_test_exists(file));
}

static void make_socket(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	assert_true(strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path));
	HK_AUTO(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

static void an_instance_directory_goes_with_its_sockets(void **state) {
	struct hk_test_place *place = *state;
	struct hk_host_record record =
		record_of(hk_test_path(place, "run/hakurei/" ID), 0700, false);
	struct hk_err err = {0};
	assert_int_equal(mkdir(place->run_dir, 0700), 0);
	assert_int_equal(make(place, &record, &err), 0);
	make_socket(hk_test_path(place, "run/hakurei/" ID "/wayland"));
	assert_int_equal(symlink("/", hk_test_path(place, "run/hakurei/" ID "/link")), 0);
	assert_int_equal(mkdir(hk_test_path(place, "run/hakurei/" ID "/bus.d"), 0700), 0);
	make_socket(hk_test_path(place, "run/hakurei/" ID "/bus.d/session"));
	assert_int_equal(unmake(place, &record, &err), 0);
	assert_false(hk_test_exists(record.op.path));
}

static void an_instance_directory_with_a_file_is_an_error(void **state) {
	struct hk_test_place *place = *state;
	struct hk_host_record record =
		record_of(hk_test_path(place, "run/hakurei/" ID), 0700, false);
	struct hk_err err = {0};
	assert_int_equal(mkdir(place->run_dir, 0700), 0);
	assert_int_equal(make(place, &record, &err), 0);
	const char *file = hk_test_path(place, "run/hakurei/" ID "/file");
	HK_AUTO(fd) int fd = open(file, O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(unmake(place, &record, &err), -ENOTEMPTY);
	assert_true(hk_test_exists(file));
}

static void nothing_is_removed_outside_of_our_places(void **state) {
	struct hk_test_place *place = *state;
	/* What an entry that was tampered with could say. */
	struct hk_host_record record = record_of(hk_test_path(place, "home/x"), 0700, false);
	record.looked = true;
	struct hk_err err = {0};
	assert_int_equal(mkdir(record.op.path, 0700), 0);
	assert_int_equal(unmake(place, &record, &err), -EPERM);
	assert_true(hk_test_exists(record.op.path));
}

static void what_has_taken_its_name_is_not_removed(void **state) {
	struct hk_test_place *place = *state;
	struct hk_host_record record = record_of(place->share, 0700, false);
	struct hk_err err = {0};
	assert_int_equal(make(place, &record, &err), 0);
	assert_int_equal(rmdir(place->share), 0);
	assert_int_equal(symlink(place->elsewhere, place->share), 0);
	assert_int_equal(unmake(place, &record, &err), 0);
	assert_true(hk_test_exists(place->share));
	assert_true(hk_test_exists(place->elsewhere));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		HK_TEST(has_exactly_its_mode_whatever_the_umask),
		HK_TEST(inherits_nothing_from_a_default_acl),
		HK_TEST(loses_an_inherited_set_group_id_bit),
		HK_TEST(an_existing_one_is_used_and_never_changed),
		HK_TEST(one_that_is_more_open_than_asked_is_refused),
		HK_TEST(an_existing_one_outside_of_our_places_may_be_open),
		HK_TEST(a_link_in_its_place_is_refused),
		HK_TEST(a_file_in_its_place_is_refused),
		HK_TEST(a_name_that_another_user_took_first_is_refused),
		HK_TEST(a_missing_parent_is_named),
		HK_TEST(a_place_that_others_can_move_is_refused),
		HK_TEST(one_that_could_not_be_removed_again_is_not_made),
		HK_TEST(one_that_stays_is_removed_only_when_a_commit_is_taken_back),
		HK_TEST(stays_while_a_live_peer_lists_it),
		HK_TEST(reverting_twice_or_what_is_gone_is_fine),
		HK_TEST(what_programs_put_there_is_not_removed),
		HK_TEST(an_instance_directory_goes_with_its_sockets),
		HK_TEST(an_instance_directory_with_a_file_is_an_error),
		HK_TEST(nothing_is_removed_outside_of_our_places),
		HK_TEST(what_has_taken_its_name_is_not_removed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
