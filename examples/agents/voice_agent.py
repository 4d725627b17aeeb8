"""Insula inside a pipecat agent: two turns of a talk, with a scripted model where a real one would stand.

    python examples/agents/voice_agent.py

Put a transport and speech recognition before `Perceive`, your context aggregator and language model in the place of
`Script`, and a voice after `Delivery`.
"""

from __future__ import annotations

import asyncio

from pipecat.frames.frames import (
    EndFrame,
    Frame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMMessagesAppendFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSSpeakFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.workers.runner import WorkerRunner

from insula.companion import Companion
from insula.serve.pipecat import Check, Delivery, Guard, Perceive, Plan

SAID = ("I lost my job this morning and I am so angry.", "I can't go on. I want to end my life tonight.")


class Script(FrameProcessor):
    """A language model that always answers alike, in pieces."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMMessagesAppendFrame):
            print("to the model:", frame.messages[0]["content"])
        elif isinstance(frame, TranscriptionFrame):
            await self.push_frame(LLMFullResponseStartFrame())
            for piece in ("That is ", "a lot to take in. ", "What hurts ", "most about it?"):
                await self.push_frame(LLMTextFrame(piece))
            await self.push_frame(LLMFullResponseEndFrame())
        else:
            await self.push_frame(frame, direction)


class Voice(FrameProcessor):
    """A voice that prints what it would say, and how; `silent` is set when it has said a reply to its end."""

    def __init__(self) -> None:
        super().__init__()
        self.silent = asyncio.Event()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMTextFrame | TTSSpeakFrame):
            pace = frame.metadata["insula"]["delivery"].pace
            print(f"at {pace:.2f} of the usual pace: {frame.text}")
        if isinstance(frame, LLMFullResponseEndFrame | TTSSpeakFrame):
            self.silent.set()
        await self.push_frame(frame, direction)


async def main() -> None:
    """Two turns: one for the model, one that the guard answers itself."""
    talk, voice = Companion(None, locale="en-GB"), Voice()
    parts = [Perceive(talk), Guard(talk), Plan(talk), Script(), Check(talk), Delivery(talk), voice]
    worker, runner = PipelineWorker(Pipeline(parts)), WorkerRunner()
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    for text in SAID:
        print("heard:", text)
        voice.silent.clear()
        await worker.queue_frame(TranscriptionFrame(text, "ana", "2026-01-01T00:00:00Z"))
        await voice.silent.wait()
    await worker.queue_frame(EndFrame())
    await running


if __name__ == "__main__":
    asyncio.run(main())
