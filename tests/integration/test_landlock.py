# SPDX-License-Identifier: MIT
"""Abstract sockets, with Landlock and on a kernel that has none.

Their names belong to the network namespace. A private one needs nothing more; a shared one needs
Landlock (ABI 6), or the host's X server and bus could be reached past every mount.
"""

import ctypes
import errno
import os
import socket

import pytest

from harness.container import box, commands, syscall_numbers  # noqa: F401
from harness.launchers import FAILING_CALLS

SYSCALLS = syscall_numbers()
NAME = f"hk-test-abstract-{os.getpid()}"

NETWORKS = [{"host_net": host_net, "host_abstract": host_abstract}
            for host_net in (False, True) for host_abstract in (False, True)]


def landlock_abi():
    return ctypes.CDLL(None).syscall(SYSCALLS["landlock_create_ruleset"], None, 0, 1)


@pytest.fixture
def listener():
    """A server of the host's at an abstract name. It notes nothing: the kernel's answer counts."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(f"\0{NAME}")
        server.listen(64)
        yield server


@pytest.fixture(params=[errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, 0],
                ids=["kernel without it", "switched off at boot", "denied by a filter",
                     "kernel with an old one"])
def no_landlock(request, box, compile_c):
    """run(config, *words) as on a machine without Landlock: its first call has the error (0: the
    ABI is too old to scope anything)."""
    launcher = compile_c(FAILING_CALLS)

    def run(config, *words):
        failing = f"{SYSCALLS['landlock_create_ruleset']}:{request.param}"
        return box.run_by(launcher, failing, *box.argv(config, *words))
    return run


def try_abstract(box, **container):
    return box.inside(box.config(**container), ["connect-abstract", NAME])[0]["errno"]


def test_a_private_network_cannot_reach_abstract_sockets_of_the_host(box, listener):
    # Nobody listens at that name in there; with the scope the kernel does not even look.
    assert try_abstract(box, host_net=False) in ("ECONNREFUSED", "EPERM")
    assert try_abstract(box, host_net=False, host_abstract=True) == "ECONNREFUSED"


def test_a_shared_network_can_reach_abstract_sockets_only_when_allowed(box, listener):
    """CVE-2020-15257 (containerd): a container with the host's network reached its daemon."""
    assert landlock_abi() >= 6, "this kernel cannot show it"
    assert try_abstract(box, host_net=True, host_abstract=True) is None
    assert try_abstract(box, host_net=True) == "EPERM"


def test_datagrams_are_scoped_too(box):
    script = ("import errno, socket, sys\n"
              "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
              "try:\n    s.sendto(b'x', '\\0' + sys.argv[1])\n    print('sent')\n"
              "except OSError as e:\n    print(errno.errorcode[e.errno])\n")
    system = [{"type": "bind", "src": "/usr"}, *({"type": "link", "dst": f"/{name}",
              "linkname": f"usr/{name}"} for name in ("bin", "lib", "lib64"))]
    said = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(f"\0{NAME}")
        for allowed in (False, True):
            config = box.config(*system, host_net=True, host_abstract=allowed)
            config.update(path="/usr/bin/python3", args=["python3", "-Ic", script, NAME])
            outcome = box.run(config)
            assert (outcome.status, outcome.stderr) == (0, ""), outcome
            said.append(outcome.stdout.strip())
        server.setblocking(False)
        assert server.recv(10) == b"x"
    assert said == ["EPERM", "sent"]


def test_sockets_with_a_path_are_the_mounts_business(box, listener, place_of_socket):
    config = box.config({"type": "bind", "src": str(place_of_socket), "dst": "/socket"},
                        host_net=True)
    assert box.inside(config, ["connect", "/socket"])[0]["ok"]


@pytest.fixture
def place_of_socket(work_dir):
    path = work_dir / "socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(path))
        path.chmod(0o666)
        server.listen(64)
        yield path
    path.unlink()


def test_programs_of_one_container_reach_each_other(box, compile_c):
    """The scope is the container, not the process."""
    program = compile_c(r"""
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void) {
	struct sockaddr_un at = {AF_UNIX, "\0within"};
	socklen_t size = offsetof(struct sockaddr_un, sun_path) + 7;
	int server = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(server, (struct sockaddr *)&at, size) || listen(server, 1)) {
		return 1;
	}
	if (fork() == 0) {
		int client = socket(AF_UNIX, SOCK_STREAM, 0);
		_exit(connect(client, (struct sockaddr *)&at, size) ? 2 : 0);
	}
	int status;
	wait(&status);
	return WEXITSTATUS(status);
}
""")
    for network in NETWORKS:
        config = box.config({"type": "bind", "src": str(program), "dst": "/program"}, **network)
        assert box.run({**config, "path": "/program"}).status == 0, network


# -- without Landlock ----------------------------------------------------------------------------

def test_without_landlock_a_private_network_works(box, listener, no_landlock):
    for allowed in (False, True):
        config = box.config(host_net=False, host_abstract=allowed)
        outcome = no_landlock(config, *commands(["facts"], ["connect-abstract", NAME]))
        assert (outcome.status, outcome.stderr) == (0, ""), outcome
        facts, connect = outcome.answers
        assert (facts["no_new_privs"], connect["errno"]) == (1, "ECONNREFUSED")


def test_without_landlock_a_shared_network_is_refused_with_both_ways_out(box, no_landlock):
    """google/nsjail #344 and others: what cannot be enforced was left out. Here it is an error."""
    before = box.host()
    outcome = no_landlock(box.config(host_net=True), "facts")
    assert (outcome.status, outcome.stdout) == (125, ""), outcome
    lines = outcome.stderr.splitlines()
    assert len(lines) == 1 and "Landlock" in lines[0], lines
    assert "host_net false" in lines[0] and "host_abstract true" in lines[0]
    assert before.differences(box.host()) == []


def test_without_landlock_a_shared_network_with_abstract_sockets_works(box, listener, no_landlock):
    outcome = no_landlock(box.config(host_net=True, host_abstract=True), "connect-abstract", NAME)
    assert (outcome.status, outcome.stderr, outcome.errors) == (0, "", [None])


def test_a_ruleset_that_cannot_be_applied_stops_the_start(box, compile_c):
    launcher = compile_c(FAILING_CALLS)
    for network in NETWORKS:
        failing = f"{SYSCALLS['landlock_restrict_self']}:{errno.EPERM}"
        outcome = box.run_by(launcher, failing, *box.argv(box.config(**network), "facts"))
        assert (outcome.status, outcome.stdout) == (125, ""), outcome
        assert "Landlock" in outcome.stderr
