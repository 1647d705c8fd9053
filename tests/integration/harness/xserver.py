# SPDX-License-Identifier: MIT
"""A person's X server, Xvfb with access control, and a client that can do what few programs do."""

import os
import random
import socket
import struct
from contextlib import contextmanager
from pathlib import Path

from .servers import server
from .users import ROOT

SOCKETS = Path("/tmp/.X11-unix")
COOKIE_NAME = b"MIT-MAGIC-COOKIE-1"
FAMILY_LOCAL = 256
FAMILY_INTERPRETED = 5
GRAB, UNGRAB, CHANGE_HOSTS, LIST_HOSTS = 36, 37, 109, 110


def _pad(data):
    return data + bytes(-len(data) % 4)


class XClient:
    """A connection to an X server. Each with statement closes it, and ends a grab."""

    def __init__(self, path, cookie):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(os.fspath(path))
        self.socket.sendall(struct.pack("<BxHHHH2x", ord("l"), 11, 0, len(COOKIE_NAME),
                                        len(cookie)) + _pad(COOKIE_NAME) + _pad(cookie))
        status, _, _, _, length = struct.unpack("<BBHHH", self._read(8))
        rest = self._read(length * 4)
        assert status == 1, rest

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _read(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            assert part, "the X server has closed the connection"
            data += part
        return data

    def hosts(self):
        """The list of who may connect: {(family, address)}."""
        self.socket.sendall(struct.pack("<BxH", LIST_HOSTS, 1))
        while True:
            head = self._read(32)
            assert head[0] != 0, f"X error {head[1]}"
            if head[0] == 1:
                break
        length, count = struct.unpack_from("<IH", head, 4)
        data = self._read(length * 4)
        found, at = set(), 0
        for _ in range(count):
            family, size = struct.unpack_from("<BxH", data, at)
            found.add((family, data[at + 4:at + 4 + size]))
            at += 4 + size + -size % 4
        return found

    def grab(self):
        """From here on nobody else is served."""
        self.socket.sendall(struct.pack("<BxH", GRAB, 1))
        self.hosts()

    def ungrab(self):
        self.socket.sendall(struct.pack("<BxH", UNGRAB, 1))
        self.hosts()


def entry_of(uid):
    return FAMILY_INTERPRETED, b"localuser\0#%d" % uid


class XServer:
    """A display of the user's. .name ":N", .socket, .authority, .env for the person's programs."""

    def __init__(self, user, work_dir):
        self.user = user
        self.number = random.choice([number for number in range(200, 9000)
                                     if not (SOCKETS / f"X{number}").exists()])
        self.name = f":{self.number}"
        self.socket = SOCKETS / f"X{self.number}"
        self.log = work_dir / f"xvfb-{self.number}.log"
        self.authority = user.home / f".Xauthority-{self.number}"
        self.cookie = os.urandom(16)
        self.env = {"DISPLAY": self.name, "XAUTHORITY": str(self.authority)}
        self.running = None
        self._witness = None

    def _write_authority(self):
        fields = [os.uname().nodename.encode(), str(self.number).encode(), COOKIE_NAME,
                  self.cookie]
        self.authority.write_bytes(struct.pack(">H", FAMILY_LOCAL) + b"".join(
            struct.pack(">H", len(field)) + field for field in fields))
        self.authority.chmod(0o600)
        os.chown(self.authority, self.user.uid, self.user.gid)

    def client(self):
        return XClient(self.socket, self.cookie)

    def hosts(self):
        """What a client that has been there all along is told."""
        return self._witness.hosts()

    @contextmanager
    def started(self, directory=None):
        """Runs it, with one client: servers reset, and forget entries, when their last one goes.
        directory: for its socket; the server itself takes that for the usual one."""
        self._write_authority()
        user, argv = self.user, ["Xvfb", self.name, "-auth", self.authority, "-nolisten", "tcp"]
        if directory:
            self.socket = directory / self.socket.name
            mount = 'mount --bind "$0" "$1" && shift && exec "$@"'
            argv = ["unshare", "-m", "sh", "-c", mount, directory, SOCKETS, "setpriv",
                    f"--reuid={user.uid}", f"--regid={user.gid}", "--clear-groups", *argv]
            user = ROOT
        with server(user, argv, self.log, self.socket) as self.running, \
                self.client() as self._witness:
            yield self
        self.authority.unlink()
