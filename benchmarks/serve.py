"""What the server bears: texts a second, how long each waits, idle listeners, memory, and a restart under load.

    python -m benchmarks.serve [--json] [--seconds 20] [--requests 100000]

A real server process, asked over kept-open connections by one client process on the same machine, so both share its
cores. Beside it, in the same run, the same texts through the same pipeline in batches without a server. Sustained: as
many as can be, 64 at a time. Paced: arrivals by chance at 80 % of that; a wait counts from when a text was due.
Restart: the server is told to end under load and another one is started on its port; a request is lost where it was
never answered, and cut where its connection broke before the answer, so that it had to be asked again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from .measure import machine, texts

AT_ONCE = 64
BATCH = 512
SOCKETS = 200
WARM = 2.0  # seconds that do not count
SAMPLES = 20


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--seconds", type=float, default=20.0, help="of every measurement of speed")
    asked.add_argument("--requests", type=int, default=100_000, help="over which memory is watched")
    chosen = asked.parse_args()
    said, source = texts(2000)
    found: dict[str, Any] = {"machine": machine(), "source": source}
    for name, value in measured(said, chosen.seconds, chosen.requests):
        found[name] = value
        print(f"{name}: {value}", file=sys.stderr)  # what is known stays known where somebody ends it
    print(json.dumps(found, indent=None if chosen.json else 1))


def measured(said: Sequence[str], seconds: float, requests: int) -> Iterator[tuple[str, Any]]:
    """Every number as it comes, by a name that holds its bar."""
    before = in_process(said)
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        with server(port, folder) as process:
            rate = asyncio.run(sustained(port, said, seconds))
            alone = statistics.fmean((before, in_process(said)))
            yield "in process, texts/s", round(alone, 1)
            yield "sustained, texts/s", round(rate, 1)
            yield "share of in process (bar: .5)", round(rate / alone, 3)
            yield "at 80 % (bar: p99 100 ms)", asyncio.run(paced(port, said, seconds, 0.8 * rate))
            yield f"{SOCKETS} idle sockets", asyncio.run(idle(port, said, seconds, 0.8 * rate, process.pid))
            yield "memory", asyncio.run(watched(port, said, requests, process.pid))
        yield "restart", asyncio.run(restarted(said, folder))


def in_process(said: Sequence[str], rounds: int = 3) -> float:
    """Texts a second through the pipeline in batches: the median round."""
    from insula import Conversation, Turn
    from insula.presets import pipeline

    text = pipeline("text")
    rates = []
    for number in range(rounds + 1):
        some = [Conversation(Turn("", one)) for one in said[:BATCH]]
        begun = time.perf_counter()
        for _ in text.run_many(some):
            pass
        rates += [BATCH / (time.perf_counter() - begun)] if number else []
    return statistics.median(rates)


@contextmanager
def server(port: int, folder: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server that takes requests, and is told to end afterwards."""
    process = started(port, folder)
    try:
        wait_for(port, process)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def started(port: int, folder: str) -> subprocess.Popen[bytes]:
    place = ["--port", str(port), "--database", str(Path(folder) / "insula.sqlite")]
    command = [sys.executable, "-m", "insula", "serve", "--model", "composer", *place]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until it is ready; raises RuntimeError where it ended instead."""
    while process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/ready", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server ended with {process.returncode}")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Cut(Exception):
    """The connection broke before the answer."""


class Line:
    """A connection that is kept open, and opened again where the server closed it after an answer."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def read(self, text: str) -> None:
        """One text read; raises Cut, and ConnectionRefusedError where nobody listens."""
        if not self._streams:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        arriving, leaving = self._streams
        body = json.dumps({"text": text}).encode()
        head = "POST /v1/read HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: "
        try:
            leaving.write(f"{head}{len(body)}\r\n\r\n".encode() + body)
            answer = await arriving.readuntil(b"\r\n\r\n")
            fields = answer.lower().split(b"\r\n")
            length = next(int(one.partition(b":")[2]) for one in fields if one.startswith(b"content-length:"))
            await arriving.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.close()
            raise Cut from None
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"the server answers {answer.splitlines()[0].decode()}")
        if b"connection: close" in fields:
            self.close()

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


@asynccontextmanager
async def lines(port: int, count: int) -> AsyncIterator[list[Line]]:
    opened = [Line(port) for _ in range(count)]
    try:
        yield opened
    finally:
        for one in opened:
            one.close()


async def sustained(port: int, said: Sequence[str], seconds: float) -> float:
    """Texts a second, each line asking again as soon as it was answered."""
    coming, done = cycle(said), list[float]()
    begun = time.perf_counter()

    async def go_on(line: Line) -> None:
        while time.perf_counter() < begun + WARM + seconds:
            await line.read(next(coming))
            done.append(time.perf_counter() - begun)

    async with lines(port, AT_ONCE) as some:
        await asyncio.gather(*map(go_on, some))
    return sum(WARM <= one < WARM + seconds for one in done) / seconds


async def paced(port: int, said: Sequence[str], seconds: float, rate: float) -> dict[str, Any]:
    """Milliseconds from when a text was due to its answer, arrivals as chance has them, so many a second."""
    chance, coming, waits = random.Random(0), cycle(said), list[float]()
    async with lines(port, 4 * AT_ONCE) as some:
        free, running, due, cut = list(some), set[asyncio.Task[None]](), time.perf_counter(), {"cut": 0}
        first, end = due + WARM, due + WARM + seconds

        async def one(text: str, due: float) -> None:
            line = free.pop() if free else Line(port)
            if not await answered(line, text, cut):
                raise RuntimeError("a text was not answered within a minute")
            free.append(line)
            if due >= first:
                waits.append(1000 * (time.perf_counter() - due))

        while due < end:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(one(next(coming), due))
            running.add(task)
            task.add_done_callback(running.discard)
            due += chance.expovariate(rate)
        await asyncio.gather(*running)
    p = statistics.quantiles(waits, n=100)
    return {
        "texts/s": round(rate, 1),
        "p50_ms": round(p[49], 1),
        "p95_ms": round(p[94], 1),
        "p99_ms": round(p[98], 1),
        **cut,
    }


async def idle(port: int, said: Sequence[str], seconds: float, rate: float, pid: int) -> dict[str, Any]:
    """What so many open WebSockets cost while texts are read; at the end each still answers."""
    from websockets.asyncio.client import connect

    before = resident(pid)
    opened = [await connect(f"ws://127.0.0.1:{port}/v1/listen") for _ in range(SOCKETS)]
    found = {"megabytes": round(resident(pid) - before, 1), **await paced(port, said, seconds, rate)}
    alive = 0
    for one in opened:
        await one.send('{"type": "nothing"}')
        alive += "problem" in str(await one.recv())
        await one.close()
    return {**found, "answering at the end": alive}


async def watched(port: int, said: Sequence[str], requests: int, pid: int) -> dict[str, Any]:
    """Megabytes the server holds as the requests go by; growth is from the first tenth, which warms up, to the end."""
    left, coming, samples = iter(range(requests)), cycle(said), [resident(pid)]

    async def go_on(line: Line) -> None:
        for number in left:
            await line.read(next(coming))
            if not (number + 1) % max(1, requests // SAMPLES):
                samples.append(resident(pid))

    async with lines(port, AT_ONCE) as some:
        await asyncio.gather(*map(go_on, some))
    growth = samples[-1] - samples[SAMPLES // 10]
    return {"requests": requests, "megabytes": [round(one, 1) for one in samples], "growth": round(growth, 1)}


async def restarted(said: Sequence[str], folder: str, seconds: float = 4.0) -> dict[str, Any]:
    """A restart while 16 lines ask without a pause; who is refused waits until somebody listens again."""
    port = free_port()
    old = started(port, folder)
    wait_for(port, old)
    coming, counts, over = cycle(said), {"answered": 0, "cut": 0, "lost": 0}, asyncio.Event()

    async def go_on(line: Line) -> None:
        while not over.is_set():
            counts["answered" if await answered(line, next(coming), counts) else "lost"] += 1

    async with lines(port, 16) as some:
        asking = [asyncio.create_task(go_on(one)) for one in some]
        await asyncio.sleep(seconds)
        begun = time.perf_counter()
        old.send_signal(signal.SIGTERM)
        await asyncio.to_thread(old.wait)
        new = started(port, folder)
        await asyncio.to_thread(wait_for, port, new)
        away = time.perf_counter() - begun
        await asyncio.sleep(seconds)
        over.set()
        await asyncio.gather(*asking)
    new.send_signal(signal.SIGTERM)
    new.wait(60)
    return {**counts, "seconds until the new one was ready": round(away, 1)}


async def answered(line: Line, text: str, counts: dict[str, int]) -> bool:
    """Whether it was answered within a minute, asked again as often as it takes."""
    for _ in range(600):
        try:
            await line.read(text)
            return True
        except Cut:
            counts["cut"] += 1
        except OSError:
            await asyncio.sleep(0.1)
    return False


def resident(pid: int) -> float:
    """Megabytes of memory a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(one.split()[1]) / 1024 for one in status.splitlines() if one.startswith("VmRSS"))


if __name__ == "__main__":
    main()
