# SPDX-License-Identifier: MIT
"""The files that lint looks at."""

import os
import pathlib
import re
import subprocess

SKIPPED = re.compile(r"(^|/)(\.git|build[^/]*|__pycache__|\.pytest_cache|corpus)(/|$)")


def _names(root):
    """What git knows, or would know after `git add`; without git, everything."""
    if (root / ".git").exists():
        # The owner of a clone may be somebody else than who runs the checks.
        command = ["git", "-c", f"safe.directory={root}", "-C", str(root), "ls-files", "-z",
                   "--cached", "--others", "--exclude-standard"]
        out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
        return [os.fsdecode(name) for name in out.split(b"\0") if name]
    return [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self.names = sorted(name for name in _names(self.root)
                            if not SKIPPED.search(name) and (self.root / name).is_file())
        self._texts = {}

    def text(self, name):
        """The content, or "" for what is no text."""
        if name not in self._texts:
            try:
                self._texts[name] = (self.root / name).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                self._texts[name] = ""
        return self._texts[name]

    def lines(self, name):
        return enumerate(self.text(name).splitlines(), 1)

    def code(self, name):
        """(number, line) with comments and the insides of literals blanked out."""
        return enumerate(blank(self.text(name)).splitlines(), 1)

    def ending(self, *suffixes, below=""):
        return [name for name in self.names
                if name.endswith(suffixes) and name.startswith(below)]

    def c_files(self, below=""):
        return self.ending(".c", ".h", below=below)

    def shell_files(self):
        return [name for name in self.names
                if name.endswith(".sh") or re.match(r"#!.*\b(ba|da|)sh\b", self.text(name).split("\n", 1)[0])]


_TOKEN = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)


def blank(text):
    """C without comments, and with empty literals; every line keeps its number."""
    def replace(match):
        token = match.group(0)
        if token[0] in "\"'":
            return token[0] * 2
        return re.sub(r"[^\n]", " ", token)
    return _TOKEN.sub(replace, text)
