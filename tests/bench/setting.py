# SPDX-License-Identifier: MIT
"""What a benchmark of many parts has in common: who runs it, what is compared, how it is timed."""

import statistics
import subprocess
from dataclasses import dataclass

from person import Person

IDENTITY = 4321
BWRAP = [
    "bwrap", "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts",
    "--unshare-cgroup", "--unshare-net", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin",
    "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--proc", "/proc",
    "--dev", "/dev", "--mqueue", "/dev/mqueue", "--tmpfs", "/tmp"]
COLUMNS = ("wall", "cpu", "waited_cpu", "user", "switches", "faults", "disk_faults")


@dataclass
class Setting:
    person: Person
    hakurei: str
    programs: str  # the directory of bench-measure and the like
    rounds: int
    backend: str  # the one that is looked at most
    targets: dict  # {backend: uid of identity 0, or 0 without that backend}
    cgroup: str = ""  # where the cpu time of a whole tree is counted, if it can be
    crowd: int = 0  # instances at once

    @property
    def target(self):
        return self.targets[self.backend] + IDENTITY

    def program(self, name):
        return f"{self.programs}/bench-{name}"

    def config(self, name, argv=("/usr/bin/true",), mounts=(), **keys):
        """A file with a configuration that has the namespaces and mounts of BWRAP."""
        links = {"/bin": "usr/bin", "/lib": "usr/lib", "/lib64": "usr/lib64"}
        filesystem = [
            {"type": "bind", "src": "/usr"},
            *({"type": "link", "dst": dst, "linkname": name} for dst, name in links.items()),
            {"type": "ephemeral", "dst": "/home/app", "write": True, "perm": 0o700},
            *({"type": "bind", "src": src, "dst": dst} for src, dst in mounts)]
        return self.person.write(f"{name}.json", {
            "identity": IDENTITY, "path": argv[0], "args": list(argv), "home": "/home/app",
            "shell": "/bin/sh", **keys,
            "container": {"share_runtime": False, "share_tmpdir": False, "filesystem": filesystem}})

    def app(self, config, backend=None):
        return [self.hakurei, "app", "--backend", backend or self.backend, config]

    def bwrap(self, argv=("true",), mounts=()):
        binds = [word for src, dst in mounts for word in ("--ro-bind", src, dst)]
        return [*BWRAP, *binds, *argv]

    def measure(self, commands, rounds=None):
        """Runs the commands in turns, each a list of words. For each, what its runs took: a
        dictionary of lists, whose nth elements belong to the nth round."""
        argv = [self.program("measure")]
        if self.person.is_other:
            argv = ["setpriv", "--inh-caps=-all", *argv, "-u", str(self.person.uid),
                    "-g", str(self.person.gid)]
        if self.cgroup:
            argv += ["-c", self.cgroup]
        with open(self.person.errors, "w+", encoding="utf-8", errors="replace") as errors:
            result = subprocess.run(
                [*argv, str(rounds or self.rounds)], env=self.person.env, cwd="/", text=True,
                input="".join("\t".join(words) + "\n" for words in commands),
                stdout=subprocess.PIPE, stderr=errors, check=False)
            errors.seek(0)
            if result.returncode != 0:
                raise RuntimeError("".join(errors.readlines()[-3:]).strip())
        runs = [{column: [] for column in COLUMNS} for _ in commands]
        for line in result.stdout.splitlines():
            index, *values = line.split()
            for column, value in zip(COLUMNS, values, strict=True):
                runs[int(index)][column].append(float(value))
        return runs

    def walls(self, commands, rounds=None):
        """The median of each command's wall time, in microseconds."""
        return [statistics.median(run["wall"]) for run in self.measure(commands, rounds)]


def spread(values):
    """Median, a tenth below, a tenth above."""
    ordered = sorted(values)
    last = len(ordered) - 1
    return {"median": statistics.median(ordered), "low": ordered[round(last * 0.1)],
            "high": ordered[round(last * 0.9)]}


def ratio(values, references):
    """The median of the ratios round by round."""
    return statistics.median(a / b for a, b in zip(values, references, strict=True))
