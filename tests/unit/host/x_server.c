/* SPDX-License-Identifier: MIT */
#include "x_server.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CLIENTS_MAX 32
#define REPLY_MAX   1024

static size_t get16(const uint8_t *at) {
	return (size_t)at[0] | (size_t)at[1] << 8;
}

static void put16(uint8_t *at, size_t value) {
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

static size_t padded(size_t size) {
	return (size + 3) & ~(size_t)3;
}

static void die(const char *what) {
	perror(what);
	_exit(1);
}

/* False: the client is gone. */
static bool receive(int client, void *bytes, size_t size) {
	return size == 0 || recv(client, bytes, size, MSG_WAITALL) == (ssize_t)size;
}

static void answer(int client, const void *bytes, size_t size) {
	/* A client that is gone is noticed when it is read from. */
	(void)send(client, bytes, size, MSG_NOSIGNAL);
}

static bool set_up(volatile struct hk_test_x_state *state, int client) {
	uint8_t head[12];
	uint8_t rest[512];
	if (!receive(client, head, sizeof(head)) || head[0] != 'l' || get16(head + 2) != 11) {
		return false;
	}
	size_t name = get16(head + 6);
	size_t data = get16(head + 8);
	if (padded(name) + padded(data) > sizeof(rest) ||
		!receive(client, rest, padded(name) + padded(data))) {
		return false;
	}
	bool known = name == strlen("MIT-MAGIC-COOKIE-1") &&
		     memcmp(rest, "MIT-MAGIC-COOKIE-1", name) == 0 &&
		     data == strlen(HK_TEST_X_COOKIE) &&
		     memcmp(rest + padded(name), HK_TEST_X_COOKIE, data) == 0;
	if (state->wants_cookie && !known) {
		static const char why[] = "Who are you?\n\0\0";
		uint8_t reply[8] = {0, 13, 11, 0, 0, 0, 4, 0};
		answer(client, reply, sizeof(reply));
		answer(client, why, 16);
		return false;
	}
	uint8_t reply[8 + 2000] = {1, 0, 11, 0, 0, 0};
	put16(reply + 6, 2000 / 4);
	answer(client, reply, sizeof(reply));
	return true;
}

static size_t add_host(uint8_t *at, const char *address, size_t size) {
	at[0] = 5; /* server interpreted */
	put16(at + 2, size);
	memcpy(at + 4, address, size);
	return 4 + padded(size);
}

static void list_hosts(volatile struct hk_test_x_state *state, int client) {
	uint8_t event[32] = {34}; /* MappingNotify, which nobody can turn off */
	uint8_t reply[REPLY_MAX] = {1, 1};
	size_t size = 32;
	reply[size + 4] = 127; /* an internet address, of another family */
	put16(reply + size + 2, 4);
	size += 8;
	size += add_host(reply + size, HK_TEST_X_OTHER_HOST, sizeof(HK_TEST_X_OTHER_HOST) - 1);
	for (unsigned int i = 0; i < state->count; i++) {
		char address[32] = "localuser";
		int length = snprintf(address + 10, sizeof(address) - 10, "#%u", state->users[i]);
		size += add_host(reply + size, address, 10 + (size_t)length);
	}
	put16(reply + 8, 2 + state->count);
	put16(reply + 4, (size - 32) / 4);
	answer(client, event, sizeof(event));
	answer(client, reply, size);
}

static void set_user(volatile struct hk_test_x_state *state, uid_t uid, bool has) {
	for (unsigned int i = 0; i < state->count; i++) {
		if (state->users[i] == uid) {
			state->users[i] = state->users[state->count - 1];
			state->count--;
			break;
		}
	}
	if (has && state->count < HK_TEST_X_USERS_MAX) {
		state->users[state->count] = uid;
		state->count++;
	}
}

static void change_hosts(
	volatile struct hk_test_x_state *state, int client, bool has, const uint8_t *body) {
	char address[64] = "";
	size_t size = get16(body + 2);
	if (state->fault == HK_TEST_X_DENIES || body[0] != 5 || size >= sizeof(address)) {
		const uint8_t error[32] = {0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 109};
		answer(client, error, sizeof(error));
		return;
	}
	memcpy(address, body + 4, size);
	if (state->fault == HK_TEST_X_FORGETS) {
		return;
	}
	if (size > 11 && memcmp(address, "localuser\0#", 11) == 0) {
		set_user(state, (uid_t)strtoul(address + 11, NULL, 10), has);
	}
}

/* As long as it has to. */
static void hang(volatile struct hk_test_x_state *state) {
	while (state->fault == HK_TEST_X_HANGS) {
		state->hangs = true;
		(void)poll(NULL, 0, 2);
	}
	state->hangs = false;
}

/* One request. False: the client is gone. */
static bool serve(volatile struct hk_test_x_state *state, int client) {
	uint8_t head[4];
	uint8_t body[256] = {0};
	if (!receive(client, head, sizeof(head)) || get16(head + 2) < 1 ||
		get16(head + 2) * 4 - 4 > sizeof(body) ||
		!receive(client, body, get16(head + 2) * 4 - 4)) {
		return false;
	}
	if (head[0] == 110) {
		list_hosts(state, client);
	} else if (head[0] == 109 && state->fault == HK_TEST_X_HANGS_ON_CHANGE) {
		state->fault = HK_TEST_X_HANGS;
		hang(state);
		change_hosts(state, client, head[1] == 0, body);
	} else if (head[0] == 109) {
		change_hosts(state, client, head[1] == 0, body);
	}
	return true;
}

static void run(volatile struct hk_test_x_state *state, int listener) {
	struct pollfd polls[1 + CLIENTS_MAX] = {{.fd = listener, .events = POLLIN}};
	nfds_t count = 1;
	for (;;) {
		hang(state);
		if (poll(polls, count, 5) <= 0) {
			continue; /* the fault may be another by now */
		}
		for (nfds_t i = count - 1; i > 0; i--) {
			if (polls[i].revents && !serve(state, polls[i].fd)) {
				(void)close(polls[i].fd);
				polls[i] = polls[count - 1];
				count--;
			}
		}
		if (polls[0].revents && count <= CLIENTS_MAX) {
			int client = accept(listener, NULL, NULL);
			state->connections++;
			if (set_up(state, client)) {
				polls[count] = (struct pollfd){.fd = client, .events = POLLIN};
				count++;
			} else {
				(void)close(client);
			}
		}
	}
}

struct hk_test_x_server hk_test_x_start(const char *path) {
	struct hk_test_x_server server = {.path = path};
	void *memory = mmap(NULL, sizeof(*server.state), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	server.state = memory;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	assert_true(strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path));
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)unlink(path); /* of a server that was there before */
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 16), 0);
	pid_t parent = getpid();
	server.pid = fork();
	assert_true(server.pid >= 0);
	if (server.pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
			die("prctl");
		}
		run(server.state, listener);
	}
	assert_int_equal(close(listener), 0);
	return server;
}

void hk_test_x_stop(struct hk_test_x_server *server) {
	if (server->pid > 0) {
		assert_int_equal(kill(server->pid, SIGKILL), 0);
		assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
		server->pid = 0;
	}
}

void hk_test_x_hang(struct hk_test_x_server *server) {
	server->state->fault = HK_TEST_X_HANGS;
	while (!server->state->hangs) {
		(void)poll(NULL, 0, 1);
	}
}

bool hk_test_x_has(const struct hk_test_x_server *server, uid_t uid) {
	for (unsigned int i = 0; i < server->state->count; i++) {
		if (server->state->users[i] == uid) {
			return true;
		}
	}
	return false;
}

void hk_test_x_add(struct hk_test_x_server *server, uid_t uid) {
	set_user(server->state, uid, true);
}
