# SPDX-License-Identifier: MIT
"""What host mounts add to a start: so many directories, bound read-only."""

import statistics
from pathlib import Path

import report

NUMBERS = {10: 2, 100: 4, 1000: 20}  # and one in how many rounds


def _directories(setting, number):
    top = setting.person.work_dir / "mounts"
    pairs = [(str(top / str(index)), f"/m/{index}") for index in range(number)]
    for source, _ in pairs:
        Path(source).mkdir(parents=True, exist_ok=True)
    return pairs


def measure(setting, _compositor):
    result = []
    for number, part in NUMBERS.items():
        pairs = _directories(setting, number)
        config = setting.config(f"mounts-{number}", mounts=pairs)
        commands = [setting.app(setting.config("strict")), setting.app(config),
                    setting.bwrap(), setting.bwrap(mounts=pairs)]
        runs = setting.measure(commands, max(setting.rounds // part, 3))
        own, own_base, bwrap, bwrap_base = (runs[index]["wall"] for index in (1, 0, 3, 2))
        added = statistics.median(a - b for a, b in zip(own, own_base, strict=True))
        bwrap_added = statistics.median(a - b for a, b in zip(bwrap, bwrap_base, strict=True))
        result.append({"mounts": number, "added_ms": added / 1e3,
                       "bwrap_added_ms": bwrap_added / 1e3, "ratio": added / bwrap_added})
    return result


def show(result):
    rows = [["mounts", "added ms", "bwrap's", "x bwrap's"]]
    for row in result:
        rows.append([str(row["mounts"]), f"{row['added_ms']:.2f}", f"{row['bwrap_added_ms']:.2f}",
                     f"{row['ratio']:.2f}"])
    yield from report.table(rows)
