# SPDX-License-Identifier: MIT
"""Somebody swaps what lies at the paths that hakurei uses, all the time, while instances start and
end: nothing is followed, and what is the person's stays as it was."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.compositor import compositor, hk_compositor, start_compositor  # noqa: F401
from harness.container import bind
from harness.desktop import ALL, servers  # noqa: F401
from harness.run import start_as
from harness.snapshot import host_snapshot
from harness.sound import sound  # noqa: F401

SOURCE = Path(__file__).resolve().parent.parent / "standin/swap.c"
STARTS = 100


@pytest.fixture
def swap(compile_c):
    return compile_c(SOURCE)


@pytest.fixture
def precious(person):
    """Looks like what hakurei has in TMPDIR and elsewhere: followed, it would be taken for that."""
    path = person.make("precious", 0o755)
    for name in ("below", "runtime", "tmpdir", person.share.name):
        person.make(f"precious/{name}", 0o755)
    for name in ("file", "below/file", f"{person.share.name}/file"):
        person.make(f"precious/{name}", 0o644, "text")
    before = host_snapshot(path)
    yield path
    assert before.differences(host_snapshot(path)) == []
    shutil.rmtree(path)


@contextmanager
def swapping(user, program, *args):
    running = start_as(user, [program, *args])
    assert running.stdout.readline() == "ready\n"
    try:
        yield
        assert running.alive()
    finally:
        running.kill()
        running.wait()


def run_often(person, *args, starts=STARTS, prepare=None, env=None):
    """How often it has worked, and how often it was refused with one line that has a path."""
    counts = {0: 0, 125: 0}
    for _ in range(starts):
        if prepare:
            prepare()
        result = person.run(*args, env=env, timeout=15)
        counts[result.status] += 1  # no other status
        lines = [line for line in result.stderr.splitlines() if "warning: " not in line]
        assert len(lines) == (result.status == 125), result
        assert all(line.startswith("hakurei: ") and "'/" in line for line in lines), result
        person.wait_for_no_process()
    print(counts)
    return counts


def test_a_neighbour_who_swaps_our_names_in_tmpdir_gets_nothing(person, neighbour, precious, swap,
                                                                work_dir):
    def prepare():
        """Takes away what is there. Moved first: it might become a pipe while we look at it."""
        gone = work_dir / "gone"
        try:
            person.share.rename(gone)
        except OSError:
            return
        if gone.is_dir() and not gone.is_symlink():
            shutil.rmtree(gone)
        else:
            gone.unlink()

    with swapping(neighbour.user, swap, precious, person.share):
        counts = run_often(person, "run", "-a", "7", "true", prepare=prepare)
    assert counts[125] > 0
    prepare()
    assert person.run("run", "-a", "7", "true").status == 0


def test_a_neighbour_who_swaps_the_directory_above_tmpdir_gets_nothing(person, neighbour, precious,
                                                                       swap, work_dir):
    place = work_dir / "of-the-neighbour"
    for path in (place, place / "tmp.real"):
        path.mkdir()
        shutil.chown(path, neighbour.user.uid, neighbour.user.gid)
    (place / "tmp.real").chmod(0o1777)
    with swapping(neighbour.user, swap, precious, place / "tmp"):
        run_often(person, "run", "-a", "7", "true", env={"TMPDIR": str(place / "tmp")})
    person.run("recover")
    shutil.rmtree(place)


def test_a_neighbour_who_swaps_what_is_opened_to_a_program_gets_nothing(person, neighbour, precious,
                                                                        swap, work_dir):
    """A directory of the person's where everybody may rename."""
    place = work_dir / "for-everybody"
    place.mkdir()
    place.chmod(0o777)
    data = place / "data.real"
    data.mkdir()
    (data / "file").write_text("text")
    for path in (data, data / "file"):
        shutil.chown(path, person.user.uid, person.user.gid)
    perms = [{"path": str(place / name), "r": True, "w": True, "x": True}
             for name in ("data", "data/file")]
    config = person.config(script="exit 0", extra_perms=perms)
    with swapping(neighbour.user, swap, precious, place / "data"):
        counts = run_often(person, "app", config)
    assert counts[0] > 0 and counts[125] > 0
    shutil.rmtree(place)


def test_a_program_that_swaps_what_others_of_its_identity_use_gets_nothing(
        servers, precious, swap):  # noqa: F811
    person = servers.person
    shared = {"share_runtime": True, "share_tmpdir": True, "map_real_uid": True}
    runtime = f"/run/user/{person.user.uid}"
    names = [f"{runtime}/{name}" for name in ("bus", "pulse", "wayland-0", "hakurei")]
    names += ["/tmp/.X11-unix", "/tmp/.X11-unix/X0"]
    hostile = person.config(path="/swap", args=["swap", str(precious), *names], container=shared,
                            filesystem=[bind(swap, "/swap")])
    config = person.config(script="exit 0", enablements=ALL, id="org.example.All",
                           container=shared)
    running = person.start_ready("app", hostile)
    places = [person.user.home, person.user.runtime_dir / "pulse", person.user.runtime_dir / "bus"]
    before = host_snapshot(*places)
    counts = {0: 0, 125: 0}
    for _ in range(STARTS):
        result = person.run("app", config, env=servers.env(), timeout=15)
        counts[result.status] += 1
        lines = [line for line in result.stderr.splitlines() if "warning: " not in line]
        assert len(lines) == (result.status == 125), result
    # It cannot even stop them: the one mount point in what they share is none that it can swap.
    assert counts == {0: STARTS, 125: 0}
    after = host_snapshot(*places)
    lines = [line for line in before.differences(after) if "/.local/state/" not in line]
    assert lines == []
    running.signal(2)
    running.wait()
    assert servers.targets_in_display(0) == set()
