# SPDX-License-Identifier: MIT
"""What the monitor has open when it ends is what it had when it began: whole starts, which valgrind
cannot follow everywhere (test_valgrind.py). A library that is loaded into hakurei looks, ahead of
main and behind it. (Whether memory was lost is for the leak sanitizer to find.)"""

import signal

import pytest

from harness.compositor import compositor, hk_compositor, start_compositor  # noqa: F401
from harness.desktop import servers  # noqa: F401
from harness.sound import sound  # noqa: F401

WATCH = r"""
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FDS 1024

static char begin[FDS];

static void look(char *open) {
	for (int fd = 0; fd < FDS; fd++) {
		open[fd] = fcntl(fd, F_GETFD) >= 0;
	}
}

__attribute__((constructor)) static void before(void) {
	look(begin);
}

__attribute__((destructor)) static void after(void) {
	char end[FDS];
	char path[4096];
	look(end);
	if (strcmp(program_invocation_short_name, "hakurei") != 0) {
		return;
	}
	snprintf(path, sizeof(path), "%s/%d", getenv("HK_TEST_WATCH"), getpid());
	FILE *file = fopen(path, "w");
	if (!file) {
		return;
	}
	for (int fd = 0; fd < FDS; fd++) {
		if (begin[fd] != end[fd]) {
			char name[64];
			char target[256] = "";
			snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
			if (readlink(name, target, sizeof(target) - 1) < 0) {
				target[0] = '\0';
			}
			fprintf(file, "%s %d %s\n", end[fd] ? "open" : "closed", fd, target);
		}
	}
	fprintf(file, "looked\n");
	fclose(file);
}
"""


@pytest.fixture
def watched(person, work_dir, compile_c):
    """watched(words of hakurei..., signal=, env=): a Result, of a run that kept nothing."""
    place = work_dir / "watched"
    place.mkdir(exist_ok=True)
    place.chmod(0o1777)
    library = compile_c(WATCH, static=False, args=["-shared", "-fPIC"])

    def run(*words, ask=None, env=None):
        running = person.start(*words, env={"LD_PRELOAD": library, "HK_TEST_WATCH": place,
                                            **(env or {})})
        if ask:
            assert running.stdout.readline() == "ready\n"
            running.signal(ask)
        result = running.wait(timeout=30)
        assert (place / str(running.pid)).read_text() == "looked\n"
        return result

    return run


def test_a_start_leaves_no_descriptor_open(watched, person):
    assert watched("run", "-a", "7", "sh", "-c", "exit 3").status == 3
    assert watched("app", person.config("exit 4")).status == 4


def test_nor_does_one_that_is_refused_anywhere(watched, person):
    """By the monitor, by the shim, by the exec; and one whose host half fails half-way."""
    missing = {"type": "bind", "src": "/nothing-there", "dst": "/there"}
    assert watched("app", person.config("true", filesystem=[missing])).status == 125
    assert watched("run", "-g", "nobody-knows-it", "true").status != 0
    assert watched("app", person.config(path="/nothing-there", args=["x"])).status == 127
    perms = [{"ensure": True, "path": f"{person.user.home}/made", "x": True},
             {"path": "/proc/self/status", "r": True}]
    assert watched("app", person.config("true", extra_perms=perms)).status == 125


def test_nor_does_one_that_is_asked_to_end(watched):
    result = watched("run", "-a", "7", "sh", "-c", "echo ready; exec sleep 1000",
                     ask=signal.SIGTERM)
    assert result.status != 0


def test_nor_does_one_with_every_service(watched, servers):  # noqa: F811
    assert watched("run", "-a", "7", "--wayland", "-X", "--dbus", "--pulse", "true",
                   env=servers.env()).status == 0
