/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "procfs.h"

extern char **environ;

/* The numbers of one line, as a list. */
static void numbers(struct hk_json *json, const char *key, const char *line) {
	hk_json_list(json, key);
	for (;;) {
		line += strspn(line, " \t");
		if (*line < '0' || *line > '9') {
			break;
		}
		char *end;
		hk_json_unsigned(json, NULL, strtoull(line, &end, 10));
		line = end;
	}
	hk_json_list_end(json);
}

enum kind { DECIMAL, HEX, OCTAL, LIST };

/* Lines of /proc/self/status. */
static const struct {
	const char *field;
	const char *key;
	enum kind kind;
} status_rows[] = {
	{"Uid", "uids", LIST}, /* real, effective, saved, file system */
	{"Gid", "gids", LIST},
	{"Groups", "groups", LIST},
	{"NSpid", "pids_by_namespace", LIST},
	{"Umask", "umask", OCTAL},
	{"CapInh", "cap_inheritable", HEX},
	{"CapPrm", "cap_permitted", HEX},
	{"CapEff", "cap_effective", HEX},
	{"CapBnd", "cap_bounding", HEX},
	{"CapAmb", "cap_ambient", HEX},
	{"NoNewPrivs", "no_new_privs", DECIMAL},
	{"Seccomp", "seccomp", DECIMAL},
	{"Seccomp_filters", "seccomp_filters", DECIMAL},
	{"SigBlk", "signals_blocked", HEX},
	{"SigIgn", "signals_ignored", HEX},
	{"SigCgt", "signals_caught", HEX},
	{"TracerPid", "tracer", DECIMAL},
};

static void facts_status(struct hk_json *json) {
	static const int bases[] = {[DECIMAL] = 10, [HEX] = 16, [OCTAL] = 8};
	size_t length;
	char *status = hk_probe_read_file("/proc/self/status", &length);
	for (size_t i = 0; i < sizeof(status_rows) / sizeof(status_rows[0]); i++) {
		const char *key = status_rows[i].key;
		const char *text = hk_probe_status_field(status, status_rows[i].field);
		if (!text) {
			hk_json_null(json, key);
		} else if (status_rows[i].kind == LIST) {
			numbers(json, key, text);
		} else {
			hk_json_unsigned(
				json, key, strtoull(text, NULL, bases[status_rows[i].kind]));
		}
	}
	free(status);
}

/* A uid_map: [[inside, outside, count], ...]. */
static void facts_map(struct hk_json *json, const char *key, const char *path) {
	size_t length;
	char *map = hk_probe_read_file(path, &length);
	if (!map) {
		hk_json_null(json, key);
		return;
	}
	hk_json_list(json, key);
	char *rest = NULL;
	for (char *line = strtok_r(map, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		numbers(json, NULL, line);
	}
	hk_json_list_end(json);
	free(map);
}

/* The first line of a file. */
static void facts_line(struct hk_json *json, const char *key, const char *path) {
	size_t length;
	char *text = hk_probe_read_file(path, &length);
	if (text) {
		text[strcspn(text, "\n")] = '\0';
	}
	hk_json_string(json, key, text);
	free(text);
}

/* Each link in a directory: {NAME: TEXT}; the one that is our own descriptor is left out. */
static void facts_links(struct hk_json *json, const char *key, const char *path, bool is_fds) {
	DIR *dir = opendir(path);
	if (!dir) {
		hk_json_null(json, key);
		return;
	}
	hk_json_object(json, key);
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		if (entry->d_name[0] == '.' || (is_fds && atoi(entry->d_name) == dirfd(dir))) {
			continue;
		}
		char name[PATH_MAX];
		(void)snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		struct hk_probe_link link;
		hk_json_string(
			json, entry->d_name, hk_probe_read_link(name, &link) ? link.text : NULL);
	}
	hk_json_object_end(json);
	(void)closedir(dir);
}

/* All of it, the probe's own name first: what each command gets begins with the command. */
static void facts_argv(struct hk_json *json) {
	size_t length;
	char *line = hk_probe_read_file("/proc/self/cmdline", &length);
	if (!line) {
		hk_json_null(json, "argv");
		return;
	}
	hk_json_list(json, "argv");
	for (char *arg = line; arg < line + length; arg += strlen(arg) + 1) {
		hk_json_string(json, NULL, arg);
	}
	hk_json_list_end(json);
	free(line);
}

/* The pids that /proc shows. */
static void facts_processes(struct hk_json *json) {
	DIR *dir = opendir("/proc");
	if (!dir) {
		hk_json_null(json, "processes");
		return;
	}
	hk_json_list(json, "processes");
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') {
			hk_json_number(json, NULL, atoi(entry->d_name));
		}
	}
	hk_json_list_end(json);
	(void)closedir(dir);
}

/* Whether each path can be opened for reading: null if so, else why not. */
static void facts_readable(struct hk_json *json, int argc, char **argv) {
	hk_json_object(json, "readable");
	for (int i = 1; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
		hk_json_errno(json, argv[i], fd < 0 ? errno : 0);
		if (fd >= 0) {
			(void)close(fd);
		}
	}
	hk_json_object_end(json);
}

int hk_probe_facts(struct hk_json *json, int argc, char **argv) {
	hk_probe_answer_begin(json, argv[0], 0);
	/* First, before anything of ours is open. */
	facts_links(json, "fds", "/proc/self/fd", true);
	hk_json_number(json, "pid", getpid());
	hk_json_number(json, "ppid", getppid());
	hk_json_number(json, "session", getsid(0));
	hk_json_number(json, "process_group", getpgrp());
	facts_status(json);
	facts_map(json, "uid_map", "/proc/self/uid_map");
	facts_map(json, "gid_map", "/proc/self/gid_map");
	facts_line(json, "setgroups", "/proc/self/setgroups");
	facts_line(json, "max_user_namespaces", "/proc/sys/user/max_user_namespaces");
	facts_argv(json);
	hk_json_list(json, "env");
	for (char **variable = environ; *variable; variable++) {
		hk_json_string(json, NULL, *variable);
	}
	hk_json_list_end(json);
	char cwd[PATH_MAX];
	hk_json_string(json, "cwd", getcwd(cwd, sizeof(cwd)));
	facts_links(json, "namespaces", "/proc/self/ns", false);
	facts_processes(json);
	hk_probe_facts_kernel(json);
	hk_probe_facts_mounts(json);
	facts_readable(json, argc, argv);
	return hk_probe_answer_end(json);
}
