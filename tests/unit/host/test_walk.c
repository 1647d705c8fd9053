/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "place.h"

#include "base/auto.h"
#include "host/walk.h"

static int walk(struct hk_test_place *place, const char *path, uint32_t flags, struct hk_err *err) {
	HK_AUTO(fd) int fd = -1;
	return hk_host_walk(path, flags, place->scope.person, &fd, err);
}

static void opens_the_object_at_the_path(void **state) {
	struct hk_test_place *place = *state;
	HK_AUTO(fd) int fd = -1;
	struct hk_err err = {0};
	assert_int_equal(hk_host_walk(place->elsewhere, HK_HOST_WALK_GUARDED, place->scope.person,
				 &fd, &err),
		0);
	struct stat opened;
	struct stat there;
	assert_int_equal(fstat(fd, &opened), 0);
	assert_int_equal(stat(place->elsewhere, &there), 0);
	assert_int_equal(opened.st_ino, there.st_ino);
}

static void yields_the_parent_and_the_name(void **state) {
	struct hk_test_place *place = *state;
	HK_AUTO(fd) int fd = -1;
	const char *name = NULL;
	struct hk_err err = {0};
	assert_int_equal(hk_host_walk_parent(hk_test_path(place, "home/nothing"), 0,
				 place->scope.person, &fd, &name, &err),
		0);
	assert_string_equal(name, "nothing");
	struct stat opened;
	struct stat there;
	assert_int_equal(fstat(fd, &opened), 0);
	assert_int_equal(stat(place->elsewhere, &there), 0);
	assert_int_equal(opened.st_ino, there.st_ino);
}

static void what_is_not_there_is_named(void **state) {
	struct hk_test_place *place = *state;
	struct hk_err err = {0};
	const char *path = hk_test_path(place, "home/missing/file");
	assert_int_equal(walk(place, path, 0, &err), -ENOENT);
	assert_non_null(strstr(err.text, "home/missing'"));
}

static void a_file_on_the_way_is_no_directory(void **state) {
	struct hk_test_place *place = *state;
	struct hk_err err = {0};
	HK_AUTO(fd) int file = open(hk_test_path(place, "home/file"), O_CREAT | O_CLOEXEC, 0600);
	assert_true(file >= 0);
	assert_int_equal(walk(place, hk_test_path(place, "home/file/x"), 0, &err), -ENOTDIR);
	assert_int_equal(walk(place, hk_test_path(place, "home/file"), 0, &err), 0);
}

static void a_link_that_is_not_roots_is_refused_wherever_it_is(void **state) {
	struct hk_test_place *place = *state;
	const char *link = hk_test_path(place, "home/link");
	assert_int_equal(symlink(hk_test_path(place, "run"), link), 0);
	struct hk_err err = {0};
	assert_int_equal(walk(place, link, 0, &err), -ELOOP);
	assert_non_null(strstr(err.text, "home/link' is a symbolic link of uid"));
	assert_int_equal(walk(place, hk_test_path(place, "home/link/x"), 0, &err), -ELOOP);
	assert_non_null(strstr(err.text, "home/link' is a symbolic link of uid"));
}

static void a_link_of_roots_is_followed(void **state) {
	struct hk_test_place *place = *state;
	if (hk_test_lacks_root()) {
		skip();
	}
	assert_int_equal(mkdir(hk_test_path(place, "home/real"), 0700), 0);
	hk_test_become(0);
	assert_int_equal(symlink("home/./../home/real", hk_test_path(place, "relative")), 0);
	assert_int_equal(
		symlink(hk_test_path(place, "relative"), hk_test_path(place, "absolute")), 0);
	hk_test_become(place->scope.person);
	const char *const names[] = {"relative", "absolute"};
	for (size_t i = 0; i < 2; i++) {
		HK_AUTO(fd) int fd = -1;
		struct hk_err err = {0};
		struct stat opened;
		struct stat there;
		assert_int_equal(hk_host_walk(hk_test_path(place, names[i]), HK_HOST_WALK_GUARDED,
					 place->scope.person, &fd, &err),
			0);
		assert_int_equal(fstat(fd, &opened), 0);
		assert_int_equal(stat(hk_test_path(place, "home/real"), &there), 0);
		assert_int_equal(opened.st_ino, there.st_ino);
	}
}

static void links_that_lead_in_a_circle_end(void **state) {
	struct hk_test_place *place = *state;
	if (hk_test_lacks_root()) {
		skip();
	}
	hk_test_become(0);
	assert_int_equal(symlink("circle", hk_test_path(place, "circle")), 0);
	hk_test_become(place->scope.person);
	struct hk_err err = {0};
	assert_int_equal(walk(place, hk_test_path(place, "circle"), 0, &err), -ELOOP);
}

static void guarded_refuses_a_directory_that_others_may_write_to(void **state) {
	struct hk_test_place *place = *state;
	const char *open_dir = hk_test_path(place, "open");
	const char *below = hk_test_path(place, "open/below");
	assert_int_equal(mkdir(open_dir, 0700), 0);
	assert_int_equal(mkdir(below, 0700), 0);
	static const struct {
		mode_t mode;
		int want;
	} rows[] = {{0777, -EPERM}, {0770, -EPERM}, {0702, -EPERM}, {01777, 0}, {0755, 0}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct hk_err err = {0};
		assert_int_equal(chmod(open_dir, rows[i].mode), 0);
		assert_int_equal(walk(place, below, HK_HOST_WALK_GUARDED, &err), rows[i].want);
		assert_int_equal(walk(place, below, 0, &err), 0);
		if (rows[i].want < 0) {
			assert_non_null(strstr(err.text, "open' can be written to by others"));
		}
	}
}

static void guarded_refuses_a_directory_of_another_user(void **state) {
	struct hk_test_place *place = *state;
	if (hk_test_lacks_root()) {
		skip();
	}
	hk_test_become(HK_TEST_EVIL);
	assert_int_equal(mkdir(hk_test_path(place, "tmp/evil"), 0755), 0);
	hk_test_become(place->scope.person);
	struct hk_err err = {0};
	const char *path = hk_test_path(place, "tmp/evil/x");
	assert_int_equal(walk(place, path, HK_HOST_WALK_GUARDED, &err), -EPERM);
	assert_non_null(strstr(err.text, "tmp/evil' belongs to uid 40001"));
}

static void the_parent_itself_is_guarded_too(void **state) {
	struct hk_test_place *place = *state;
	assert_int_equal(chmod(place->elsewhere, 0777), 0);
	HK_AUTO(fd) int fd = -1;
	const char *name;
	struct hk_err err = {0};
	assert_int_equal(hk_host_walk_parent(hk_test_path(place, "home/x"), HK_HOST_WALK_GUARDED,
				 place->scope.person, &fd, &name, &err),
		-EPERM);
	assert_int_equal(fd, -1);
}

static void missing_directories_are_made_0700_whatever_the_umask(void **state) {
	struct hk_test_place *place = *state;
	static const mode_t masks[] = {0, 022, 0777};
	for (size_t i = 0; i < 3; i++) {
		char name[] = "home/a0/b";
		name[6] = (char)('0' + i);
		struct hk_err err = {0};
		(void)umask(masks[i]);
		int r = walk(place, hk_test_path(place, name),
			HK_HOST_WALK_MAKE | HK_HOST_WALK_GUARDED, &err);
		(void)umask(022);
		assert_int_equal(r, 0);
		assert_int_equal(hk_test_mode(hk_test_path(place, name)), 0700);
		name[7] = '\0';
		assert_int_equal(hk_test_mode(hk_test_path(place, name)), 0700);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		HK_TEST(opens_the_object_at_the_path),
		HK_TEST(yields_the_parent_and_the_name),
		HK_TEST(what_is_not_there_is_named),
		HK_TEST(a_file_on_the_way_is_no_directory),
		HK_TEST(a_link_that_is_not_roots_is_refused_wherever_it_is),
		HK_TEST(a_link_of_roots_is_followed),
		HK_TEST(links_that_lead_in_a_circle_end),
		HK_TEST(guarded_refuses_a_directory_that_others_may_write_to),
		HK_TEST(guarded_refuses_a_directory_of_another_user),
		HK_TEST(the_parent_itself_is_guarded_too),
		HK_TEST(missing_directories_are_made_0700_whatever_the_umask),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
