# SPDX-License-Identifier: MIT
"""What of the host a run could have changed, as a value: `before == after`."""

import errno
import hashlib
import os
import stat
import struct
from dataclasses import dataclass, field

from .processes import processes_of

_TAGS = {0x01: "user:", 0x02: "user:{}", 0x04: "group:", 0x08: "group:{}", 0x10: "mask:",
         0x20: "other:"}
_TYPES = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink",
          stat.S_IFSOCK: "socket", stat.S_IFIFO: "fifo", stat.S_IFCHR: "char",
          stat.S_IFBLK: "block"}


def read_acl(path, kind="access"):
    """The ACL as the kernel holds it: ["user:1000:rwx", "mask::r-x", ...]; [] if there is none.

    kind: "access" or "default".
    """
    try:
        data = os.getxattr(path, f"system.posix_acl_{kind}", follow_symlinks=False)
    except OSError as error:
        if error.errno in (errno.ENODATA, errno.ENOTSUP, errno.EPERM):
            return []
        raise
    entries = []
    for at in range(4, len(data), 8):
        tag, bits, who = struct.unpack_from("<HHI", data, at)
        rights = "".join(c if bits & b else "-" for c, b in (("r", 4), ("w", 2), ("x", 1)))
        entries.append(f"{_TAGS[tag].format(who)}:{rights}")
    return entries


def _describe(path):
    st = os.lstat(path)
    kind = _TYPES[stat.S_IFMT(st.st_mode)]
    facts = {"type": kind, "mode": oct(stat.S_IMODE(st.st_mode)), "uid": st.st_uid,
             "gid": st.st_gid, "inode": (st.st_dev, st.st_ino)}
    if kind == "symlink":
        facts["target"] = os.readlink(path)
        return facts
    facts["acl"] = read_acl(path)
    if kind == "directory":
        facts["default acl"] = read_acl(path, "default")
    else:
        facts["links"] = st.st_nlink
    if kind == "file":
        with open(path, "rb") as file:
            facts["content"] = hashlib.file_digest(file, "sha256").hexdigest()
    return facts


def _walk(path, files):
    try:
        files[path] = _describe(path)
    except FileNotFoundError:
        return  # gone between listing and looking, or never there
    if files[path]["type"] == "directory":
        for name in os.listdir(path):
            _walk(os.path.join(path, name), files)


def _bound_sockets(paths):
    """Names that live local sockets are bound to: below the paths, and abstract ones of ours."""
    found = []
    with open("/proc/net/unix", encoding="utf-8", errors="surrogateescape") as file:
        next(file)
        for line in file:
            name = line.rstrip("\n").split(maxsplit=7)[7:]
            if name and any(name[0].lstrip("@").startswith(path + "/") for path in paths):
                found.append(name[0])
    return sorted(found)


@dataclass
class Snapshot:
    files: dict = field(default_factory=dict)  # path -> facts
    sockets: list = field(default_factory=list)
    processes: list = field(default_factory=list)

    def differences(self, after):
        """What changed from this one to the later one, one line each; [] if nothing did."""
        lines = []
        for path in sorted(self.files.keys() | after.files.keys()):
            old, new = self.files.get(path), after.files.get(path)
            if old is None:
                lines.append(f"{path}: appeared, {new}")
            elif new is None:
                lines.append(f"{path}: disappeared, {old}")
            else:
                lines += [f"{path}: {key} was {old.get(key)}, is {new.get(key)}"
                          for key in sorted(old.keys() | new.keys())
                          if old.get(key) != new.get(key)]
        for what in ("sockets", "processes"):
            old, new = getattr(self, what), getattr(after, what)
            if old != new:
                lines.append(f"{what} were {old}, are {new}")
        return lines


def host_snapshot(*paths, uids=()):
    """Everything below the paths (a missing one is recorded as missing by its absence), local
    sockets bound there, and the live processes of the uids (each an int or a range)."""
    texts = [os.fspath(path).rstrip("/") for path in paths]
    files = {}
    for text in texts:
        _walk(text, files)
    processes = []
    for item in uids:
        processes += processes_of({item} if isinstance(item, int) else item)
    return Snapshot(files, _bound_sockets(texts), sorted(processes))
