# SPDX-License-Identifier: MIT
"""What of a start can be counted: system calls and execs, by strace."""

import re
import shutil
import subprocess

EXEC = re.compile(r"\bexecve(at)?\(.*= 0$|<\.\.\. execve(at)? resumed>.*= 0$")
# A line that begins a call: neither the rest of one, nor a signal, nor an end.
CALL = re.compile(r"^(\d+ +)?[a-z_0-9]+\(")


def _trace(setting, command, *options):
    """(status, lines) of a trace. As root, what is setuid stays so."""
    person = setting.person
    output = person.work_dir / "trace"
    user = ["-u", person.name] if person.is_other else []
    process = subprocess.run(
        ["strace", *user, "-qq", "--signal=none", "-s", "0", "-o", str(output), *options, *command],
        env=person.env, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, timeout=60, check=False)
    if not output.exists():
        return process.returncode, []
    lines = output.read_text(encoding="utf-8", errors="replace").splitlines()
    output.unlink()
    return process.returncode, lines


def _matching(lines, pattern):
    return sum(bool(pattern.search(line)) for line in lines)


def count(setting, command, containers=1):
    """{"calls": ..., "execs": ...} of a command, as far as they can be counted. containers: how many
    programs are started in one; hakurei has the proxy of D-Bus in one of its own."""
    if not shutil.which("strace"):
        return {}
    if command[0] == setting.hakurei:
        # init refuses to be traced. The monitor alone makes all its calls; of a run that is
        # traced as a whole nothing is missing but the exec of what init would start.
        status, lines = _trace(setting, command)
        _, whole = _trace(setting, command, "-f", "-e", "trace=execve,execveat")
        execs = _matching(whole, EXEC) + containers
    else:
        status, lines = _trace(setting, command, "-f")
        execs = _matching(lines, EXEC)
    if status != 0:
        return {}
    # Only for root's tracer a setuid program is what it should be.
    return {"calls": _matching(lines, CALL), "execs": execs if setting.person.is_other else None}
