/* SPDX-License-Identifier: MIT */
#include "config/print.h"

#include <string.h>

#include "../base/cmocka_all.h"
#include "support.h"

#define STRS(...)                                                                                  \
	{ .items = (const char *[]){__VA_ARGS__}, .count = COUNT(((const char *[]){__VA_ARGS__})) }

static const struct {
	struct hk_fs fs;
	const char *text;
} mounts[] = {
	{{.type = HK_FS_BIND, .src = "/usr", .dst = "/usr"}, "*/usr"},
	{{.type = HK_FS_BIND, .src = "/", .dst = "/"}, "*/"},
	{{.type = HK_FS_BIND, .src = "/a", .dst = "/b"}, "*/a:/b"},
	{{.type = HK_FS_BIND, .src = "/a", .dst = "/b", .write = true}, "w*/a:/b"},
	{{.type = HK_FS_BIND, .src = "/a", .dst = "/a", .write = true, .ensure = true}, "w-/a"},
	{{.type = HK_FS_BIND, .src = "/a", .dst = "/b", .ensure = true}, "-/a:/b"},
	{{.type = HK_FS_BIND, .src = "/dev/dri", .dst = "/dev/dri", .dev = true, .optional = true},
		"d+/dev/dri"},
	{{.type = HK_FS_BIND, .src = "/a", .dst = "/a", .write = true, .dev = true}, "d*/a"},
	{{.type = HK_FS_BIND, .src = "/a\033", .dst = "/b\n"}, "*/a\\x1b:/b\\x0a"},
	{{.type = HK_FS_BIND, .src = "/", .dst = "/", .special = true}, "autoroot"},
	{{.type = HK_FS_BIND, .src = "/", .dst = "/", .special = true, .write = true},
		"autoroot:w"},
	{{.type = HK_FS_BIND, .src = "/var/base", .dst = "/", .special = true},
		"autoroot:/var/base"},
	{{.type = HK_FS_BIND, .src = "/var/base", .dst = "/", .special = true, .dev = true},
		"autoroot:d:/var/base"},
	{{.type = HK_FS_BIND, .src = "/etc", .dst = "/etc", .special = true}, "autoetc:/etc"},
	{{.type = HK_FS_EPHEMERAL, .dst = "/tmp", .perm = 0755}, "+ephemeral(-rwxr-xr-x):/tmp"},
	{{.type = HK_FS_EPHEMERAL, .dst = "/tmp", .perm = 0700, .write = true},
		"w+ephemeral(-rwx------):/tmp"},
	{{.type = HK_FS_EPHEMERAL, .dst = "/tmp", .perm = 01777}, "+ephemeral(-rwxrwxrwt):/tmp"},
	{{.type = HK_FS_EPHEMERAL, .dst = "/tmp", .perm = 01612}, "+ephemeral(-rw---x-wT):/tmp"},
	{{.type = HK_FS_OVERLAY, .dst = "/o", .lower = STRS("/a", "/b")}, "*/o:/a:/b"},
	{{.type = HK_FS_OVERLAY, .dst = "/o", .lower = STRS("/a"), .upper = "/u", .work = "/w"},
		"w*/o:/u:/w:/a"},
	{{.type = HK_FS_OVERLAY, .dst = "/o:", .lower = STRS("/a,b", "/b\\\xc3\xa9")},
		"*/o\\::/a\\,b:/b\\\\\xc3\xa9"},
	{{.type = HK_FS_LINK, .dst = "/bin", .linkname = "usr/bin"}, "/bin -> usr/bin"},
	{{.type = HK_FS_LINK, .dst = "/a", .linkname = "/b", .dereference = true}, "/a -> */b"},
	{{.type = HK_FS_LINK, .dst = "/a", .linkname = "/a", .dereference = true}, "/a@"},
	/* invalid in all ways */
	{{.type = HK_FS_BIND}, "<invalid>"},
	{{.type = HK_FS_BIND, .src = "/usr"}, "<invalid>"},
	{{.type = HK_FS_BIND, .dst = "/usr"}, "<invalid>"},
	{{.type = HK_FS_BIND, .src = "usr", .dst = "/usr"}, "<invalid>"},
	{{.type = HK_FS_BIND, .src = "/a/../b", .dst = "/usr"}, "<invalid>"},
	{{.type = HK_FS_BIND, .src = "/a", .dst = "/a", .ensure = true, .optional = true},
		"<invalid>"},
	{{.type = HK_FS_BIND, .src = "/a", .dst = "/a", .special = true}, "<invalid>"},
	{{.type = HK_FS_BIND, .src = "/", .dst = "/", .write = true}, "<invalid>"},
	{{.type = HK_FS_EPHEMERAL}, "<invalid>"},
	{{.type = HK_FS_EPHEMERAL, .dst = "/tmp", .perm = 02755}, "<invalid>"},
	{{.type = HK_FS_OVERLAY, .dst = "/o"}, "<invalid>"},
	{{.type = HK_FS_OVERLAY, .dst = "/o", .lower = STRS("/a")}, "<invalid>"},
	{{.type = HK_FS_OVERLAY, .dst = "/o", .lower = STRS("/a", "/b"), .upper = "/u"},
		"<invalid>"},
	{{.type = HK_FS_LINK, .dst = "/a"}, "<invalid>"},
	{{.type = HK_FS_LINK, .dst = "/a", .linkname = "b", .dereference = true}, "<invalid>"},
	{{.type = HK_FS_TYPES, .dst = "/a", .src = "/a"}, "<invalid>"},
	{{.type = (enum hk_fs_type)77, .dst = "/a", .src = "/a"}, "<invalid>"},
};

static void a_mount_is_one_line(void **state) {
	(void)state;
	for (size_t i = 0; i < COUNT(mounts); i++) {
		struct hk_str text = {0};
		hk_config_print_mount(&mounts[i].fs, &text);
		assert_string_equal(text.text, mounts[i].text);
		hk_str_finish(&text);
	}
}

static void an_acl_entry_is_one_line(void **state) {
	(void)state;
	static const struct {
		struct hk_extra_perm perm;
		const char *text;
	} rows[] = {
		{{.path = "/a", .r = true, .w = true, .x = true}, "rwx:/a"},
		{{.path = "/a"}, "---:/a"},
		{{.path = "/a", .r = true}, "r--:/a"},
		{{.path = "/a", .w = true}, "-w-:/a"},
		{{.path = "/var/lib/x", .x = true, .ensure = true}, "--x+:/var/lib/x"},
		{{.path = "/a\033", .x = true}, "--x:/a\\x1b"},
		{{.x = true}, "<invalid>"},
		{{.path = "a", .x = true}, "<invalid>"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct hk_str text = {0};
		hk_config_print_perm(&rows[i].perm, &text);
		assert_string_equal(text.text, rows[i].text);
		hk_str_finish(&text);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mount_is_one_line),
		cmocka_unit_test(an_acl_entry_is_one_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
