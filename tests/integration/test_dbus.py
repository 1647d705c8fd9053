# SPDX-License-Identifier: MIT
"""D-Bus: real buses of the person's, a real proxy, real clients in the container."""

import os
import signal
import socket
import time

import pytest

from harness.bus import bus, next_call
from harness.desk import (NOTIFICATIONS, OPEN, PORTAL, SECRET, STAND_IN, SYSTEM, alive,  # noqa: F401
                          buses, desk, end, proxy_of, stand_in, status_of)
from harness.person import took
from harness.processes import wait_until
from harness.run import run_as
from harness.servers import need_program
from harness.snapshot import read_acl

PORTAL_PATH = "/org/freedesktop/portal/desktop"
PING = "org.hakurei.Test.Ping"


def ping(name, path="/service", kind="--session"):
    return ["dbus-send", kind, "--print-reply=literal", f"--dest={name}", path, PING]


NAMES = ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/",
         "org.freedesktop.DBus.ListNames"]


def check_refusal(result, *words):
    """One line of hakurei's own, and nothing was started."""
    assert (result.status, result.stdout) == (125, ""), result
    assert result.stderr.count("\n") == 1 and result.stderr.startswith("hakurei: "), result
    for word in words:
        assert str(word) in result.stderr, (word, result.stderr)


# -- the built-in policy -----------------------------------------------------------------------

def test_a_client_of_libdbus_talks_to_the_bus(desk):
    result = desk.inside(*NAMES)
    assert result.status == 0 and "org.freedesktop.DBus" in result.stdout, result


def test_a_notification_arrives(desk, buses):
    need_program("notify-send")
    result = desk.inside("notify-send", "a title", "a body")
    assert result.status == 0, result
    # The proxy may say that a client left in haste; nobody else says anything.
    assert all("(dbus)" in line for line in result.stderr.splitlines()), result
    while (call := next_call(buses[2]))["method"] != "Notify":
        pass
    assert call["parameters"][3:5] == ["a title", "a body"]


def test_a_client_of_gdbus_talks_to_a_portal(desk):
    result = desk.inside("gdbus", "call", "--session", "--dest", PORTAL, "--object-path",
                         PORTAL_PATH, "--method", PING)
    assert result.stdout == f"('pong from {PORTAL_PATH}',)\n", result


def test_a_name_that_is_not_allowed_cannot_be_seen_or_called(desk):
    assert SECRET in run_as(desk.user, NAMES, env=desk.env).stdout
    assert SECRET not in desk.inside(*NAMES).stdout
    result = desk.inside(*ping(SECRET))
    assert result.status == 1 and "ServiceUnknown" in result.stderr, result
    result = desk.inside("gdbus", "introspect", "--session", "--dest", SECRET, "--object-path", "/")
    assert result.status != 0


def test_broadcasts_of_portals_are_heard_and_others_are_not(desk):
    # A client that watches, and one outside that makes each of two services send a signal.
    running = desk.start_ready("run", "-a", "7", "--dbus", "sh", "-c",
                               "dbus-monitor --session type=signal,member=Changed >$HOME/heard & "
                               "sleep 0.5; echo ready; read _; kill $!; cat $HOME/heard")
    for name, path in ((SECRET, "/service"), (PORTAL, PORTAL_PATH)):
        sent = run_as(desk.user, ["dbus-send", "--session", "--print-reply", f"--dest={name}",
                                  path, "org.hakurei.Test.Emit"], env=desk.env)
        assert sent.status == 0, sent
    time.sleep(0.3)
    result = running.wait("\n")
    assert f"path={PORTAL_PATH}" in result.stdout, result
    assert "path=/service" not in result.stdout, result


def test_names_below_the_id_can_be_owned_and_others_cannot(desk):
    request = ("dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / "
               "org.freedesktop.DBus.RequestName string:$0 uint32:0")
    options = ["--id", "org.hakurei.Player", "--mpris"]
    for name, allowed in (("org.hakurei.Player", True), ("org.hakurei.Player.Window", True),
                          ("org.mpris.MediaPlayer2.org.hakurei.Player", True),
                          ("org.hakurei.Other", False), ("org.mpris.MediaPlayer2.other", False)):
        result = desk.inside("sh", "-c", request, name, options=options)
        assert (result.status == 0) == allowed, (name, result)
    refused = desk.inside("sh", "-c", request, "org.mpris.MediaPlayer2.org.hakurei.Player",
                          options=options[:2])
    assert refused.status != 0


def test_two_programs_have_a_proxy_each(desk):
    running = [desk.sleeping(), desk.sleeping()]
    proxies = {proxy_of(each) for each in running}
    assert len(proxies) == 2
    assert desk.inside(*NAMES).status == 0
    for each in running:
        end(each)


# -- policies of one's own ---------------------------------------------------------------------

def test_a_policy_from_a_file_takes_the_place_of_the_built_in_one(desk):
    policy = desk.policy(talk=[OPEN])
    result = desk.inside(*ping(OPEN), options=["--dbus-config", policy])
    assert result.stdout.strip() == "pong from /service", result
    assert desk.inside(*ping(SECRET), options=["--dbus-config", policy]).status == 1
    assert desk.inside(*ping(PORTAL, PORTAL_PATH), options=["--dbus-config", policy]).status == 1


def test_seeing_is_not_calling(desk):
    options = ["--dbus-config", desk.policy(see=[OPEN])]
    assert OPEN in desk.inside(*NAMES, options=options).stdout
    result = desk.inside(*ping(OPEN), options=options)
    assert result.status == 1 and "AccessDenied" in result.stderr, result


def test_a_call_rule_lets_that_call_through_alone(desk):
    options = ["--dbus-config", desk.policy(call={OPEN: "org.hakurei.Test.Ping@/service"})]
    assert desk.inside(*ping(OPEN), options=options).status == 0
    emit = ["dbus-send", "--session", "--print-reply", f"--dest={OPEN}", "/service",
            "org.hakurei.Test.Emit"]
    assert desk.inside(*emit, options=options).status == 1


def test_without_a_filter_everything_passes_and_a_warning_says_so(desk):
    options = ["--dbus-config", desk.policy(filter=False)]
    result = desk.inside(*ping(SECRET), options=options)
    assert result.stdout.strip() == "pong from /service"
    assert "warning: the session bus is not filtered" in result.stderr


def test_a_policy_that_names_the_managers_of_the_host_is_warned_about(desk):
    options = ["--dbus-config", desk.policy(talk=["org.freedesktop.systemd1"])]
    result = desk.inside("true", options=options)
    assert result.stderr == ("hakurei: warning: the session bus policy lets the program call "
                             "org.freedesktop.systemd1, which starts programs as you\n")


def test_the_system_bus_is_there_only_if_it_was_asked_for(desk):
    without = desk.inside("sh", "-c", "echo $DBUS_SYSTEM_BUS_ADDRESS; ls /.hakurei")
    assert without.stdout.split() == ["bus", "home"]
    options = ["--dbus-system", desk.policy(talk=[SYSTEM])]
    result = desk.inside(*ping(SYSTEM, kind="--system"), options=options)
    assert result.stdout.strip() == "pong from /service", result
    assert desk.inside(*ping(SYSTEM, kind="--session"), options=options).status == 1


def test_a_configuration_has_both_buses(desk):
    script = " ".join(ping(OPEN)) + "; " + " ".join(ping(SYSTEM, kind="--system"))
    config = desk.person.config(
        script, enablements={"dbus": True}, container={"map_real_uid": True},
        session_bus={"filter": True, "talk": [OPEN]}, system_bus={"filter": True, "talk": [SYSTEM]})
    result = desk.run("app", config)
    assert result.stdout.split() == ["pong", "from", "/service"] * 2, result


def test_a_private_runtime_directory_has_the_bus_where_programs_look_for_it(desk):
    result = desk.inside("sh", "-c", 'readlink "$XDG_RUNTIME_DIR/bus"; exec dbus-send '
                         '--bus="unix:path=$XDG_RUNTIME_DIR/bus" --print-reply '
                         f"--dest={PORTAL} {PORTAL_PATH} {PING}", options=["--private-runtime"])
    assert result.stdout.startswith("/.hakurei/bus\n") and result.status == 0, result


# -- what the proxy says -----------------------------------------------------------------------

def test_what_passes_is_logged_and_shown_at_the_end(desk):
    result = desk.inside(*ping(PORTAL, PORTAL_PATH), options=["--dbus-log"])
    assert result.status == 0
    lines = result.stderr.splitlines()
    assert lines and all(line.startswith("hakurei: (dbus) ") for line in lines)
    assert any("Ping" in line and PORTAL in line for line in lines)
    refused = desk.inside(*ping(SECRET), options=["--dbus-log"])
    assert "*HIDDEN*" in refused.stderr


def test_no_policy_shows_in_a_list_of_processes(desk):
    running = desk.sleeping("--dbus-config", desk.policy(talk=["org.hakurei.Whatever"]))
    for pid in proxy_of(running):
        with open(f"/proc/{pid}/cmdline", encoding="ascii") as file:
            assert "Whatever" not in file.read()
    end(running)


# -- the proxy's container ---------------------------------------------------------------------

def test_the_proxy_has_no_capability_and_namespaces_of_its_own(desk):
    running = desk.sleeping()
    for pid in proxy_of(running):
        status = status_of(pid)
        assert status["Uid"].split() == [str(desk.user.uid)] * 4
        for field in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(status[field], 16) == 0, (pid, field)
        assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
        for name in ("user", "pid", "mnt", "net", "ipc", "uts", "cgroup"):
            ours = os.readlink(f"/proc/{running.pid}/ns/{name}")
            assert os.readlink(f"/proc/{pid}/ns/{name}") != ours, name
    end(running)


def mounts_of(pid):
    """{mount point: (root, options)}"""
    with open(f"/proc/{pid}/mountinfo", encoding="utf-8") as file:
        rows = [line.split() for line in file]
    return {row[4]: (row[3], row[5].split(",")) for row in rows}


def test_the_proxy_sees_the_system_and_its_sockets_and_writes_to_one_directory(desk):
    running = desk.sleeping("--dbus-system", desk.policy(talk=[SYSTEM]))
    _, proxy = proxy_of(running)
    mounts = mounts_of(proxy)
    expected = {"/", "/usr", "/bus.d", "/upstream/session", "/upstream/system"}
    own = {point for point in mounts if not point.startswith("/usr/")}
    assert expected <= own
    assert own - expected <= {"/etc/ld.so.cache", "/bin", "/lib", "/lib32", "/lib64", "/libx32",
                              "/nix/store", "/gnu/store"}
    writable = [point for point, (_, options) in mounts.items() if "rw" in options]
    assert writable == ["/bus.d"]
    assert all({"nosuid", "nodev"} <= set(options) for _, options in mounts.values())
    root = f"/proc/{proxy}/root"
    assert set(os.listdir(root)) <= {"usr", "bin", "lib", "lib32", "lib64", "libx32", "etc", "nix",
                                     "gnu", "bus.d", "upstream"}
    assert sorted(os.listdir(f"{root}/upstream")) == ["session", "system"]
    assert sorted(os.listdir(f"{root}/bus.d")) == ["session", "system"]
    assert set(os.listdir(f"{root}/etc")) <= {"ld.so.cache"} if os.path.exists(f"{root}/etc") else 1
    end(running)


def test_the_proxy_inherits_nothing_but_what_it_needs(desk):
    running = desk.sleeping()
    _, proxy = proxy_of(running)
    files = {fd: os.readlink(f"/proc/{proxy}/fd/{fd}") for fd in os.listdir(f"/proc/{proxy}/fd")}
    assert files["0"] == "/dev/null" and files["1"] == files["2"]
    for link in files.values():
        assert link.startswith(("socket:", "anon_inode:", "pipe:", "/memfd:")) or \
            link == "/dev/null", files
    with open(f"/proc/{proxy}/environ", encoding="ascii") as file:
        assert file.read() == ""
    end(running)


def test_only_the_target_may_connect_to_the_proxy(desk):
    running = desk.sleeping()
    sockets = desk.person.instance_dir() / "bus.d"
    target = desk.person.target()
    assert f"user:{target}:--x" in read_acl(sockets)
    acl = read_acl(sockets / "session")
    assert f"user:{target}:rw-" in acl
    assert not [entry for entry in acl if entry.startswith("other::") and entry != "other::---"]
    end(running)


# -- its end -----------------------------------------------------------------------------------

def test_the_proxy_is_gone_after_the_instance(desk):
    running = desk.sleeping()
    pids = proxy_of(running)
    end(running)
    assert not alive(pids)


def test_the_proxy_is_gone_within_a_second_of_the_monitor_s_death(desk):
    running = desk.sleeping()
    pids = proxy_of(running)
    start = time.monotonic()
    os.kill(running.pid, signal.SIGKILL)
    wait_until(lambda: not alive(pids), 1, "the end")
    assert took(start) < 1
    running.wait()
    desk.person.wait_for_no_process()
    assert desk.run("recover").status == 0


@pytest.mark.parametrize("which", [0, 1])
def test_a_proxy_that_dies_is_reported_and_the_program_goes_on(desk, which):
    running = desk.sleeping()
    pids = proxy_of(running)
    os.kill(pids[which], signal.SIGKILL)
    wait_until(lambda: not alive(pids), 2, "the proxy's end")
    time.sleep(0.1)
    assert running.alive()
    result = end(running)
    assert "the D-Bus proxy ended while the program runs" in result.stderr, result
    assert ("killed by signal 9" if which else "it was killed") in result.stderr


# -- what cannot work is said before anything starts -------------------------------------------

def test_a_session_bus_that_is_not_there_is_an_error(desk):
    result = desk.inside("true", env={"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere/bus"})
    check_refusal(result, "no session bus: '/nowhere/bus' does not exist",
                  "(DBUS_SESSION_BUS_ADDRESS is 'unix:path=/nowhere/bus')")


def test_a_session_bus_is_looked_for_in_its_usual_place(desk):
    result = desk.inside(*NAMES, env={"DBUS_SESSION_BUS_ADDRESS": None})
    assert result.status == 0, result
    address = desk.dry_run(env={"DBUS_SESSION_BUS_ADDRESS": None})["host"][-1]["args"][0]
    assert address == f"unix:path={desk.user.runtime_dir}/bus"


def test_a_system_bus_that_is_not_there_is_an_error(desk):
    options = ["--dbus-system", desk.policy()]
    result = desk.inside("true", options=options,
                         env={"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere/system"})
    check_refusal(result, "no system bus: '/nowhere/system' does not exist")


def test_a_bus_on_whose_socket_nobody_listens_is_an_error(desk, work_dir):
    path = work_dir / "dead-bus"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    path.chmod(0o777)
    result = desk.inside("true", env={"DBUS_SESSION_BUS_ADDRESS": f"unix:path={path}"})
    check_refusal(result, "connect to the session bus", path, "Connection refused")


@pytest.mark.parametrize("address, words", [
    ("unix:path=/a;unix", "entry 2: 'unix' has no ':' behind its method"),
    ("/run/bus", "entry 1: '/run/bus' has no ':'"),
    ("unix:path=/%4", "entry 1: the value of 'path' has a '%'"),
    ("autolaunch:", "'autolaunch' is not a method that the proxy can use"),
])
def test_an_address_that_is_malformed_or_of_no_use_is_an_error(desk, address, words):
    result = desk.inside("true", env={"DBUS_SESSION_BUS_ADDRESS": address})
    check_refusal(result, "DBUS_SESSION_BUS_ADDRESS", words)


def test_a_proxy_that_is_not_installed_is_an_error(desk, bare_path):
    result = desk.run("run", "-a", "7", "--dbus", "/bin/true", env={"PATH": str(bare_path)})
    check_refusal(result, "xdg-dbus-proxy", "package")


@pytest.mark.parametrize("text, words", [
    ("echo no wish; exit 3", "exit status 3"),
    ("kill -9 $$", "killed by signal 9"),
])
def test_a_proxy_that_does_not_work_is_an_error(desk, stand_in, text, words):
    result = desk.inside("true", env=stand_in(f"#!/bin/sh\n{text}\n"))
    assert result.status == 125 and result.stdout == "", result
    assert f"the D-Bus proxy ended before it was ready: {words}" in result.stderr
    assert ("(dbus) no wish" in result.stderr) == ("wish" in text)


@pytest.mark.once
def test_a_proxy_that_says_nothing_is_given_up_after_five_seconds(desk, stand_in):
    start = time.monotonic()
    result = desk.inside("true", env=stand_in("#!/bin/sh\nsleep 1000\n"))
    check_refusal(result, "the D-Bus proxy was not ready after 5 s")
    assert 5 <= took(start) < 9


@pytest.mark.parametrize("does, words", [
    ("pass", "cannot open the proxy's socket 'session'"),
    ("os.symlink('/usr', PATH)", "is not a socket of the proxy's own"),
    ("listen(PATH); os.link(PATH, PATH + '2')", "is not a socket of the proxy's own"),
    ("listen(PATH + '2'); os.symlink('session2', PATH)", "is not a socket of the proxy's own"),
])
def test_a_proxy_that_puts_something_else_in_place_of_its_socket_is_refused(
        desk, stand_in, does, words):
    result = desk.inside("true", env=stand_in(STAND_IN.replace("DOES", does)))
    check_refusal(result, words)


def test_a_proxy_that_talks_without_end_holds_nobody_up(desk, stand_in):
    text = STAND_IN.replace("DOES", "listen(PATH)").replace("REST", "talk()")
    start = time.monotonic()
    result = desk.inside("sleep", "1", env=stand_in(text))
    assert result.status == 0 and took(start) < 10
    lines = result.stderr.splitlines()
    assert len(lines) > 100 and lines[0] == "hakurei: (dbus) " + "word " * 100


@pytest.mark.parametrize("keys", [{"talk": ["nodot"]}, {"own": ["nodot.*"]},
                                  {"call": {"nodot": "*"}}])
def test_a_policy_with_a_name_that_is_none_is_refused(desk, keys):
    result = desk.inside("true", options=["--dbus-config", desk.policy(**keys)])
    check_refusal(result, 'bad interface string "nodot', "in session bus configuration")
    result = desk.inside("true", options=["--dbus-system", desk.policy(**keys)])
    check_refusal(result, 'bad interface string "nodot', "in system bus configuration")


def test_a_name_that_the_proxy_refuses_is_an_error_in_its_words(desk):
    result = desk.inside("true", options=["--dbus-config", desk.policy(talk=["org.1.x"])])
    assert result.status == 125 and result.stdout == ""
    assert "the D-Bus proxy ended before it was ready: exit status 1" in result.stderr
    assert "(dbus) 'org.1.x' is not a valid dbus name" in result.stderr


def test_a_policy_file_that_is_missing_or_wrong_is_an_error(desk):
    check_refusal(desk.inside("true", options=["--dbus-config", "/nowhere/policy"]),
                  "cannot open /nowhere/policy")
    wrong = desk.policy(tlak=[])
    check_refusal(desk.inside("true", options=["--dbus-system", wrong]),
                  f"{wrong}: tlak: unknown key", '"talk"')


@pytest.mark.parametrize("options, words", [
    (["--mpris"], "option --mpris needs --dbus"),
    (["--dbus-log"], "option --dbus-log needs --dbus"),
    (["--dbus-config", "builtin"], "option --dbus-config needs --dbus"),
    (["--dbus-system", "nil"], "option --dbus-system needs --dbus"),
    (["--dbus", "--mpris"], "option --mpris needs --id"),
    (["--dbus", "--mpris", "--id", "a.b", "--dbus-config", "x"], "for the built-in policy"),
    (["--dbus", "--id", "nodot"], 'bad interface string "nodot.*"'),
])
def test_options_that_make_no_sense_together_are_refused(desk, options, words):
    check_refusal(desk.run("run", *options, "true"), words)


# -- other buses -------------------------------------------------------------------------------

def test_a_bus_over_tcp_is_reached_through_the_shared_network(desk, work_dir):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp:host=localhost,port={port},family=ipv4"
    with bus(desk.user, work_dir / "tcp-bus", address=address, auth="ANONYMOUS"):
        wait_until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0, 5, "the bus")
        result = desk.inside(*NAMES, env={"DBUS_SESSION_BUS_ADDRESS": address})
        assert result.status == 0 and "org.freedesktop.DBus" in result.stdout, result


def test_an_abstract_bus_is_reached_through_the_shared_network(desk, work_dir):
    name = f"hakurei-test-{os.getpid()}"
    with bus(desk.user, work_dir / "abstract-bus", address=f"unix:abstract={name}") as other, \
            wait_for_service(other):
        result = desk.inside(*ping(OPEN), env={"DBUS_SESSION_BUS_ADDRESS": other.address},
                             options=["--dbus-config", desk.policy(talk=[OPEN])])
        assert result.stdout.strip() == "pong from /service", result


def wait_for_service(other):
    """The services of a bus that may not listen yet."""
    def listens():
        with open("/proc/net/unix", encoding="utf-8") as file:
            return f"@{other.address.split('=')[1]}" in file.read()
    wait_until(listens, 5, "the bus")
    return other.services(OPEN)


def test_the_person_s_uid_is_mapped_by_run_and_a_configuration_is_told_why(desk):
    assert desk.dry_run()["container"]["uid"] == desk.user.uid
    config = desk.person.config("true", enablements={"dbus": True})
    result = desk.run("-v", "app", config)
    assert result.status == 0 and "hint: D-Bus libraries" in result.stderr
    assert "hint" not in desk.run("app", config).stderr
