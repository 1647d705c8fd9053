/* SPDX-License-Identifier: MIT */
/* x_server.h: an X server that knows connection setup and its list of hosts, and misbehaves when
 * it is told to. A process of its own; the list is shared with it. */
#ifndef HK_TESTS_X_SERVER_H
#define HK_TESTS_X_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define HK_TEST_X_COOKIE    "sixteen bytes..."
#define HK_TEST_X_USERS_MAX 16
#define HK_TEST_X_OTHER_HOST                                                                       \
	"localuser\0"                                                                              \
	"alice" /* is in its list all the time */

enum hk_test_x_fault {
	HK_TEST_X_WELL,
	HK_TEST_X_HANGS,	   /* reads nothing any more */
	HK_TEST_X_HANGS_ON_CHANGE, /* from the next request to change the list on */
	HK_TEST_X_DENIES,	   /* nobody may change the list */
	HK_TEST_X_FORGETS,	   /* takes changes, and makes none */
};

struct hk_test_x_state {
	enum hk_test_x_fault fault;
	bool hangs; /* it has noticed */
	bool wants_cookie;
	unsigned int connections; /* so far */
	unsigned int count;	  /* of "#UID" entries */
	uid_t users[HK_TEST_X_USERS_MAX];
};

struct hk_test_x_server {
	pid_t pid;
	const char *path;
	volatile struct hk_test_x_state *state;
};

/* Listens on path (borrowed) as whoever calls. */
struct hk_test_x_server hk_test_x_start(const char *path);

/* Ends it. Its socket stays, as that of a server that was killed. */
void hk_test_x_stop(struct hk_test_x_server *server);

/* Sets the fault, and waits until it is one. */
void hk_test_x_hang(struct hk_test_x_server *server);

bool hk_test_x_has(const struct hk_test_x_server *server, uid_t uid);
void hk_test_x_add(struct hk_test_x_server *server, uid_t uid);

#endif
