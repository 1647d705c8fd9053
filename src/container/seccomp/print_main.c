/* SPDX-License-Identifier: MIT */
/*
 * print_main.c: hakurei-filter, which shows the filters of a preset as this build has them. For
 * whoever audits them or debugs a program in a container; not installed.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container/params.h"
#include "container/seccomp/listing.h"
#include "container/seccomp/programs.h"
#include "container/seccomp/seccomp.h"

/* In the order of the bits of enum hk_filter_flag. */
static const struct {
	uint32_t flag;
	const char *name;
	const char *help;
} switches[] = {
	{HK_FILTER_COMPAT, "compat", "only Flatpak's rules and no terminal injection"},
	{HK_FILTER_USERNS, "userns", "user namespaces and mounts"},
	{HK_FILTER_TTY, "tty", "the session's terminal"},
	{HK_FILTER_DEVEL, "devel", "debuggers and profilers"},
	{HK_FILTER_MULTIARCH, "multiarch", "32-bit programs"},
	{HK_FILTER_CAN, "can", "CAN sockets"},
	{HK_FILTER_BLUETOOTH, "bluetooth", "Bluetooth sockets"},
};

#define SWITCHES (sizeof(switches) / sizeof(switches[0]))

/* Results of getopt_long besides the places in switches. */
enum { OPTION_RAW = 256, OPTION_LIST, OPTION_HELP };

static int usage(FILE *file, int status) {
	(void)fprintf(file, "usage: hakurei-filter [PRESET...] [--raw first|second|watch]\n"
			    "       hakurei-filter --list\n\n"
			    "Prints the two system call filters of a preset, made of any of:\n");
	for (size_t i = 0; i < SWITCHES; i++) {
		(void)fprintf(file, "  --%-10s %s\n", switches[i].name, switches[i].help);
	}
	(void)fprintf(file,
		"and:\n"
		"  --raw WHICH  the bytes of one, as seccomp(2) takes them; watch is the "
		"shim's own\n"
		"  --list       all presets: flags, number and length of both filters\n"
		"  --help       this text\n");
	return status;
}

static void print_flags(uint32_t flags) {
	const char *before = "";
	for (size_t i = 0; i < SWITCHES; i++) {
		if (flags & switches[i].flag) {
			(void)printf("%s%s", before, switches[i].name);
			before = ",";
		}
	}
	(void)printf("%s\n", flags == 0 ? "none" : "");
}

static void print_list(void) {
	(void)printf("first  instructions  second  instructions  flags\n");
	for (uint32_t flags = 0; flags < HK_FILTER_PRESETS; flags++) {
		(void)printf("%5u  %12u  %6u  %12u  ", hk_filter_presets[flags].first,
			hk_filter_first(flags).count, hk_filter_presets[flags].second,
			hk_filter_second(flags).count);
		print_flags(flags);
	}
}

static bool print_both(uint32_t flags) {
	struct hk_filter first = hk_filter_first(flags);
	struct hk_filter second = hk_filter_second(flags);

	(void)printf("flags: ");
	print_flags(flags);
	(void)printf("\nfirst filter, %u instructions:\n", first.count);
	bool known = hk_filter_print_listing(stdout, first);
	(void)printf("\nsecond filter, %u instructions:\n", second.count);
	return hk_filter_print_listing(stdout, second) && known;
}

static int print_raw(uint32_t flags, const char *which) {
	struct hk_filter filter;
	if (strcmp(which, "first") == 0) {
		filter = hk_filter_first(flags);
	} else if (strcmp(which, "second") == 0) {
		filter = hk_filter_second(flags);
	} else if (strcmp(which, "watch") == 0) {
		filter = hk_filter_watch();
	} else {
		return usage(stderr, 2);
	}
	bool written =
		fwrite(filter.code, sizeof(filter.code[0]), filter.count, stdout) == filter.count;
	return written ? 0 : 1;
}

int main(int argc, char **argv) {
	struct option options[SWITCHES + 4] = {
		[SWITCHES] = {.name = "raw", .has_arg = required_argument, .val = OPTION_RAW},
		{.name = "list", .val = OPTION_LIST},
		{.name = "help", .val = OPTION_HELP},
	};
	for (size_t i = 0; i < SWITCHES; i++) {
		options[i] = (struct option){.name = switches[i].name, .val = (int)i};
	}
	uint32_t flags = 0;
	const char *raw = NULL;
	bool list = false;
	int option = getopt_long(argc, argv, "", options, NULL);
	for (; option != -1; option = getopt_long(argc, argv, "", options, NULL)) {
		if (option == OPTION_RAW) {
			raw = optarg;
		} else if (option == OPTION_LIST) {
			list = true;
		} else if (option == OPTION_HELP) {
			return usage(stdout, 0);
		} else if (option >= 0 && option < (int)SWITCHES) {
			flags |= switches[option].flag;
		} else {
			return usage(stderr, 2);
		}
	}
	if (optind != argc || (list && (raw || flags != 0))) {
		return usage(stderr, 2);
	}
	int status = 0;
	if (list) {
		print_list();
	} else if (raw) {
		status = print_raw(flags, raw);
	} else {
		status = print_both(flags) ? 0 : 1;
	}
	return fflush(stdout) == 0 ? status : 1;
}
