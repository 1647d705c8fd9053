# SPDX-License-Identifier: MIT
"""Lines of /etc/subuid and /etc/subgid, for as long as a test needs them."""

import os
import random
import time
from contextlib import ExitStack, contextmanager

FILES = ("/etc/subuid", "/etc/subgid")


@contextmanager
def _locked(path):
    """As useradd and its relatives lock the file: other sessions may run side by side."""
    mine, lock = f"{path}.{os.getpid()}", f"{path}.lock"
    with open(mine, "w", encoding="ascii") as file:
        file.write(f"{os.getpid()}\0")
    try:
        for _ in range(1000):
            try:
                os.link(mine, lock)
                break
            except FileExistsError:
                time.sleep(0.01)
        else:
            raise AssertionError(f"{lock} stays")
    finally:
        os.unlink(mine)
    try:
        yield
    finally:
        os.unlink(lock)


def _replace(path, change):
    """change(list of lines) makes the new ones."""
    with _locked(path):
        with open(path, encoding="utf-8") as file:
            lines = change(file.read().splitlines())
        new = f"{path}.hk-test"
        with open(new, "w", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))
        os.chmod(new, os.stat(path).st_mode & 0o7777)
        os.rename(new, path)


def number_of(path, line):
    """Where the line is, counted from 1."""
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines().index(line) + 1


@contextmanager
def added(*lines, files=FILES):
    """The lines at the end of the files."""
    with ExitStack() as stack:
        for path in files:
            _replace(path, lambda old: old + list(lines))
            stack.callback(_replace, path,
                           lambda old: [line for line in old if line not in lines])
        yield


@contextmanager
def without(user, files=FILES):
    """No line of the user's."""
    def is_of(line):
        return line.split(":")[0] in (user.name, str(user.uid))

    with ExitStack() as stack:
        for path in files:
            with open(path, encoding="utf-8") as file:
                lines = [line for line in file.read().splitlines() if is_of(line)]
            _replace(path, lambda old: [line for line in old if not is_of(line)])
            stack.callback(_replace, path, lambda old, lines=lines: [
                line for line in old if not is_of(line)] + lines)
        yield


def free_range():
    """The first of 100000 numbers that neither useradd nor hsu gives to anybody."""
    return random.randrange(10000, 42000) * 100000
