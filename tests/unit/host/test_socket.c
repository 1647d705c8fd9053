/* SPDX-License-Identifier: MIT */
/* Sockets with a second name, and sockets of an instance's own. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fail_sys.h"
#include "place.h"
#include "tree.h"

#include "base/auto.h"
#include "host/hardlink.h"
#include "host/socket.h"
#include "host/wayland.h"
#include "sys/sys.h"

#define ID    "0123456789abcdef0123456789abcdef"
#define NAME  "run/hakurei/" ID "/name"
#define CALLS 1000 /* more than any operation makes */

/* A place with the directory of an instance and a socket of the person's. */
struct scene {
	struct hk_test_place *place;
	const char *server;
	struct hk_host_record record;
	struct hk_err err;
};

static int bind_at(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	assert_true(strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	(void)unlink(path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static struct scene scene_of(void **state, enum hk_host_kind kind) {
	struct hk_test_place *place = *state;
	struct scene scene = {.place = place, .server = hk_test_path(place, "home/server")};
	assert_int_equal(mkdir(place->run_dir, 0700), 0);
	assert_int_equal(mkdir(hk_test_path(place, "run/hakurei/" ID), 0700), 0);
	(void)close(bind_at(scene.server)); /* the name is what counts */
	scene.record.op = (struct hk_host_op){
		.kind = kind,
		.path = hk_test_path(place, NAME),
		.target = kind == HK_HOST_WAYLAND ? HK_TEST_TARGET : 0,
		.source = scene.server,
		.text = "org.example.App",
	};
	return scene;
}

static struct hk_host_context context_of(struct scene *scene) {
	return (struct hk_host_context){.scope = &scene->place->scope, .log = &scene->place->log};
}

static int look(struct scene *scene) {
	const struct hk_host_context context = context_of(scene);
	struct hk_host_record *record = &scene->record;
	int r = hk_host_op_types[record->op.kind]->look(
		&context, record, &record->found, &scene->err);
	record->looked = r >= 0;
	return r;
}

static int apply(struct scene *scene) {
	const struct hk_host_context context = context_of(scene);
	const struct hk_host_op_type *type = hk_host_op_types[scene->record.op.kind];
	return type->apply ? type->apply(&context, &scene->record, &scene->err) : 0;
}

static int revert(struct scene *scene) {
	const struct hk_host_context context = context_of(scene);
	return hk_host_op_types[scene->record.op.kind]->revert(
		&context, &scene->record, &scene->err);
}

static void assert_done(struct scene *scene) {
	if (look(scene) < 0 || apply(scene) < 0) {
		fail_msg("%s", scene->err.text);
	}
}

static void assert_refused(struct scene *scene, int code, const char *words) {
	char *before = hk_test_tree(scene->place->path);
	int r = look(scene);
	r = r < 0 ? r : apply(scene);
	assert_int_equal(r, code);
	if (!strstr(scene->err.text, words)) {
		fail_msg("'%s' does not say '%s'", scene->err.text, words);
	}
	char *after = hk_test_tree(scene->place->path);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static ino_t inode_of(const char *path) {
	struct stat stat;
	assert_int_equal(lstat(path, &stat), 0);
	return stat.st_ino;
}

/* -- a second name ---------------------------------------------------------------------------- */

static void a_hard_link_is_the_same_socket_and_goes_without_it(void **state) {
	struct scene scene = scene_of(state, HK_HOST_HARDLINK);
	char *before = hk_test_tree(scene.place->path);
	assert_done(&scene);
	assert_int_equal(inode_of(scene.record.op.path), inode_of(scene.server));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(revert(&scene), 0);
		char *after = hk_test_tree(scene.place->path);
		assert_string_equal(before, after);
		free(after);
	}
	free(before);
}

static void a_server_that_was_restarted_meanwhile_keeps_its_new_socket(void **state) {
	struct scene scene = scene_of(state, HK_HOST_HARDLINK);
	assert_done(&scene);
	(void)close(bind_at(scene.server));
	assert_true(inode_of(scene.record.op.path) != inode_of(scene.server));
	assert_int_equal(revert(&scene), 0);
	assert_false(hk_test_exists(scene.record.op.path));
	assert_true(hk_test_exists(scene.server));
}

static void only_what_was_linked_is_removed(void **state) {
	struct scene scene = scene_of(state, HK_HOST_HARDLINK);
	assert_done(&scene);
	assert_int_equal(unlink(scene.record.op.path), 0);
	int other = bind_at(scene.record.op.path);
	assert_int_equal(revert(&scene), 0);
	assert_true(hk_test_exists(scene.record.op.path));
	(void)close(other);
}

static void a_source_that_is_no_socket_is_refused(void **state) {
	struct scene scene = scene_of(state, HK_HOST_HARDLINK);
	scene.record.op.source = hk_test_path(scene.place, "home");
	assert_refused(&scene, -ENOTSOCK, "home' is not a socket");
	scene.record.op.source = hk_test_path(scene.place, "home/none");
	assert_refused(&scene, -ENOENT, "home/none'");
	char *link = hk_test_path(scene.place, "home/link");
	assert_int_equal(symlink(scene.server, link), 0);
	scene.record.op.source = link;
	assert_refused(&scene, -ELOOP, "is a symbolic link");
}

static void a_socket_of_somebody_else_is_refused(void **state) {
	if (hk_test_lacks_root()) {
		skip();
	}
	struct scene scene = scene_of(state, HK_HOST_HARDLINK);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(chown(scene.server, HK_TEST_EVIL, HK_TEST_EVIL), 0);
	hk_test_become(HK_TEST_PERSON);
	assert_refused(&scene, -EPERM, "belongs to uid 40001");
}

static void a_name_that_somebody_else_has_taken_over_is_left_alone(void **state) {
	if (hk_test_lacks_root()) {
		skip();
	}
	struct scene scene = scene_of(state, HK_HOST_WAYLAND);
	assert_done(&scene);
	(void)close(bind_at(scene.record.op.path));
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(chown(scene.record.op.path, HK_TEST_EVIL, HK_TEST_EVIL), 0);
	hk_test_become(HK_TEST_PERSON);
	assert_int_equal(revert(&scene), 0);
	assert_true(hk_test_exists(scene.record.op.path));
}

static void a_source_that_changes_between_look_and_apply_is_refused(void **state) {
	struct scene scene = scene_of(state, HK_HOST_HARDLINK);
	assert_int_equal(look(&scene), 0);
	char *kept = hk_test_path(scene.place, "home/kept"); /* or the inode is used again */
	assert_int_equal(rename(scene.server, kept), 0);
	(void)close(bind_at(scene.server));
	assert_int_equal(apply(&scene), -EAGAIN);
	assert_false(hk_test_exists(scene.record.op.path));
}

/* -- the name --------------------------------------------------------------------------------- */

static const enum hk_host_kind kinds[] = {HK_HOST_HARDLINK, HK_HOST_WAYLAND};

static void a_name_that_is_taken_is_refused(void **state) {
	struct scene scene = scene_of(state, HK_HOST_HARDLINK);
	assert_int_equal(symlink("/nowhere", scene.record.op.path), 0);
	for (size_t i = 0; i < 2; i++) {
		scene.record.op.kind = kinds[i];
		scene.record.op.target = HK_TEST_TARGET;
		assert_refused(&scene, -EEXIST, "create '");
	}
}

static void nothing_is_made_or_removed_outside_of_our_places(void **state) {
	struct scene scene = scene_of(state, HK_HOST_HARDLINK);
	scene.record.op.path = hk_test_path(scene.place, "home/name");
	for (size_t i = 0; i < 2; i++) {
		scene.record.op.kind = kinds[i];
		scene.record.op.target = HK_TEST_TARGET;
		assert_refused(&scene, -EPERM, "is not in a place of ours");
		/* As an entry on disk might say that it was. */
		scene.record.op.path = scene.server;
		assert_int_equal(revert(&scene), -EPERM);
		assert_true(hk_test_exists(scene.server));
		scene.record.op.path = hk_test_path(scene.place, "home/name");
	}
}

static void what_is_no_socket_is_not_removed(void **state) {
	struct scene scene = scene_of(state, HK_HOST_WAYLAND);
	assert_done(&scene);
	HK_AUTO(fd) int fd = open(scene.record.op.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	for (size_t i = 0; i < 2; i++) {
		scene.record.op.kind = kinds[i];
		assert_int_equal(revert(&scene), 0);
		assert_true(hk_test_exists(scene.record.op.path));
	}
}

/* -- a socket of the instance's own -------------------------------------------------------------
 */

static void a_new_socket_is_for_the_person_and_the_target_and_nobody_else(void **state) {
	struct scene scene = scene_of(state, HK_HOST_WAYLAND);
	hk_test_acl_set_default(hk_test_path(scene.place, "run/hakurei/" ID),
		"u::rwx,u:1234:rwx,g::rwx,m::rwx,o::rwx");
	static const mode_t masks[] = {0, 022, 0777};
	for (size_t i = 0; i < 3; i++) {
		const struct hk_host_context context = context_of(&scene);
		HK_AUTO(fd) int listener = -1;
		assert_done(&scene);
		mode_t before = umask(masks[i]);
		int r = hk_host_socket_listen(&context, &scene.record.op, &listener, &scene.err);
		(void)umask(before);
		if (r < 0) {
			fail_msg("%s", scene.err.text);
		}
		hk_test_assert_acl(
			scene.record.op.path, "u::rw-,u:1010000:rw-,g::---,m::rw-,o::---");
		assert_int_equal(revert(&scene), 0);
		assert_false(hk_test_exists(scene.record.op.path));
	}
}

static void a_path_that_no_address_has_room_for_can_be_listened_on_and_connected_to(void **state) {
	struct scene scene = scene_of(state, HK_HOST_WAYLAND);
	char name[61];
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	scene.record.op.path =
		hk_arena_printf(&scene.place->arena, "%s/%s/%s", scene.place->run_dir, ID, name);
	assert_true(strlen(scene.record.op.path) > sizeof(((struct sockaddr_un *)0)->sun_path));
	const struct hk_host_context context = context_of(&scene);
	HK_AUTO(fd) int listener = -1;
	HK_AUTO(fd) int place = -1;
	HK_AUTO(fd) int client = -1;
	struct stat stat;
	assert_int_equal(
		hk_host_socket_listen(&context, &scene.record.op, &listener, &scene.err), 0);
	assert_int_equal(
		hk_host_socket_open(&context, scene.record.op.path, &place, &stat, &scene.err), 0);
	assert_int_equal(hk_host_socket_connect(place, "server", scene.record.op.path,
				 hk_sys_monotonic_ns(), &client, &scene.err),
		0);
	HK_AUTO(fd) int accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(accepted >= 0);
}

static void a_server_that_is_busy_is_waited_for_until_the_deadline(void **state) {
	struct scene scene = scene_of(state, HK_HOST_WAYLAND);
	const struct hk_host_context context = context_of(&scene);
	HK_AUTO(fd) int listener = bind_at(scene.server);
	HK_AUTO(fd) int place = -1;
	struct stat stat;
	assert_int_equal(listen(listener, 0), 0);
	assert_int_equal(hk_host_socket_open(&context, scene.server, &place, &stat, &scene.err), 0);
	int clients[8];
	size_t count = 0;
	int r = 0;
	uint64_t begin = 0;
	while (r == 0 && count < 8) {
		begin = hk_sys_monotonic_ns();
		r = hk_host_socket_connect(place, "server", scene.server,
			begin + 100 * UINT64_C(1000000), &clients[count], &scene.err);
		count += r == 0;
	}
	assert_int_equal(r, -ETIMEDOUT);
	assert_true(hk_sys_monotonic_ns() - begin >= 100 * UINT64_C(1000000));
	for (size_t i = 0; i < count; i++) {
		(void)close(clients[i]);
	}
}

static void a_target_that_is_not_the_persons_gets_no_socket(void **state) {
	struct scene scene = scene_of(state, HK_HOST_WAYLAND);
	scene.record.op.target = HK_TEST_BOB;
	assert_refused(&scene, -EPERM, "uid 1234 is not an identity");
}

/* -- failures -----------------------------------------------------------------------------------
 */

/* Does it with call n failing, then takes it back with nothing failing. */
static int try_once(struct scene *scene, unsigned int n, bool *ret_reached) {
	const struct hk_host_context context = context_of(scene);
	HK_AUTO(fd) int listener = -1;
	hk_fail_arm(HK_FAIL_ONCE, n, EIO);
	int r = look(scene);
	r = r < 0 ? r : apply(scene);
	if (r >= 0 && scene->record.op.kind == HK_HOST_WAYLAND) {
		r = hk_host_socket_listen(&context, &scene->record.op, &listener, &scene->err);
	}
	*ret_reached = hk_fail_disarm();
	if (listener < 0 && scene->record.op.kind == HK_HOST_WAYLAND &&
		hk_test_exists(scene->record.op.path)) {
		/* Not finished: open to nobody, or to those whom it is for. */
		mode_t mode = hk_test_mode(scene->record.op.path);
		assert_true(mode == 0 || mode == 0660);
	}
	if (scene->record.looked) {
		assert_int_equal(revert(scene), 0);
	}
	return r;
}

static void whatever_fails_nothing_is_left(void **state) {
	struct scene scene = scene_of(state, HK_HOST_HARDLINK);
	for (size_t i = 0; i < 2; i++) {
		scene.record.op.kind = kinds[i];
		scene.record.op.target = i == 1 ? HK_TEST_TARGET : 0;
		char *before = hk_test_tree(scene.place->path);
		unsigned int failures = 0;
		bool reached = true;
		for (unsigned int n = 1; reached && n < CALLS; n++) {
			failures += try_once(&scene, n, &reached) < 0;
			char *after = hk_test_tree(scene.place->path);
			assert_string_equal(before, after);
			free(after);
		}
		assert_false(reached);
		assert_true(failures > 2);
		free(before);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		HK_TEST(a_hard_link_is_the_same_socket_and_goes_without_it),
		HK_TEST(a_server_that_was_restarted_meanwhile_keeps_its_new_socket),
		HK_TEST(only_what_was_linked_is_removed),
		HK_TEST(a_source_that_is_no_socket_is_refused),
		HK_TEST(a_socket_of_somebody_else_is_refused),
		HK_TEST(a_name_that_somebody_else_has_taken_over_is_left_alone),
		HK_TEST(a_source_that_changes_between_look_and_apply_is_refused),
		HK_TEST(a_name_that_is_taken_is_refused),
		HK_TEST(nothing_is_made_or_removed_outside_of_our_places),
		HK_TEST(what_is_no_socket_is_not_removed),
		HK_TEST(a_new_socket_is_for_the_person_and_the_target_and_nobody_else),
		HK_TEST(a_path_that_no_address_has_room_for_can_be_listened_on_and_connected_to),
		HK_TEST(a_server_that_is_busy_is_waited_for_until_the_deadline),
		HK_TEST(a_target_that_is_not_the_persons_gets_no_socket),
		HK_TEST(whatever_fails_nothing_is_left),
	};
	return cmocka_run_group_tests_name("host/socket", tests, NULL, NULL);
}
