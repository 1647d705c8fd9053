# SPDX-License-Identifier: MIT
"""Real message buses for a test: dbus-daemon with a configuration of its own, and services."""

import json
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from .run import Running, start_as
from .servers import need_program, server

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <auth>{auth}</auth>
  {anonymous}
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
"""
SERVICE = Path(__file__).resolve().parent.parent / "standin/bus_service.py"


class Bus:
    """One that runs, and who asks it from outside of any container."""

    def __init__(self, user, address, directory, running):
        self.user = user
        self.address = address
        self.directory = directory
        self.running = running

    @contextmanager
    def services(self, *names):
        """A process that owns the names. Yields it, a Running whose output is what it was asked."""
        script = self.directory / SERVICE.name
        shutil.copy(SERVICE, script)
        script.chmod(0o644)
        service = start_as(self.user, ["/usr/bin/python3", script, *names],
                           env={"BUS_ADDRESS": self.address}, stdin=subprocess.DEVNULL)
        try:
            line = service.stdout.readline()
            if not line:
                raise AssertionError(service.wait())
            assert json.loads(line) == {"ready": list(names)}
            yield service
        finally:
            service.kill()
            service.wait()


@contextmanager
def bus(user, directory, path=None, address=None, auth="EXTERNAL"):
    """A bus that listens on the socket path, or on another address, as the user."""
    need_program("dbus-daemon")
    directory.mkdir(exist_ok=True)
    directory.chmod(0o755)
    address = address or f"unix:path={path}"
    config = directory / "bus.conf"
    config.write_text(CONFIG.format(
        address=address, auth=auth, anonymous="<allow_anonymous/>" if auth == "ANONYMOUS" else ""))
    argv = ["dbus-daemon", "--nofork", f"--config-file={config}"]
    with server(user, argv, directory / "bus.log", path) as running:
        yield Bus(user, address, directory, running)
    if path:
        Path(path).unlink(missing_ok=True)


def next_call(service: Running):
    """What a service was asked next."""
    return json.loads(service.stdout.readline())
