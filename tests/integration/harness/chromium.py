# SPDX-License-Identifier: MIT
"""Chromium in a container: a page for it, and what has to hold of it then."""

import os
import signal
from pathlib import Path

from .apps import end
from .processes import wait_until

TITLE = "Shown inside - Chromium"
COLOUR = "123456"
# It makes a sound, and asks nobody first.
PAGE = ("data:text/html,<title>Shown inside</title>"
        f"<body style='background: %23{COLOUR}; color: white'><h1>Shown inside</h1><script>"
        "const audio = new AudioContext(), tone = new OscillatorNode(audio);"
        "tone.connect(audio.destination); tone.start()</script>")
# No network, no graphics card, and nobody who clicks. None of them is about the sandbox.
HERE = ["--disable-gpu", "--disable-quic", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
        "--autoplay-policy=no-user-gesture-required"]


def arguments_of(pid):
    """Chromium's children put blanks between theirs."""
    return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ").split()


def facts_of(pid):
    """What the kernel says of a process, seen from outside."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    facts = dict(line.split(":\t", 1) for line in text.splitlines())
    facts["namespaces"] = {name: os.readlink(f"/proc/{pid}/ns/{name}")
                           for name in ("user", "pid", "net", "mnt")}
    return facts


def check_sandbox(person, identity):
    """The renderers are in namespaces and under a filter of Chromium's own, within ours."""
    shims = {pid for pid, _, name in person.processes(identity) if name == "hakurei-shim"}
    pids = [pid for pid, _, name in person.processes(identity) if name == "chromium"]
    assert not [pid for pid in pids if "--no-sandbox" in arguments_of(pid)]
    [browser] = [pid for pid in pids if int(facts_of(pid)["PPid"]) in shims]
    renderers = [pid for pid in pids if "--type=renderer" in arguments_of(pid)]
    assert renderers
    ours, outside = facts_of(browser), facts_of("self")
    uid = str(person.target(identity))
    for pid in renderers:
        wait_until(lambda pid=pid: int(facts_of(pid)["Seccomp_filters"]) >
                   int(ours["Seccomp_filters"]), 5, "the renderer's filter")
        theirs = facts_of(pid)
        assert theirs["Uid"].split() == [uid] * 4
        assert theirs["NoNewPrivs"] == "1" and theirs["Seccomp"] == "2"
        assert int(theirs["CapEff"], 16) == int(theirs["CapPrm"], 16) == 0
        for name in ("user", "pid", "net"):
            known = {facts["namespaces"][name] for facts in (ours, outside)}
            assert theirs["namespaces"][name] not in known, (name, theirs)
    assert ours["Seccomp_filters"] == "2" and int(ours["CapBnd"], 16) == 0
    for name in ("user", "pid", "mnt"):
        assert ours["namespaces"][name] != outside["namespaces"][name]


def check_page(person, identity, running, servers, shown):
    """The page is drawn, most of the window is of its colour, and it is heard."""
    assert max(shown, key=shown.get) == COLOUR and len(shown) > 100
    check_sandbox(person, identity)
    wait_until(lambda: "chromium" in servers.sound.ask("pactl", "list", "sink-inputs").lower(), 20,
               "the tone")
    assert end(person, running).status in (0, 128 + signal.SIGINT)
