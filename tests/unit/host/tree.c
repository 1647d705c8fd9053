/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <acl/libacl.h>
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"

static void add_acl(const char *path, acl_type_t type, const char *name, struct hk_str *out) {
	acl_t acl = acl_get_file(path, type);
	if (!acl) {
		return;
	}
	char *text = acl_to_any_text(acl, NULL, ',', TEXT_NUMERIC_IDS | TEXT_ABBREVIATE);
	if (text && text[0] != '\0') {
		hk_str_addf(out, " %s=%s", name, text);
	}
	(void)acl_free(text);
	(void)acl_free(acl);
}

static void add_content(const char *path, struct hk_str *out) {
	char bytes[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? 0 : read(fd, bytes, sizeof(bytes));
	hk_str_add(out, " content=");
	hk_str_add_bytes(out, bytes, size < 0 ? 0 : (size_t)size);
	(void)close(fd);
}

static void add_object(const char *path, struct hk_str *out) {
	struct stat stat;
	assert_int_equal(lstat(path, &stat), 0);
	hk_str_addf(out, "%s %o %u:%u", path ? path : "", stat.st_mode, stat.st_uid, stat.st_gid);
	if (S_ISLNK(stat.st_mode)) {
		char text[4096] = "";
		assert_true(readlink(path, text, sizeof(text) - 1) >= 0);
		hk_str_addf(out, " -> %s\n", text);
		return;
	}
	add_acl(path, ACL_TYPE_ACCESS, "access", out);
	if (S_ISDIR(stat.st_mode)) {
		add_acl(path, ACL_TYPE_DEFAULT, "default", out);
	}
	if (S_ISREG(stat.st_mode)) {
		add_content(path, out);
	}
	hk_str_add(out, "\n");
}

static void add_tree(const char *path, struct hk_str *out) {
	add_object(path, out);
	struct dirent **names = NULL;
	int count = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		if (strcmp(names[i]->d_name, ".") != 0 && strcmp(names[i]->d_name, "..") != 0) {
			struct hk_str child = {0};
			hk_str_addf(&child, "%s/%s", path, names[i]->d_name);
			add_tree(child.text, out);
			hk_str_finish(&child);
		}
		free(names[i]);
	}
	free(names);
}

char *hk_test_tree(const char *path) {
	struct hk_str out = {0};
	add_tree(path, &out);
	return out.text;
}

char *hk_test_acl(const char *path) {
	struct hk_str out = {0};
	add_acl(path, ACL_TYPE_ACCESS, "", &out);
	assert_non_null(out.text);
	char *text = strdup(out.text + strlen(" ="));
	hk_str_finish(&out);
	return text;
}

static void set(const char *path, acl_type_t type, const char *text) {
	acl_t acl = acl_from_text(text);
	assert_non_null(acl);
	assert_int_equal(acl_set_file(path, type, acl), 0);
	(void)acl_free(acl);
}

void hk_test_acl_set(const char *path, const char *text) {
	set(path, ACL_TYPE_ACCESS, text);
}

void hk_test_acl_set_default(const char *path, const char *text) {
	set(path, ACL_TYPE_DEFAULT, text);
}

void hk_test_assert_acl(const char *path, const char *text) {
	char *now = hk_test_acl(path);
	assert_string_equal(now, text);
	free(now);
}
