"""The curl examples of the page about serving, run against a real server."""

import os
import re
import shutil
import subprocess
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


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_curl_example_works(command, server):
    assert command.startswith("curl -s ")
    command = command.replace("http://127.0.0.1:8321", server).replace("curl -s", "curl -s --fail-with-body")
    ran = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, env=os.environ, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.strip()


def test_the_studio_is_served(server):
    page = httpx.get(server, follow_redirects=True)
    assert page.url.path == "/studio/"
    script = httpx.get(f"{server}/studio/studio.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert len(script.content) < 300_000
