/* SPDX-License-Identifier: MIT */
/* place.h: a private directory on a real file system, and who acts in it. */
#ifndef HK_TESTS_PLACE_H
#define HK_TESTS_PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/log.h"
#include "host/host.h"

#define HK_TEST_PERSON 40000 /* where the tests run as root; else whoever runs them */
#define HK_TEST_EVIL   40001 /* another user of the machine; only where the tests run as root */
#define HK_TEST_TARGET 1010000
#define HK_TEST_BOB    1234 /* somebody that the person has given something to */

struct hk_test_place {
	struct hk_arena arena;
	const char *path;      /* the person's, 0755, under /tmp */
	const char *run_dir;   /* path/run/hakurei; path/run exists */
	const char *share;     /* path/tmp/hakurei.0; path/tmp exists, 1777 where root made it */
	const char *elsewhere; /* path/home: the person's */
	struct hk_host_scope scope;
	struct hk_log log; /* holds everything back in log.kept */
};

/* Setup and teardown for cmocka; the state is the place. */
int hk_test_place_setup(void **state);
int hk_test_place_teardown(void **state);

/* A path below the place, in its arena. */
char *hk_test_path(struct hk_test_place *place, const char *name);

/* Does something as another user, and is the person again. */
bool hk_test_is_root(void);
void hk_test_become(uid_t uid);

/* For tests that need a second user: true where there is none (a failure with HK_MUST_RUN=1). */
bool hk_test_lacks_root(void);

mode_t hk_test_mode(const char *path);
bool hk_test_exists(const char *path);

#define HK_TEST(function)                                                                          \
	cmocka_unit_test_setup_teardown(function, hk_test_place_setup, hk_test_place_teardown)

#endif
