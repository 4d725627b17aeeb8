"""The server as a process that ends without losing anybody who was about to ask.

run(app(chosen), chosen)
"""

from __future__ import annotations

import asyncio
import gc
import socket

import uvicorn
from fastapi import FastAPI

from .settings import Settings

PARTING = 1.0
"""Seconds in which, told to end, it still answers everything and asks whoever is answered to connect anew."""
CLOSING = 20  # seconds that requests in progress get to end after that
KEPT = 75  # seconds an idle connection stays: longer than load balancers keep theirs, who would meet it as it closes


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, made: FastAPI) -> None:
        super().__init__(config)
        self._made = made

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """What is loaded by now stays: looking through it for garbage would hold up everybody who waits."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """A connection closed under a request that was just sent loses it: so all are let go by an answer first."""
        self._made.state.ready = False
        await asyncio.sleep(PARTING)
        for one in self.servers:
            one.close()
        for _ in range(10):  # those who had come in by then
            if self.server_state.connections:
                await asyncio.sleep(PARTING / 10)
        await super().shutdown(sockets)


def run(made: FastAPI, chosen: Settings) -> None:
    """Serve until it is told to end."""
    config = uvicorn.Config(
        made,
        host=chosen.host,
        port=chosen.port,
        log_level="warning",
        timeout_graceful_shutdown=CLOSING,
        timeout_keep_alive=KEPT,
        ws_max_size=4_000_000,
    )
    _Server(config, made).run()
