# SPDX-License-Identifier: MIT
"""Which processes come and go: the kernel's own account (its process connector)."""

import socket
import struct
from collections import Counter

CONNECTOR = 11  # the netlink family
RCVBUFFORCE = 33  # of SOL_SOCKET; without regard to the limit
PROC = (1, 1)  # the connector's index and value for process events
LISTEN, IGNORE = 1, 2
HEADERS = struct.calcsize("=IHHII") + struct.calcsize("=IIIIHH")
EVENT = struct.Struct("=IIQ")  # kind, cpu, time
FORK, EXEC = 1, 2
NAMES = {FORK: "fork", EXEC: "exec"}
BUFFER = 4 << 20  # the whole machine's events come by


class Events:
    """Listens from the start of the block; count() tells what became of a process's descendants."""

    def __enter__(self):
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, CONNECTOR)
        self._socket.setsockopt(socket.SOL_SOCKET, RCVBUFFORCE, BUFFER)
        self._socket.bind((0, PROC[0]))
        self._say(LISTEN)
        return self

    def __exit__(self, *_):
        self._say(IGNORE)
        self._socket.close()

    def _say(self, operation):
        message = struct.pack("=IIIIHHI", *PROC, 0, 0, 4, 0, operation)
        header = struct.pack("=IHHII", 16 + len(message), 3, 0, 0, 0)
        self._socket.send(header + message)

    def count(self, *roots):
        """So many forks and execs of these processes and of all that they started, until now."""
        family = set(roots)
        counted = Counter()
        self._socket.setblocking(False)
        while True:
            try:
                packet = self._socket.recv(4096)
            except BlockingIOError:
                return counted
            kind, _, _ = EVENT.unpack_from(packet, HEADERS)
            if kind not in NAMES:
                continue
            who = struct.unpack_from("=IIII", packet, HEADERS + EVENT.size)
            if who[1] in family:
                counted[NAMES[kind]] += 1
                if kind == FORK:
                    family.add(who[3])
