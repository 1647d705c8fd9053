/* SPDX-License-Identifier: MIT */
/* The X11 protocol, against a server that speaks it and against bytes that nobody should send. */
#include "host/x11_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "place.h"
#include "sys/sys.h"
#include "x_server.h"

#define MS    UINT64_C(1000000)
#define LONG  (2000 * MS)
#define SHORT (50 * MS)

static uint64_t in(uint64_t ns) {
	return hk_sys_monotonic_ns() + ns;
}

/* -- a server ------------------------------------------------------------------------------- */

struct setting {
	struct hk_test_place *place;
	struct hk_test_x_server server;
	struct hk_err err;
};

static int setup(void **state) {
	if (hk_test_place_setup(state) != 0) {
		return -1;
	}
	struct setting *setting = test_calloc(1, sizeof(*setting));
	setting->place = *state;
	setting->server = hk_test_x_start(hk_test_path(setting->place, "X5"));
	*state = setting;
	return 0;
}

static int teardown(void **state) {
	struct setting *setting = *state;
	hk_test_x_stop(&setting->server);
	*state = setting->place;
	test_free(setting);
	return hk_test_place_teardown(state);
}

static int connected(const struct setting *setting) {
	int made = hk_sys_socket();
	assert_true(made >= 0);
	assert_int_equal(hk_sys_connect(made, setting->server.path), 0);
	return made;
}

static const struct hk_x11_cookie none = {.size = 0};

static struct hk_x11_cookie cookie_of(const char *text) {
	struct hk_x11_cookie cookie = {.size = strlen(text)};
	memcpy(cookie.bytes, text, cookie.size);
	return cookie;
}

static void an_entry_comes_and_goes(void **state) {
	struct setting *setting = *state;
	int socket = connected(setting);
	bool has = true;
	assert_int_equal(hk_x11_setup(socket, &none, in(LONG), &setting->err), 0);
	assert_int_equal(hk_x11_has_user(socket, 110007, in(LONG), &has, &setting->err), 0);
	assert_false(has);
	hk_test_x_add(&setting->server, 11000);
	hk_test_x_add(&setting->server, 1100071);
	assert_int_equal(hk_x11_has_user(socket, 110007, in(LONG), &has, &setting->err), 0);
	assert_false(has);
	assert_int_equal(hk_x11_set_user(socket, 110007, true, in(LONG), &setting->err), 0);
	assert_true(hk_test_x_has(&setting->server, 110007));
	assert_int_equal(hk_x11_has_user(socket, 110007, in(LONG), &has, &setting->err), 0);
	assert_true(has);
	assert_int_equal(hk_x11_set_user(socket, 110007, false, in(LONG), &setting->err), 0);
	assert_int_equal(setting->server.state->count, 2);
	assert_int_equal(close(socket), 0);
}

static void the_longest_uid_fits(void **state) {
	struct setting *setting = *state;
	int socket = connected(setting);
	assert_int_equal(hk_x11_setup(socket, &none, in(LONG), &setting->err), 0);
	assert_int_equal(hk_x11_set_user(socket, 4294967294, true, in(LONG), &setting->err), 0);
	assert_true(hk_test_x_has(&setting->server, 4294967294));
	assert_int_equal(close(socket), 0);
}

static void the_cookie_is_shown_to_a_server_that_wants_one(void **state) {
	struct setting *setting = *state;
	setting->server.state->wants_cookie = true;
	const struct hk_x11_cookie right = cookie_of(HK_TEST_X_COOKIE);
	const struct hk_x11_cookie wrong = cookie_of("another cookie");
	int socket = connected(setting);
	assert_int_equal(hk_x11_setup(socket, &right, in(LONG), &setting->err), 0);
	assert_int_equal(close(socket), 0);
	const struct hk_x11_cookie *const refused[] = {&wrong, &none};
	for (size_t i = 0; i < 2; i++) {
		socket = connected(setting);
		assert_int_equal(
			hk_x11_setup(socket, refused[i], in(LONG), &setting->err), -EACCES);
		assert_string_equal(setting->err.text, "the X server refuses us: 'Who are you?'");
		assert_int_equal(close(socket), 0);
	}
}

static void each_wait_has_an_end(void **state) {
	struct setting *setting = *state;
	bool has = true;
	int early = connected(setting);
	assert_int_equal(hk_x11_setup(early, &none, in(LONG), &setting->err), 0);
	hk_test_x_hang(&setting->server);
	int late = connected(setting);
	uint64_t begin = hk_sys_monotonic_ns();
	assert_int_equal(hk_x11_setup(late, &none, in(SHORT), &setting->err), -ETIMEDOUT);
	assert_int_equal(
		hk_x11_has_user(early, 110007, in(SHORT), &has, &setting->err), -ETIMEDOUT);
	assert_true(has);
	assert_int_equal(
		hk_x11_set_user(early, 110007, true, in(SHORT), &setting->err), -ETIMEDOUT);
	uint64_t took = hk_sys_monotonic_ns() - begin;
	assert_true(took >= 3 * SHORT && took < LONG);
	assert_int_equal(close(early), 0);
	assert_int_equal(close(late), 0);
}

static void what_the_server_does_not_do_is_no_success(void **state) {
	struct setting *setting = *state;
	static const struct {
		enum hk_test_x_fault fault;
		int error;
	} faults[] = {{HK_TEST_X_DENIES, -EACCES}, {HK_TEST_X_FORGETS, -EPROTO}};
	for (size_t i = 0; i < 2; i++) {
		int socket = connected(setting);
		assert_int_equal(hk_x11_setup(socket, &none, in(LONG), &setting->err), 0);
		setting->server.state->fault = faults[i].fault;
		assert_int_equal(hk_x11_set_user(socket, 110007, true, in(LONG), &setting->err),
			faults[i].error);
		setting->server.state->fault = HK_TEST_X_WELL;
		assert_int_equal(close(socket), 0);
	}
	assert_int_equal(setting->server.state->count, 0);
}

static void a_server_that_is_gone_is_told_apart(void **state) {
	struct setting *setting = *state;
	int socket = connected(setting);
	bool has;
	assert_int_equal(hk_x11_setup(socket, &none, in(LONG), &setting->err), 0);
	hk_test_x_stop(&setting->server);
	assert_int_equal(
		hk_x11_has_user(socket, 110007, in(LONG), &has, &setting->err), -ECONNRESET);
	assert_int_equal(close(socket), 0);
}

/* -- bytes ---------------------------------------------------------------------------------- */

#define TEXT(literal)	    (literal), sizeof(literal) - 1
#define ZERO20		    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define LIST(length, count) "\1\1\0\0" length "\0\0" count ZERO20 "\0\0"
#define OURS		    "\5\0\22\0localuser\0#1100070\0\0"

static const struct {
	const char *what;
	const char *bytes;
	size_t size;
	int result;
	bool has;
} replies[] = {
	{"an empty list", TEXT(LIST("\0\0", "\0\0")), 0, false},
	{"an entry", TEXT(LIST("\6\0", "\1\0") OURS), 0, true},
	{"more than the entries", TEXT(LIST("\7\0", "\1\0") OURS "past"), 0, true},
	{"an event first", TEXT("\2" ZERO20 "\0\0\0\0\0\0\0\0\0\0\0" LIST("\0\0", "\0\0")), 0,
		false},
	{"an event that was sent by a client",
		TEXT("\242" ZERO20 "\0\0\0\0\0\0\0\0\0\0\0" LIST("\0\0", "\0\0")), 0, false},
	{"a long event first",
		TEXT("\43\0\0\0\1\0\0\0" ZERO20 "\0\0\0\0"
		     "long" LIST("\0\0", "\0\0")),
		0, false},
	{"an error", TEXT("\0\12" ZERO20 "\0\0\0\0\0\0\0\0\0\0"), -EACCES, false},
	{"more entries than bytes", TEXT(LIST("\6\0", "\2\0") OURS), -EPROTO, false},
	{"an entry that is longer than the list", TEXT(LIST("\5\0", "\1\0") OURS), -EPROTO, false},
	{"a list that is too long", TEXT("\1\1\0\0\1\0\4\0\1\0" ZERO20 "\0\0" OURS), -EPROTO,
		false},
	{"an end in the head", TEXT("\1\1\0\0"), -ECONNRESET, false},
	{"an end in the list", TEXT(LIST("\6\0", "\1\0") "\5\0\22\0local"), -ECONNRESET, false},
	{"nothing", TEXT(""), -ECONNRESET, false},
};

static void each_reply_is_taken_apart_or_refused(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(*replies); i++) {
		int pair[2];
		struct hk_err err;
		bool has = false;
		assert_int_equal(hk_sys_socketpair(SOCK_STREAM, pair), 0);
		assert_int_equal(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
		assert_int_equal(
			write(pair[1], replies[i].bytes, replies[i].size), replies[i].size);
		assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
		int r = hk_x11_has_user(pair[0], 1100070, in(LONG), &has, &err);
		if (r != replies[i].result || has != replies[i].has) {
			fail_msg("%s: %d, %d", replies[i].what, r, has);
		}
		assert_int_equal(close(pair[0]), 0);
		assert_int_equal(close(pair[1]), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(an_entry_comes_and_goes),
		TEST(the_longest_uid_fits),
		TEST(the_cookie_is_shown_to_a_server_that_wants_one),
		TEST(each_wait_has_an_end),
		TEST(what_the_server_does_not_do_is_no_success),
		TEST(a_server_that_is_gone_is_told_apart),
		cmocka_unit_test(each_reply_is_taken_apart_or_refused),
	};
	return cmocka_run_group_tests_name("host/x11_wire", tests, NULL, NULL);
}
