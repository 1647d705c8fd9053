# SPDX-License-Identifier: MIT
"""A sound server of the person's, and something to play."""

import array
import shutil
import wave

import pytest

from .run import run_as
from .servers import need_program, server
from .snapshot import read_acl

RATE = 44100
PULSEAUDIO = ["pulseaudio", "--daemonize=no", "--exit-idle-time=-1", "-n", "--use-pid-file=no",
              "--load=module-null-sink sink_name=null", "--load=module-native-protocol-unix"]


class Sound:
    """The sound server of a person, and what the person can ask it."""

    def __init__(self, person, work_dir):
        self.person = person
        self.user = person.user
        self.socket = self.user.runtime_dir / "pulse/native"
        self.cookie = self.user.home / ".config/pulse/cookie"
        self.wav = work_dir / "tone.wav"
        self.monitor = "null.monitor"

    def ask(self, *argv):
        result = run_as(self.user, argv)
        assert result.status == 0, result
        return result.stdout

    def inside(self, *argv, **options):
        """A client in a container, to its end."""
        return self.person.run("run", "-a", "7", "--pulse", *argv, **options)

    def config(self, **keys):
        """A configuration with sound, and the tone as /tone.wav."""
        bind = {"type": "bind", "src": str(self.wav), "dst": "/tone.wav"}
        return self.person.config(enablements={"pulse": True}, filesystem=[bind], **keys)

    def check_unchanged(self):
        assert self.socket.stat().st_nlink == 1 and read_acl(self.socket) == []


def write_tone(path):
    samples = array.array("h", (20000 if at // 50 % 2 else -20000 for at in range(RATE // 2)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    path.chmod(0o644)


def clean(user):
    """What a server leaves would be found by the next one."""
    shutil.rmtree(user.runtime_dir / "pulse", ignore_errors=True)
    shutil.rmtree(user.home / ".config/pulse", ignore_errors=True)


@pytest.fixture
def sound(person, work_dir):
    """PulseAudio with a sink that goes nowhere."""
    need_program("pactl")
    made = Sound(person, work_dir)
    write_tone(made.wav)
    with server(made.user, PULSEAUDIO, work_dir / "pulseaudio.log", made.socket):
        yield made
    clean(made.user)
