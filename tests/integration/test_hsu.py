# SPDX-License-Identifier: MIT
"""hsu, with real users and the real setuid bit.

hsu is built for a prefix of its own, where two small programs stand in: for hakurei one that
calls hsu in any way wanted (standin/launcher.c), for the shim one that says what it has become
(standin/shim.c). "B1 N" in a docstring counts what went wrong in other setuid programs: each
names the event and is the test that it cannot happen here.
"""

import errno
import hashlib
import os
import re
import resource
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time
from pathlib import Path

import pytest

from harness.build import SOURCE, Prefix
from harness.processes import processes_of, wait_until
from harness.run import run_as, start_as
from harness.users import ROOT

pytestmark = pytest.mark.needs_hsu

PREFIX = "/opt/hakurei-hsutest"
STANDIN = Path(__file__).parent / "standin"

# Numbers that are none, and the CVEs they stand for: B1 13 (CVE-2026-30892 crun: "-u" was parsed
# into another user than written).
NOT_NUMBERS = ["", "+1", "-1", " 1", "1 ", "0x1", "01", "00", "1e1", "1.0", "one", "\t1", "1\n",
               "4294967296", "4294967297", "18446744073709551617", "99999999999999999999999999",
               "\u0661", "1,", "1:2"]


class Hsu:
    """An installed hsu and ways to call it."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.path = prefix.hsu

    def call(self, user, *steps, **options):
        """Runs the launcher with these steps."""
        return run_as(user, [self.prefix.hakurei, *steps], **options)

    def ask(self, user, *inside, before=(), **options):
        """What hsu answers a child of hakurei; inside: steps of the child before hsu."""
        return self.call(user, *before, "fork", *inside, "exec", self.path, **options)

    def become(self, user, *inside, identity="0", groups=None, channel="3", before=None,
               env=None, **options):
        """Has hsu start the shim; gids: the person's supplementary groups."""
        steps = ("channel", channel) if before is None else before
        asked = {"HAKUREI_SHIM": channel, "HAKUREI_IDENTITY": identity, "HAKUREI_GROUPS": groups}
        return self.ask(user, *inside, before=steps, env={**asked, **(env or {})}, **options)


@pytest.fixture(scope="module")
def hsu(as_root, work_dir, compile_c):
    build = work_dir / "build-hsu"
    hsurc = f"{PREFIX}/etc/hsurc"
    options = [f"--prefix={PREFIX}", f"-Dhsurc={hsurc}", "-Dtests=false", "-Dwerror=true"]
    subprocess.run(["meson", "setup", build, SOURCE, *options], check=True, capture_output=True)
    subprocess.run(["ninja", "-C", build, "src/hsu/hsu"], check=True, capture_output=True)
    if "HK_HSU_COVERAGE" in os.environ:
        build_counting(build, Path(os.environ["HK_HSU_COVERAGE"]))
    prefix = Prefix(PREFIX, hsurc)
    prefix.create()
    try:
        prefix.bin.mkdir()
        prefix.libexec.mkdir(parents=True)
        shutil.copy(build / "src/hsu/hsu", prefix.hsu)
        prefix.hsu.chmod(0o4511)
        shutil.copy(compile_c(STANDIN / "launcher.c"), prefix.hakurei)
        install_shim(prefix, compile_c)
        installed = Hsu(prefix)
        installed.build = build
        yield installed
    finally:
        prefix.remove()


def build_counting(build, directory):
    """Puts an hsu into the build that counts its branches in directory/data: standin/coverage.c.
    For tests/coverage/hsu.py."""
    cc = ["gcc", "-std=gnu17", "-g", "-D_GNU_SOURCE", "-fPIE", "-I", SOURCE / "src", "-I", build]
    counted = ["--coverage", "-fprofile-info-section=counted", "-D_exit=coverage_exit",
               "-Dexecve=coverage_execve", "-Dwrite=coverage_write"]
    data = directory / "data"
    for name in ("src/hsu/hsu.c", "src/hsu/parse.c", "src/base/scan.c"):
        subprocess.run([*cc, *counted, "-c", SOURCE / name], cwd=directory, check=True)
    subprocess.run([*cc, f'-DCOVERAGE="{data}"', "-c", STANDIN / "coverage.c"], cwd=directory,
                   check=True)
    subprocess.run(["gcc", "-static-pie", "--coverage", "-o", build / "src/hsu/hsu", "hsu.o",
                    "parse.o", "scan.o", "coverage.o"], cwd=directory, check=True)
    data.touch(mode=0o666)
    data.chmod(0o666)  # hsu may be started without the setuid bit, by anybody
    os.truncate(data, 4 + 4096 * 16384)


def install_shim(prefix, compile_c):
    shutil.copy(compile_c(STANDIN / "shim.c"), prefix.shim)


@pytest.fixture(autouse=True)
def persons(request):
    """Alice and bob are in the hsurc file, each with a userid of their own."""
    if "hsu" in request.fixturenames and "alice" in request.fixturenames:
        hsu, users = request.getfixturevalue("hsu"), [request.getfixturevalue("alice")]
        if "bob" in request.fixturenames:
            users.append(request.getfixturevalue("bob"))
        hsu.prefix.write_hsurc("".join(f"{user.uid} {user.userid}\n" for user in users))


def facts_of(result):
    """What the shim said: key -> value; a key that comes several times -> list."""
    facts = {}
    for line in result.stdout.splitlines():
        key, separator, value = line.partition(":")
        if separator:
            facts.setdefault(key, []).append(value.strip().replace("\t", " "))
    assert facts.get("done") == ["yes"], result
    return {key: values[0] if len(values) == 1 else values for key, values in facts.items()}


def assert_refused(result, message):
    assert (result.status, result.stdout, result.stderr) == (1, "", f"hsu: {message}\n")


def assert_becomes(result, user, identity, groups=(), channel=3):
    """The shim runs as promised, whatever the caller did. Returns the facts.

    B1 9 (CVE-2020-5291 bubblewrap: root capabilities were kept on one path): all ids, groups
    and sets are looked at each time.
    """
    assert (result.status, result.stderr) == (7, "")
    facts = facts_of(result)
    target = user.target_uid(identity)
    assert facts["Uid"] == facts["Gid"] == " ".join([str(target)] * 4)
    assert sorted(map(int, facts["Groups"].split())) == sorted([target, *groups])
    for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(facts[kind], 16) == 0, kind
    assert facts["NoNewPrivs"] == "1"
    assert facts["root again"] == "-1 -1"
    assert facts["securebits"] == "0"
    for kind in ("SigBlk", "SigIgn", "SigCgt", "ShdPnd"):
        assert int(facts[kind], 16) == 0, kind
    assert facts["Umask"] == "0022"
    for kind in range(3):
        assert facts[f"timer {kind}"] == "0 0"
    assert facts[f"limit {resource.RLIMIT_CORE}"] == "0 0"
    assert facts["argument 0"] == "hakurei-shim" and "argument 1" not in facts
    assert facts["variable"] == f"HAKUREI_SHIM={channel}"
    assert facts["exe"] == f"{PREFIX}/libexec/hakurei/hakurei-shim"
    assert {key for key in facts if key.startswith("fd ")} == {
        f"fd {number}" for number in (0, 1, 2, channel)}
    assert facts[f"fd {channel}"].startswith("socket:")
    return facts


# -- what it is for ------------------------------------------------------------------------------

def test_it_prints_the_userid_when_no_shim_is_asked_for(hsu, alice, bob):
    for user in (alice, bob):
        result = hsu.ask(user)
        assert (result.status, result.stdout, result.stderr) == (0, f"{user.userid}\n", "")


@pytest.mark.parametrize("identity", [0, 1, 42, 9998, 9999])
def test_the_shim_runs_as_the_identity_and_nothing_else(hsu, alice, identity):
    assert_becomes(hsu.become(alice, identity=str(identity)), alice, identity)


@pytest.mark.parametrize("channel", [3, 4, 9])
def test_only_the_channel_and_the_standard_descriptors_reach_the_shim(hsu, alice, channel):
    """B1 37 is the escape that an open directory would be: every other descriptor is closed."""
    extra = [number for number in (3, 4, 5, 6, 8, 9, 200) if number != channel]
    steps = [word for number in extra for word in ("file", str(number), "/")]
    before = ["channel", str(channel), *steps]
    result = hsu.become(alice, identity="5", channel=str(channel), before=before)
    assert_becomes(result, alice, 5, channel=channel)


def test_descriptors_above_a_lowered_limit_are_closed_too(hsu, alice):
    steps = ["file", "300", "/", "limit", str(resource.RLIMIT_NOFILE), "64"]
    assert_becomes(hsu.become(alice, *steps), alice, 0)


def test_the_working_directory_is_kept(hsu, alice, tmp_dir):
    facts = assert_becomes(hsu.become(alice, cwd=tmp_dir), alice, 0)
    assert facts["directory"] == str(tmp_dir)


def test_the_userids_at_both_ends_give_the_uids_at_both_ends(hsu, alice):
    """The formula and its bounds: 10000 and 999919999 are reached, and nothing beyond."""
    for userid, identity, target in ((0, "0", 10000), (9999, "9999", 999919999)):
        hsu.prefix.write_hsurc(f"{alice.uid} {userid}\n")
        facts = facts_of(hsu.become(alice, identity=identity))
        assert facts["Uid"] == " ".join([str(target)] * 4)
        assert facts["Groups"] == str(target)


def test_two_persons_never_get_the_same_uid(hsu, alice, bob):
    uids = [facts_of(hsu.become(user))["Uid"] for user in (alice, bob)]
    assert uids[0] != uids[1]


# -- step 1: what the caller leaves behind ---------------------------------------------------------

def test_without_any_argument_nothing_is_read_past_them(hsu, alice):
    """B1 1 (CVE-2021-4034 pkexec): newer kernels put an empty name there, and then it works as
    with any other name; an older one is refused by the next test's check."""
    result = hsu.call(alice, "fork", "bare", hsu.path)
    assert (result.status, result.stdout) in ((0, f"{alice.userid}\n"), (1, ""))
    assert result.stderr in ("", "hsu: started without a name\n")


def compile_hsu(hsu, compile_c, *args):
    """hsu from its sources with other compiler arguments."""
    sources = [SOURCE / "src/hsu/parse.c", SOURCE / "src/base/scan.c"]
    includes = ["-I", SOURCE / "src", "-I", hsu.build]
    return compile_c(SOURCE / "src/hsu/hsu.c", args=[*args, *includes, *sources])


def test_no_arguments_at_all_is_refused(hsu, alice, compile_c):
    """B1 1 again, where the kernel cannot help: main itself is called with argc 0."""
    main = compile_c("int main(int, char **) __asm__(\"hsu_main\");\n"
                     "int start(void) __asm__(\"main\");\n"
                     "int start(void) { char *none[1] = {0}; return main(0, none); }\n",
                     args=["-c"])
    program = compile_hsu(hsu, compile_c, "-Dmain=hsu_main", "-Wno-return-type", "-x", "none",
                          main, "-x", "c")
    assert_refused(run_as(alice, [program]), "started without a name")


@pytest.mark.parametrize("closed", ["0", "1", "2", "01", "12", "02", "012"])
def test_closed_standard_descriptors_are_replaced(hsu, alice, closed):
    """B1 15: a file opened later must not become descriptor 2 and take error messages in."""
    steps = [word for number in closed for word in ("close", number)]
    facts = assert_becomes(hsu.become(alice, *steps), alice, 0)
    for number in closed:
        assert facts[f"fd {number}"] in ("/dev/null", "/dev/full")
    # A refusal has nowhere to go, and is one.
    assert hsu.become(alice, *steps, identity="x").status == 1


def test_it_opens_standard_descriptors_itself_where_libc_does_not(hsu, alice, work_dir):
    """The C library does the same, but only in setuid programs."""
    trace = work_dir / "closed"
    copy = alice.home / "hsu"
    shutil.copy(hsu.build / "src/hsu/hsu", copy)
    run_as(ROOT, ["strace", "-o", trace, "sh", "-c", 'exec "$0" 0<&- 1>&- 2>&-', copy])
    lines = trace.read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f'execve("{copy}"'))
    opened = [line.rsplit("= ", 1)[1] for line in lines[start:] if '"/dev/null", O_RDWR' in line]
    assert opened == ["0", "1", "2"]


def test_without_dev_null_a_missing_descriptor_is_an_end(hsu, alice):
    """As above. In a setuid program the C library ends it itself, without a word."""
    copy = hsu.prefix.path / "hsu-copy"
    shutil.copy(hsu.build / "src/hsu/hsu", copy)
    script = f"mount -t tmpfs none /dev; exec {copy} 0<&-"
    result = run_as(ROOT, ["unshare", "-m", "sh", "-ec", script])
    assert_refused(result, "cannot open /dev/null for a closed descriptor")
    result = in_a_mount_namespace(alice, "mount -t tmpfs none /dev", "sh", "-c", 'exec "$@" 0<&-',
                                  "sh", hsu.prefix.hakurei, "fork", "exec", hsu.path)
    assert result.stdout == "" and result.status != 0


def test_a_userid_that_cannot_be_written_is_a_failure(hsu, alice):
    assert_refused(hsu.ask(alice, "close", "1", "file", "1", "/dev/null"),
                   "cannot write the userid")


def test_timers_of_the_caller_are_stopped(hsu, alice):
    """B1 15: a timer would end the shim, which the caller may send no signal."""
    assert_becomes(hsu.become(alice, "timers", "1000"), alice, 0)


@pytest.mark.parametrize("steps", [["ignore"], ["block"], ["ignore", "block"]])
def test_ignored_and_blocked_signals_are_not_handed_on(hsu, alice, steps):
    """B1 16 (bubblewrap#705: SIGCHLD ignored by the caller), for all 64 signals."""
    assert_becomes(hsu.become(alice, *steps), alice, 0)


@pytest.mark.parametrize("mask", ["0", "0777", "0077"])
def test_a_hostile_umask_is_not_handed_on(hsu, alice, mask):
    assert_becomes(hsu.become(alice, "umask", mask), alice, 0)


LIMITS = ["AS", "CORE", "CPU", "DATA", "FSIZE", "MEMLOCK", "MSGQUEUE", "NICE", "NOFILE", "NPROC",
          "RSS", "RTPRIO", "RTTIME", "SIGPENDING", "STACK"]


@pytest.mark.parametrize("name,value", [
    *[(name, 0) for name in LIMITS], ("AS", 1 << 20), ("CPU", 1), ("DATA", 4096), ("NOFILE", 3),
    ("STACK", 65536),
])
def test_a_hostile_limit_never_makes_a_check_pass(hsu, alice, name, value):
    """B1 15: under each limit hsu either does all of its work, or refuses; and somebody who is
    not in the hsurc file gets nothing under any."""
    steps = ["limit", str(getattr(resource, f"RLIMIT_{name}")), str(value)]
    result = hsu.become(alice, *steps)
    if result.status == 7:
        assert_becomes(result, alice, 0)
    else:
        assert result.stdout == "" and result.status in (1, 97, 98)
    hsu.prefix.write_hsurc(f"{alice.uid + 1} 1\n")
    result = hsu.become(alice, *steps)
    assert result.stdout == "" and result.status in (1, 97, 98)


def test_without_a_free_descriptor_the_hsurc_file_is_not_taken_as_read(hsu, alice):
    result = hsu.ask(alice, "limit", str(resource.RLIMIT_NOFILE), "3")
    assert_refused(result, f"cannot open the hsurc file: error {errno.EMFILE}")
    # musl's start asks the kernel about descriptors 0 to 2, which is refused with this limit, and
    # ends a setuid program for that with a signal, before main.
    result = hsu.ask(alice, "limit", str(resource.RLIMIT_NOFILE), "0")
    assert result.stdout == "" and (result.status, result.stderr) in (
        (1, f"hsu: cannot open the hsurc file: error {errno.EMFILE}\n"),
        (98, f"signal {signal.SIGSEGV:d} core 0\n"))


def test_limits_stay_those_of_the_person_but_for_core_files(hsu, alice):
    facts = facts_of(hsu.become(alice, "limit", str(resource.RLIMIT_NOFILE), "99"))
    assert facts[f"limit {resource.RLIMIT_NOFILE}"] == "99 99"


HOSTILE_ENVIRONMENT = {
    "GLIBC_TUNABLES": "glibc.malloc.mxfast=glibc.malloc.mxfast=" + "A" * 5000,
    "LD_PRELOAD": "/tmp/evil.so", "LD_LIBRARY_PATH": "/tmp", "LD_AUDIT": "/tmp/evil.so",
    "LD_DEBUG": "all", "LD_DEBUG_OUTPUT": "/tmp/evil", "LD_PROFILE": "libc.so.6",
    "LD_SHOW_AUXV": "1", "LD_TRACE_LOADED_OBJECTS": "1", "LD_BIND_NOW": "1",
    "MALLOC_CHECK_": "3", "MALLOC_PERTURB_": "1", "MALLOC_TRACE": "/tmp/evil",
    "MALLOC_ARENA_MAX": "-1", "TZ": "/tmp/evil", "TZDIR": "/tmp", "LANG": "../../tmp/evil",
    "LC_ALL": "/tmp/evil", "LOCPATH": "/tmp", "NLSPATH": "/tmp/%N", "GCONV_PATH": "/tmp",
    "GETCONF_DIR": "/tmp", "HOSTALIASES": "/tmp/evil", "RES_OPTIONS": "debug",
    "TMPDIR": "/tmp", "PATH": "/tmp", "SHELL": "/tmp/evil", "IFS": "x", "HOME": "/tmp",
    "ENV": "/tmp/evil", "BASH_ENV": "/tmp/evil", "": "x", "A": "A" * 100000,
}


def test_a_hostile_environment_changes_nothing(hsu, alice):
    """B1 3 (CVE-2023-4911 glibc tunables) and B1 10 (CVE-2017-5180 firejail: root used the
    caller's environment): a static program, and one variable left for the shim."""
    env = {name: value for name, value in HOSTILE_ENVIRONMENT.items() if name}
    result = hsu.ask(alice, env=env)
    assert (result.status, result.stdout, result.stderr) == (0, f"{alice.userid}\n", "")
    assert_becomes(hsu.become(alice, env=env), alice, 0)


def test_the_program_is_static_and_not_readable(hsu):
    headers = subprocess.run(["readelf", "-lW", hsu.path], capture_output=True, check=True,
                             text=True).stdout
    assert "INTERP" not in headers and "NEEDED" not in headers
    assert "GNU_RELRO" in headers and "RWE" not in headers


def test_the_installed_program_has_exactly_its_mode(prefix):
    st = prefix.hsu.stat()
    assert (oct(stat.S_IMODE(st.st_mode)), st.st_uid, st.st_gid) == ("0o4511", 0, 0)


def test_no_new_privs_is_named(hsu, alice):
    """B1 17: where the setuid bit is void, the line says why."""
    assert_refused(hsu.ask(alice, "nnp"), "not root: the caller has no_new_privs set")


def in_a_mount_namespace(alice, script, *argv):
    setpriv = f"setpriv --reuid {alice.uid} --regid {alice.gid} --clear-groups"
    return run_as(ROOT, ["unshare", "-m", "sh", "-ec", f'{script}\nexec {setpriv} "$@"', "sh",
                         *argv], env=alice.env)


def test_a_nosuid_mount_is_named(hsu, alice):
    result = in_a_mount_namespace(
        alice, f"mount --bind {PREFIX} {PREFIX}; mount -o remount,bind,nosuid {PREFIX}",
        hsu.prefix.hakurei, "fork", "exec", hsu.path)
    assert_refused(result, "not root: this program lies on a mount with nosuid")


def test_a_user_namespace_is_named(hsu, alice):
    result = run_as(alice, ["unshare", "-U", hsu.prefix.hakurei, "fork", "exec", hsu.path])
    assert_refused(result, "not root: started in a user namespace")


def test_being_root_in_a_user_namespace_gives_nothing(hsu, alice):
    result = run_as(alice, ["unshare", "-Ur", hsu.prefix.hakurei, "fork", "exec", hsu.path])
    assert_refused(result, "this program must not be started by root")


def test_a_tracer_or_a_missing_setuid_bit_is_named(hsu, alice):
    message = "not root: not installed setuid root, or being traced"
    assert_refused(hsu.ask(alice, "traced"), message)
    copy = alice.home / "hsu"
    shutil.copy(hsu.build / "src/hsu/hsu", copy)
    copy.chmod(0o755)
    assert_refused(hsu.call(alice, "fork", "exec", copy), message)


def test_without_proc_a_missing_setuid_bit_is_named_all_the_same(hsu, alice):
    copy = hsu.prefix.path / "hsu-copy"
    shutil.copy(hsu.build / "src/hsu/hsu", copy)
    result = in_a_mount_namespace(alice, "mount -t tmpfs none /proc", copy)
    assert_refused(result, "not root: not installed setuid root, or being traced")


def test_root_may_not_start_it(hsu):
    assert_refused(hsu.ask(ROOT), "this program must not be started by root")


def test_an_effective_group_of_somebody_else_is_refused(hsu, alice, bob, compile_c):
    program = compile_c("#include <unistd.h>\nint main(int c, char **v)"
                        "{ (void)c; return execv(v[1], v + 1); }\n", args=["-DSETGID_WRAPPER"])
    wrapper = hsu.prefix.path / "wrapper"
    shutil.copy(program, wrapper)
    os.chown(wrapper, 0, bob.gid)
    wrapper.chmod(0o2755)
    result = hsu.call(alice, "fork", "exec", wrapper, hsu.path)
    assert_refused(result, "the effective group is not the real one")


# -- steps 2 and 3: paths and the parent -------------------------------------------------------------

def test_a_compiled_in_path_that_is_not_absolute_is_refused(hsu, alice, compile_c, work_dir):
    for name in ("HK_PATH_HAKUREI", "HK_PATH_SHIM", "HK_PATH_HSURC"):
        include = work_dir / f"relative-{name}"
        include.mkdir()
        (include / "paths.h").write_text("".join(
            f'#define {path} "{"etc/x" if path == name else "/etc/x"}"\n'
            for path in ("HK_PATH_HAKUREI", "HK_PATH_SHIM", "HK_PATH_HSURC")))
        built = hsu.prefix.path / name
        shutil.copy(compile_hsu(hsu, compile_c, "-I", include), built)
        built.chmod(0o4511)
        assert_refused(run_as(alice, [built]), "built with a path that is not absolute")


def test_a_parent_that_is_not_hakurei_is_refused(hsu, alice):
    assert_refused(run_as(alice, [hsu.path]), "the parent process is not hakurei")
    assert_refused(run_as(alice, ["sh", "-c", f"{hsu.path}; exit $?"]),
                   "the parent process is not hakurei")


@pytest.mark.parametrize("name", ["hakurei2", "hakure", "hakurei (deleted)x"])
def test_a_parent_with_a_name_like_hakurei_is_refused(hsu, alice, name):
    copy = hsu.prefix.bin / name
    shutil.copy(hsu.prefix.hakurei, copy)
    result = run_as(alice, [copy, "fork", "exec", hsu.path])
    copy.unlink()
    assert_refused(result, "the parent process is not hakurei")


def test_a_copy_of_hakurei_elsewhere_is_refused(hsu, alice):
    copy = alice.home / "hakurei"
    shutil.copy(hsu.prefix.hakurei, copy)
    copy.chmod(0o755)
    assert_refused(run_as(alice, [copy, "fork", "exec", hsu.path]),
                   "the parent process is not hakurei")


def test_a_hakurei_that_was_replaced_is_named(hsu, alice, compile_c):
    running = start_as(alice, [hsu.prefix.hakurei, "wait", "fork", "exec", hsu.path])
    wait_until(lambda: os.readlink(f"/proc/{running.pid}/exe") == str(hsu.prefix.hakurei))
    hsu.prefix.hakurei.unlink()
    try:
        assert_refused(running.wait("x"), "the parent process is a hakurei that was deleted or "
                       "replaced")
    finally:
        shutil.copy(compile_c(STANDIN / "launcher.c"), hsu.prefix.hakurei)


def test_an_orphan_of_hakurei_is_refused(hsu, alice, compile_c):
    """Its parent is who collects orphans then; here that is a program of our own."""
    reaper = compile_c("#include <sys/prctl.h>\n#include <sys/wait.h>\n#include <unistd.h>\n"
                       "int main(int c, char **v) { (void)c; prctl(PR_SET_CHILD_SUBREAPER, 1);"
                       " if (fork() == 0) { execv(v[1], v + 1); }"
                       " while (wait(NULL) > 0) {} return 0; }\n")
    script = f"(sleep 0.3; exec {hsu.path}) & exit 0"
    result = run_as(alice, [reaper, hsu.prefix.hakurei, "exec", "/bin/sh", "-c", script])
    assert (result.stdout, result.stderr) == ("", "hsu: the parent process is not hakurei\n")


def test_parents_that_end_meanwhile_leave_nothing_behind(hsu, alice):
    """Each a little later than the one before: hsu, or the shim, is left to somebody else at every
    step once."""
    env = {"HAKUREI_SHIM": "3", "HAKUREI_IDENTITY": "4"}
    said = set()
    for step in range(60):
        running = start_as(alice, [hsu.prefix.hakurei, "channel", "3", "fork", "exec", hsu.path],
                           env=env)
        time.sleep(step * 0.0001)
        os.kill(running.pid, signal.SIGKILL)
        result = running.wait()
        assert "hsu: " not in result.stdout
        said.update(result.stderr.splitlines())
    # ENOENT: it is about to end. EACCES: who has it now is, in some containers, nothing that root
    # may look at.
    untold = [f"hsu: cannot tell what the parent process is: error {number}"
              for number in (errno.ENOENT, errno.EACCES)]
    assert said <= {"hsu: the parent process is not hakurei", "hsu: the parent process has ended",
                    f"hsu: {NOT_MADE}", *untold}, said
    wait_until(lambda: not processes_of({alice.uid, alice.target_uid(4)}), what="all to end")


def test_a_hakurei_that_is_swapped_all_the_time_gets_an_answer_or_a_refusal(hsu, alice):
    path, other = hsu.prefix.hakurei, hsu.prefix.hakurei.with_name("other")
    shutil.copy(path, other)
    swap = start_as(ROOT, ["sh", "-c", f"cd {path.parent}; while :; do mv hakurei third;"
                           " mv other hakurei; mv third other; done"])
    try:
        answers = {(r.status, r.stdout, r.stderr) for r in (
            run_as(alice, ["sh", "-c", f"{path} fork exec {hsu.path} 2>&1 || :"])
            for _ in range(60))}
    finally:
        swap.kill()
        swap.wait()
        names = {name for name in ("hakurei", "other", "third") if path.with_name(name).exists()}
        path.with_name(max(names - {"hakurei"}, default="hakurei")).replace(path)
    good = {f"{alice.userid}\n", "hsu: the parent process is not hakurei\n"}
    unlike = {out for status, out, _ in answers if out not in good and "not found" not in out}
    assert not unlike and any(out in good for _, out, _ in answers)


def test_the_own_name_and_place_mean_nothing(hsu, alice):
    """B1 7 (CVE-2021-44730 snap-confine: paths derived from a hard link of itself)."""
    link = hsu.prefix.path / "another-hsu"
    os.link(hsu.path, link)
    result = hsu.become(alice, "exec", link)
    link.unlink()
    assert_becomes(result, alice, 0)


def test_the_shim_is_not_looked_for_in_path(hsu, alice):
    """B1 5 (CVE-2021-41387 seatd-launch: its child was found through PATH)."""
    evil = alice.home / "hakurei-shim"
    evil.write_text("#!/bin/sh\necho evil >&2\n")
    evil.chmod(0o755)
    result = hsu.become(alice, env={"PATH": str(alice.home)}, cwd=alice.home)
    evil.unlink()
    assert_becomes(result, alice, 0)


def test_arguments_are_not_looked_at(hsu, alice):
    """B1 2, 6, 11: no options, no paths, no shell, so nothing to be wrong about."""
    arguments = ["-u", "0", "--", "../../etc/passwd", "$(id)", "-" * 5000, "\n"]
    result = hsu.call(alice, "fork", "exec", hsu.path, *arguments)
    assert (result.status, result.stdout, result.stderr) == (0, f"{alice.userid}\n", "")


# -- steps 4 and 5: the hsurc file -------------------------------------------------------------------

def test_without_an_hsurc_file_nobody_is_served(hsu, alice):
    """B1 18: what is missing or open to others counts as no permission."""
    hsu.prefix.write_hsurc(None)
    assert_refused(hsu.ask(alice), "there is no hsurc file")


@pytest.mark.parametrize("mode", [0o000, 0o200, 0o440, 0o404, 0o600, 0o644, 0o700, 0o500, 0o402,
                                  0o420, 0o4400, 0o2400, 0o1400])
def test_another_mode_of_the_hsurc_file_is_refused(hsu, alice, mode):
    hsu.prefix.write_hsurc(f"{alice.uid} {alice.userid}\n", mode=mode)
    assert_refused(hsu.ask(alice), "the mode of the hsurc file is not 0400")


def test_an_hsurc_file_of_another_owner_is_refused(hsu, alice):
    for uid, gid in ((alice.uid, 0), (0, alice.gid), (alice.uid, alice.gid)):
        hsu.prefix.write_hsurc(f"{alice.uid} {alice.userid}\n", uid=uid, gid=gid)
        assert_refused(hsu.ask(alice), "the hsurc file does not belong to root and group root")


def test_an_hsurc_file_behind_a_link_is_refused(hsu, alice):
    real = hsu.prefix.hsurc.with_name("real")
    hsu.prefix.hsurc.rename(real)
    hsu.prefix.hsurc.symlink_to(real)
    assert_refused(hsu.ask(alice), "the hsurc file is a symbolic link")
    real.unlink()


def test_an_hsurc_that_is_no_file_is_refused_without_waiting(hsu, alice):
    path = hsu.prefix.hsurc
    hsu.prefix.write_hsurc(None)
    os.mkfifo(path, 0o400)
    assert_refused(hsu.ask(alice, timeout=5), "the hsurc file is not a regular file")
    path.unlink()
    path.mkdir(0o400)
    assert_refused(hsu.ask(alice), "the hsurc file is not a regular file")
    path.rmdir()
    os.mknod(path, 0o400 | stat.S_IFCHR, os.makedev(1, 5))
    assert_refused(hsu.ask(alice), "the hsurc file is not a regular file")
    path.unlink()
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))
        path.chmod(0o400)
        assert_refused(hsu.ask(alice), f"cannot open the hsurc file: error {errno.ENXIO}")


def test_a_person_who_is_not_listed_is_named_by_number(hsu, alice, bob):
    hsu.prefix.write_hsurc(f"{bob.uid} 1\n1{alice.uid} 2\n{alice.uid}0 3\n")
    message = f"uid {alice.uid} is not in the hsurc file"
    assert_refused(hsu.ask(alice), message)
    assert_refused(hsu.become(alice), message)
    hsu.prefix.write_hsurc("")
    assert_refused(hsu.ask(alice), message)


def test_a_line_without_its_newline_is_no_line(hsu, alice):
    """Where root writes in pieces, or at the border of two pages, it could be the beginning of
    another number, and so of somebody else's identities."""
    malformed = "line 2 of the hsurc file is not 'UID USERID' and a newline"
    for text in (f"{alice.uid} 7", f"{alice.uid} 7001"):
        hsu.prefix.write_hsurc(f"1 1\n{text}")
        assert_refused(hsu.ask(alice), malformed)
    hsu.prefix.write_hsurc(f"{alice.uid} 7\n1 1")
    assert hsu.ask(alice).stdout == "7\n"


def test_an_hsurc_file_that_is_written_anew_meanwhile_is_not_mixed_with_the_old_one(hsu, alice):
    """The caller may stop hsu at any moment, for as long as it takes root to write the file: behind
    the first read, as here, another one would add the end of the new file to the old one."""
    hsu.prefix.write_hsurc("55 5\n")
    new = f"5 5\n9{alice.uid} 4321\n"  # behind five bytes it looks like a line of the caller's

    def write_anew(pid):
        def has_read():
            fds = [fd for fd in Path(f"/proc/{pid}/fd").iterdir()
                   if os.readlink(fd) == str(hsu.prefix.hsurc)]
            return any("pos:\t5\n" in Path(f"/proc/{pid}/fdinfo/{fd.name}").read_text()
                       for fd in fds)
        wait_until(has_read, what="hsu to read")
        hsu.prefix.hsurc.write_text(new)

    result = become_with_fault(hsu, alice, "read:delay_exit=2000000:when=2", shim=None,
                               meanwhile=write_anew)
    assert_refused(result, "the hsurc file was changed while it was read")


def test_the_kernel_is_asked_for_the_hsurc_file_once(hsu, alice, work_dir):
    calls = trace(hsu, alice, work_dir, {})
    assert sum(call.startswith("read(") for call in calls) == 1


def test_the_first_line_of_a_person_decides(hsu, alice):
    hsu.prefix.write_hsurc(f"1 1\n{alice.uid} 7\n{alice.uid} 8\nnonsense\n")
    assert hsu.ask(alice).stdout == "7\n"


@pytest.mark.parametrize("number", NOT_NUMBERS + ["0", "4294967295"])
def test_a_uid_that_is_no_number_makes_its_line_malformed(hsu, alice, number):
    hsu.prefix.write_hsurc(f"1 1\n{number} 2\n{alice.uid} 3\n")
    assert_refused(hsu.ask(alice), "line 2 of the hsurc file is not 'UID USERID' and a newline")


@pytest.mark.parametrize("number", NOT_NUMBERS + ["10000", "99999"])
def test_a_userid_that_is_no_number_makes_its_line_malformed(hsu, alice, number):
    if number == "1\n":
        number = "1\r"
    hsu.prefix.write_hsurc(f"1 1\n{alice.uid} {number}\n")
    assert_refused(hsu.ask(alice), "line 2 of the hsurc file is not 'UID USERID' and a newline")


@pytest.mark.parametrize("line", [b"", b"# comment", b"1", b"1 1 1", b"1  1", b"1\t1", b"1 1\r",
                                  b"1 1\0", b"\xef\xbb\xbf1 1", b"x" * 100000])
def test_a_malformed_line_in_front_is_an_error_for_all_behind(hsu, alice, line):
    person = f"{alice.uid} {alice.userid}\n".encode()
    hsu.prefix.write_hsurc(b"2 2\n" + line + b"\n" + person)
    assert_refused(hsu.ask(alice), "line 2 of the hsurc file is not 'UID USERID' and a newline")
    hsu.prefix.write_hsurc(person + line + b"\n")
    assert hsu.ask(alice).stdout == f"{alice.userid}\n"


def test_an_hsurc_file_of_full_size_is_read_and_a_larger_one_refused(hsu, alice):
    full = "".join(f"{4294950000 + i} {1000 + i % 9000}\n" for i in range(9999))
    full += f"{alice.uid:d} 7777\n"
    hsu.prefix.write_hsurc(full)
    assert hsu.ask(alice).stdout == "7777\n"
    hsu.prefix.write_hsurc(full + "1 1\n" * 100)
    assert_refused(hsu.ask(alice), "the hsurc file has more than 160000 bytes")
    hsu.prefix.write_hsurc(full)
    os.truncate(hsu.prefix.hsurc, 1 << 40)
    assert_refused(hsu.ask(alice), "the hsurc file has more than 160000 bytes")


# -- step 6: the channel -----------------------------------------------------------------------------

@pytest.mark.parametrize("text", ["", "0", "1", "2", "10", "33", "03", "3 ", " 3", "+3", "-3", "a",
                                  "3\n", "\u0663", ":", "/", "3" * 5000])
def test_the_channel_is_one_digit_from_3_to_9(hsu, alice, text):
    result = hsu.become(alice, env={"HAKUREI_SHIM": text})
    assert_refused(result, "HAKUREI_SHIM is not one digit from 3 to 9")


@pytest.mark.parametrize("before", [
    ["channel", "4"], ["tcp", "3"], ["pipe", "3"], ["file", "3", "/"],
    ["file", "3", "/dev/null"], ["pair", str(int(socket.SOCK_DGRAM)), "3"],
    ["pair", str(int(socket.SOCK_SEQPACKET)), "3"],
])
def test_the_channel_is_a_local_stream_socket(hsu, alice, before):
    result = hsu.become(alice, before=before)
    assert_refused(result, "HAKUREI_SHIM does not name a local stream socket")


NOT_MADE = "HAKUREI_SHIM names a socket that the parent process did not make"


def test_a_channel_of_the_grandparent_is_refused(hsu, alice):
    assert_refused(hsu.become(alice, before=["channel", "3", "fork"]), NOT_MADE)


def test_a_channel_made_by_the_caller_itself_is_refused(hsu, alice):
    assert_refused(hsu.become(alice, "channel", "3", before=[]), NOT_MADE)


def test_a_channel_made_by_another_user_is_refused(hsu, alice, compile_c):
    """By the very process that is the parent, but before it was the person's."""
    program = compile_c("#include <stdlib.h>\n#include <sys/socket.h>\n#include <unistd.h>\n"
                        "int main(int c, char **v) { (void)c; int p[2]; int u = atoi(v[1]);"
                        " socketpair(AF_UNIX, SOCK_STREAM, 0, p); dup2(p[0], 5);"
                        " if (setgid(u) || setuid(u)) { return 96; }"
                        " return execv(v[2], v + 2); }\n")
    env = {**alice.env, "HAKUREI_SHIM": "5", "HAKUREI_IDENTITY": "0"}
    result = run_as(ROOT, [program, str(alice.uid), hsu.prefix.hakurei, "fork", "exec", hsu.path],
                    env=env)
    assert_refused(result, NOT_MADE)


def test_a_socket_that_is_not_connected_is_refused(hsu, alice, compile_c):
    program = compile_c("#include <sys/socket.h>\n#include <unistd.h>\n"
                        "int main(int c, char **v) { (void)c; dup2(socket(AF_UNIX, SOCK_STREAM,"
                        " 0), 5); return execv(v[1], v + 1); }\n")
    result = hsu.become(alice, "exec", program, hsu.path, channel="5", before=[])
    assert_refused(result, NOT_MADE)


# -- step 7: identity and groups -----------------------------------------------------------------------

def test_the_identity_must_be_set(hsu, alice):
    assert_refused(hsu.become(alice, identity=None), "HAKUREI_IDENTITY is not set")


@pytest.mark.parametrize("text", NOT_NUMBERS + ["10000", "-0", "99999"])
def test_an_identity_that_is_no_number_or_too_large_is_refused(hsu, alice, text):
    result = hsu.become(alice, identity=text)
    assert_refused(result, "HAKUREI_IDENTITY is not a number from 0 to 9999")


def test_groups_asked_for_are_given_and_no_others(hsu, alice):
    own = [alice.gid, 29, 44, 65000, 4294967294]
    result = become_in(hsu, alice, own, "44 4294967294", "3")
    assert_becomes(result, alice, 3, groups=[44, 4294967294])


def become_in(hsu, user, own, asked, identity="0", **options):
    """become(), where the person has the supplementary groups own."""
    env = {"HAKUREI_SHIM": "3", "HAKUREI_IDENTITY": identity, "HAKUREI_GROUPS": asked}
    return hsu.ask(user, before=["channel", "3"], env=env, groups=own, **options)


@pytest.mark.parametrize("asked", [None, ""])
def test_without_groups_asked_for_the_target_has_its_own_alone(hsu, alice, asked):
    """The person's supplementary groups do not go along by themselves."""
    assert_becomes(become_in(hsu, alice, [29, 44], asked), alice, 0)


@pytest.mark.parametrize("text", [item for item in NOT_NUMBERS if item not in ("", " 1", "1 ")]
                         + [" ", "4294967295", "29,44", "29\t44"])
def test_groups_that_are_no_numbers_are_refused(hsu, alice, text):
    own = [1, 29, 44]
    assert_refused(become_in(hsu, alice, own, text), "item 1 of HAKUREI_GROUPS is not a number")
    assert_refused(become_in(hsu, alice, own, f"29 {text}"),
                   "item 2 of HAKUREI_GROUPS is not a number")


def test_groups_have_exactly_one_space_between_them(hsu, alice):
    for asked, item in ((" 29", 1), ("29 ", 2), ("29  44", 2), ("29 44 ", 3)):
        assert_refused(become_in(hsu, alice, [29, 44], asked),
                       f"item {item} of HAKUREI_GROUPS is not a number")


def test_groups_that_must_not_be_passed_on_are_refused(hsu, alice, bob):
    """B1 12 (CVE-2014-8989, CVE-2018-7169): groups are chosen among the person's own only."""
    target = alice.target_uid(0)
    own = [0, 29, 44, alice.gid, target]
    for asked, item, problem in (
            ("0", 1, "is root's group"),
            ("29 44 29", 3, "was there before"),
            (f"29 {target}", 2, "is the target's own group"),
            (f"29 {alice.gid}", 2, "is the caller's primary group"),
            ("29 45", 2, "is not a supplementary group of the caller"),
            (str(bob.gid), 1, "is not a supplementary group of the caller")):
        assert_refused(become_in(hsu, alice, own, asked), f"item {item} of HAKUREI_GROUPS {problem}")


def test_64_groups_are_the_most_and_none_is_dropped(hsu, alice):
    own = list(range(200, 300))
    asked = own[:64]
    assert_becomes(become_in(hsu, alice, own, " ".join(map(str, asked))), alice, 0, groups=asked)
    assert_refused(become_in(hsu, alice, own, " ".join(map(str, own[:65]))),
                   "item 65 of HAKUREI_GROUPS is one too many")


def test_a_person_in_very_many_groups_is_served(hsu, alice):
    own = list(range(100000, 100000 + 65536))
    result = become_in(hsu, alice, own, str(own[-1]))
    assert_becomes(result, alice, 0, groups=[own[-1]])


# -- step 8: what others can do about it ---------------------------------------------------------------

def attack(compile_c, user, pid):
    """{way: errno}; 0 where an attack succeeded."""
    program = compile_c(STANDIN / "attack.c")
    result = run_as(user, [program, str(pid)])
    ways = dict(line.split() for line in result.stdout.splitlines())
    assert len(ways) == 11, result
    return {way: int(number) for way, number in ways.items()}


def assert_out_of_reach(compile_c, user, pid):
    """B1 8 (CVE-2016-8659, CVE-2026-41163 bubblewrap: dumpable, and so traceable, too early)."""
    for way, number in attack(compile_c, user, pid).items():
        assert number in (errno.EPERM, errno.EACCES), (way, errno.errorcode.get(number, number))


def child_of(running):
    """The pid of the launcher's child once it is hsu and blocked in a write."""
    def look():
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
        if not children:
            return None
        pid = int(children[0])
        is_hsu = os.readlink(f"/proc/{pid}/exe") == f"{PREFIX}/libexec/hakurei/hsu"
        blocked = "pipe_write" in Path(f"/proc/{pid}/wchan").read_text() or \
            Path(f"/proc/{pid}/syscall").read_text().split()[0] == "1"
        return pid if is_hsu and blocked else None
    return wait_until(look, what="hsu to be blocked")


def target_user(user, identity):
    """Somebody who runs as the identity, like a program that broke out of a container."""
    uid = user.target_uid(identity)
    return type(user)("target", uid, uid, Path("/"), Path("/nonexistent"), -1, {})


def stop_while_root(hsu, alice):
    """An hsu that was stopped before it has given up root, which the caller may do: (the launcher,
    hsu's pid); None: it was too fast."""
    running = start_as(alice, [hsu.prefix.hakurei, "fork", "exec", hsu.path])
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    while running.popen.poll() is None:
        try:
            pid = int(children.read_text().split()[0])
            if os.readlink(f"/proc/{pid}/exe") == str(hsu.path):
                os.kill(pid, signal.SIGSTOP)
                wait_until(lambda pid=pid: "State:\tR" not in
                           Path(f"/proc/{pid}/status").read_text())
                if (pid, 0, "hsu") in processes_of({0}):
                    return running, pid
                break
        except (FileNotFoundError, IndexError, ProcessLookupError):
            continue
    alice.kill_processes()
    running.wait()
    return None


def test_hsu_cannot_be_taken_over_while_it_is_root(hsu, alice, compile_c):
    running, pid = wait_until(lambda: stop_while_root(hsu, alice), what="a stopped hsu")
    try:
        assert_out_of_reach(compile_c, alice, pid)
    finally:
        alice.kill_processes()
        running.kill()


def test_the_list_of_persons_is_not_in_memory_any_more_when_root_is_given_up(hsu, alice):
    """Whatever makes it readable then: a core file in spite of all, a hole in the kernel."""
    hsu.prefix.write_hsurc(f"4123456789 1234\n{alice.uid} 7\n4123456788 1235\n")
    running = start_as(alice, [hsu.prefix.hakurei, "fork", "full", "1", "exec", hsu.path])
    try:
        pid = child_of(running)
        found = []
        with open(f"/proc/{pid}/mem", "rb", 0) as memory:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                if " rw" in line:
                    first, end = (int(part, 16) for part in line.split()[0].split("-"))
                    memory.seek(first)
                    content = memory.read(end - first)
                    found += re.findall(rb"412345678[0-9] 123[0-9]", content)
        assert found == []
    finally:
        running.kill()


@pytest.mark.parametrize("dumpable", ["0", "1"])
def test_a_refusal_is_not_written_with_the_rights_of_root(hsu, alice, compile_c, suid_dumpable,
                                                          dumpable):
    """Nor can it be taken over for that: it is the caller's by then."""
    hsu.prefix.write_hsurc("1 1\n")
    suid_dumpable(dumpable)
    running = start_as(alice, [hsu.prefix.hakurei, "full", "2", "fork", "exec", hsu.path])
    try:
        pid = child_of(running)
        assert (pid, alice.uid, "hsu") in processes_of({alice.uid})
        assert int(re.search("CapEff:\t(.*)", Path(f"/proc/{pid}/status").read_text())[1], 16) == 0
        assert_out_of_reach(compile_c, alice, pid)
    finally:
        alice.kill_processes()
        running.kill()


def test_a_refusal_does_not_keep_a_setuid_bit_that_the_caller_would_take_away(hsu, alice, tmp_dir):
    """Whoever writes to a setuid file takes the bit away, but for root."""
    hsu.prefix.write_hsurc("1 1\n")
    victim = tmp_dir / "victim"
    victim.touch()
    victim.chmod(0o4777)
    result = hsu.call(alice, "fork", "exec", "/bin/sh", "-c", f"exec {hsu.path} 2>>{victim}")
    assert result.status == 1 and "is not in the hsurc file" in victim.read_text()
    assert oct(stat.S_IMODE(victim.stat().st_mode)) == "0o777"


@pytest.fixture
def suid_dumpable():
    """A function that says whether setuid programs may dump core, for this test."""
    setting = Path("/proc/sys/fs/suid_dumpable")
    before = setting.read_text()
    yield setting.write_text
    setting.write_text(before)


@pytest.mark.parametrize("dumpable", ["0", "1"])
def test_hsu_cannot_be_taken_over_after_it_has_given_up_root(hsu, alice, compile_c, suid_dumpable,
                                                             dumpable):
    """It has the person's uid then, and the hsurc file in its memory."""
    suid_dumpable(dumpable)
    running = start_as(alice, [hsu.prefix.hakurei, "fork", "full", "1", "exec", hsu.path])
    try:
        pid = child_of(running)
        assert (pid, alice.uid, "hsu") in processes_of({alice.uid})
        assert_out_of_reach(compile_c, alice, pid)
    finally:
        running.kill()


def test_the_userid_is_not_written_with_the_rights_of_root(hsu, alice):
    """Anybody may open this file of anybody's process, but only root write a number to it: with
    it as its standard output, hsu did."""
    hsu.prefix.write_hsurc(f"{alice.uid} 77\n")
    victim = start_as(ROOT, ["sleep", "60"])
    slack = Path(f"/proc/{victim.pid}/timerslack_ns")
    try:
        before = slack.read_text()
        result = run_as(alice, ["sh", "-c", f'exec "$@" >{slack}', "sh", hsu.prefix.hakurei, "fork",
                                "exec", hsu.path])
        assert (result.status, result.stderr) == (1, "hsu: cannot write the userid\n")
        assert slack.read_text() == before != "77\n"
    finally:
        victim.kill()


@pytest.mark.parametrize("dumpable", ["0", "1"])
def test_hsu_cannot_be_taken_over_after_it_has_become_the_target(hsu, alice, compile_c,
                                                                 suid_dumpable, dumpable):
    """Neither by the person nor by what runs as the same identity already; and also where the
    administrator lets setuid programs dump core."""
    hsu.prefix.shim.unlink()
    env = {"HAKUREI_SHIM": "3", "HAKUREI_IDENTITY": "8"}
    suid_dumpable(dumpable)
    running = start_as(alice, [hsu.prefix.hakurei, "full", "2", "channel", "3", "fork", "exec",
                               hsu.path], env=env)
    try:
        pid = child_of(running)
        assert (pid, alice.target_uid(8), "hsu") in processes_of({alice.target_uid(8)})
        assert_out_of_reach(compile_c, alice, pid)
        assert_out_of_reach(compile_c, target_user(alice, 8), pid)
    finally:
        install_shim(hsu.prefix, compile_c)
        alice.kill_processes()
        running.kill()


def test_a_crash_of_hsu_leaves_no_core(hsu, alice, tmp_dir):
    """B1 14 (CVE-2025-4598: the core of a setuid program was read by the caller)."""
    running = start_as(alice, [hsu.prefix.hakurei, "limit", str(resource.RLIMIT_CORE), "-1",
                               "fork", "full", "1", "exec", hsu.path], cwd=alice.home)
    pid = child_of(running)
    result = run_as(alice, ["sh", "-c", f"kill -SEGV {pid}"])
    assert result.status == 0, result
    result = running.wait()
    assert (result.status, result.stderr) == (98, "signal 11 core 0\n")
    assert not [name for name in os.listdir(alice.home) if "core" in name]


def hold(hsu, user, directory):
    """Starts a shim that stays until its channel hangs up; returns it and the shim's pid."""
    (directory / "hold").touch()
    env = {"HAKUREI_SHIM": "3", "HAKUREI_IDENTITY": "2"}
    running = start_as(user, [hsu.prefix.hakurei, "channel", "3", "fork", "exec", hsu.path],
                       env=env, cwd=directory)
    uid = user.target_uid(2)
    pid = wait_until(lambda: [p for p, _, name in processes_of({uid}) if "shim" in name])[0]
    return running, pid


def test_the_shim_is_out_of_the_reach_of_the_person_and_of_others(hsu, alice, bob, compile_c,
                                                                 tmp_dir):
    """B1 20 (GHSA-89xm-3m96-w3jg flatpak: one user disturbed what another one ran)."""
    running, pid = hold(hsu, alice, tmp_dir)
    try:
        assert_out_of_reach(compile_c, alice, pid)
        assert_out_of_reach(compile_c, bob, pid)
        assert_out_of_reach(compile_c, target_user(bob, 2), pid)
        for user in (alice, bob, target_user(alice, 3)):
            result = run_as(user, ["sh", "-c", f"kill -9 {pid}"])
            assert result.status != 0 and "not permitted" in result.stderr
    finally:
        (tmp_dir / "hold").unlink()
        running.kill()
        wait_until(lambda: not processes_of({alice.target_uid(2)}), what="the shim to end")


def test_a_shim_that_cannot_be_read_is_not_traceable_from_its_first_instruction(
        hsu, alice, compile_c, tmp_dir):
    """B1 8: with mode 0711 the kernel keeps it undumpable over the exec, so not even what runs
    as the same identity has a moment before the shim can protect itself."""
    hsu.prefix.shim.chmod(0o711)
    running, pid = hold(hsu, alice, tmp_dir)
    try:
        assert_out_of_reach(compile_c, target_user(alice, 2), pid)
    finally:
        (tmp_dir / "hold").unlink()
        running.kill()
        hsu.prefix.shim.chmod(0o755)
        wait_until(lambda: not processes_of({alice.target_uid(2)}), what="the shim to end")


def test_a_shim_that_does_not_start_is_a_failure(hsu, alice, compile_c):
    hsu.prefix.shim.unlink()
    try:
        assert_refused(hsu.become(alice), f"cannot execute the shim: error {errno.ENOENT}")
    finally:
        install_shim(hsu.prefix, compile_c)


# Becomes UID with every capability inheritable (and ambient if asked for) and the securebits.
CAPABLE = r"""
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv) {
	int uid = atoi(argv[1]), bits = atoi(argv[2]), ambient = atoi(argv[3]);
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct sets[2];
	if (argc < 5 || prctl(PR_SET_KEEPCAPS, 1) || setgid(uid) || setuid(uid) ||
		syscall(SYS_capget, &header, sets)) {
		return 95;
	}
	for (int i = 0; i < 2; i++) {
		sets[i].effective = sets[i].inheritable = sets[i].permitted;
	}
	if (syscall(SYS_capset, &header, sets)) {
		return 94;
	}
	for (int cap = 0; ambient && cap < 64; cap++) {
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
	}
	if (bits && prctl(PR_SET_SECUREBITS, bits)) {
		return 93;
	}
	execv(argv[4], argv + 4);
	return 92;
}
"""


def become_capable(hsu, alice, compile_c, securebits, ambient):
    env = {"HAKUREI_SHIM": "3", "HAKUREI_IDENTITY": "0", **alice.env}
    return run_as(ROOT, [compile_c(CAPABLE), str(alice.uid), str(securebits), str(ambient),
                         hsu.prefix.hakurei, "channel", "3", "fork", "exec", hsu.path],
                  env=env, cwd=alice.home)


@pytest.mark.parametrize("ambient", [0, 1])
def test_inheritable_and_ambient_capabilities_of_the_caller_end_here(hsu, alice, compile_c,
                                                                     ambient):
    """CVE-2022-27650 crun: inheritable capabilities were kept."""
    assert_becomes(become_capable(hsu, alice, compile_c, 0, ambient), alice, 0)


def test_securebits_that_keep_capabilities_do_not_keep_them(hsu, alice, compile_c):
    """SECBIT_NO_SETUID_FIXUP (4): setresuid alone would leave every capability."""
    facts = facts_of(become_capable(hsu, alice, compile_c, 4, 0))
    for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(facts[kind], 16) == 0, kind
    assert facts["NoNewPrivs"] == "1" and facts["root again"] == "-1 -1"


def test_securebits_that_take_capabilities_from_root_end_in_a_refusal(hsu, alice, compile_c):
    """SECBIT_NOROOT (1): uid 0 without the power to change ids."""
    result = become_capable(hsu, alice, compile_c, 1, 0)
    assert (result.status, result.stdout) == (1, "")


# -- what it asks the kernel for -------------------------------------------------------------------------

# All that hsu does on the way to the shim, the start of libc included.
ALLOWED_CALLS = {
    # libc starting up
    "arch_prctl", "brk", "mprotect", "set_tid_address", "set_robust_list", "rseq", "prlimit64",
    "readlinkat", "getrandom", "poll", "munmap", "mmap", "access",
    # ours
    "fcntl", "openat", "open", "prctl", "setitimer", "geteuid", "getegid", "getgid", "getuid",
    "getppid", "readlink", "newfstatat", "fstat", "read", "close", "write", "exit_group",
    "getsockopt", "getgroups", "setresgid", "setgroups", "setresuid", "capset", "getresuid",
    "getresgid", "setuid", "setgid", "close_range", "umask", "rt_sigaction", "rt_sigprocmask",
    "execve",
}


def trace(hsu, alice, work_dir, env):
    """The system calls of hsu itself, as lines of strace."""
    output = work_dir / "trace"
    # Set by the launcher: strace itself would not survive all of them.
    settings = [word for name, value in env.items() for word in ("set", name, value)]
    run_as(ROOT, ["strace", "-f", "-u", alice.name, "-o", output, hsu.prefix.hakurei, "channel",
                  "3", "fork", *settings, "exec", hsu.path], env=alice.env, cwd=alice.home)
    lines = output.read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if f'execve("{hsu.path}"' in line)
    pid = lines[start].split()[0]
    calls = [line.split(maxsplit=1)[1] for line in lines[start + 1:] if line.split()[0] == pid]
    end = next((i for i, line in enumerate(calls) if line.startswith("execve(")), len(calls))
    return calls[:end + 1]


@pytest.mark.parametrize("asked", [{}, {"HAKUREI_SHIM": "3", "HAKUREI_IDENTITY": "1"}])
def test_it_opens_the_hsurc_file_and_nothing_else(hsu, alice, work_dir, asked):
    """B1 4 (CVE-2025-32463 sudo: the name service loaded a library from the caller's root), 6
    (CVE-2022-25643: a path of the caller's removed as root), 10 and 19: no call that names a
    file but these, and no kind of call but those listed."""
    env = {**{name: value for name, value in HOSTILE_ENVIRONMENT.items() if name}, **asked}
    calls = trace(hsu, alice, work_dir, env)
    opened, other = [], []
    for call in calls:
        name = call.split("(")[0]
        if not name.isidentifier():
            continue  # +++ exited
        assert name in ALLOWED_CALLS, call
        if name in ("open", "openat", "newfstatat"):
            (opened if '"' in call and '""' not in call else other).append(call)
        elif name in ("readlink", "readlinkat"):
            assert '"/proc/' in call and ('/exe"' in call), call
        elif name == "access":
            # glibc itself, where privileged: a name that only root can make.
            assert call.startswith('access("/etc/suid-debug", F_OK)'), call
        elif name == "execve":
            assert call.startswith(f'execve("{PREFIX}/libexec/hakurei/hakurei-shim", '
                                   '["hakurei-shim"], '), call
    assert len(opened) == 1 and f'"{PREFIX}/etc/hsurc"' in opened[0], opened


def test_privileges_go_in_the_one_order_that_works(hsu, alice, work_dir):
    calls = trace(hsu, alice, work_dir, {"HAKUREI_SHIM": "3", "HAKUREI_IDENTITY": "1"})
    names = [call.split("(")[0] for call in calls]
    # Each libc has its own.
    names = ["openat" if name == "open" else name for name in names]
    order = ["setitimer", "openat", "getsockopt", "getgroups", "setresgid", "setgroups",
             "setresuid", "capset", "setuid", "close_range", "rt_sigaction", "execve"]
    # The proof tries setresgid and setgroups again: the first of each counts.
    places = [names.index(name, names.index("setitimer")) for name in order]
    assert places == sorted(places)


def become_with_fault(hsu, alice, fault, shim="3", meanwhile=None, **options):
    """become() with a fault in hsu: the launcher's child waits, is traced by root (which leaves
    the setuid bit valid), and goes on. meanwhile: called with its pid then."""
    env = {"HAKUREI_SHIM": shim, "HAKUREI_IDENTITY": "1"}
    running = start_as(alice, [hsu.prefix.hakurei, "channel", "3", "fork", "wait", "exec",
                               hsu.path], env=env, **options)
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    pid = wait_until(lambda: children.read_text().split())[0]
    tracer = start_as(ROOT, ["strace", "-qq", "-o", "/dev/null", "-p", pid, "-e",
                             f"inject={fault}"])
    status = Path(f"/proc/{pid}/status")
    wait_until(lambda: "TracerPid:\t0\n" not in status.read_text(), what="the tracer")
    thread = threading.Thread(target=meanwhile, args=[pid]) if meanwhile else None
    if thread:
        thread.start()
    result = running.wait("x")
    if thread:
        thread.join()
    tracer.wait()
    return result


# The launcher's child calls read and execve once itself, before it is hsu.
@pytest.mark.parametrize("fault", [
    "prctl", "setitimer", "readlink", "?open,openat", "?fstat,?newfstatat",
    "?fstat,?newfstatat:when=2", "read:when=2+", "getsockopt",
    "getsockopt:when=2", "getsockopt:when=3", "getgroups", "setresgid", "setgroups", "setresuid",
    "prctl:when=2", "prctl:when=3", "prctl:when=4", "capset", "getresuid", "getresgid",
    "close_range", "rt_sigaction", "rt_sigprocmask", "execve:when=2", "prlimit64",
])
def test_each_failing_call_ends_it(hsu, alice, fault):
    """B1 9 once more: whatever call fails, no step is passed over."""
    name, _, when = fault.partition(":")
    result = become_with_fault(hsu, alice, f"{name}:error=EIO" + (f":{when}" if when else ""))
    assert result.status == 1 and result.stdout == "" and result.stderr.startswith("hsu: ")


@pytest.mark.parametrize("fault,message", [
    ("setresuid:retval=0", "the ids are not the target's"),
    ("setresgid:retval=0", "the ids are not the target's"),
    ("setgroups:retval=0", "the groups are not those asked for"),
    ("setuid:retval=0", "root can be regained"),
    ("setgid:retval=0", "root can be regained"),
    ("setresuid:retval=0:when=2", "root can be regained"),
    ("setresuid:retval=0:when=3", "root can be regained"),
    ("setresgid:retval=0:when=2", "root can be regained"),
    ("setgroups:retval=0:when=2", "root can be regained"),
])
def test_a_change_that_only_pretends_to_work_is_found_out(hsu, alice, fault, message):
    assert_refused(become_with_fault(hsu, alice, fault), message)


@pytest.mark.parametrize("own", [[44], [44, 45]])
def test_other_groups_than_those_asked_for_are_found_out(hsu, alice, own):
    """The caller's: as many, and more."""
    assert_refused(become_with_fault(hsu, alice, "setgroups:retval=0", groups=own),
                   "the groups are not those asked for")


def test_a_parent_that_changes_while_it_is_looked_at_is_found_out(hsu, alice):
    assert_refused(become_with_fault(hsu, alice, "getppid:retval=1:when=2"),
                   "the parent process has ended")


def test_root_that_cannot_be_given_up_writes_no_userid(hsu, alice):
    assert_refused(become_with_fault(hsu, alice, "setresuid:error=EIO", shim=None),
                   f"cannot give up root: error {errno.EIO}")


# Not by the marks of a comment alone: between two of them in strings, code could hide.
COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|("(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\')', re.DOTALL)


def test_it_is_at_most_300_lines_long():
    """Without comments and blank lines: what a review has to read. The scanner, which the rest of
    the project uses as well, comes on top."""
    lines = 0
    for path in (SOURCE / "src" / "hsu").glob("*.c"):
        code = COMMENT_OR_TEXT.sub(lambda match: match[1] or "", path.read_text())
        lines += sum(1 for line in code.splitlines() if line.strip())
    assert 200 < lines <= 300


REVIEWED = ("src/hsu/hsu.c", "src/hsu/parse.c", "src/hsu/parse.h", "src/base/scan.c",
            "src/base/scan.h", "src/hsu/meson.build")


def test_the_review_is_of_this_code():
    """docs/hsu-review.md: who changes a byte reads it again, and writes the new number there."""
    code = b"".join((SOURCE / name).read_bytes() for name in REVIEWED)
    number = hashlib.sha256(code).hexdigest()
    assert f"code SHA-256 {number}" in (SOURCE / "docs" / "hsu-review.md").read_text()


def messages():
    """All that hsu may say, '#' for a number: the strings of several words."""
    texts = set()
    for name in ("hsu.c", "parse.c"):
        for line in (SOURCE / "src" / "hsu" / name).read_text().splitlines():
            texts.update(re.findall(r'"([^" ][^"]* [^"]+)"', line))
    return sorted(texts)


def test_every_message_is_explained_in_the_documentation():
    manual = (SOURCE / "docs" / "hsu.md").read_text().replace("`", "")
    texts = [re.sub("^item # of HAKUREI_GROUPS |: error #$", "", text) for text in messages()]
    assert len(texts) > 50
    missing = [text for text in texts if text.replace("#", "N") not in manual]
    assert not missing
