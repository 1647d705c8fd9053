/* SPDX-License-Identifier: MIT */
/* What has to hold of every row of the tables of commands and options. */
#include <string.h>

#include "../base/cmocka_all.h"
#include "cli/command.h"
#include "cli/word.h"
#include "monitor/backend.h"

/* Where a row is, in the message of a failure. */
static void check_words(const char *command, const char *place, const char *words) {
	struct hk_word word;
	while (hk_word_next(&words, &word)) {
		if (word.kind == HK_WORD_UNKNOWN) {
			fail_msg("%s, %s: '%s' is not in the table of words (src/cli/word.c)",
				command, place, word.text);
		}
	}
}

static void check_options(const char *command, const struct hk_options *options, size_t size) {
	for (size_t i = 0; i < options->count; i++) {
		const struct hk_option *row = &options->rows[i];
		assert_true(row->name[0] != '-' && !strpbrk(row->name, " =|"));
		assert_true(row->offset < size);
		assert_int_equal(row->argument == NULL, row->kind == HK_OPTION_FLAG);
		assert_true(row->help[0] && !strpbrk(row->help, "\n\t"));
		check_words(command, row->name, row->argument ? row->argument : "");
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(row->name, options->rows[j].name);
		}
	}
}

static void every_word_of_every_command_is_known(void **state) {
	(void)state;
	const struct hk_command *command;
	for (size_t i = 0; (command = hk_command_at(i)); i++) {
		assert_ptr_equal(hk_command_find(command->name), command);
		assert_true(command->summary[0] && !strpbrk(command->summary, "\n\t"));
		check_options(command->name, &command->options, command->values_size);
		const char *arguments = command->arguments;
		struct hk_argument argument;
		while (hk_argument_next(&arguments, &argument)) {
			check_words(command->name, "arguments", argument.words);
		}
		assert_int_equal(strstr(command->arguments, "[options]") != NULL,
			command->options.count > 0);
	}
	check_options("hakurei", &hk_global_options, sizeof(struct hk_global));
}

static void the_choice_of_backends_is_the_table_of_backends(void **state) {
	(void)state;
	struct hk_str expected = {0};
	hk_str_add(&expected, "auto");
	const struct hk_backend *backend;
	for (size_t i = 0; (backend = hk_backend_at(i)); i++) {
		hk_str_addf(&expected, "|%s", backend->name);
	}
	size_t seen = 0;
	const struct hk_command *command;
	for (size_t i = 0; (command = hk_command_at(i)); i++) {
		for (size_t j = 0; j < command->options.count; j++) {
			const struct hk_option *row = &command->options.rows[j];
			if (strcmp(row->name, "backend") == 0) {
				assert_string_equal(row->argument, expected.text);
				seen++;
			}
		}
	}
	assert_true(seen >= 2);
	hk_str_finish(&expected);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_of_every_command_is_known),
		cmocka_unit_test(the_choice_of_backends_is_the_table_of_backends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
