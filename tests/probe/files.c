/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "procfs.h"

#define READ_MAX (1024 * 1024)

static int not_dotted(const struct dirent *entry) {
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

int hk_probe_ls(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	struct dirent **entries = NULL;
	int count = scandir(argv[1], &entries, not_dotted, alphasort);
	hk_probe_answer_begin(json, argv[0], count < 0 ? errno : 0);
	hk_json_list(json, "names");
	for (int i = 0; i < count; i++) {
		hk_json_string(json, NULL, entries[i]->d_name);
		free(entries[i]);
	}
	hk_json_list_end(json);
	free(entries);
	return hk_probe_answer_end(json);
}

static const char *type_name(mode_t mode) {
	static const struct {
		mode_t type;
		const char *name;
	} types[] = {
		{S_IFBLK, "block"},
		{S_IFCHR, "character"},
		{S_IFDIR, "directory"},
		{S_IFIFO, "fifo"},
		{S_IFLNK, "link"},
		{S_IFREG, "file"},
		{S_IFSOCK, "socket"},
	};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if ((mode & S_IFMT) == types[i].type) {
			return types[i].name;
		}
	}
	return "unknown";
}

int hk_probe_stat(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	struct statx s = {0};
	int r = statx(AT_FDCWD, argv[1], AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
		STATX_BASIC_STATS | STATX_MNT_ID, &s);
	hk_probe_answer_begin(json, argv[0], r < 0 ? errno : 0);
	if (r == 0) {
		char mode[8];
		(void)snprintf(mode, sizeof(mode), "%04o", s.stx_mode & 07777u);
		hk_json_string(json, "type", type_name(s.stx_mode));
		hk_json_string(json, "mode", mode);
		hk_json_unsigned(json, "uid", s.stx_uid);
		hk_json_unsigned(json, "gid", s.stx_gid);
		hk_json_unsigned(json, "size", s.stx_size);
		hk_json_unsigned(json, "links", s.stx_nlink);
		hk_json_unsigned(json, "inode", s.stx_ino);
		hk_json_unsigned(json, "device", makedev(s.stx_dev_major, s.stx_dev_minor));
		hk_json_unsigned(json, "rdev_major", s.stx_rdev_major);
		hk_json_unsigned(json, "rdev_minor", s.stx_rdev_minor);
		hk_json_unsigned(json, "mount_id", s.stx_mnt_id);
	}
	return hk_probe_answer_end(json);
}

int hk_probe_read(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	size_t length = 0;
	char *text = hk_probe_read_file(argv[1], &length);
	hk_probe_answer_begin(json, argv[0], text ? 0 : errno);
	if (text) {
		hk_json_unsigned(json, "size", length);
		hk_json_bytes(json, "text", text, length < READ_MAX ? length : READ_MAX);
	}
	free(text);
	return hk_probe_answer_end(json);
}

int hk_probe_write(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	int code = 0;
	int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0) {
		code = errno;
	} else {
		size_t length = strlen(argv[2]);
		ssize_t n = write(fd, argv[2], length);
		code = n < 0 ? errno : (size_t)n < length ? ENOSPC : 0;
		(void)close(fd);
	}
	return hk_probe_answer(json, argv[0], code);
}

int hk_probe_mkdir(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	return hk_probe_answer(json, argv[0], mkdir(argv[1], 0777) < 0 ? errno : 0);
}

int hk_probe_symlink(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	return hk_probe_answer(json, argv[0], symlink(argv[1], argv[2]) < 0 ? errno : 0);
}

int hk_probe_readlink(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	struct hk_probe_link link;
	bool ok = hk_probe_read_link(argv[1], &link);
	hk_probe_answer_begin(json, argv[0], ok ? 0 : errno);
	hk_json_string(json, "text", ok ? link.text : NULL);
	return hk_probe_answer_end(json);
}

int hk_probe_remove(struct hk_json *json, int argc, char **argv) {
	(void)argc;
	return hk_probe_answer(json, argv[0], remove(argv[1]) < 0 ? errno : 0);
}
