/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any bytes as a configuration. An error is one short line; a configuration that is
 * accepted can be printed in every way, and reads back to the same one. Examined, it has a problem
 * if it is refused, and none if it is not; each has a place in the text. The same bytes as a bus
 * policy in a file of its own: its errors begin with that file.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "config/findings.h"
#include "config/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
	if (!holds) {
		abort();
	}
}

/* Reads what was printed of a configuration, and prints that. */
static void read_again(const struct hk_str *text, struct hk_str *compact, struct hk_str *all) {
	struct hk_arena arena = {0};
	struct hk_config config;
	struct hk_err err;
	check(hk_config_parse(&arena, text->text, text->length, NULL, &config, &err) >= 0);
	hk_config_print_compact(&config, compact);
	hk_config_print_json(&config, true, all);
	hk_arena_finish(&arena);
}

static void check_short_forms(const struct hk_config *config) {
	for (size_t i = 0; config->container && i < config->container->filesystem.count; i++) {
		HK_AUTO(str) struct hk_str text = {0};
		hk_config_print_mount(&config->container->filesystem.items[i], &text);
		check(strcmp(text.text, "<invalid>") != 0 && !strchr(text.text, '\n'));
	}
	for (size_t i = 0; i < config->extra_perms.count; i++) {
		HK_AUTO(str) struct hk_str text = {0};
		hk_config_print_perm(&config->extra_perms.items[i], &text);
		check(strcmp(text.text, "<invalid>") != 0 && !strchr(text.text, '\n'));
	}
}

static void check_round_trips(const struct hk_config *config) {
	HK_AUTO(str) struct hk_str compact = {0};
	HK_AUTO(str) struct hk_str all = {0};
	hk_config_print_compact(config, &compact);
	hk_config_print_json(config, true, &all);
	if (all.length > HK_CONFIG_BYTES_MAX) {
		return; /* blanks have made it too long to be read */
	}
	const struct hk_str *texts[] = {&compact, &all};
	for (size_t i = 0; i < 2; i++) {
		HK_AUTO(str) struct hk_str compact_again = {0};
		HK_AUTO(str) struct hk_str all_again = {0};
		read_again(texts[i], &compact_again, &all_again);
		check(strcmp(compact.text, compact_again.text) == 0);
		check(strcmp(all.text, all_again.text) == 0);
	}
}

static void check_findings(const char *text, size_t size, bool accepted) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_config_findings findings = {.arena = &arena};
	struct hk_config config;
	struct hk_err err;
	check(hk_config_examine(text, size, &config, &findings, &err) >= 0);
	check(hk_config_findings_locate(&findings, text, size, &err) >= 0);
	check(accepted == (findings.list.count == 0));
	size_t lines = 1;
	for (size_t i = 0; i < size; i++) {
		lines += text[i] == '\n';
	}
	for (size_t i = 0; i < findings.list.count; i++) {
		const struct hk_config_finding *finding = &findings.list.items[i];
		check(finding->line > 0 && finding->line <= lines && finding->column > 0);
		check(finding->text[0] && !strchr(finding->text, '\n'));
		check(!strchr(finding->place, '\n'));
	}
}

static void check_policy(const char *text, size_t size) {
	HK_AUTO(arena) struct hk_arena arena = {0};
	struct hk_bus_policy policy;
	struct hk_err err = {0};
	if (hk_config_parse_policy(&arena, text, size, "policy", &policy, &err) < 0) {
		check(err.code < 0 && strncmp(err.text, "policy", 6) == 0);
		check(!strchr(err.text, '\n'));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	check_policy((const char *)data, size);
	struct hk_arena arena = {0};
	struct hk_config config;
	struct hk_err err;
	bool accepted = hk_config_parse(&arena, (const char *)data, size, NULL, &config, &err) >= 0;
	check_findings((const char *)data, size, accepted);
	if (!accepted) {
		check(err.code < 0 && err.text[0] && !strchr(err.text, '\n'));
	} else {
		check_short_forms(&config);
		check_round_trips(&config);
	}
	hk_arena_finish(&arena);
	return 0;
}
