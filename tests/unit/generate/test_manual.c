/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "../base/cmocka_all.h"
#include "base/auto.h"
#include "generate/generate.h"

/* The part of a template, with the pieces behind it that it has not got itself. */
static int make(const char *part, struct hk_str *out, struct hk_err *err) {
	static const char *const pieces[] = {"@apps@", "@commands@", "@globals@", "@statuses@"};
	HK_AUTO(str) struct hk_str template = {0};
	hk_str_add(&template, part);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		hk_str_addf(&template, "%s\n", strstr(part, pieces[i]) ? "" : pieces[i]);
	}
	return hk_generate_manual(template.text, out, err);
}

static void check_refused(const char *part, const char *why) {
	HK_AUTO(str) struct hk_str out = {0};
	struct hk_err err;
	assert_int_equal(make(part, &out, &err), -EINVAL);
	assert_string_equal(err.text, why);
}

static void check_made(const char *part, const char *wanted) {
	HK_AUTO(str) struct hk_str out = {0};
	struct hk_err err;
	assert_int_equal(make(part, &out, &err), 0);
	if (!strstr(out.text, wanted)) {
		fail_msg("'%s' is not in '%s'", wanted, out.text);
	}
}

static void a_note_of_something_that_is_no_more_is_refused(void **state) {
	(void)state;
	check_refused("@commands@\n@note run -fly@\nText.\n@end@\n",
		"there is nothing for the note \"run -fly\"");
	check_refused(
		"@commands@\n@note fly@\nText.\n@end@\n", "there is nothing for the note \"fly\"");
	check_refused("@commands@\n@note hakurei -fly@\nText.\n@end@\n",
		"there is nothing for the note \"hakurei -fly\"");
	check_refused("@fly@\n", "there is no piece @fly@");
}

static void a_piece_that_the_template_lacks_is_missed(void **state) {
	(void)state;
	HK_AUTO(str) struct hk_str out = {0};
	struct hk_err err;
	assert_int_equal(
		hk_generate_manual("@apps@\n@commands@\n@statuses@\n", &out, &err), -EINVAL);
	assert_string_equal(err.text, "the template lacks @globals@");
}

static void a_note_is_behind_the_help_of_what_it_is_about(void **state) {
	(void)state;
	check_made("# A\n@commands@\n@note run -X@\nOne.\n\nTwo.\n@end@\n# B\n",
		"*-X*\n\tLet the X11 display through.\n\tOne.\n\n\tTwo.\n\n");
	check_made("@note ps@\nOne.\n@end@\n@commands@\n",
		"## ps\n\n*hakurei ps* [_options_]\n\nList the running instances.\nOne.\n\n");
	check_made("# A\n@commands@\n@note run -X@\nOne.\n@end@\n# B\n", "\n# B\n");
}

static void names_of_one_option_stand_together_and_words_look_like_what_they_are(void **state) {
	(void)state;
	check_made("@globals@\n", "*-h*, *--help*\n\tShow help.\n");
	check_made("@commands@\n", "*--backend* *auto*|*hsu*|*subuid*\n");
	check_made("@commands@\n", "*--dbus-config* _FILE_|*builtin*\n");
	check_made("@commands@\n", "*hakurei run* [_options_] [--] [_PROGRAM_ [_ARGUMENT_...]]\n");
	check_made("@statuses@\n", "*125*\n\thakurei itself failed");
	check_made("@statuses@\n", "*0*\n\tIt went well.\n");
	check_made("@statuses@\n", "\trun, app: the program does not exist.\n");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_note_of_something_that_is_no_more_is_refused),
		cmocka_unit_test(a_piece_that_the_template_lacks_is_missed),
		cmocka_unit_test(a_note_is_behind_the_help_of_what_it_is_about),
		cmocka_unit_test(
			names_of_one_option_stand_together_and_words_look_like_what_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
