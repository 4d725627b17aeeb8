"""What is made in a thread, given on in the event loop as it is made.

async with aclosing(streamed(pool, lambda: companion.stream("I failed."))) as sentences: ...
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Executor
from contextlib import closing, suppress
from typing import TypeVar

from anyio import CancelScope

Item = TypeVar("Item")


async def streamed(pool: Executor, make: Callable[[], Generator[Item]]) -> AsyncGenerator[Item]:
    """Each item of the generator that `make` gives, which runs in a thread of the pool; raises what it raises.

    Closed early, even by a client that is gone, the generator is closed at its next item, and waited for: nothing goes
    on behind the back of who comes next.
    """
    queue: asyncio.Queue[tuple[Item] | Exception | None] = asyncio.Queue()
    gone, loop = threading.Event(), asyncio.get_running_loop()

    def tell(one: tuple[Item] | Exception | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(queue.put_nowait, one)

    def work() -> None:
        try:
            with closing(make()) as items:
                for item in items:
                    tell((item,))
                    if gone.is_set():
                        break
        except Exception as error:
            tell(error)
        tell(None)

    done = loop.run_in_executor(pool, work)
    try:
        while (one := await queue.get()) is not None:
            if isinstance(one, Exception):
                raise one
            yield one[0]
    finally:
        gone.set()
        with CancelScope(shield=True):
            await done
