# SPDX-License-Identifier: MIT
"""Systems that lack something, for as long as a test needs them."""

import os
import subprocess
from contextlib import contextmanager

from .processes import wait_until


@contextmanager
def away(path):
    """As if it had never been there."""
    other = path.with_name(f"{path.name}-away")
    path.rename(other)
    try:
        yield
    finally:
        other.rename(path)


@contextmanager
def namespace_without_namespaces():
    """A shell, root in a user namespace with everybody in it, where no further one may be made:
    run(command) has it run a command. The limit of the system stays what it is."""
    shell = subprocess.Popen(["unshare", "--user", "sh"], stdin=subprocess.PIPE, text=True)
    own = os.readlink("/proc/self/ns/user")
    wait_until(lambda: os.readlink(f"/proc/{shell.pid}/ns/user") != own)
    for kind in ("uid", "gid"):
        with open(f"/proc/{shell.pid}/{kind}_map", "w", encoding="ascii") as file:
            file.write("0 0 4294967295")

    def run(command):
        # The shell itself has lost its capabilities when it was executed without any id.
        shell.stdin.write(command + "\n")
        shell.stdin.flush()

    run("sh -c 'echo 0 >/proc/sys/user/max_user_namespaces'")
    try:
        yield run
    finally:
        shell.stdin.close()
        shell.wait(timeout=10)
