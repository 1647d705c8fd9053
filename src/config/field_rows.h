/* SPDX-License-Identifier: MIT */
/*
 * field_rows.h: the rows of the table of fields.h, in the order of printing. No header of its own:
 * included by whoever says what a row is to be.
 *
 *	HK_FIELD(SECTION, member of its struct, TYPE, default, text for people, initialisers)
 *
 * The default is for people too: USUAL is what the type has (false, nothing, the initialiser
 * fallback), NEEDED that there is none, NEEDED_OR(...) what is only where there is no container,
 * WORDS(...) anything else.
 */
/* clang-format off: a table */
HK_FIELD(TOP, id, TEXT, WORDS("the instance's own, where one is needed"),
	"identifier in reverse-DNS style, for Wayland and D-Bus", .check = hk_config_check_id)
HK_FIELD(TOP, identity, INTEGER, USUAL, "which of the person's users to run as",
	.max = HK_IDENTITY_MAX, .check = hk_config_check_identity)
HK_FIELD(TOP, groups, TEXTS, USUAL, "supplementary groups that the program keeps, by name")
HK_FIELD(TOP, enablements, OBJECT, USUAL, "desktop services to let through",
	.of = HK_SECTION_ENABLEMENTS)
HK_FIELD(TOP, session_bus, BOX, WORDS("the built-in policy"), "policy of the session bus",
	.of = HK_SECTION_BUS, .check = hk_config_check_bus)
HK_FIELD(TOP, system_bus, BOX, WORDS("no system bus"), "policy of the system bus",
	.of = HK_SECTION_BUS, .check = hk_config_check_bus)
HK_FIELD(
	TOP, direct_wayland, BOOL, USUAL, "the compositor's own socket, without a security context")
HK_FIELD(TOP, extra_perms, PERMS, USUAL, "access to paths of the host while the program runs")

HK_FIELD(PROGRAM, path, PATH, NEEDED_OR("the first of args, else the shell"),
	"the program, as seen in the container", .complaint = "invalid program path")
HK_FIELD(PROGRAM, args, TEXTS, WORDS("the path alone"),
	"its arguments, the first one being its name")
HK_FIELD(PROGRAM, username, TEXT, WORDS("chronos"), "name in the container's passwd",
	.check = hk_config_check_username)
HK_FIELD(PROGRAM, shell, PATH, NEEDED_OR("$SHELL, else /bin/sh"),
	"the shell in the container's passwd", .complaint = "invalid shell path",
	.check = hk_config_check_passwd_path)
HK_FIELD(PROGRAM, home, PATH, NEEDED, "the home directory, and the working directory",
	.complaint = "invalid path to home directory", .check = hk_config_check_passwd_path)

HK_FIELD(TOP, container, BOX, WORDS("permissive defaults"), "the container",
	.of = HK_SECTION_CONTAINER)

HK_FIELD(ENABLEMENTS, wayland, BOOL, USUAL, "Wayland, through a security context")
HK_FIELD(ENABLEMENTS, x11, BOOL, USUAL, "the X server, which lets its clients watch each other")
HK_FIELD(ENABLEMENTS, dbus, BOOL, USUAL, "D-Bus, through a filtering proxy")
HK_FIELD(ENABLEMENTS, pulse, BOOL, USUAL, "the sound server, playing and recording")

HK_FIELD(BUS, see, TEXTS, USUAL, "names that are visible")
HK_FIELD(BUS, talk, TEXTS, USUAL, "names that may be called, and whose broadcasts are heard")
HK_FIELD(BUS, own, TEXTS, USUAL, "names that may be owned")
HK_FIELD(BUS, call, PAIRS, USUAL, "name to the calls on it that are allowed")
HK_FIELD(BUS, broadcast, PAIRS, USUAL, "name to the broadcasts from it that are heard")
HK_FIELD(BUS, log, BOOL, USUAL, "report what passes the proxy")
HK_FIELD(BUS, filter, BOOL, USUAL, "whether to filter at all; without it everything passes")

HK_FIELD(PERM, ensure, BOOL, USUAL, "create the directory first, mode 0700; it stays")
HK_FIELD(PERM, path, PATH, NEEDED, "what may be reached", .outside = true)
HK_FIELD(PERM, r, BOOL, USUAL, "may read, or list a directory")
HK_FIELD(PERM, w, BOOL, USUAL, "may write, or change a directory")
HK_FIELD(PERM, x, BOOL, USUAL, "may execute, or pass a directory")

HK_FIELD(CONTAINER, hostname, TEXT, WORDS("unchanged"), "host name", .max = 64)
HK_FIELD(CONTAINER, wait_delay, INTEGER, USUAL,
	"nanoseconds to end in after an interrupt; 0: 5 s, negative: none", .min = INT64_MIN,
	.max = INT64_MAX)
HK_FIELD(
	CONTAINER, seccomp_compat, BOOL, USUAL, "filter only the system calls that Flatpak filters")
HK_FIELD(CONTAINER, devel, BOOL, USUAL, "allow ptrace, perf and personality")
HK_FIELD(CONTAINER, userns, BOOL, USUAL, "allow user namespaces and mounts inside")
HK_FIELD(CONTAINER, host_net, BOOL, USUAL, "share the host's network")
HK_FIELD(CONTAINER, host_abstract, BOOL, USUAL, "allow connecting to abstract sockets outside")
HK_FIELD(CONTAINER, tty, BOOL, USUAL, "keep the session and its terminal")
HK_FIELD(CONTAINER, multiarch, BOOL, USUAL, "allow the system calls of 32-bit programs")
HK_FIELD(CONTAINER, env, PAIRS, USUAL, "environment of the program", .null_is_empty = true,
	.check = hk_config_check_env)
HK_FIELD(CONTAINER, map_real_uid, BOOL, USUAL, "the person's user and group number inside")
HK_FIELD(CONTAINER, device, BOOL, USUAL, "the host's devices instead of a private /dev")
HK_FIELD(CONTAINER, share_runtime, TRISTATE, WORDS("true in the flat layout, else false"),
	"one XDG_RUNTIME_DIR for all containers of the identity")
HK_FIELD(CONTAINER, share_tmpdir, TRISTATE, WORDS("true in the flat layout, else false"),
	"one /tmp for all containers of the identity")
HK_FIELD(CONTAINER, filesystem, MOUNTS, USUAL,
	"what the container's file system is made of, in order")

HK_FIELD(BIND, type, KIND, NEEDED, "a part of the host's file system")
HK_FIELD(BIND, dst, PATH, WORDS("as src"), "where in the container", .like = "src")
HK_FIELD(BIND, src, PATH, NEEDED, "what is to be seen there", .outside = true)
HK_FIELD(BIND, write, BOOL, USUAL, "writable")
HK_FIELD(BIND, dev, BOOL, USUAL, "writable, and device nodes work")
HK_FIELD(BIND, ensure, BOOL, USUAL, "create src first, as directories of mode 0700")
HK_FIELD(BIND, optional, BOOL, USUAL, "skip if there is no src")
HK_FIELD(BIND, special, BOOL, USUAL, "autoroot on /, autoetc on /etc")

HK_FIELD(EPHEMERAL, type, KIND, NEEDED, "an empty tmpfs")
HK_FIELD(EPHEMERAL, dst, PATH, NEEDED, "where in the container")
HK_FIELD(EPHEMERAL, write, BOOL, USUAL, "writable")
HK_FIELD(EPHEMERAL, size, INTEGER, USUAL,
	"bytes at most; 0 and less: half of the memory, as the kernel has it", .max = INT64_MAX,
	.raise = true)
HK_FIELD(EPHEMERAL, perm, INTEGER, USUAL,
	"permission bits, a decimal number: 493 is 0755, 448 is 0700, 1023 is 01777", .max = 01777,
	.fallback = 0755)

HK_FIELD(OVERLAY, type, KIND, NEEDED, "several directories seen as one")
HK_FIELD(OVERLAY, dst, PATH, NEEDED, "where in the container")
HK_FIELD(OVERLAY, lower, PATHS, NEEDED, "directories that are only read, the uppermost first",
	.max = HK_CONFIG_LOWER_MAX, .outside = true)
HK_FIELD(OVERLAY, upper, PATH, WORDS("none: read-only"), "the directory that takes what is written",
	.outside = true)
HK_FIELD(OVERLAY, work, PATH, WORDS("none: read-only"),
	"an empty directory beside upper, for the kernel", .outside = true)

HK_FIELD(LINK, type, KIND, NEEDED, "a symbolic link")
HK_FIELD(LINK, dst, PATH, NEEDED, "where in the container")
HK_FIELD(LINK, linkname, TEXT, NEEDED, "what it points to", .max = HK_CONFIG_PATH_MAX)
HK_FIELD(LINK, dereference, BOOL, USUAL,
	"linkname is a link on the host: point to what that one points to")
/* clang-format on */
