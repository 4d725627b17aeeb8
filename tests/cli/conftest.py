"""The made-up reader as a catalogue row, in this process and in any other started with `environment`."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from insula.catalogue import Row, register  # noqa: E402
from insula.cli import run  # noqa: E402

REGISTRY = """
["made_up.reader"]
target = "insula_made_up:Reader"
summary = "a dozen words"
licence = "Apache-2.0"
commercial_ok = true
"""


@pytest.fixture(scope="session", autouse=True)
def made_up_rows():
    register(Row("made_up.reader", "insula_made_up:Reader", "a dozen words", "Apache-2.0", True))
    register(Row("made_up.talker", "insula_made_up:Talker", "the turn before", "research only", False))
    register(Row("made_up.closed", "insula_made_up:Reader", "a dozen words", "research only", False))


@pytest.fixture
def insula(capsys, monkeypatch):
    """insula("read", "x") -> (exit code, standard output, standard error)"""
    monkeypatch.setenv("COLUMNS", "120")

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return call


def _interruptible():
    """As started from a terminal: a suite run in the background ignores Ctrl-C, and so would all it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def process(tmp_path):
    """process(["read", ...], seconds) -> a running `insula` of its own, `seconds` slow for every text."""
    home = tmp_path / "home"
    (home / "catalogue").mkdir(parents=True)
    (home / "catalogue" / "made_up.toml").write_text(REGISTRY)
    started = []

    def start(arguments, seconds=0.0):
        paths = {"INSULA_HOME": str(home), "PYTHONPATH": str(HERE), "MADE_UP_SECONDS": str(seconds)}
        command = [sys.executable, "-c", "from insula.cli import main; main()", *map(str, arguments)]
        pipe = subprocess.PIPE
        environment = {**os.environ, **paths}
        one = subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True, preexec_fn=_interruptible)
        started.append(one)
        return one

    yield start
    for one in started:
        if one.poll() is None:
            one.kill()
        one.communicate()
