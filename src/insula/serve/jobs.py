"""Work that takes minutes, one at a time: it is begun, looked at while it goes on, and can be stopped.

job = jobs.begin("evaluate", work); jobs.job(job.id).done -> 120
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

KEPT = 100
"""Jobs that are remembered; the oldest that are over make room."""
MOST_WAITING = 20


class Stopped(Exception):
    """Somebody stopped the job."""


@dataclass
class Job:
    """One job. `done` counts what is done of `of` (0: not known); times are seconds since 1970.

    `report` is a page about its result. Its work calls `step` as it goes on, which ends it where somebody stopped it.
    """

    id: str
    kind: str
    began: float
    state: Literal["waiting", "running", "done", "failed", "stopped"] = "waiting"
    done: int = 0
    of: int = 0
    told: str = ""
    result: Any = None
    report: str = ""
    ended: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)

    def step(self, count: int = 1, of: int = 0) -> None:
        """So much more is done; raises Stopped."""
        if self.stop.is_set():
            raise Stopped
        self.done, self.of = self.done + count, of or self.of

    def record(self) -> dict[str, Any]:
        """How it stands, and its result where it has one."""
        names = ("id", "kind", "state", "done", "of", "told", "began", "ended", "result")
        return {name: getattr(self, name) for name in names}


class Jobs:
    """The jobs of one server."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, "job")

    def begin(self, kind: str, work: Callable[[Job], Any]) -> Job:
        """A job that does its work as soon as those before it are over; raises ValueError where too many wait."""
        if sum(job.state == "waiting" for job in self._jobs.values()) >= MOST_WAITING:
            raise ValueError(f"{MOST_WAITING} jobs are waiting: stop one, or come again later")
        job = Job(uuid4().hex, kind, time.time())
        self._jobs[job.id] = job
        for old in [one.id for one in self._jobs.values() if one.ended][: max(0, len(self._jobs) - KEPT)]:
            del self._jobs[old]
        asyncio.get_running_loop().run_in_executor(self._thread, self._run, job, work)
        return job

    def job(self, id: str) -> Job:
        """The job of this id; raises KeyError."""
        if id not in self._jobs:
            raise KeyError(f"no job {id!r}")
        return self._jobs[id]

    def all(self) -> list[Job]:
        """The latest first."""
        return list(reversed(self._jobs.values()))

    def close(self) -> None:
        """Stop what goes on at its next step."""
        for job in self._jobs.values():
            job.stop.set()
        self._thread.shutdown(cancel_futures=True)

    def _run(self, job: Job, work: Callable[[Job], Any]) -> None:
        try:
            job.step(0)
            job.state = "running"
            job.result = work(job)
            job.state = "done"
        except Stopped:
            job.state = "stopped"
        except Exception as error:
            job.state = "failed"
            job.told = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
        job.ended = time.time()
