/* SPDX-License-Identifier: MIT */
/* The D-Bus proxy's operation, as far as it takes no proxy: what it is given, what it prints, and
 * what it leaves. */
#include "host/dbus.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"
#include "host/dbus_output.h"
#include "host/dbus_params.h"
#include "place.h"

#define ID    "0102030405060708090a0b0c0d0e0f10"
#define BUS_D "/run/user/1/hakurei/" ID "/bus.d"

/* -- the container ----------------------------------------------------------------------------- */

static struct hk_host_op proxy_op(struct hk_arena *arena, const char *const args[]) {
	struct hk_host_op op = {.kind = HK_HOST_DBUS,
		.path = BUS_D,
		.target = HK_TEST_TARGET,
		.source = "/usr/bin/xdg-dbus-proxy"};
	for (size_t i = 0; args[i]; i++) {
		assert_int_equal(hk_strs_add_borrowed(arena, &op.args, args[i]), 0);
	}
	return op;
}

static void make_plan(
	struct hk_test_place *place, const char *const args[], struct hk_host_dbus_plan *ret_plan) {
	struct hk_host_op op = proxy_op(&place->arena, args);
	struct hk_err err;
	if (hk_host_dbus_plan_make(&place->arena, &op, ret_plan, &err) < 0) {
		fail_msg("%s", err.text);
	}
}

/* The mount on target, or one of no target at all. */
static struct hk_mount_op find_mount(const struct hk_host_dbus_plan *plan, const char *target) {
	for (size_t i = 0; i < plan->params.mounts.count; i++) {
		if (strcmp(plan->params.mounts.items[i].target, target) == 0) {
			return plan->params.mounts.items[i];
		}
	}
	return (struct hk_mount_op){0};
}

static bool has_mount(const struct hk_host_dbus_plan *plan, const char *target) {
	return find_mount(plan, target).target;
}

static void the_proxy_is_given_places_as_its_container_has_them(void **state) {
	struct hk_test_place *place = *state;
	static const char *const args[] = {"unix:path=/srv/my%20bus", BUS_D "/session", "--filter",
		"--talk=a.b", "unix:path=/run/dbus/socket", BUS_D "/system", "--log", NULL};
	static const char *const inside[] = {"unix:path=/upstream/session", "/bus.d/session",
		"--filter", "--talk=a.b", "unix:path=/upstream/system", "/bus.d/system", "--log"};
	struct hk_host_dbus_plan plan;
	make_plan(place, args, &plan);
	assert_int_equal(plan.args.count, sizeof(inside) / sizeof(inside[0]));
	for (size_t i = 0; i < plan.args.count; i++) {
		assert_string_equal(plan.args.items[i], inside[i]);
	}
	assert_int_equal(plan.buses.count, 2);
	assert_string_equal(plan.buses.items[0].upstream, "/srv/my bus");
	assert_string_equal(plan.buses.items[1].name, "system");
	const struct hk_mount_op mount = find_mount(&plan, "/upstream/session");
	assert_string_equal(mount.source, "/srv/my bus");
	assert_int_equal(mount.flags, 0);
}

static void only_the_directory_of_its_sockets_is_writable(void **state) {
	struct hk_test_place *place = *state;
	static const char *const args[] = {"unix:path=/run/bus", BUS_D "/session", NULL};
	struct hk_host_dbus_plan plan;
	make_plan(place, args, &plan);
	const struct hk_mount_ops *mounts = &plan.params.mounts;
	for (size_t i = 0; i < mounts->count; i++) {
		const struct hk_mount_op *op = &mounts->items[i];
		assert_true(op->kind == HK_MOUNT_BIND || op->kind == HK_MOUNT_LINK ||
			    op->kind == HK_MOUNT_REMOUNT);
		bool sockets = strcmp(op->target, "/bus.d") == 0;
		assert_int_equal(
			op->flags & ~(uint32_t)HK_MOUNT_OPTIONAL, sockets ? HK_MOUNT_WRITE : 0);
		if (op->kind == HK_MOUNT_BIND && !sockets &&
			strcmp(op->target, "/upstream/session") != 0) {
			assert_string_equal(op->source, op->target);
		}
	}
	assert_string_equal(find_mount(&plan, "/bus.d").source, BUS_D);
	assert_int_equal(mounts->items[mounts->count - 1].kind, HK_MOUNT_REMOUNT);
	assert_true(has_mount(&plan, "/usr"));
	assert_false(has_mount(&plan, "/proc"));
	assert_false(has_mount(&plan, "/etc/hosts"));
	assert_int_equal(plan.params.env.count, 0);
	assert_int_equal(plan.params.umask, 0177);
	assert_int_equal(plan.params.filter, HK_FILTER_MULTIARCH);
}

static void the_network_is_shared_for_those_buses_only_that_have_no_path(void **state) {
	struct hk_test_place *place = *state;
	static const struct {
		const char *address;
		bool net;
		bool abstract;
	} rows[] = {
		{"unix:path=/run/bus", false, false},
		{"unix:abstract=name", true, true},
		{"tcp:host=h,port=1", true, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const args[] = {rows[i].address, BUS_D "/session", NULL};
		struct hk_host_dbus_plan plan;
		make_plan(place, args, &plan);
		assert_int_equal(plan.params.host_net, rows[i].net);
		assert_int_equal(plan.params.host_abstract, rows[i].abstract);
		assert_int_equal(has_mount(&plan, "/etc/hosts"), rows[i].net);
	}
}

static void a_program_outside_of_the_system_is_bound_alone(void **state) {
	struct hk_test_place *place = *state;
	static const char *const args[] = {"unix:path=/run/bus", BUS_D "/session", NULL};
	struct hk_host_op op = proxy_op(&place->arena, args);
	op.source = "/opt/proxy/xdg-dbus-proxy";
	struct hk_host_dbus_plan plan;
	struct hk_err err;
	assert_int_equal(hk_host_dbus_plan_make(&place->arena, &op, &plan, &err), 0);
	assert_string_equal(find_mount(&plan, op.source).source, op.source);
	assert_string_equal(plan.params.path, op.source);
	assert_false(has_mount(&plan, "/opt"));
}

static void arguments_that_make_no_sense_are_refused(void **state) {
	struct hk_test_place *place = *state;
	static const char *const rows[][3] = {
		{"unix:path=/run/bus", NULL},
		{"unix:path=/run/bus", "/elsewhere/session", NULL},
		{"unix:path=/run/bus", BUS_D, NULL},
		{"unix:path=/run/bus", BUS_D "/a/b", NULL},
		{"unix:path=/a;unix:path=/b", BUS_D "/session", NULL},
		{"autolaunch:", BUS_D "/session", NULL},
		{"nonsense", BUS_D "/session", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hk_host_op op = proxy_op(&place->arena, rows[i]);
		struct hk_host_dbus_plan plan;
		struct hk_err err;
		assert_int_equal(hk_host_dbus_plan_make(&place->arena, &op, &plan, &err), -EINVAL);
	}
}

/* -- what it prints ------------------------------------------------------------------------------
 */

struct talk {
	struct hk_host_dbus_output output;
	int mouth;
};

static struct talk begin_talk(void) {
	int pair[2];
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	return (struct talk){.output = {.fd = pair[0]}, .mouth = pair[1]};
}

static void say(const struct talk *talk, const char *text, size_t length) {
	assert_int_equal(write(talk->mouth, text, length), (ssize_t)length);
}

static const char *logged(struct hk_test_place *place) {
	return place->log.kept.text ? place->log.kept.text : "";
}

static void what_is_printed_is_kept_until_it_is_asked_for(void **state) {
	struct hk_test_place *place = *state;
	struct talk talk = begin_talk();
	say(&talk, "one\ntw", 6);
	assert_true(hk_host_dbus_output_read(&talk.output, &place->log));
	say(&talk, "o\n\x1b[31mred", 10);
	assert_true(hk_host_dbus_output_read(&talk.output, &place->log));
	assert_string_equal(logged(place), "");
	assert_int_equal(close(talk.mouth), 0);
	assert_false(hk_host_dbus_output_read(&talk.output, &place->log));
	assert_int_equal(talk.output.fd, -1);
	hk_host_dbus_output_show(&talk.output, &place->log);
	hk_host_dbus_output_show(&talk.output, &place->log); /* once */
	assert_string_equal(
		logged(place), "test: (dbus) one\ntest: (dbus) two\ntest: (dbus) \\x1b[31mred\n");
	hk_host_dbus_output_finish(&talk.output);
}

static void whoever_wants_to_know_more_sees_each_line_at_once(void **state) {
	struct hk_test_place *place = *state;
	place->log.verbose = true;
	struct talk talk = begin_talk();
	say(&talk, "one\ntw", 6);
	assert_true(hk_host_dbus_output_read(&talk.output, &place->log));
	assert_string_equal(logged(place), "test: (dbus) one\n");
	say(&talk, "o\nthree\n", 8);
	assert_true(hk_host_dbus_output_read(&talk.output, &place->log));
	assert_string_equal(
		logged(place), "test: (dbus) one\ntest: (dbus) two\ntest: (dbus) three\n");
	hk_host_dbus_output_show(&talk.output, &place->log);
	assert_string_equal(
		logged(place), "test: (dbus) one\ntest: (dbus) two\ntest: (dbus) three\n");
	assert_int_equal(close(talk.mouth), 0);
	hk_host_dbus_output_finish(&talk.output);
}

static void nul_does_not_end_a_line(void **state) {
	struct hk_test_place *place = *state;
	struct talk talk = begin_talk();
	say(&talk, "a\0b\nc\n", 6);
	assert_true(hk_host_dbus_output_read(&talk.output, &place->log));
	hk_host_dbus_output_show(&talk.output, &place->log);
	assert_string_equal(logged(place), "test: (dbus) a?b\ntest: (dbus) c\n");
	assert_int_equal(close(talk.mouth), 0);
	hk_host_dbus_output_finish(&talk.output);
}

static void sixteen_mebibytes_are_kept_and_the_rest_is_counted(void **state) {
	struct hk_test_place *place = *state;
	struct talk talk = begin_talk();
	static const char chunk[65536];
	for (size_t sent = 0; sent < HK_HOST_DBUS_OUTPUT_MAX + sizeof(chunk);
		sent += sizeof(chunk)) {
		say(&talk, chunk, sizeof(chunk));
		assert_true(hk_host_dbus_output_read(&talk.output, &place->log));
	}
	assert_int_equal(talk.output.kept.length, HK_HOST_DBUS_OUTPUT_MAX);
	assert_int_equal(talk.output.dropped, sizeof(chunk));
	talk.output.shown = talk.output.kept.length; /* too long a line to be looked at */
	hk_host_dbus_output_show(&talk.output, &place->log);
	assert_string_equal(
		logged(place), "test: (dbus) and 65536 bytes more, which were not kept\n");
	assert_int_equal(close(talk.mouth), 0);
	hk_host_dbus_output_finish(&talk.output);
}

/* -- what it leaves ------------------------------------------------------------------------------
 */

static void make_socket(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	assert_true(strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	HK_AUTO(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
}

static const char *make_sockets(struct hk_test_place *place) {
	const char *names[] = {"run/hakurei", "run/hakurei/" ID, "run/hakurei/" ID "/bus.d"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(mkdir(hk_test_path(place, names[i]), 0700), 0);
	}
	make_socket(hk_test_path(place, "run/hakurei/" ID "/bus.d/session"));
	make_socket(hk_test_path(place, "run/hakurei/" ID "/bus.d/other"));
	return hk_test_path(place, names[2]);
}

static int revert(struct hk_test_place *place, const char *path) {
	const struct hk_host_context context = {.scope = &place->scope};
	const struct hk_host_record record = {
		.op = {.kind = HK_HOST_DBUS, .path = path, .target = HK_TEST_TARGET},
		.looked = true};
	struct hk_err err;
	return hk_host_dbus.revert(&context, &record, &err);
}

static void every_socket_is_removed_and_that_can_be_repeated(void **state) {
	struct hk_test_place *place = *state;
	const char *path = make_sockets(place);
	assert_int_equal(revert(place, path), 0);
	assert_int_equal(rmdir(path), 0); /* empty */
	assert_int_equal(revert(place, path), 0);
}

static void what_is_not_a_socket_stays(void **state) {
	struct hk_test_place *place = *state;
	const char *path = make_sockets(place);
	const char *file = hk_arena_printf(&place->arena, "%s/file", path);
	HK_AUTO(fd) int fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(revert(place, path), 0);
	assert_true(hk_test_exists(file));
	assert_false(hk_test_exists(hk_arena_printf(&place->arena, "%s/session", path)));
}

static void an_entry_can_name_no_other_directory(void **state) {
	struct hk_test_place *place = *state;
	const char *path = make_sockets(place);
	make_socket(hk_test_path(place, "home/socket"));
	make_socket(hk_test_path(place, "run/hakurei/socket"));
	assert_int_equal(revert(place, place->elsewhere), -EPERM);
	assert_int_equal(revert(place, place->run_dir), -EPERM);
	assert_int_equal(revert(place, hk_test_path(place, "run/hakurei/" ID)), -EPERM);
	assert_true(hk_test_exists(hk_test_path(place, "home/socket")));
	assert_true(hk_test_exists(hk_test_path(place, "run/hakurei/socket")));
	assert_true(hk_test_exists(hk_arena_printf(&place->arena, "%s/session", path)));
}

static void only_an_identity_of_the_persons_can_be_let_in(void **state) {
	struct hk_test_place *place = *state;
	const char *path = make_sockets(place);
	const struct hk_host_context context = {.scope = &place->scope};
	struct hk_host_record record = {.op = {.kind = HK_HOST_DBUS, .path = path}};
	struct hk_host_found found = {0};
	struct hk_err err;
	record.op.target = HK_TEST_EVIL;
	assert_int_equal(hk_host_dbus.look(&context, &record, &found, &err), -EPERM);
	record.op.target = HK_TEST_TARGET;
	assert_int_equal(hk_host_dbus.look(&context, &record, &found, &err), 0);
}

static void only_a_directory_of_that_name_in_an_instances_own_can_be_used(void **state) {
	struct hk_test_place *place = *state;
	const struct hk_host_context context = {.scope = &place->scope};
	static const struct {
		const char *path;
		int code;
	} rows[] = {
		{"run/hakurei/" ID "/bus.d", 0},
		{"run/hakurei/" ID "/bus", -EPERM},
		{"run/hakurei/bus.d", -EPERM},
		{"run/hakurei/other/bus.d", -EPERM},
		{"home/" ID "/bus.d", -EPERM},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct hk_host_record record = {
			.op = {.kind = HK_HOST_DBUS,
				.path = hk_test_path(place, rows[i].path),
				.target = HK_TEST_TARGET},
		};
		struct hk_host_found found = {0};
		struct hk_err err;
		assert_int_equal(hk_host_dbus.look(&context, &record, &found, &err), rows[i].code);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		HK_TEST(the_proxy_is_given_places_as_its_container_has_them),
		HK_TEST(only_the_directory_of_its_sockets_is_writable),
		HK_TEST(the_network_is_shared_for_those_buses_only_that_have_no_path),
		HK_TEST(a_program_outside_of_the_system_is_bound_alone),
		HK_TEST(arguments_that_make_no_sense_are_refused),
		HK_TEST(what_is_printed_is_kept_until_it_is_asked_for),
		HK_TEST(whoever_wants_to_know_more_sees_each_line_at_once),
		HK_TEST(nul_does_not_end_a_line),
		HK_TEST(sixteen_mebibytes_are_kept_and_the_rest_is_counted),
		HK_TEST(every_socket_is_removed_and_that_can_be_repeated),
		HK_TEST(what_is_not_a_socket_stays),
		HK_TEST(an_entry_can_name_no_other_directory),
		HK_TEST(only_an_identity_of_the_persons_can_be_let_in),
		HK_TEST(only_a_directory_of_that_name_in_an_instances_own_can_be_used),
	};
	return cmocka_run_group_tests_name("host/dbus", tests, NULL, NULL);
}
