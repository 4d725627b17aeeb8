"""Servers to ask: in this process, as a test sets one up, and a real one on a port; the composer words replies."""

import signal
import socket
import subprocess
import sys
import time

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("prometheus_client")
pytest.importorskip("alembic")

from starlette.testclient import TestClient

from insula.serve import Settings, app

HERE = "http://localhost"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("served") / "insula.sqlite"


@pytest.fixture(scope="module")
def client(place):
    with TestClient(app(Settings(model="composer", database=str(place), locale="en-GB")), HERE) as found:
        yield found


@pytest.fixture
def served(tmp_path):
    """A server set up as the test says, with the lifespan begun and ended by the test."""

    def make(**settings):
        given = {"model": "composer", "database": str(tmp_path / "insula.sqlite"), **settings}
        return TestClient(app(Settings(**given)), HERE)

    return make


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The address of a real server that ends gracefully when all tests are done."""
    httpx = pytest.importorskip("httpx")
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "insula", "serve", "--model", "composer", "--locale", "en-GB", "--port", str(port)]
    with (folder / "log").open("w") as log:
        started = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    for _ in range(240):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200:
                break
        except httpx.HTTPError:
            assert started.poll() is None, (folder / "log").read_text()[-2000:]
            time.sleep(0.25)
    yield f"http://127.0.0.1:{port}"
    started.send_signal(signal.SIGTERM)
    assert started.wait(30) in (0, 143, -signal.SIGTERM), (folder / "log").read_text()[-2000:]
