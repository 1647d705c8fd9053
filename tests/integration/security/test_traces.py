# SPDX-License-Identifier: MIT
"""What an instance shows to others, and what it leaves where others of its identity may write."""

import os
import signal

from harness.compositor import compositor, hk_compositor, start_compositor  # noqa: F401
from harness.desktop import ALL, servers  # noqa: F401
from harness.run import run_as
from harness.sound import sound  # noqa: F401

# Each asks in its own way whether the server is there.
REACHABLE = """
xset q >/dev/null && dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
  org.freedesktop.DBus.ListNames >/dev/null && pactl info >/dev/null && \
  wayland-info >/dev/null && echo reachable
"""
SHARED = {"share_runtime": True, "share_tmpdir": True, "map_real_uid": True}


def everything(servers, script, **keys):  # noqa: F811
    return servers.person.config(script=script, enablements=ALL, id="org.example.All",
                                 container=SHARED, **keys)


def test_nothing_that_everybody_can_read_names_an_instance(servers, neighbour):  # noqa: F811
    """Sockets are listed for everybody with the names that they were bound to."""
    running = servers.person.start_ready(
        "app", everything(servers, "echo ready; exec sleep 1000"), env=servers.env())
    [entry] = servers.person.entries()
    names = {entry, servers.person.instance_dir().name}
    assert any(len(name) == 32 for name in names), names
    look = ("cat /proc/net/unix; cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '; "
            "ls -lR /tmp /run \"$TMPDIR\" 2>/dev/null; true")
    seen = run_as(neighbour.user, ["sh", "-c", look]).stdout
    assert "hakurei-shim" in seen and "/proc/self/fd/" in seen  # the compositor's socket
    assert [name for name in names if name in seen] == []
    running.signal(signal.SIGINT)
    running.wait()


def test_no_other_instance_can_take_the_sockets_away(servers):  # noqa: F811
    """A mount point in a directory that instances share can be removed by one that has no mount
    there, which takes the mount off for all others; and is litter when nobody does."""
    person = servers.person
    script = f"echo ready; read line; {REACHABLE}"
    running = person.start_ready("app", everything(servers, script), env=servers.env())
    hostile = person.config(script="""
        for place in /tmp "$XDG_RUNTIME_DIR"; do
            cd "$place" && touch .x y && rm -rf .[!.]* * && mv .X11-unix away; rmdir .X11-unix
        done; ls -A /tmp "$XDG_RUNTIME_DIR"
        """, container=SHARED)
    tried = person.run("app", hostile)
    assert tried.stdout.split() == [f"/run/user/{person.user.uid}:", "/tmp:", ".X11-unix"], tried
    result = running.wait("\n")
    assert (result.status, result.stdout) == (0, "reachable\n"), result
    # Nothing else is put into what they share.
    assert [os.listdir(person.share / kind / "7/user") for kind in ("runtime", "tmpdir")] == [
        [], [".X11-unix"]]
