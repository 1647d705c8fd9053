# SPDX-License-Identifier: MIT
"""The two ways to become another user (docs/backends.md): who gets what from newuidmap, what is
said where it cannot be used, and how they stand side by side. Both are needed here; that all else
is the same with either is what the other files show, run once for each."""

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness import subids
from harness.broken import away, namespace_without_namespaces
from harness.person import CONFIG, children
from harness.processes import kill_all_of, processes_of, wait_until
from harness.run import run_as, start_as
from harness.snapshot import read_acl
from harness.users import IDENTITIES, ROOT

pytestmark = pytest.mark.needs_hsu
STANDIN = Path(__file__).parent / "standin"

SAY_EUID = r"""
#include <stdio.h>
#include <unistd.h>
int main(void) { dprintf(1, "euid %d\n", (int)geteuid()); return 0; }
"""


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file)


def id_map(pid, kind):
    with open(f"/proc/{pid}/{kind}_map", encoding="ascii") as file:
        return [[int(word) for word in line.split()] for line in file]


def check_refusal(result, *words):
    """One line of hakurei's own, with these words."""
    assert (result.status, result.stdout) == (125, ""), result
    assert result.stderr.count("\n") == 1 and result.stderr.startswith("hakurei: "), result
    for word in words:
        assert word in result.stderr, (word, result.stderr)


def copy_tree(build_dir, place, user, shim=None):
    """The two programs of a build tree, below place; hakurei's path."""
    for name, source in (("cli/hakurei", None), ("shim/hakurei-shim", shim)):
        path = place / "src" / name
        path.parent.mkdir(parents=True)
        shutil.copy(source or build_dir / "src" / name, path)
        path.chmod(0o755)
    subprocess.run(["chown", "-R", f"{user.uid}:{user.gid}", place], check=True)
    return place / "src/cli/hakurei"


@pytest.fixture
def carol(user_factory, tmp_dir):
    """Somebody whom hsu does not serve, with the range that useradd gives to everybody."""
    user = user_factory("carol")
    yield user
    left = processes_of(range(user.subordinate, user.subordinate + IDENTITIES))
    share = tmp_dir / f"hakurei.u{user.uid}"
    acls = [read_acl(parent) for parent, _, _ in os.walk(share)]
    shutil.rmtree(share, ignore_errors=True)
    user_factory.remove(user)
    assert left == [] and not any(acls)


@pytest.fixture
def hakurei(prefix, hsurc, alice):
    """An hsurc file with somebody else in it."""
    hsurc(f"{alice.uid} {alice.userid}\n")
    return prefix.hakurei


def target_of(user, hakurei, *options, identity=0, **how):
    """The uid that the program would get."""
    result = run_as(user, [hakurei, "--json", "run", "-a", str(identity), "--dry-run", *options,
                           "true"], **how)
    assert (result.status, result.stderr) == (0, ""), result
    return json.loads(result.stdout)["target"]


def start_sleeping(user, hakurei, *options):
    running = start_as(user, [hakurei, "run", *options, "sh", "-c", "echo ready; exec sleep 1000"])
    assert running.stdout.readline() == "ready\n", running.wait()
    return running


def end(running):
    running.signal(signal.SIGINT)
    return running.wait()


# -- who the program is ------------------------------------------------------------------------

@pytest.mark.parametrize("home", [False, True], ids=["open", "home-of-mode-0700"])
def test_a_build_tree_that_was_never_installed_runs_a_program_as_another_user(
        prefix, build_dir, work_dir, carol, home):
    place = (carol.home if home else work_dir) / "clone"
    hakurei = copy_tree(build_dir, place, carol)
    assert carol.home.stat().st_mode & 0o777 == 0o700
    with away(prefix.path):
        result = run_as(carol, [hakurei, "run", "-a", "7", "--backend", "subuid", "cat",
                                "/proc/self/uid_map"], cwd="/")
        assert (result.status, result.stderr) == (0, "")
        inside, outside, count = map(int, result.stdout.split())
        assert (outside, count) == (carol.subordinate + 7, 1) and inside != 0
        # And so it does where nobody says how.
        assert run_as(carol, [hakurei, "run", "true"], cwd="/").status == 0
    shutil.rmtree(place)


def test_its_uid_is_the_end_of_the_range_less_10000_and_the_identity(hakurei, carol):
    [ids] = carol.subordinate_uids()
    for identity in (0, 7, 9999):
        running = start_sleeping(carol, hakurei, "-a", str(identity), "--backend", "subuid")
        wanted = str(ids.stop - 10000 + identity)
        for pid in children(running.pid):
            status = status_of(pid)
            assert status["Uid"].split() == status["Gid"].split() == [wanted] * 4
            assert status["Groups"].split() == []
        assert status_of(running.pid)["Uid"].split() == [str(carol.uid)] * 4
        end(running)


def test_uid_and_gid_are_each_of_their_own_file(hakurei, carol):
    first = subids.free_range()
    with subids.added(f"{carol.name}:{first}:20000", files=["/etc/subgid"]):
        running = start_sleeping(carol, hakurei, "-a", "7", "--backend", "subuid")
        shim = children(running.pid)[0]
        assert status_of(shim)["Uid"].split() == [str(carol.subordinate + 7)] * 4
        assert status_of(shim)["Gid"].split() == [str(first + 10007)] * 4
        end(running)


def test_one_uid_and_one_gid_are_mapped_and_neither_is_the_persons(hakurei, carol):
    running = start_sleeping(carol, hakurei, "-a", "7", "--backend", "subuid")
    shim = children(running.pid)[0]
    target = carol.subordinate + 7
    assert id_map(shim, "uid") == id_map(shim, "gid") == [[target, target, 1]]
    assert os.readlink(f"/proc/{shim}/ns/user") != os.readlink("/proc/self/ns/user")
    end(running)


def test_the_shim_has_no_capability_and_cannot_get_any(hakurei, carol):
    running = start_sleeping(carol, hakurei, "--backend", "subuid")
    shim = status_of(children(running.pid)[0])
    for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(shim[kind], 16) == 0, kind
    assert shim["NoNewPrivs"] == "1"
    end(running)


def setuid_file_of(user, compile_c, place):
    path = place / "setuid-file"
    shutil.copy(compile_c(SAY_EUID), path)
    os.chown(path, user.uid, user.gid)
    path.chmod(0o4755)
    return path


def test_who_takes_over_the_shim_does_not_become_the_person(prefix, build_dir, work_dir, carol,
                                                            bob, compile_c):
    setuid_file = setuid_file_of(carol, compile_c, work_dir)
    # It does work for somebody else, where it should.
    assert run_as(bob, [setuid_file]).stdout == f"euid {carol.uid}\n"
    shim = compile_c(STANDIN / "subuid_shim.c", args=[
        f"-DPERSON={carol.uid}", f'-DSETUID_FILE="{setuid_file}"'])
    hakurei = copy_tree(build_dir, carol.home / "clone", carol, shim)
    with away(prefix.path):
        result = run_as(carol, [hakurei, "run", "-a", "7", "--backend", "subuid", "true"])
    target = carol.subordinate + 7
    status, tried = result.stderr.split("-\n", 1)
    status = dict(line.split(":\t", 1) for line in status.splitlines())
    assert status["Uid"].split() == status["Gid"].split() == [str(target)] * 4
    assert (status["Groups"].split(), status["NoNewPrivs"]) == ([], "1")
    assert {int(status[f"Cap{kind}"], 16) for kind in ("Inh", "Prm", "Eff", "Amb")} == {0}
    tried = dict(line.split() for line in tried.splitlines() if not line.startswith("hakurei:"))
    # What is not mapped is no id in there at all; all the rest takes rights that it has not.
    nothing, invalid, forbidden = str(errno.EPERM), str(errno.EINVAL), str(errno.EACCES)
    assert tried == {
        "new-privs": invalid, "setresuid": invalid, "setresuid-root": invalid,
        "setfsuid": nothing, "setresgid": invalid, "setgroups": nothing,
        "setgroups-none": nothing, "ptrace": nothing, "kill": nothing, "mem": forbidden,
        "environ": forbidden, "fd": forbidden, "map-again": nothing, "unshare": "0",
        "map-person": nothing, "end": "0"}
    assert result.stdout == f"euid {target}\n"
    setuid_file.unlink()


def test_no_program_becomes_the_person_where_user_namespaces_are_allowed(
        hakurei, carol, compile_c, probe):
    open_dir = carol.home / "open"
    open_dir.mkdir(mode=0o777)
    open_dir.chmod(0o777)
    setuid_file = setuid_file_of(carol, compile_c, open_dir)
    carol.home.chmod(0o755)
    document = {**CONFIG, "path": "/probe", "args": ["probe", "setresuid", str(carol.uid)]}
    document["container"] = {**CONFIG["container"], "userns": True}
    document["container"]["filesystem"] = CONFIG["container"]["filesystem"] + [
        {"type": "bind", "src": str(probe), "dst": "/probe"},
        {"type": "bind", "src": str(open_dir), "dst": "/open", "write": True}]
    how = [hakurei, "app", "--backend", "subuid"]
    result = run_as(carol, [*how, "-"], stdin=json.dumps(document))
    assert json.loads(result.stdout)["errno"] in ("EPERM", "EINVAL"), result
    script = ("id -u; /open/setuid-file; touch /open/new; chmod u+s /open/new; "
              "unshare -r /open/setuid-file; unshare -r cat /proc/self/uid_map")
    document.update(path="/bin/sh", args=["sh", "-c", script])
    result = run_as(carol, [*how, "-"], stdin=json.dumps(document))
    own, euid, euid_as_root, uid_map = result.stdout.splitlines()
    # Itself, and where it is root, root of itself alone.
    assert (euid, euid_as_root) == (f"euid {own}", "euid 0")
    assert uid_map.split() == ["0", own, "1"]
    assert (open_dir / "new").stat().st_uid == carol.subordinate + 7
    assert setuid_file.stat().st_uid == carol.uid
    carol.home.chmod(0o700)
    shutil.rmtree(open_dir)


@pytest.mark.parametrize("backend", ["subuid", "auto"])
def test_supplementary_groups_are_refused_with_the_reason(hakurei, carol, backend):
    audio = int(subprocess.run(["getent", "group", "audio"], capture_output=True, check=True,
                               text=True).stdout.split(":")[2])
    result = run_as(carol, [hakurei, "run", "-g", "audio", "--backend", backend, "true"],
                    groups=[carol.gid, audio])
    check_refusal(result, "groups need the hsu backend", "cannot keep a group of yours")


# -- which range -------------------------------------------------------------------------------

def test_the_last_range_that_is_large_enough_is_taken_by_name_or_by_number(hakurei, carol):
    first = subids.free_range()
    lines = [f"{carol.name}:{first}:20000"]
    with subids.added(*lines):
        assert target_of(carol, hakurei, "--backend", "subuid") == first + 10000
    lines.append(f"{carol.uid}:{first + 30000}:10000")
    with subids.added(*lines):
        assert target_of(carol, hakurei, "--backend", "subuid") == first + 30000
    lines.append(f"{carol.name}:{first + 50000}:9999")
    lines += ["# a comment", "", "nonsense", f"{carol.name}:{first + 70000}:many"]
    with subids.added(*lines):
        assert target_of(carol, hakurei, "--backend", "subuid") == first + 30000
        # And newuidmap agrees that it is the person's, by number.
        running = start_sleeping(carol, hakurei, "-a", "3", "--backend", "subuid")
        assert id_map(children(running.pid)[0], "uid")[0][0] == first + 30003
        end(running)


@pytest.mark.parametrize("path, count", [("/etc/subuid", None), ("/etc/subgid", None),
                                         ("/etc/subuid", 9999), ("/etc/subgid", 9999)])
def test_no_range_or_a_short_one_is_said_with_a_command_that_works(hakurei, carol, path, count):
    lines = [f"{carol.name}:{subids.free_range()}:{count}"] if count else []
    with subids.without(carol, [path]), subids.added(*lines, files=[path]):
        result = run_as(carol, [hakurei, "run", "--backend", "subuid", "true"])
        check_refusal(result, f"{path} gives you no range of at least 10000 ids")
        command = re.search(r"usermod --add-sub[ug]ids \d+-\d+ \w+$", result.stderr.strip())[0]
        assert command.split()[1] == f"--add-{path.split('/')[-1]}s"
        subprocess.run(command.split(), check=True)
        result = run_as(carol, [hakurei, "run", "--backend", "subuid", "true"])
        assert (result.status, result.stderr) == (0, "")


@pytest.mark.parametrize("path", ["/etc/subuid", "/etc/subgid"])
@pytest.mark.parametrize("shift", [-9999, 0, 9999])
def test_a_range_that_somebody_else_has_as_well_is_refused_with_the_line(hakurei, carol, bob, path,
                                                                         shift):
    first = subids.free_range() + 20000
    theirs = f"{bob.name}:{first + shift}:10000"
    with subids.added(f"{carol.name}:{first}:10000"), subids.added(theirs, files=[path]):
        check_refusal(run_as(carol, [hakurei, "run", "--backend", "subuid", "true"]), path,
                      f"{first} to {first + 9999}",
                      f"in line {subids.number_of(path, theirs)} to '{bob.name}'")
    beside = f"{bob.name}:{first + (10000 if shift > 0 else -10000)}:10000"
    with subids.added(f"{carol.name}:{first}:10000"), subids.added(beside, files=[path]):
        assert target_of(carol, hakurei, "--backend", "subuid") == first


def test_the_ids_of_root_and_the_number_that_is_no_id_are_refused(hakurei, carol):
    for first in (0, 4294957296):
        with subids.added(f"{carol.name}:{first}:10000", files=["/etc/subuid"]):
            check_refusal(run_as(carol, [hakurei, "run", "--backend", "subuid", "true"]),
                          "/etc/subuid gives you id", "nobody's to give")


@pytest.mark.parametrize("path", ["/etc/subuid", "/etc/subgid"])
def test_a_target_of_hsu_in_the_range_of_somebody_else_is_refused(person, neighbour, path):
    line = f"{neighbour.user.name}:{person.target(5)}:10"
    with subids.added(line, files=[path]):
        check_refusal(person.run("run", "-a", "7", "true"), str(person.target(7)), path,
                      f"'{neighbour.user.name}' in line {subids.number_of(path, line)}")
        assert person.run("run", "-a", "4", "true").status == 0
    line = f"{person.user.name}:{person.target(5)}:10"  # one's own does no harm
    with subids.added(line, files=[path]):
        assert person.run("run", "-a", "7", "true").status == 0


# -- ranges of a name service ------------------------------------------------------------------

@contextmanager
def name_service(name):
    """A subid: line in nsswitch.conf. There is no such service, and newuidmap then takes files."""
    path = Path("/etc/nsswitch.conf")
    before = path.read_bytes()
    assert b"subid:" not in before
    new = path.with_name("nsswitch.conf.hk-test")

    def replace(content):
        new.write_bytes(content)
        new.chmod(0o644)
        new.rename(path)

    replace(before + f"subid: {name}\n".encode())
    try:
        yield
    finally:
        replace(before)


def test_where_a_name_service_has_the_ranges_getsubids_is_asked(hakurei, carol, work_dir, bare_path):
    tools = work_dir / "getsubids"
    tools.mkdir()
    tool, first = tools / "getsubids", subids.free_range()
    path = {"PATH": f"{tools}:{carol.env['PATH']}"}
    options = ["--backend", "subuid"]
    tool.write_text("#!/bin/sh\n"
                    'case "$*" in\n'
                    f'{carol.name}) echo "0: {carol.name} {first} 20000" ;;\n'
                    f'"-g {carol.name}") echo "0: {carol.name} {first + 20000} 10000" ;;\n'
                    "*) exit 3 ;;\nesac\n")
    tool.chmod(0o755)
    lines = [f"{carol.name}:{first}:30000", f"{carol.name}:{first + 50000}:10000"]
    with subids.added(*lines):
        assert target_of(carol, hakurei, *options, env=path) == first + 50000
        with name_service("files"):
            assert target_of(carol, hakurei, *options, env=path) == first + 50000
        with name_service("hktest"):
            assert target_of(carol, hakurei, *options, env=path) == first + 10000
            running = start_as(carol, [hakurei, "run", "-a", "7", *options, "sh", "-c",
                                       "echo ready; exec sleep 1000"], env=path)
            assert running.stdout.readline() == "ready\n"
            shim = status_of(children(running.pid)[0])
            assert shim["Uid"].split()[0] == str(first + 10007)
            assert shim["Gid"].split()[0] == str(first + 20007)
            end(running)
            # Without the tool, the files.
            bare = {"PATH": str(bare_path)}
            result = run_as(carol, [hakurei, "--json", "run", "--dry-run", *options, "/bin/true"],
                            env=bare)
            assert json.loads(result.stdout)["target"] == first + 50000
            # Nothing of what it says is a range.
            tool.write_text("#!/bin/sh\necho Error fetching ranges >&2\nexit 1\n")
            check_refusal(run_as(carol, [hakurei, "run", *options, "true"], env=path),
                          "the name service gives you no range", f"'getsubids {carol.name}'")
    shutil.rmtree(tools)


# -- what is missing ---------------------------------------------------------------------------

def test_tools_that_are_missing_are_said_with_the_package(hakurei, carol, work_dir):
    tools = work_dir / "tools"
    tools.mkdir()
    env = {"PATH": str(tools)}
    argv = [hakurei, "run", "--backend", "subuid", "/bin/true"]
    for name in ("newuidmap", "newgidmap"):
        check_refusal(run_as(carol, argv, env=env), f"'{name}' is not in your PATH",
                      "apt install uidmap")
        (tools / name).symlink_to(shutil.which(name))
    assert run_as(carol, argv, env=env).status == 0
    check_refusal(run_as(carol, argv, env={"PATH": None}), "'newuidmap' is not in your PATH")
    # A directory that depends on where one happens to be is none.
    check_refusal(run_as(carol, argv, env={"PATH": "."}, cwd="/usr/bin"), "newuidmap")
    shutil.rmtree(tools)


@pytest.mark.parametrize("name", ["newuidmap", "newgidmap"])
def test_a_tool_that_refuses_is_named_and_nothing_stays(hakurei, carol, work_dir, name):
    tools = work_dir / "tools"
    tools.mkdir()
    (tools / name).symlink_to("/bin/false")
    result = run_as(carol, [hakurei, "run", "--backend", "subuid", "true"],
                    env={"PATH": f"{tools}:{carol.env['PATH']}"})
    check_refusal(result, f"{name} refused to map id {carol.subordinate}")
    assert not (carol.runtime_dir / "hakurei").exists()
    shutil.rmtree(tools)


def test_tools_with_capabilities_instead_of_a_setuid_bit_serve_as_well(hakurei, carol, work_dir):
    """They open the child's files in proc as the person: always, and not only if it was quick."""
    tools = work_dir / "tools"
    tools.mkdir()
    for name, capability in (("newuidmap", "cap_setuid"), ("newgidmap", "cap_setgid")):
        shutil.copy(shutil.which(name), tools / name)
        (tools / name).chmod(0o755)
        subprocess.run(["setcap", f"{capability}=ep", tools / name], check=True)
    for _ in range(20):
        result = run_as(carol, [hakurei, "run", "--backend", "subuid", "true"],
                        env={"PATH": f"{tools}:{carol.env['PATH']}"})
        assert (result.status, result.stderr) == (0, ""), result
    shutil.rmtree(tools)


def test_where_user_namespaces_are_forbidden_the_sysctl_is_named_and_repairs_it(
        hakurei, carol, work_dir):
    output = work_dir / "output"
    env = " ".join(f"{name}={value}" for name, value in carol.env.items())

    def start(run):
        output.unlink(missing_ok=True)
        run(f"(cd / && exec setpriv --reuid {carol.uid} --regid {carol.gid} --clear-groups "
            f"env -i {env} {hakurei} run --backend subuid true) >{output}.new 2>&1; "
            f"echo status $? >>{output}.new; mv {output}.new {output}")
        wait_until(output.exists)
        return output.read_text()

    limit = Path("/proc/sys/user/max_user_namespaces").read_text()
    with namespace_without_namespaces() as run:
        said = start(run)
        assert said.endswith("status 125\n")
        assert "user namespaces are not allowed (user/max_user_namespaces is 0)" in said
        repair = re.search(r"sysctl ([\w.]+)=(\d+)", said)
        run(f"sysctl -q {repair[1]}={repair[2]}")
        assert start(run) == "status 0\n"
    assert Path("/proc/sys/user/max_user_namespaces").read_text() == limit
    output.unlink()


def test_under_no_new_privs_both_say_that_no_setuid_program_works(hakurei, carol, alice):
    for user, backend in ((carol, "subuid"), (alice, "hsu"), (carol, "auto")):
        result = run_as(user, ["setpriv", "--no-new-privs", hakurei, "run", "--backend", backend,
                               "true"])
        check_refusal(result, "no_new_privs is set")
        for name in ("hsu", "subuid") if backend == "auto" else (backend,):
            assert f"{name}: no_new_privs" in result.stderr


# -- auto --------------------------------------------------------------------------------------

def show(user, hakurei):
    text = run_as(user, [hakurei, "show"]).stdout
    lines = dict(line.strip().split(":", 1) for line in text.splitlines() if ":" in line)
    return ({name: value.strip() for name, value in lines.items()},
            json.loads(run_as(user, [hakurei, "--json", "show"]).stdout))


def test_whom_hsu_serves_gets_hsu_and_who_is_refused_gets_subuid(person, carol):
    assert target_of(person.user, person.prefix.hakurei) == person.target(0)
    shown, document = show(person.user, person.prefix.hakurei)
    assert (shown["Backend"], document["backend"]) == ("hsu", "hsu")
    assert shown["subuid"] == (
        f"{person.user.subordinate} to {person.user.subordinate + 9999}")
    for options in ([], ["--backend", "auto"]):
        assert target_of(carol, person.prefix.hakurei, *options) == carol.subordinate
    running = start_sleeping(carol, person.prefix.hakurei, "-a", "5")
    assert status_of(children(running.pid)[0])["Uid"].split()[0] == str(carol.subordinate + 5)
    assert end(running).stderr == ""
    shown, document = show(carol, person.prefix.hakurei)
    assert (shown["Backend"], document["backend"]) == ("subuid", "subuid")
    assert shown["Identities"] == f"{carol.subordinate} to {carol.subordinate + 9999}"
    assert f"uid {carol.uid} is not in the hsurc file: as root" in shown["hsu"]
    assert shown["hsu"] == document["backends"]["hsu"]["error"]


def test_what_show_says_to_do_about_a_refusal_of_hsu_works(prefix, hsurc, carol):
    for text in (None, "1 1\n"):
        hsurc(text)
        said = show(carol, prefix.hakurei)[0]["hsu"]
        command = re.search(r": as root, (\(umask .*\))$", said)[1]
        subprocess.run(["sh", "-c", command], check=True)
        shown = show(carol, prefix.hakurei)[0]
        assert shown["Backend"] == "hsu", (said, shown)
        uid, userid = prefix.hsurc.read_text().splitlines()[-1].split()
        assert (uid, userid == "0") == (str(carol.uid), text is None)
        assert shown["hsu"].startswith(f"{int(userid) * 100000 + 10000} to ")


def test_where_neither_can_be_used_the_error_says_for_each_what_is_missing(prefix, hakurei, carol):
    argv = [hakurei, "run", "true"]
    with subids.without(carol):
        # hsu is there, so it is tried, and speaks for itself.
        result = run_as(carol, argv)
        assert result.status == 125
        first, second = result.stderr.splitlines()
        assert first == f"hsu: uid {carol.uid} is not in the hsurc file"
        assert second.startswith("hakurei: the hsu backend did not start the shim; "
                                 "subuid: /etc/subuid gives you no range")
        shown, document = show(carol, hakurei)
        assert (shown["Backend"], document["backend"]) == ("none", None)
        assert "is not in the hsurc file" in shown["hsu"] and "usermod" in shown["subuid"]
        mode = prefix.hsu.stat().st_mode
        prefix.hsu.chmod(0o755)
        check_refusal(run_as(carol, argv), "no way to become another user: hsu: ",
                      "is not setuid root: as root, chown root:root", "; subuid: /etc/subuid")
        repair = re.search(r"as root, (chown .*?);", run_as(carol, argv).stderr)[1]
        subprocess.run(["sh", "-c", repair], check=True)
        assert prefix.hsu.stat().st_mode == mode
        with away(prefix.hsu):
            check_refusal(run_as(carol, argv), f"hsu: '{prefix.hsu}' is not there: as root, meson",
                          "; subuid: /etc/subuid gives you no range")


def test_one_that_was_asked_for_is_not_replaced_by_the_other(hakurei, carol, alice):
    result = run_as(carol, [hakurei, "run", "--backend", "hsu", "true"])
    assert (result.status, result.stderr) == (
        125, f"hsu: uid {carol.uid} is not in the hsurc file\n")
    with subids.without(alice):
        result = run_as(alice, [hakurei, "run", "--backend", "subuid", "true"])
        check_refusal(result, "subuid: /etc/subuid gives you no range")
        assert "hsu:" not in result.stderr


# -- side by side ------------------------------------------------------------------------------

@pytest.mark.parametrize("first, second", [("hsu", "subuid"), ("subuid", "hsu")])
def test_what_one_has_left_behind_is_recovered_with_the_other(person, tmp_dir, first, second):
    """By a start, too, which knows at first only of its own."""
    shares = [person.share, tmp_dir / f"hakurei.u{person.user.uid}"]
    for how in (["recover"], ["run", "--backend", second, "true"]):
        running = person.start_ready("run", "-a", "7", "--backend", first, "sh", "-c",
                                     "echo ready; exec sleep 1000")
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
        assert len(person.entries()) == 1 and person.run_dir.exists()
        result = run_as(person.user, [person.prefix.hakurei, *how])
        assert result.status == 0, result
        assert person.entries() == []
        person.check_nothing_left()
        for share in shares:
            assert [read_acl(parent) for parent, _, _ in os.walk(share) if read_acl(parent)] == []
    shutil.rmtree(shares[1])


def test_instances_of_both_run_at_once_and_do_not_share_a_directory(person, tmp_dir):
    other = tmp_dir / f"hakurei.u{person.user.uid}"
    script = "echo ready; touch /tmp/mine; exec sleep 1000"
    running = [person.start_ready("run", "-a", "7", "--backend", backend, "sh", "-c", script)
               for backend in ("hsu", "subuid")]
    uids = [person.target(7), person.user.subordinate + 7]
    for share, uid in zip((person.share, other), uids):
        files = share / "tmpdir/7/user/mine"
        wait_until(files.exists)
        assert files.stat().st_uid == uid
    listed = json.loads(person.run("--json", "ps").stdout)
    assert len(listed) == 2
    for one in running:
        end(one)
    assert person.entries() == []
    shutil.rmtree(other)


def test_killed_at_any_moment_of_a_start_nothing_remains(hakurei, carol):
    """Between the namespace, the two tools, and the shim."""
    uids = range(carol.subordinate, carol.subordinate + IDENTITIES)
    for step in range(40):
        running = start_as(carol, [hakurei, "run", "--backend", "subuid", "sleep", "1000"])
        time.sleep(step * 0.0005)
        running.signal(signal.SIGKILL)
        wait_until(lambda: not processes_of(uids), 2, f"the end of {processes_of(uids)}")
        running.kill()
        running.wait()
    wait_until(lambda: not [process for process in processes_of({carol.uid})], 2, "no child")
    result = run_as(carol, [hakurei, "recover"])
    assert result.status == 0 and not (carol.runtime_dir / "hakurei").exists()
    kill_all_of({carol.uid})


def test_root_is_refused_with_either(prefix):
    for backend in ("hsu", "subuid", "auto"):
        check_refusal(run_as(ROOT, [prefix.hakurei, "run", "--backend", backend, "true"]),
                      "must not run as root")
