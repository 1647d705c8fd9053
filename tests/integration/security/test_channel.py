# SPDX-License-Identifier: MIT
"""A program that has taken over its shim, as far as the monitor can be lied to: it gets nothing, the
monitor ends with a line that says what was wrong, or when it is asked to, and nothing is left."""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from harness.broken import away
from harness.processes import wait_until

LIAR = Path(__file__).parents[1] / "standin/liar.c"


@pytest.fixture
def liar(prefix, compile_c):
    """liar(number) is the shim from here on."""
    with away(prefix.shim):
        def take_over(number):
            shutil.copy(compile_c(LIAR, args=[f"-DLIE={number}"]), prefix.shim)
            prefix.shim.chmod(0o755)

        yield take_over
        prefix.shim.unlink(missing_ok=True)


@pytest.mark.parametrize("number,words", [
    (0, "the shim says that it is uid"),
    (1, "cannot receive from the channel: Bad message"),
    (2, "cannot receive from the channel: Bad message"),
    (4, "the shim does not introduce itself"),
    (5, "the shim sends something that is no answer"),
    (6, "the shim sends something that is no answer"),
    (7, r"\x1b]0;owned\x07\x0ahakurei: all is well\x0a"),
    (8, "the program was lost: its shim ended without an outcome"),
])
def test_a_shim_that_lies_is_found_out_and_told_in_one_line(person, liar, number, words):
    liar(number)
    result = person.run("run", "-a", "7", "true", timeout=10)
    assert (result.status, result.stdout) == (125, ""), result
    assert words in result.stderr and result.stderr.count("\n") == 1, result
    assert result.stderr[:-1].isprintable()


def test_a_wait_status_that_is_none_is_the_end_all_the_same(person, liar):
    liar(9)
    assert person.run("run", "-a", "7", "true", timeout=10).status != 0


def test_a_shim_that_is_silent_is_left_when_the_person_wants_it(person, liar):
    liar(3)
    running = person.start("run", "-a", "7", "true")
    time.sleep(0.3)
    assert running.alive()
    running.signal(signal.SIGTERM)
    assert running.wait(timeout=5).status == 128 + signal.SIGTERM


def test_a_shim_that_says_it_is_gone_and_stays_holds_nobody_up(person, liar):
    liar(10)
    start = time.monotonic()
    assert person.run("run", "-a", "7", "true", timeout=15).status == 0
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("number", [11, 12], ids=["descriptors", "errors"])
def test_a_shim_that_floods_the_monitor_gets_no_descriptor_in_and_is_ended(person, liar, number):
    liar(number)
    running = person.start("run", "-a", "7", "true", stderr=os.open("/dev/null", os.O_WRONLY))
    wait_until(lambda: person.entries(), 5, "the entry")
    time.sleep(0.5)
    assert len(os.listdir(f"/proc/{running.pid}/fd")) < 20
    running.signal(signal.SIGTERM)
    running.signal(signal.SIGTERM)
    time.sleep(0.1)
    if running.alive():
        running.signal(signal.SIGINT)
    assert running.wait(timeout=10).status != 0
