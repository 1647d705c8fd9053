# SPDX-License-Identifier: MIT
"""The servers of a desktop, for the person: a bus, a compositor, an X server, a sound server."""

import os
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

PULSEAUDIO = ["pulseaudio", "--daemonize=no", "--exit-idle-time=-1", "-n", "--use-pid-file=no",
              "--load=module-null-sink sink_name=null", "--load=module-native-protocol-unix"]
X_SOCKETS = Path("/tmp/.X11-unix")


class Unavailable(Exception):
    """A server that cannot run here; the text says why."""


def _accepts(path):
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(os.fspath(path))
        except OSError:
            return False
        return True


@contextmanager
def _server(person, argv, path):
    """argv, until the context ends. Entered when it accepts clients on path."""
    if not shutil.which(argv[0]):
        raise Unavailable(f"no {argv[0]}")
    process = person.start(argv)
    try:
        deadline = time.monotonic() + 20
        while not _accepts(path):
            if process.poll() is not None or time.monotonic() > deadline:
                raise Unavailable(f"{argv[0]} does not listen on {path}")
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _dbus(person, _compositor):
    path = person.runtime_dir / "bus"
    address = f"unix:path={path}"
    with _server(person, ["dbus-daemon", "--session", "--nofork", f"--address={address}"], path):
        yield {"DBUS_SESSION_BUS_ADDRESS": address}


@contextmanager
def _wayland(person, compositor):
    path = person.runtime_dir / "wayland-5"
    with _server(person, [compositor, str(path)], path):
        yield {"WAYLAND_DISPLAY": path.name}


@contextmanager
def _x11(person, _compositor):
    """Without a cookie it lets in its own user alone. A server that loses its last client would
    begin anew, which takes it a while."""
    number = next(number for number in range(300, 9000)
                  if not (X_SOCKETS / f"X{number}").exists())
    path = X_SOCKETS / f"X{number}"
    argv = ["Xvfb", f":{number}", "-nolisten", "tcp", "-noreset", "-screen", "0", "640x480x24"]
    with _server(person, argv, path):
        yield {"DISPLAY": f":{number}"}


@contextmanager
def _pulse(person, _compositor):
    with _server(person, PULSEAUDIO, person.runtime_dir / "pulse/native"):
        yield {}


SERVERS = {"dbus": _dbus, "wayland": _wayland, "x11": _x11, "pulse": _pulse}


@contextmanager
def desktop(person, compositor):
    """All servers that can run, in the person's environment. Yields {service: why it is not there
    or None}."""
    missing = {}
    with ExitStack() as stack:
        for name, serve in SERVERS.items():
            try:
                person.env.update(stack.enter_context(serve(person, compositor)))
                missing[name] = None
            except Unavailable as error:
                missing[name] = str(error)
        yield missing
