# SPDX-License-Identifier: MIT
"""Fixtures of the integration tests. They need root: they make users and install a setuid
program, into the prefix of the build directory HK_BUILD_DIR, and take everything away again.

    meson setup BUILD --prefix=/opt/hakurei-test -Dhsurc=/opt/hakurei-test/etc/hsurc
    ninja -C BUILD
    HK_BUILD_DIR=BUILD python3 -m pytest tests/integration

Where HK_MUST_RUN=1 a skipped test is a failed one. With HK_BACKEND=subuid there is no hsu in the
prefix and everything goes through newuidmap; tests of what only hsu has, and slow ones that have nothing to do
with either, are left out.
"""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from harness import build as harness_build
from harness import run as harness_run
from harness import snapshot as harness_snapshot
from harness.person import Person
from harness.users import BACKEND, UserFactory


# -- which tests ---------------------------------------------------------------------------------

def pytest_configure(config):
    config.addinivalue_line("markers", "needs_hsu: a test of what only the hsu backend has")
    config.addinivalue_line("markers", "once: takes its time, and any backend will do")
    assert BACKEND in ("hsu", "subuid"), f"HK_BACKEND is {BACKEND}"
    # Ignored in what a shell starts in the background, and handed down to everything from here.
    for number, handler in ((signal.SIGINT, signal.default_int_handler),
                            (signal.SIGQUIT, signal.SIG_DFL)):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_collection_modifyitems(config, items):
    if BACKEND != "hsu":
        def is_left_out(item):
            return item.get_closest_marker("needs_hsu") or item.get_closest_marker("once")

        config.hook.pytest_deselected(items=[item for item in items if is_left_out(item)])
        items[:] = [item for item in items if not is_left_out(item)]


# -- skipping ----------------------------------------------------------------------------------

def _must_run(report):
    if os.environ.get("HK_MUST_RUN") == "1" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where HK_MUST_RUN=1: {report.longrepr}"
    return report


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    outcome.force_result(_must_run(outcome.get_result()))


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    outcome = yield
    outcome.force_result(_must_run(outcome.get_result()))


# -- where things are ----------------------------------------------------------------------------

@pytest.fixture(scope="session")
def as_root():
    if os.geteuid() != 0:
        pytest.skip("needs root")


@pytest.fixture(scope="session")
def work_dir(as_root):
    """A directory of this session that every user can reach: /tmp/hk-test-XXXX."""
    path = Path(tempfile.mkdtemp(prefix="hk-test-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def tmp_dir(work_dir):
    """TMPDIR of the users: like /tmp, and nobody else's."""
    path = work_dir / "tmp"
    path.mkdir()
    path.chmod(0o1777)
    return path


@pytest.fixture(scope="session")
def build_dir():
    """HK_BUILD_DIR."""
    value = os.environ.get("HK_BUILD_DIR")
    if not value:
        pytest.skip("HK_BUILD_DIR is not set")
    return Path(value).resolve()


@pytest.fixture(scope="session")
def prefix(as_root, build_dir):
    """The build, installed: .path .bin .libexec .hakurei .hsu .shim .hsurc"""
    installed = harness_build.install(build_dir)
    if BACKEND == "subuid":
        installed.hsu.unlink()
    yield installed
    installed.remove()


@pytest.fixture
def hsurc(prefix):
    """hsurc(text, mode=0o400, uid=0, gid=0) writes the hsurc file; hsurc(None) removes it."""
    yield prefix.write_hsurc
    prefix.write_hsurc(None)


@pytest.fixture(scope="session")
def compile_c(work_dir):
    """compile_c(source, static=True, args=()): the path of the program that it becomes."""
    path = work_dir / "programs"
    path.mkdir()
    path.chmod(0o755)
    return harness_build.Compiler(path)


@pytest.fixture(scope="session")
def probe(build_dir, work_dir):
    """The payload that prints facts as JSON, where every user can execute it."""
    built = build_dir / "tests" / "probe" / "hk-probe"
    if not built.exists():
        pytest.skip("the probe is not built")
    path = work_dir / "probe"
    shutil.copy(built, path)
    path.chmod(0o755)
    return path


@pytest.fixture(scope="session")
def bare_path(work_dir):
    """A PATH with nothing in it but what the backends need."""
    path = work_dir / "bare-path"
    path.mkdir()
    for tool in ("newuidmap", "newgidmap"):
        (path / tool).symlink_to(shutil.which(tool))
    return path


# -- who runs what ---------------------------------------------------------------------------------

@pytest.fixture(scope="session")
def user_factory(request, work_dir, tmp_dir):
    """user_factory(label) makes a user (harness/users.py), removed when the session ends."""
    home = work_dir / "home"
    home.mkdir(mode=0o755)
    path = "/usr/local/bin:/usr/bin:/bin"
    if os.environ.get("HK_BUILD_DIR"):
        options = harness_build.build_options(os.environ["HK_BUILD_DIR"])
        path = f"{options['prefix']}/bin:{path}"
    factory = UserFactory(home, tmp_dir, path)
    yield factory
    factory.remove_all()


@pytest.fixture(scope="session")
def alice(user_factory):
    return user_factory("alice")


@pytest.fixture(scope="session")
def bob(user_factory):
    return user_factory("bob")


@pytest.fixture(scope="session")
def run_as():
    """run_as(user, argv, env=, stdin=, timeout=, cwd=, groups=, pass_fds=): a Result."""
    return harness_run.run_as


@pytest.fixture(scope="session")
def start_as():
    """start_as(user, argv, ...): a Running, for tests that do something meanwhile."""
    return harness_run.start_as


@pytest.fixture(scope="session")
def host_snapshot():
    """host_snapshot(*paths, uids=()): a value to compare, and before.differences(after)."""
    return harness_snapshot.host_snapshot


# -- who runs hakurei --------------------------------------------------------------------------

@pytest.fixture
def person(prefix, hsurc, alice, bob, tmp_dir, probe):
    """alice, whom the backend serves, as it does bob; nothing of hers may be left after the test."""
    hsurc(f"{alice.uid} {alice.userid}\n{bob.uid} {bob.userid}\n")
    someone = Person(alice, prefix, tmp_dir, probe)
    yield someone
    try:
        someone.check_nothing_left()
    finally:
        someone.clean_up()


@pytest.fixture
def neighbour(person, prefix, bob, tmp_dir, probe):
    """bob likewise."""
    someone = Person(bob, prefix, tmp_dir, probe)
    yield someone
    try:
        someone.check_nothing_left()
    finally:
        someone.clean_up()
