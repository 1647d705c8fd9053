# SPDX-License-Identifier: MIT
"""A person's desktop servers (compositor, sound), started for a test and ended after it."""

import os
import shutil
import signal
import socket
import subprocess
from contextlib import contextmanager

import pytest

from .processes import wait_until
from .run import start_as


def need_program(name):
    """Skips where the program is not installed (which fails where nothing may be skipped)."""
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")


def accepts(path):
    """Does somebody listen on the socket?"""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(os.fspath(path))
        except OSError:
            return False
        return True


@contextmanager
def server(user, argv, log, path=None, **how):
    """argv, run as the user; yields it (a Running) as soon as it accepts clients on path. What it
    prints goes to the file log."""
    need_program(argv[0])
    with open(log, "ab") as file:
        running = start_as(user, argv, stdin=subprocess.DEVNULL, stdout=file, stderr=file, **how)
    try:
        if path:
            wait_until(lambda: not running.alive() or accepts(path), 20, f"{argv[0]} on {path}")
            assert running.alive(), (argv, log.read_text())
        yield running
    finally:
        if running.alive():
            running.signal(signal.SIGTERM)
            try:
                running.popen.wait(5)
            except subprocess.TimeoutExpired:
                pass
        running.kill()
        running.popen.wait()
