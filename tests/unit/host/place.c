/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct hk_uid_range targets[] = {{.first = HK_TEST_TARGET, .count = 10000}};

bool hk_test_is_root(void) {
	uid_t real;
	uid_t effective;
	uid_t saved;
	assert_int_equal(getresuid(&real, &effective, &saved), 0);
	return saved == 0;
}

/* The saved uid stays root's, so that we can come back; what counts for files is the effective
 * one, and with it go the capabilities. */
void hk_test_become(uid_t uid) {
	if (!hk_test_is_root()) {
		assert_int_equal(uid, getuid());
		return;
	}
	assert_int_equal(setresuid((uid_t)-1, 0, 0), 0);
	assert_int_equal(setresgid(uid, uid, 0), 0);
	assert_int_equal(setgroups(0, NULL), 0);
	assert_int_equal(setresuid(uid, uid, 0), 0);
}

bool hk_test_lacks_root(void) {
	const char *must = getenv("HK_MUST_RUN");
	if (!hk_test_is_root() && must && strcmp(must, "1") == 0) {
		fail_msg("needs root for a second user, and HK_MUST_RUN is set");
	}
	return !hk_test_is_root();
}

char *hk_test_path(struct hk_test_place *place, const char *name) {
	char *path = hk_arena_printf(&place->arena, "%s/%s", place->path, name);
	assert_non_null(path);
	return path;
}

int hk_test_place_setup(void **state) {
	struct hk_test_place *place = calloc(1, sizeof(*place));
	assert_non_null(place);
	uid_t person = hk_test_is_root() ? HK_TEST_PERSON : getuid();
	hk_test_become(person);
	(void)umask(022);
	char *path = hk_arena_strdup(&place->arena, "/tmp/hk-host-XXXXXX");
	assert_non_null(mkdtemp(path));
	assert_int_equal(chmod(path, 0755), 0);
	place->path = path;
	place->run_dir = hk_test_path(place, "run/hakurei");
	place->share = hk_test_path(place, "tmp/hakurei.0");
	place->elsewhere = hk_test_path(place, "home");
	assert_int_equal(mkdir(hk_test_path(place, "run"), 0700), 0);
	assert_int_equal(mkdir(hk_test_path(place, "tmp"), 0700), 0);
	assert_int_equal(chmod(hk_test_path(place, "tmp"), 01777), 0);
	assert_int_equal(mkdir(place->elsewhere, 0700), 0);
	place->scope = (struct hk_host_scope){
		.person = person,
		.targets = targets,
		.target_count = 1,
	};
	assert_int_equal(
		hk_strs_add_borrowed(&place->arena, &place->scope.roots, place->run_dir), 0);
	assert_int_equal(hk_strs_add_borrowed(&place->arena, &place->scope.roots, place->share), 0);
	place->log = (struct hk_log){.name = "test"};
	hk_log_hold(&place->log);
	*state = place;
	return 0;
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw) {
	(void)stat;
	(void)type;
	(void)ftw;
	return remove(path);
}

int hk_test_place_teardown(void **state) {
	struct hk_test_place *place = *state;
	if (hk_test_is_root()) {
		assert_int_equal(setresuid(0, 0, 0), 0);
	}
	assert_int_equal(nftw(place->path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	hk_str_finish(&place->log.kept);
	hk_arena_finish(&place->arena);
	free(place);
	return 0;
}

mode_t hk_test_mode(const char *path) {
	struct stat stat;
	assert_int_equal(lstat(path, &stat), 0);
	return stat.st_mode & 07777;
}

bool hk_test_exists(const char *path) {
	struct stat stat;
	return lstat(path, &stat) == 0;
}
