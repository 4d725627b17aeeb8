"""The curl examples of the page about serving, run against a real server."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

httpx = pytest.importorskip("httpx")
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "rooms" / "serve.md"
COMMANDS = [
    command
    for block in re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    for command in block.replace("\\\n", " ").splitlines()
]


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "insula", "serve", "--model", "composer", "--port", str(port)]
    with (folder / "log").open("w") as log:
        started = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            for _ in range(240):
                try:
                    if httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200:
                        break
                except httpx.HTTPError:
                    time.sleep(0.25)
            yield f"http://127.0.0.1:{port}"
        finally:
            started.send_signal(signal.SIGINT)
            assert started.wait(30) in (0, 130, -signal.SIGINT), (folder / "log").read_text()[-2000:]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_curl_example_works(command, url):
    assert command.startswith("curl -s ")
    command = command.replace("http://127.0.0.1:8321", url).replace("curl -s", "curl -s --fail-with-body")
    ran = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, env=os.environ, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.strip()


def test_the_studio_is_served(url):
    page = httpx.get(url, follow_redirects=True)
    assert page.url.path == "/studio/"
    script = httpx.get(f"{url}/studio/studio.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert len(script.content) < 300_000
