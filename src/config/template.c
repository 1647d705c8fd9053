/* SPDX-License-Identifier: MIT */
/*
 * template.c: an example that uses every key: a browser with an own identity and a profile that
 * outlives it, on a root that holds little more than /usr. Read like any file, so it cannot be
 * one that would not load; the tests insist on every row of the field table being in it.
 */
#include "config/print.h"

#include <string.h>

/* clang-format off: laid out like the document that it is */
static const char document[] =
	"{"
	"'id': 'org.example.Browser',"
	"'identity': 9,"
	"'groups': ['video'],"
	"'enablements': {'wayland': true, 'x11': false, 'dbus': true, 'pulse': true},"
	"'session_bus': {"
	"'see': ['org.freedesktop.ScreenSaver'],"
	"'talk': ['org.freedesktop.DBus', 'org.freedesktop.Notifications'],"
	"'own': ['org.example.Browser.*', 'org.mpris.MediaPlayer2.org.example.Browser.*'],"
	"'call': {'org.freedesktop.portal.*': '*'},"
	"'broadcast': {'org.freedesktop.portal.*': '@/org/freedesktop/portal/*'},"
	"'log': false,"
	"'filter': true"
	"},"
	"'system_bus': {"
	"'talk': ['org.freedesktop.UPower'],"
	"'filter': true"
	"},"
	"'direct_wayland': false,"
	"'extra_perms': ["
	"{'ensure': true, 'path': '/srv/alice', 'x': true},"
	"{'ensure': true, 'path': '/srv/alice/browser', 'r': true, 'w': true, 'x': true}"
	"],"
	"'path': '/usr/bin/browser',"
	"'args': ['browser', '--no-first-run'],"
	"'username': 'browser',"
	"'shell': '/bin/sh',"
	"'home': '/home/browser',"
	"'container': {"
	"'hostname': 'browser',"
	"'wait_delay': 10000000000,"
	"'seccomp_compat': false,"
	"'devel': false,"
	"'userns': true," /* browsers build a sandbox of their own */
	"'host_net': true,"
	"'host_abstract': false,"
	"'tty': false,"
	"'multiarch': false,"
	"'env': {'LANG': 'C.UTF-8', 'MOZ_ENABLE_WAYLAND': '1'},"
	"'map_real_uid': false,"
	"'device': false,"
	"'share_runtime': false,"
	"'share_tmpdir': false,"
	"'filesystem': ["
	"{'type': 'bind', 'src': '/usr'},"
	"{'type': 'link', 'dst': '/bin', 'linkname': 'usr/bin'},"
	"{'type': 'link', 'dst': '/lib', 'linkname': 'usr/lib'},"
	"{'type': 'link', 'dst': '/lib64', 'linkname': '/lib64', 'dereference': true},"
	"{'type': 'bind', 'src': '/etc', 'dst': '/etc', 'special': true},"
	"{'type': 'ephemeral', 'dst': '/var/tmp',"
	" 'write': true, 'size': 67108864, 'perm': 1023}," /* 01777 */
	"{'type': 'bind', 'src': '/dev/dri', 'dev': true, 'optional': true},"
	"{'type': 'overlay', 'dst': '/opt/plugins', 'lower': ['/opt/plugins'],"
	" 'upper': '/srv/alice/browser/plugins/upper',"
	" 'work': '/srv/alice/browser/plugins/work'},"
	"{'type': 'bind', 'src': '/srv/alice/browser/home',"
	" 'dst': '/home/browser', 'write': true, 'ensure': true}"
	"]"
	"}"
	"}";
/* clang-format on */

int hk_config_template(struct hk_arena *arena, struct hk_config *ret_config, struct hk_err *err) {
	/* Single quotes above spare us a backslash before each double one. */
	char *text = hk_arena_strdup(arena, document);
	if (!text) {
		return hk_err_oom(err);
	}
	for (char *c = text; *c; c++) {
		*c = *c == '\'' ? '"' : *c;
	}
	return hk_config_parse(arena, text, strlen(text), "template", ret_config, err);
}
