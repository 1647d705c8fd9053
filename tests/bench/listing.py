# SPDX-License-Identifier: MIT
"""What others that run cost: `hakurei ps` next to `cat` of the same files, one more start and its
end, and a crowd of instances."""

import os
import time

import instances
import report

ROUNDS = 5  # of the setting's, one in so many


def _times(setting):
    """Milliseconds of each, with what runs right now."""
    entries = [str(path) for path in setting.person.entries()]
    cat = ["cat", *(entries or ["/dev/null"])]
    start = setting.app(setting.config("beside"))
    ps, reference, started = setting.walls([[setting.hakurei, "ps"], cat, start],
                                           max(setting.rounds // ROUNDS, 3))
    return {"entries": len(entries), "ps_ms": ps / 1e3, "cat_ms": reference / 1e3,
            "ratio": ps / reference, "start_ms": started / 1e3}


def _listed(setting):
    """The instances that ps shows."""
    status, out, err = setting.person.run([setting.hakurei, "ps", "--short"])
    if status != 0:
        raise RuntimeError(err.strip())
    return len(out.split())


def _uid(pid):
    """Its real uid; -1 for one that is gone, or about to be."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            fields = dict(line.split(":", 1) for line in file if ":" in line)
    except (FileNotFoundError, ProcessLookupError):
        return -1
    return -1 if fields["State"].split()[0] in "ZX" else int(fields["Uid"].split()[0])


def _processes(setting):
    """Those of the person, but for our own, and of the identity."""
    own = set(instances.tree(os.getpid()))
    uids = {setting.person.uid, setting.target}
    if not setting.person.is_other:
        uids.remove(setting.person.uid)  # who has much else
    return {int(name) for name in os.listdir("/proc")
            if name.isdigit() and int(name) not in own and _uid(name) in uids}


def _leftovers(setting):
    """A list of texts."""
    person = setting.person
    deadline = time.monotonic() + 1
    while _processes(setting) and time.monotonic() < deadline:
        time.sleep(0.02)
    left = [f"entry {path.name}" for path in person.entries()]
    run_dir = person.runtime_dir / "hakurei"
    left += [f"directory {name}" for name in (os.listdir(run_dir) if run_dir.exists() else [])]
    return left + [f"process {pid} {instances.name_of(pid)}" for pid in _processes(setting)]


def _crowd(setting, number):
    """Times of ps with so many running, and how they began and ended."""
    config = setting.config("sleep", instances.PROGRAM)
    with instances.running(setting.person, setting.app(config), number) as made:
        times = _times(setting)
        listed = _listed(setting)
    return {**times, "listed": listed, "start_s": made.start_seconds, "end_s": made.end_seconds,
            "statuses": {str(status): count for status, count in made.statuses.items()},
            "left": _leftovers(setting)}


def measure_ps(setting, _compositor):
    return [_times(setting), _crowd(setting, 100)]


def measure_crowd(setting, _compositor):
    return [_crowd(setting, setting.crowd)] if setting.crowd else []


def show(result):
    rows = [["entries", "ps ms", "cat ms", "x cat", "start ms"]]
    for row in result:
        rows.append([str(row["entries"]), f"{row['ps_ms']:.2f}", f"{row['cat_ms']:.2f}",
                     f"{row['ratio']:.2f}", f"{row['start_ms']:.2f}"])
    yield from report.table(rows)


def show_crowd(result):
    if not result:
        yield "left out: less than 8 GiB of memory (--crowd N)"
        return
    yield from show(result)
    for row in result:
        statuses = ", ".join(f"{count} with status {status}"
                             for status, count in row["statuses"].items())
        yield (f"{row['entries']} instances: {row['listed']} listed; started in "
               f"{row['start_s']:.1f} s, ended in {row['end_s']:.1f} s ({statuses}); "
               f"left over: {len(row['left'])}")
        yield from (f"    {left}" for left in row["left"][:10])
