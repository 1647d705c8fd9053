/* SPDX-License-Identifier: MIT */
/*
 * generate_main.c: writes the C source with the filters of every preset. Runs while hakurei is
 * built, on the building machine: generate ARCHITECTURE FILE.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container/params.h"
#include "container/seccomp/program.h"

/* hk_filter_preset counts in bytes. */
#define PROGRAMS_MAX 255

struct collection {
	struct hk_filter_program programs[PROGRAMS_MAX];
	size_t count;
	size_t presets[HK_FILTER_PRESETS][2]; /* in programs */
};

bool hk_filter_program_equal(const struct hk_filter_program *a, const struct hk_filter_program *b) {
	return a->count == b->count && memcmp(a->code, b->code, a->count * sizeof(a->code[0])) == 0;
}

/* Looks whether the newest program is there already. Returns its place; the newest is dropped if it
 * is not the only one. */
static size_t keep_newest(struct collection *all) {
	const struct hk_filter_program *newest = &all->programs[all->count];
	size_t i = 0;
	while (i < all->count && !hk_filter_program_equal(&all->programs[i], newest)) {
		i++;
	}
	if (i == all->count) {
		all->count++;
	}
	return i;
}

static bool make_all(struct collection *all, const struct hk_filter_arch *arch) {
	static bool (*const make[2])(const struct hk_filter_arch *, uint32_t,
		struct hk_filter_program *) = {hk_filter_make_first, hk_filter_make_second};

	for (uint32_t flags = 0; flags < HK_FILTER_PRESETS; flags++) {
		for (size_t which = 0; which < 2; which++) {
			if (all->count == PROGRAMS_MAX) {
				(void)fprintf(stderr, "more than %d filters\n", PROGRAMS_MAX);
				return false;
			}
			struct hk_filter_program *newest = &all->programs[all->count];
			if (!make[which](arch, flags, newest)) {
				return false;
			}
			if (newest->count > BPF_MAXINSNS) {
				(void)fprintf(stderr, "a filter is too long for the kernel\n");
				return false;
			}
			all->presets[flags][which] = keep_newest(all);
		}
	}
	return true;
}

static void write_programs(FILE *file, const struct collection *all) {
	(void)fprintf(file, "const struct sock_filter hk_filter_code[] = {\n");
	for (size_t i = 0; i < all->count; i++) {
		const struct hk_filter_program *program = &all->programs[i];
		(void)fprintf(file, "\t/* program %zu */\n", i);
		for (size_t k = 0; k < program->count; k++) {
			const struct sock_filter *code = &program->code[k];
			(void)fprintf(file, "\t{%#x, %u, %u, %#x},\n", code->code, code->jt,
				code->jf, code->k);
		}
	}
	(void)fprintf(file, "};\n\nconst struct hk_filter_span hk_filter_spans[] = {\n");
	size_t start = 0;
	for (size_t i = 0; i < all->count; i++) {
		(void)fprintf(file, "\t{%zu, %zu},\n", start, all->programs[i].count);
		start += all->programs[i].count;
	}
	(void)fprintf(file, "};\n\n");
}

static void write_source(FILE *file, const struct collection *all, const char *arch) {
	(void)fprintf(file, "/* Made by generate_main.c for %s when building. */\n", arch);
	(void)fprintf(file, "#include \"container/seccomp/programs.h\"\n\n");
	write_programs(file, all);
	(void)fprintf(file, "const struct hk_filter_preset hk_filter_presets[] = {\n");
	for (size_t i = 0; i < HK_FILTER_PRESETS; i++) {
		(void)fprintf(file, "\t{%zu, %zu},\n", all->presets[i][0], all->presets[i][1]);
	}
	(void)fprintf(file, "};\n");
}

int main(int argc, char **argv) {
	if (argc != 3) {
		(void)fprintf(stderr, "usage: generate ARCHITECTURE FILE\n");
		return 2;
	}
	const struct hk_filter_arch *arch = hk_filter_arch_named(argv[1]);
	if (!arch) {
		(void)fprintf(stderr, "no system call filter for '%s': see rules.c\n", argv[1]);
		return 1;
	}
	struct collection *all = calloc(1, sizeof(*all));
	if (!all || !make_all(all, arch)) {
		free(all);
		return 1;
	}
	FILE *file = fopen(argv[2], "w");
	if (!file) {
		perror(argv[2]);
		free(all);
		return 1;
	}
	write_source(file, all, arch->name);
	bool failed = ferror(file) != 0;
	failed = fclose(file) != 0 || failed; /* a full disk shows up here */
	free(all);
	if (failed) {
		(void)fprintf(stderr, "cannot write '%s'\n", argv[2]);
	}
	return failed ? 1 : 0;
}
