/* SPDX-License-Identifier: MIT */
#include "config/fields.h"

#include <stdint.h>
#include <string.h>

#include "base/near.h"
#include "config/check.h"

#define STRUCT_TOP	   struct hk_config
#define STRUCT_PROGRAM	   struct hk_config
#define STRUCT_ENABLEMENTS struct hk_enablements
#define STRUCT_BUS	   struct hk_bus_policy
#define STRUCT_PERM	   struct hk_extra_perm
#define STRUCT_CONTAINER   struct hk_config_container
#define STRUCT_BIND	   struct hk_fs
#define STRUCT_EPHEMERAL   struct hk_fs
#define STRUCT_OVERLAY	   struct hk_fs
#define STRUCT_LINK	   struct hk_fs

/* The key is the member's name: section, key, type. */
#define ROW(in, name, kind)                                                                        \
	.section = HK_SECTION_##in, .key = #name, .type = HK_FIELD_##kind,                         \
	.offset = offsetof(STRUCT_##in, name)

/* In the order of printing, section by section. */
/* clang-format off: one row is two lines, what it is and what it means */
const struct hk_field hk_config_fields[] = {
	{ROW(TOP, id, TEXT), .check = hk_config_check_id,
		.doc = "identifier in reverse-DNS style, for Wayland and D-Bus"},
	{ROW(TOP, identity, INTEGER), .min = INT64_MIN, .max = INT64_MAX,
		.check = hk_config_check_identity,
		.doc = "which of the person's users to run as, 0 to 9999"},
	{ROW(TOP, groups, TEXTS), .doc = "supplementary groups that the program keeps, by name"},
	{ROW(TOP, enablements, OBJECT), .of = HK_SECTION_ENABLEMENTS,
		.doc = "desktop services to let through"},
	{ROW(TOP, session_bus, BOX), .of = HK_SECTION_BUS, .check = hk_config_check_bus,
		.doc = "policy of the session bus; absent: the built-in one"},
	{ROW(TOP, system_bus, BOX), .of = HK_SECTION_BUS, .check = hk_config_check_bus,
		.doc = "policy of the system bus; absent: no system bus"},
	{ROW(TOP, direct_wayland, BOOL),
		.doc = "the compositor's own socket, without a security context"},
	{ROW(TOP, extra_perms, PERMS), .doc = "access to paths of the host while the program runs"},

	{ROW(PROGRAM, path, PATH), .complaint = "invalid program path",
		.doc = "the program, as seen in the container"},
	{ROW(PROGRAM, args, TEXTS),
		.doc = "its arguments, the first one being its name; empty: the path alone"},
	{ROW(PROGRAM, username, TEXT), .check = hk_config_check_username,
		.doc = "name in the container's passwd; empty: chronos"},
	{ROW(PROGRAM, shell, PATH), .complaint = "invalid shell path",
		.check = hk_config_check_passwd_path, .doc = "shell in the container's passwd"},
	{ROW(PROGRAM, home, PATH), .complaint = "invalid path to home directory",
		.check = hk_config_check_passwd_path,
		.doc = "home directory, and the working directory"},

	{ROW(TOP, container, BOX), .of = HK_SECTION_CONTAINER,
		.doc = "the container; absent: permissive defaults"},

	{ROW(ENABLEMENTS, wayland, BOOL), .doc = "Wayland, through a security context"},
	{ROW(ENABLEMENTS, x11, BOOL),
		.doc = "the X server, which lets its clients watch each other"},
	{ROW(ENABLEMENTS, dbus, BOOL), .doc = "D-Bus, through a filtering proxy"},
	{ROW(ENABLEMENTS, pulse, BOOL), .doc = "the sound server, playing and recording"},

	{ROW(BUS, see, TEXTS), .doc = "names that are visible"},
	{ROW(BUS, talk, TEXTS), .doc = "names that may be called, and hear broadcasts of"},
	{ROW(BUS, own, TEXTS), .doc = "names that may be owned"},
	{ROW(BUS, call, PAIRS), .doc = "name to the calls on it that are allowed"},
	{ROW(BUS, broadcast, PAIRS), .doc = "name to the broadcasts from it that are heard"},
	{ROW(BUS, log, BOOL), .doc = "report what passes the proxy"},
	{ROW(BUS, filter, BOOL), .doc = "filter at all; without it everything passes"},

	{ROW(PERM, ensure, BOOL), .doc = "create the directory first, mode 0700; it stays"},
	{ROW(PERM, path, PATH), .doc = "path on the host"},
	{ROW(PERM, r, BOOL), .doc = "may read, or list a directory"},
	{ROW(PERM, w, BOOL), .doc = "may write, or change a directory"},
	{ROW(PERM, x, BOOL), .doc = "may execute, or pass a directory"},

	{ROW(CONTAINER, hostname, TEXT), .max = 64,
		.doc = "host name, 64 bytes at most; empty: unchanged"},
	{ROW(CONTAINER, wait_delay, INTEGER), .min = INT64_MIN, .max = INT64_MAX,
		.doc = "nanoseconds to end in after an interrupt; 0: 5 s, negative: none"},
	{ROW(CONTAINER, seccomp_compat, BOOL),
		.doc = "filter only the system calls that Flatpak filters"},
	{ROW(CONTAINER, devel, BOOL), .doc = "allow ptrace, perf and personality"},
	{ROW(CONTAINER, userns, BOOL), .doc = "allow user namespaces and mounts inside"},
	{ROW(CONTAINER, host_net, BOOL), .doc = "share the host's network"},
	{ROW(CONTAINER, host_abstract, BOOL),
		.doc = "allow connecting to abstract sockets outside"},
	{ROW(CONTAINER, tty, BOOL), .doc = "keep the session and its terminal"},
	{ROW(CONTAINER, multiarch, BOOL), .doc = "allow the system calls of 32-bit programs"},
	{ROW(CONTAINER, env, PAIRS), .null_is_empty = true, .check = hk_config_check_env,
		.doc = "environment of the program"},
	{ROW(CONTAINER, map_real_uid, BOOL), .doc = "the person's user and group number inside"},
	{ROW(CONTAINER, device, BOOL), .doc = "the host's devices instead of a private /dev"},
	{ROW(CONTAINER, share_runtime, TRISTATE),
		.doc = "one XDG_RUNTIME_DIR for all containers of the identity"},
	{ROW(CONTAINER, share_tmpdir, TRISTATE),
		.doc = "one /tmp for all containers of the identity"},
	{ROW(CONTAINER, filesystem, MOUNTS),
		.doc = "what the container's file system is made of, in order"},

	{ROW(BIND, type, KIND), .doc = "bind: a part of the host's file system"},
	{ROW(BIND, dst, PATH), .like = "src", .doc = "where in the container; absent: src"},
	{ROW(BIND, src, PATH), .doc = "path on the host"},
	{ROW(BIND, write, BOOL), .doc = "writable"},
	{ROW(BIND, dev, BOOL), .doc = "writable, and device nodes work"},
	{ROW(BIND, ensure, BOOL), .doc = "create src first, as directories of mode 0700"},
	{ROW(BIND, optional, BOOL), .doc = "skip if there is no src"},
	{ROW(BIND, special, BOOL), .doc = "autoroot on /, autoetc on /etc"},

	{ROW(EPHEMERAL, type, KIND), .doc = "ephemeral: an empty tmpfs"},
	{ROW(EPHEMERAL, dst, PATH), .doc = "where in the container"},
	{ROW(EPHEMERAL, write, BOOL), .doc = "writable"},
	{ROW(EPHEMERAL, size, INTEGER), .max = INT64_MAX, .raise = true,
		.doc = "bytes at most; 0: half of the memory, as the kernel has it"},
	{ROW(EPHEMERAL, perm, INTEGER), .max = 01777, .fallback = 0755,
		.doc = "permission bits, a decimal number; absent: 493, which is 0755"},

	{ROW(OVERLAY, type, KIND), .doc = "overlay: several directories seen as one"},
	{ROW(OVERLAY, dst, PATH), .doc = "where in the container"},
	{ROW(OVERLAY, lower, PATHS), .max = HK_CONFIG_LOWER_MAX,
		.doc = "directories that are read only, the uppermost first"},
	{ROW(OVERLAY, upper, PATH), .doc = "the directory that takes what is written"},
	{ROW(OVERLAY, work, PATH), .doc = "an empty directory beside upper, for the kernel"},

	{ROW(LINK, type, KIND), .doc = "link: a symbolic link"},
	{ROW(LINK, dst, PATH), .doc = "where in the container"},
	{ROW(LINK, linkname, TEXT), .max = HK_CONFIG_PATH_MAX, .doc = "what it points to"},
	{ROW(LINK, dereference, BOOL),
		.doc = "linkname is a link on the host: point to what that one points to"},
};
/* clang-format on */

const size_t hk_config_field_count = sizeof(hk_config_fields) / sizeof(hk_config_fields[0]);

const size_t hk_config_section_sizes[HK_SECTIONS] = {
	[HK_SECTION_TOP] = sizeof(STRUCT_TOP),
	[HK_SECTION_PROGRAM] = sizeof(STRUCT_PROGRAM),
	[HK_SECTION_ENABLEMENTS] = sizeof(STRUCT_ENABLEMENTS),
	[HK_SECTION_BUS] = sizeof(STRUCT_BUS),
	[HK_SECTION_PERM] = sizeof(STRUCT_PERM),
	[HK_SECTION_CONTAINER] = sizeof(STRUCT_CONTAINER),
	[HK_SECTION_BIND] = sizeof(STRUCT_BIND),
	[HK_SECTION_EPHEMERAL] = sizeof(STRUCT_EPHEMERAL),
	[HK_SECTION_OVERLAY] = sizeof(STRUCT_OVERLAY),
	[HK_SECTION_LINK] = sizeof(STRUCT_LINK),
};

const char *const hk_config_kinds[HK_FS_TYPES] = {
	[HK_FS_BIND] = "bind",
	[HK_FS_EPHEMERAL] = "ephemeral",
	[HK_FS_OVERLAY] = "overlay",
	[HK_FS_LINK] = "link",
};

const struct hk_field *hk_config_field_find(unsigned int sections, const char *key) {
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		if ((sections & HK_SECTION_BIT(field->section)) && strcmp(field->key, key) == 0) {
			return field;
		}
	}
	return NULL;
}

const char *hk_config_field_nearest(unsigned int sections, const char *key) {
	const char *nearest = NULL;
	size_t least = SIZE_MAX;
	for (size_t i = 0; i < hk_config_field_count; i++) {
		const struct hk_field *field = &hk_config_fields[i];
		if (!(sections & HK_SECTION_BIT(field->section))) {
			continue;
		}
		size_t edits = hk_near_edits(key, field->key);
		if (edits < least) {
			least = edits;
			nearest = field->key;
		}
	}
	return nearest;
}
