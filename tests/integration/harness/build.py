# SPDX-License-Identifier: MIT
"""The programs under test, installed where they were built for; and small programs in C."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3]
MARKER = ".made-by-hakurei-tests"


class Prefix:
    """A directory that programs are installed into for one session. Others wait meanwhile."""

    def __init__(self, path, hsurc):
        self.path = Path(path)
        self.hsurc = Path(hsurc)
        self.bin = self.path / "bin"
        self.libexec = self.path / "libexec" / "hakurei"
        self.hakurei = self.bin / "hakurei"
        self.hsu = self.libexec / "hsu"
        self.shim = self.libexec / "hakurei-shim"
        self._lock = None

    def create(self):
        # The path is compiled in, so a second session of the same build cannot have its own.
        lock = Path("/run") / f"{str(self.path).strip('/').replace('/', '-')}.lock"
        self._lock = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        if self.path.exists():
            # Ours from a session that was killed; anything else is not for us to remove.
            assert (self.path / MARKER).exists(), f"{self.path} exists and is not a test's"
            shutil.rmtree(self.path)
        self.path.mkdir(mode=0o755, parents=True)
        (self.path / MARKER).touch()
        assert self.hsurc.is_relative_to(self.path), f"{self.hsurc} is not below {self.path}"
        self.hsurc.parent.mkdir(mode=0o755, parents=True, exist_ok=True)

    def remove(self):
        if self._lock is not None:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._lock)
            self._lock = None

    def write_hsurc(self, text, mode=0o400, uid=0, gid=0):
        """Replaces the hsurc file by a new one. None: there is none."""
        if self.hsurc.is_dir() and not self.hsurc.is_symlink():
            self.hsurc.rmdir()
        self.hsurc.unlink(missing_ok=True)
        if text is not None:
            self.hsurc.write_bytes(text if isinstance(text, bytes) else text.encode())
            os.chown(self.hsurc, uid, gid)
            self.hsurc.chmod(mode)


def build_options(build):
    """The options of a build directory, by name."""
    done = subprocess.run(["meson", "introspect", "--buildoptions", str(build)],
                          capture_output=True, check=True, text=True)
    return {option["name"]: option["value"] for option in json.loads(done.stdout)}


def install(build):
    """Installs a build (as it is, nothing is built) and returns its Prefix."""
    options = build_options(build)
    prefix = Prefix(options["prefix"], options["hsurc"])
    prefix.create()
    try:
        done = subprocess.run(["meson", "install", "--no-rebuild", "-C", str(build)],
                              capture_output=True, check=False, text=True,
                              env={**os.environ, "DESTDIR": ""})
        assert done.returncode == 0, done.stdout + done.stderr
    except BaseException:
        prefix.remove()
        raise
    return prefix


class Compiler:
    """Builds small C programs into a directory that everybody can execute from."""

    def __init__(self, directory):
        self.directory = Path(directory)

    def __call__(self, source, static=True, args=()):
        """source: a path of a file, or the text itself. Returns the program's path."""
        text = source.read_text() if isinstance(source, Path) else source
        args = [str(arg) for arg in args]
        name = hashlib.sha256(repr((text, static, args)).encode()).hexdigest()[:16]
        program = self.directory / name
        if not program.exists():
            command = ["gcc", "-std=gnu17", "-O1", "-Wall", "-D_GNU_SOURCE", "-x", "c", "-",
                       *(["-static"] if static else []), "-o", str(program), *args]
            done = subprocess.run(command, input=text, capture_output=True, check=False,
                                  text=True)
            assert done.returncode == 0, done.stderr
            program.chmod(0o755)
        return program
