# SPDX-License-Identifier: MIT
"""`hakurei doctor`: each thing that a run needs is taken away for real, is named, and comes back by
the command that is said. What the status says is what a run does."""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from harness import subids
from harness.broken import away, namespace_without_namespaces
from harness.compositor import compositor, hk_compositor, start_compositor  # noqa: F401
from harness.desktop import servers  # noqa: F401
from harness.processes import wait_until
from harness.run import run_as, start_as
from harness.servers import need_program
from harness.sound import sound  # noqa: F401
from harness.users import BACKEND, ROOT
from harness.xserver import XServer

STANDIN = Path(__file__).parent / "standin"
# System calls of x86-64, which have these numbers on every other architecture too.
FSOPEN, LANDLOCK_CREATE_RULESET = 430, 444


class Said:
    """What doctor says."""

    def __init__(self, result):
        assert result.status in (0, 1) and result.stderr == "", result
        self.document = json.loads(result.stdout)
        self.works = self.document["works"]
        assert self.works == (result.status == 0)
        self.backend = self.document["backend"]
        self.groups = {group["name"]: group for group in self.document["groups"]}

    def find(self, group, name):
        [check] = [check for check in self.groups[group]["checks"] if check["name"] == name]
        return check

    def missing(self):
        """{(group, check)} of what is."""
        return {(group["name"], check["name"]) for group in self.document["groups"]
                for check in group["checks"] if check["state"] == "missing"}

    def check(self, group, name, state, *words):
        check = self.find(group, name)
        assert check["state"] == state, self.document
        for word in words:
            assert str(word) in check["text"], (word, check)
        return check


def run_works(person, env=None, backend=BACKEND):
    result = person.run("run", "--backend", backend, "true", env=env)
    assert result.status in (0, 125), result
    return result.status == 0


def doctor(person, *args, backend=BACKEND, **options):
    """Asked for one backend, where the other would hide what is missing. The answer is what a run
    shows."""
    said = Said(person.run("--json", "doctor", "--backend", backend, *args, **options))
    env = options.get("env")
    assert said.works == run_works(person, env, backend), said.document
    return said


def repair(check, person=None, **replaced):
    """Does what is said, as root or as the person. replaced: what the person has to fill in."""
    command = check["repair"].split(", with ")[0]
    for word, value in replaced.items():
        assert word in command, check
        command = command.replace(word, str(value))
    assert check["as_root"] == (person is None), check
    if person is None:
        subprocess.run(["sh", "-c", command], check=True, env={**os.environ, "EDITOR": "true"})
    else:
        result = run_as(person.user, ["sh", "-c", command])
        assert result.status == 0, result


@pytest.fixture(autouse=True)
def modes(prefix):
    """What a test that fails has changed must not make the others fail."""
    paths = [path for path in (prefix.hsu, prefix.shim, prefix.libexec) if path.exists()]
    before = [(path, path.stat().st_mode & 0o7777) for path in paths]
    yield
    for path, mode in before:
        path.chmod(mode)


# -- where nothing is missing --------------------------------------------------------------------

def test_on_a_healthy_machine_all_is_there_and_a_run_is_tried(person):
    said = doctor(person)
    assert (said.works, said.backend) == (True, BACKEND)
    assert said.missing() <= {("hsu", "hsu")}  # where the tests go without it
    for group in (BACKEND, "kernel", "directories", "run"):
        assert said.groups[group]["whole"]
    said.check("run", "trial", "ok", f"with the backend {BACKEND}")
    said.check("directories", "store", "ok", person.store)
    first = person.target(0)
    if BACKEND == "hsu":
        said.check("hsu", "hsurc", "ok", f"number {person.user.userid}: uids {first} to")
    else:
        said.check("subuid", "subuid", "ok", f"{first} to {first + 9999}")


def test_people_read_the_same_as_programs(person):
    said = doctor(person)
    result = person.run("doctor", "--backend", BACKEND)
    assert result.status == 0
    lines = [line for line in result.stdout.splitlines() if line.startswith("  ")]
    for group in said.document["groups"]:
        for check in group["checks"]:
            line = lines.pop(0)
            assert line.split()[0] == check["state"] and check["name"] in line
            if check["name"] != "trial":  # which says how long it took
                assert check["text"] in line
            if "repair" in check:
                assert lines.pop(0).strip() == (
                    f"{'as root' if check['as_root'] else 'do'}: {check['repair']}")
    assert lines == []
    assert result.stdout.endswith(f"A run works, with the backend {BACKEND}.\n")


def test_one_backend_is_enough(person):
    said = Said(person.run("--json", "doctor"))
    assert said.works and said.backend == BACKEND
    result = person.run("doctor", "--backend", "none")
    assert (result.status, result.stdout) == (125, "")


# -- hsu -----------------------------------------------------------------------------------------

@pytest.mark.needs_hsu
def test_hsu_without_its_mode_is_named_and_repaired(person, prefix):
    mode = prefix.hsu.stat().st_mode
    prefix.hsu.chmod(0o755)
    said = doctor(person)
    assert not said.works
    # The other backend is as good as before.
    assert Said(person.run("--json", "doctor")).backend == "subuid"
    assert person.run("doctor", "--backend", "hsu").stdout.endswith(
        "A run does not work: the backend hsu cannot be used.\n")
    repair(said.check("hsu", "hsu", "missing", "is not setuid root"))
    assert doctor(person).works and prefix.hsu.stat().st_mode == mode
    prefix.hsu.chmod(0o4755)
    repair(doctor(person).check("hsu", "mode", "note", "others can read"))
    doctor(person).check("hsu", "mode", "ok")
    with away(prefix.hsu):
        assert doctor(person).check("hsu", "hsu", "missing", "is not there")["repair"] == (
            "meson install")


@pytest.mark.needs_hsu
@pytest.mark.parametrize("line, mode, owner, text", [
    ("{uid} {userid}\n", 0o444, 0, "the mode of the hsurc file is not 0400"),
    ("{uid} {userid}\n", 0o400, 1, "does not belong to root"),
    ("1 1\n", 0o400, 0, "uid {uid} is not in the hsurc file"),
    (None, 0, 0, "there is no hsurc file"),
])
def test_a_list_that_hsu_does_not_read_is_repaired(person, hsurc, line, mode, owner, text):
    names = {"uid": person.user.uid, "userid": person.user.userid}
    hsurc(line and line.format(**names), mode, owner)
    said = doctor(person)
    assert not said.works
    repair(said.check("hsu", "hsurc", "missing", text.format(**names)))
    said = Said(person.run("--json", "doctor", "--backend", "hsu"))
    assert said.find("hsu", "hsurc")["state"] == "ok", said.document
    if line and "{userid}" in line:
        assert doctor(person).works


@pytest.mark.needs_hsu
def test_a_line_that_is_none_is_named_with_its_number(person, hsurc):
    hsurc(f"# persons\n{person.user.uid} {person.user.userid}\n")
    said = doctor(person)
    check = said.check("hsu", "hsurc", "missing", "line 1 of the hsurc file is not 'UID USERID'")
    assert not said.works and check["repair"].endswith(str(person.prefix.hsurc))


@pytest.mark.needs_hsu
def test_hsu_on_a_mount_with_nosuid_is_named_and_repaired(person, prefix):
    """In a mount namespace of its own, where the repair works too."""
    path = prefix.path
    ask = (f"setpriv --reuid {person.user.uid} --regid {person.user.gid} --clear-groups "
           f"{prefix.hakurei} --json doctor --backend hsu")
    script = (f"mount --bind {path} {path} && mount -o remount,bind,nosuid {path} && cd / && "
              f"{{ {ask}; echo; echo next; sh; {ask}; }}")
    shell = start_as(ROOT, ["unshare", "--mount", "sh", "-c", script], env=person.user.env)
    try:
        text = "".join(iter(shell.stdout.readline, "next\n"))
        [group] = [group for group in json.loads(text)["groups"] if group["name"] == "hsu"]
        [check] = [check for check in group["checks"] if check["name"] == "hsurc"]
        assert "this program lies on a mount with nosuid" in check["text"]
        result = shell.wait(stdin=f"{check['repair']}\n")
    finally:
        shell.kill()
    assert result.status == 0 and json.loads(result.stdout)["works"], result


@pytest.mark.needs_hsu
def test_ids_of_hsu_that_are_somebody_else_s_are_named(person, neighbour):
    name, first = neighbour.user.name, person.target(0)
    with subids.added(f"{name}:{first + 50}:10"):
        said = doctor(person)  # that of identity 0 works
        said.check("hsu", "ids", "note", "some identities are refused", name,
                   f"{first + 50} to {first + 59}")
    with subids.added(f"{name}:{first}:10", files=["/etc/subgid"]):
        said = doctor(person)
        check = said.check("hsu", "ids", "missing", first, "/etc/subgid", name)
        assert not said.works
        repair(check, NUMBER=person.user.userid + 5)
        assert doctor(person).works
        repair(check, NUMBER=person.user.userid)


# -- subuid --------------------------------------------------------------------------------------

@pytest.fixture
def added_ranges(person):
    """What is added to the person's ranges goes with the test."""
    before = {path: person.user.subordinate_uids(path) for path in subids.FILES}
    yield
    for path in subids.FILES:
        for added in person.user.subordinate_uids(path):
            if added not in before[path]:
                subprocess.run(["usermod", f"--del-{path.split('/')[-1]}s",
                                f"{added.start}-{added.stop - 1}", person.user.name], check=True)


@pytest.mark.usefixtures("added_ranges")
def test_without_a_range_the_command_that_adds_one_is_said(person):
    for path in subids.FILES:
        with subids.without(person.user, files=[path]):
            said = doctor(person, backend="subuid")
            assert not said.works
            repair(said.check("subuid", path.split("/")[-1], "missing", "gives you no range"))
            assert doctor(person, backend="subuid").works


@pytest.mark.usefixtures("added_ranges")
def test_a_range_that_is_somebody_else_s_too_is_named_and_another_one_added(person, bob):
    first = person.user.subordinate
    line = f"{bob.name}:{first + 7}:1"
    with subids.added(line, files=["/etc/subuid"]):
        said = doctor(person, backend="subuid")
        check = said.check("subuid", "subuid", "missing", bob.name,
                           f"in line {subids.number_of('/etc/subuid', line)}")
        assert not said.works
        repair(check)
        assert doctor(person, backend="subuid").works


@pytest.mark.needs_hsu
def test_ids_that_a_number_of_hsurc_would_have_are_said(person):
    number = random.randrange(6010, 6090)  # of no user of any session: harness/users.py
    first = number * 100000 + 12000
    # Those of identities end before these; and there is no number above 9999.
    for beside in (first + 20000, subids.free_range() + 12000):
        with subids.added(f"{person.user.name}:{beside}:10000"):
            doctor(person, backend="subuid").check("subuid", "ids", "ok")
    with subids.added(f"{person.user.name}:{first}:10000"):
        doctor(person, backend="subuid").check(
            "subuid", "ids", "note", f"number {number} of", "nobody else may have it")


@pytest.mark.parametrize("name", ["newuidmap", "newgidmap"])
def test_a_tool_without_its_rights_is_named_and_repaired(person, work_dir, name):
    tools = work_dir / f"tools-{name}"
    tools.mkdir()
    env = {"PATH": f"{tools}:{person.user.env['PATH']}"}
    shutil.copy(shutil.which(name), tools / name)
    (tools / name).chmod(0o755)
    said = doctor(person, backend="subuid", env=env)
    assert not said.works
    repair(said.check("subuid", f"rights of {name}", "missing", "neither setuid root nor"))
    said = doctor(person, backend="subuid", env=env)
    assert said.works and said.find("subuid", f"rights of {name}")["text"] == "setuid root"
    (tools / name).chmod(0o755)
    capability = "cap_setuid" if name == "newuidmap" else "cap_setgid"
    subprocess.run(["setcap", f"{capability}=ep", tools / name], check=True)
    said = doctor(person, backend="subuid", env=env)
    assert said.works
    said.check("subuid", f"rights of {name}", "ok", "has capabilities")
    shutil.rmtree(tools)


def test_tools_that_are_not_there_are_said_with_their_package(person, work_dir):
    said = Said(person.run("--json", "doctor", "--backend", "subuid",
                           env={"PATH": str(work_dir)}))
    assert not said.works
    for name in ("newuidmap", "newgidmap"):
        assert said.check("subuid", name, "missing", "PATH")["repair"] == "apt install uidmap"


# -- both ----------------------------------------------------------------------------------------

def test_a_shim_that_the_target_cannot_reach_is_named_and_repaired(person, prefix):
    prefix.shim.chmod(0o700)
    said = doctor(person)
    assert not said.works
    repair(said.check(BACKEND, "shim", "missing", "is closed to others"))
    assert doctor(person).works
    with away(prefix.shim):
        said = doctor(person)
        assert said.check(BACKEND, "shim", "missing", prefix.shim)["repair"] == "meson install"


def test_under_no_new_privs_neither_can_be_used(person):
    result = run_as(person.user, ["setpriv", "--no-new-privs", *person.command("--json", "doctor")])
    said = Said(result)
    assert not said.works and said.backend is None
    for backend in ("hsu", "subuid"):
        said.check(backend, "no_new_privs", "missing", "no setuid program works")
    said.check("run", "trial", "note", "not tried")


def test_what_no_check_knows_is_found_by_the_trial(person, prefix):
    """All is where it has to be; but what it does is not what it should."""
    with away(prefix.shim):
        shutil.copy("/bin/false", prefix.shim)
        prefix.shim.chmod(0o711)
        said = doctor(person)
        assert said.groups[BACKEND]["whole"] and not said.works
        assert said.missing() - {("hsu", "hsu")} == {("run", "trial")}


# -- the kernel ----------------------------------------------------------------------------------

def asked_in(person, run, output):
    """What doctor says where run(command) leads: Said. The backend is the one that needs no list."""
    output.unlink(missing_ok=True)
    env = " ".join(f"{name}={value}" for name, value in person.user.env.items())
    run(f"(cd / && exec setpriv --reuid {person.user.uid} --regid {person.user.gid} "
        f"--clear-groups env -i {env} {person.prefix.hakurei} --json doctor --backend subuid) "
        f">{output}.new 2>&1; mv {output}.new {output}")
    wait_until(output.exists, 10)
    document = json.loads(output.read_text())
    result = type("Result", (), {"status": 0 if document["works"] else 1, "stderr": "",
                                 "stdout": json.dumps(document)})
    return Said(result)


@pytest.mark.once
def test_where_user_namespaces_are_forbidden_the_switch_is_named_and_repaired(person, work_dir):
    output = work_dir / "doctor-output"
    with namespace_without_namespaces() as run:
        said = asked_in(person, run, output)
        assert not said.works
        check = said.check("kernel", "max_user_namespaces", "missing", "is 0")
        run(check["repair"])
        assert asked_in(person, run, output).works
        # A limit that is not 0 and reached is no switch; the attempt finds it.
        run("sh -c 'echo 0 >/proc/sys/user/max_net_namespaces'")
        said = asked_in(person, run, output)
        assert not said.works
        check = said.check("kernel", "namespaces", "missing", "a limit of user.max_")
        for name in ("mount calls", "proc", "overlay"):
            said.check("kernel", name, "missing", "not without namespaces")
        run(check["repair"])
        assert asked_in(person, run, output).works
    output.unlink()


@pytest.fixture
def filtered(person, compile_c):
    """filtered(number, errno): what doctor says on a kernel where that system call fails so."""
    program = compile_c(STANDIN / "filtered.c")

    def ask(number, code):
        head = [program, number, code, person.user.uid, person.user.gid, person.prefix.hakurei]
        said = Said(run_as(ROOT, [*head, "--json", "doctor", "--backend", BACKEND],
                           env=person.user.env, cwd="/"))
        run = run_as(ROOT, [*head, "run", "--backend", BACKEND, "true"], env=person.user.env,
                     cwd="/")
        assert said.works == (run.status == 0), (said.document, run)
        return said

    return ask


def test_a_kernel_without_the_new_mount_calls_is_named(filtered):
    said = filtered(FSOPEN, 38)
    assert not said.works
    said.check("kernel", "mount calls", "missing", "Linux 5.12")


def test_a_kernel_without_landlock_will_do(filtered):
    for code, words in ((38, "ABI 0, 6 is needed"), (95, "switched off")):
        said = filtered(LANDLOCK_CREATE_RULESET, code)
        assert said.works
        said.check("kernel", "Landlock", "note", words, "host_abstract")


def test_a_proc_that_is_covered_in_part_is_named(person):
    """As it is in a container of another kind."""
    script = (f"mount --bind /dev/null /proc/version && cd / && exec setpriv --reuid "
              f"{person.user.uid} --regid {person.user.gid} --clear-groups "
              f"{person.prefix.hakurei} --json doctor --backend {BACKEND}")
    said = Said(run_as(ROOT, ["unshare", "--mount", "sh", "-c", script], env=person.user.env))
    assert not said.works
    said.check("kernel", "proc", "missing", "/proc covered")


# -- directories ---------------------------------------------------------------------------------

def test_a_runtime_directory_that_is_not_there_is_named_and_made(person):
    path = person.user.home / "runtime"
    env = {"XDG_RUNTIME_DIR": str(path)}
    said = doctor(person, env=env)
    assert not said.works
    repair(said.check("directories", "XDG_RUNTIME_DIR", "missing", path))
    assert doctor(person, env=env).find("directories", "XDG_RUNTIME_DIR")["state"] == "ok"
    path.chmod(0o777)
    said = doctor(person, env=env)
    assert not said.works
    repair(said.check("directories", "XDG_RUNTIME_DIR", "missing", "others may write"), person)
    assert doctor(person, env=env).works


def test_the_runtime_directory_of_somebody_else_is_named(person, bob):
    env = {"XDG_RUNTIME_DIR": str(bob.runtime_dir)}
    said = doctor(person, env=env)
    assert not said.works
    check = said.check("directories", "XDG_RUNTIME_DIR", "missing", bob.uid)
    assert check["repair"] == f"export XDG_RUNTIME_DIR={person.user.runtime_dir}"


def test_a_runtime_directory_that_is_everybodys_is_noted_and_a_run_works(person):
    env = {"XDG_RUNTIME_DIR": "/tmp"}
    said = doctor(person, env=env)
    assert said.works
    check = said.check("directories", "XDG_RUNTIME_DIR", "note", "is everybody's")
    assert check["repair"] == f"export XDG_RUNTIME_DIR={person.user.runtime_dir}"
    assert person.run("run", "true", env=env).status == 0


def test_without_a_runtime_directory_a_run_works_and_it_is_said_what_does_not(person):
    env = {"XDG_RUNTIME_DIR": None}
    said = doctor(person, env=env)
    check = said.check("directories", "XDG_RUNTIME_DIR", "note", "not set",
                       f"'{person.user.runtime_dir}' is used")
    assert check["repair"] == f"export XDG_RUNTIME_DIR={person.user.runtime_dir}"
    with away(person.user.runtime_dir):
        said = doctor(person, env=env)
        assert said.works
        said.check("directories", "XDG_RUNTIME_DIR", "note", "finds no Wayland and no sound")


def test_a_store_that_others_can_write_to_and_an_open_home_are_named(person):
    person.run("ps")
    person.store.chmod(0o777)
    said = doctor(person)
    assert not said.works
    said.check("directories", "store", "missing", person.store)
    person.store.chmod(0o700)
    person.user.home.chmod(0o755)
    said = Said(person.run("--json", "doctor"))
    repair(said.check("directories", "home", "note", "is open to others"), person)
    assert person.user.home.stat().st_mode & 0o7 == 0
    person.user.home.chmod(0o700)


def test_a_temporary_directory_that_is_not_there_is_named(person):
    said = doctor(person, env={"TMPDIR": "/nowhere"})
    assert not said.works
    said.check("directories", "TMPDIR", "missing", "/nowhere")


# -- services ------------------------------------------------------------------------------------

@pytest.mark.once
def test_services_that_are_there_let_a_container_in(person, servers):  # noqa: F811
    person.run("ps")  # makes the store
    servers.remember()
    said = Said(person.run("--json", "doctor", env=servers.env()))
    for name, server in (("Wayland", servers.compositor.path),
                         ("X11", servers.displays[0].socket),
                         ("D-Bus", servers.bus.address), ("sound", servers.sound.socket)):
        said.check("services", name, "ok", server, "a container was let in")
    assert servers.compositor.events("context")
    servers.check_as_remembered()


@pytest.mark.once
def test_a_display_that_refuses_is_told_and_opened(person, work_dir):
    need_program("xhost")
    display = XServer(person.user, work_dir)
    with display.started():
        before = display.hosts()
        env = {"DISPLAY": display.name, "XAUTHORITY": "/nowhere"}
        check = Said(person.run("--json", "doctor", env=env)).check(
            "services", "X11", "note", "refuses")
        command = check["repair"].split(", in ")[0]
        assert not check["as_root"]
        assert run_as(person.user, ["sh", "-c", command], env=display.env).status == 0
        Said(person.run("--json", "doctor", env=env)).check("services", "X11", "ok")
        assert len(display.hosts() - before) == 1  # what the person has put there


def test_services_that_are_not_there_are_notes_and_a_run_works(person):
    said = doctor(person)
    assert said.works
    for name in ("Wayland", "X11", "D-Bus", "sound"):
        said.check("services", name, "note")
    said.check("services", "X11", "note", "DISPLAY is not set")
    said = doctor(person, env={"DISPLAY": ":4711", "WAYLAND_DISPLAY": "nothing"})
    said.check("services", "X11", "note", "/tmp/.X11-unix/X4711")
    said.check("services", "Wayland", "note", person.user.runtime_dir / "nothing")


@pytest.mark.once
def test_a_compositor_without_security_contexts_is_told(person, start_compositor):  # noqa: F811
    with start_compositor("--without-context") as made:
        said = Said(person.run("--json", "doctor", env=made.env))
        assert said.works
        said.check("services", "Wayland", "note", "security-context-v1")


@pytest.mark.once
def test_a_module_that_is_not_there_is_told(person, prefix):
    with away(prefix.libexec / "wayland.so"):
        said = doctor(person)
        assert said.works
        said.check("services", "Wayland's module", "note", "wayland.so")


# -- root ----------------------------------------------------------------------------------------

@pytest.mark.needs_hsu
def test_ids_that_a_container_manager_chooses_from_are_said(person, hsurc, work_dir):
    """Where it is installed; it asks nobody, and no file says which ids it took."""
    tools = work_dir / "nspawn"
    tools.mkdir()
    (tools / "systemd-nspawn").symlink_to("/bin/true")
    words = "among those that systemd-nspawn chooses from, 524288 to 1879048191"
    for number, state in ((9999, "note"), (0, "ok")):
        hsurc(f"{person.user.uid} {number}\n")
        for user, name in ((ROOT, "hsurc"), (person.user, "ids")):
            def ask(path):
                env = {"PATH": f"{path}{user.env.get('PATH', '/usr/bin:/bin')}"}
                said = Said(run_as(user, [person.prefix.hakurei, "--json", "doctor"], env=env))
                return said.find("hsu", name)

            there, without = ask(f"{tools}:"), ask("")
            assert (there["state"], without["state"]) == (state, "ok"), (number, there, without)
            assert (words in there["text"]) == (state == "note"), there
            assert name == "ids" or state == "ok" or "ids of line 1 are" in there["text"]


@pytest.mark.needs_hsu
def test_root_sees_every_line_of_the_list(person, hsurc, bob):
    def ask():
        return Said(run_as(ROOT, [person.prefix.hakurei, "--json", "doctor"]))

    assert set(ask().groups) == {"hsu", "kernel"} and ask().works
    number = person.user.userid
    hsurc(f"{person.user.uid} {number}\n{bob.uid} {number}\nnobody 7\n{bob.uid} 10000\n")
    said = ask()
    assert not said.works
    said.check("hsu", "hsurc", "missing", "line 3 is not", "line 4 is not",
               f"lines 1 and 2 give number {number} to two persons")
    hsurc(f"{person.user.uid} {number}\n")
    with subids.added(f"{bob.name}:{person.target(9999)}:1", files=["/etc/subgid"]):
        ask().check("hsu", "hsurc", "missing", "the ids of line 1 are also in line", bob.name)
    hsurc(f"{person.user.uid} {number}\n", 0o440)
    repair(ask().check("hsu", "hsurc", "missing", "with mode 0440"))
    ask().check("hsu", "hsurc", "ok", "has lines for 1")
    hsurc("")
    ask().check("hsu", "hsurc", "missing", "there is no line in it")
    hsurc(None)
    check = ask().check("hsu", "hsurc", "missing", "there is no")
    repair(check, UID=person.user.uid)
    assert ask().works
