/* SPDX-License-Identifier: MIT */
#include "base/near.h"

#include "cmocka_all.h"

static void each_edit_counts_one(void **state) {
	(void)state;
	static const struct {
		const char *a;
		const char *b;
		size_t edits;
	} rows[] = {
		{"", "", 0},
		{"show", "show", 0},
		{"", "show", 4},
		{"shw", "show", 1},
		{"shoow", "show", 1},
		{"shiw", "show", 1},
		{"hsow", "show", 1},
		{"tmplaet", "template", 2},
		{"kitten", "sitting", 3},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(hk_near_edits(rows[i].a, rows[i].b), rows[i].edits);
		assert_int_equal(hk_near_edits(rows[i].b, rows[i].a), rows[i].edits);
	}
}

static void a_long_word_is_compared_by_its_beginning(void **state) {
	(void)state;
	char word[4 * HK_NEAR_MAX + 1] = {0};
	for (size_t i = 0; i < sizeof(word) - 1; i++) {
		word[i] = i < HK_NEAR_MAX ? 'a' : 'b';
	}
	assert_int_equal(hk_near_edits(word, "aaa"), HK_NEAR_MAX - 3);
	assert_int_equal(hk_near_edits(word, word + 1), 1);
}

static const char *const known[] = {"run", "app", "show", "ps", "recover", "template", "a", "X"};

static const char *nearest(const char *word) {
	struct hk_near near = {.word = word};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		hk_near_offer(&near, known[i]);
	}
	return near.best;
}

static void a_slip_or_two_is_near(void **state) {
	(void)state;
	static const char *const slips[][2] = {
		{"rnu", "run"},		 /* swapped */
		{"urn", "run"},		 /* at the start */
		{"rn", "run"},		 /* left out */
		{"runn", "run"},	 /* too many */
		{"ron", "run"},		 /* another */
		{"apps", "app"},	 /* one more */
		{"RUN", "run"},		 /* capitals */
		{"x", "X"},		 /* of a single letter */
		{"rec", "recover"},	 /* the start */
		{"tmplaet", "template"}, /* two slips */
		{"recoevr", "recover"},	 /* in the middle */
		{"templatte", "template"},
	};
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		assert_non_null(nearest(slips[i][0]));
		assert_string_equal(nearest(slips[i][0]), slips[i][1]);
	}
}

static void what_is_far_is_not_offered(void **state) {
	(void)state;
	static const char *const far[] = {"", "b", "fly", "firefox", "run-the-program", "r", "list",
		"a-word-that-is-much-longer-than-any-command-could-ever-be"};
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		assert_null(nearest(far[i]));
	}
}

static void of_two_the_nearer_one_is_offered_and_of_equals_the_first(void **state) {
	(void)state;
	struct hk_near near = {.word = "dbus-confg"};
	hk_near_offer(&near, "dbus-conf");
	assert_string_equal(near.best, "dbus-conf");
	hk_near_offer(&near, "dbus-confug");
	assert_string_equal(near.best, "dbus-conf");
	hk_near_offer(&near, "DBUS-CONFG");
	assert_string_equal(near.best, "DBUS-CONFG");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_edit_counts_one),
		cmocka_unit_test(a_long_word_is_compared_by_its_beginning),
		cmocka_unit_test(a_slip_or_two_is_near),
		cmocka_unit_test(what_is_far_is_not_offered),
		cmocka_unit_test(of_two_the_nearer_one_is_offered_and_of_equals_the_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
