"""`insula serve --mcp`: read, explain and guard as tools of the Model Context Protocol, over standard input and output.

An assistant that speaks the protocol starts this command and calls the tools; nothing listens on the network.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from mcp.server import MCPServer
from pydantic import Field

from ..catalogue import permitted
from ..conversation import Conversation, Turn
from ..guard.policy import Policy
from ..guard.verdict import verdicts
from .engine import Engine
from .forms import LONGEST, MOST, TurnForm, replier, talk

INSTRUCTIONS = (
    "Insula reads what people express in words, with how sure that is, and says why. What is expressed is not what is "
    "felt; no output is a diagnosis. `cannot tell` is an answer."
)
Turns = Annotated[list[TurnForm], Field(min_length=1, max_length=MOST)]


def server(locale: str = "", commercial_ok: bool = False) -> MCPServer[Any]:
    """The tools. `locale` chooses help lines, as en-GB."""
    from .. import __version__

    engine, made = Engine(commercial_ok), MCPServer("insula", instructions=INSTRUCTIONS, version=__version__)

    @made.tool()
    async def read(text: Annotated[str, Field(max_length=LONGEST)]) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """What a text expresses: emotion with its probability and what else it may be, valence, arousal, the words."""
        done = await engine.read(Conversation(Turn("", text)), "text")
        return _told(done, done.turns[0])

    @made.tool()
    async def explain(  # pyright: ignore[reportUnusedFunction]
        turns: Turns,
    ) -> dict[str, Any]:
        """What each turn of a talk expresses, what seems to have caused it, and how replies met it, in sentences."""
        done = await engine.read(talk(turns), "dialogue")
        return {"turns": [_told(done, turn) for turn in done.turns]}

    @made.tool()
    async def guard(  # pyright: ignore[reportUnusedFunction]
        turns: Turns,
        replies: str = "companion",
    ) -> dict[str, Any]:
        """How much care each turn needs, by which words, what to do, and whom to call; `replies` names who answers."""
        if commercial_ok:
            permitted("guard.risk")
        said, by = talk(turns), replier(turns, replies)
        return {"verdicts": await asyncio.to_thread(lambda: list(verdicts(said, by, Policy(locale))))}

    return made


def _told(done: Conversation, turn: Turn) -> dict[str, Any]:
    """One turn as an assistant reads it."""
    found: dict[str, Any] = {"turn": turn.id, "speaker": turn.speaker, "text": turn.text}
    emotions = [one for one in done.read("emotion", turn=turn.id) if one.scheme == "ekman7" and not one.at.chars]
    if emotions:
        one = emotions[-1]
        found["emotion"] = one.labels[0] if one.labels else ""
        found["probabilities"] = {label: round(score, 3) for label, score in one.scores.items()}
        found["possible"] = list(one.possible)
        if one.abstained:
            found["cannot_tell"] = one.reason
    for one in done.read("affect", turn=turn.id)[-1:]:
        found["affect"] = {name: round(score, 3) for name, score in one.scores.items()}
    words = [one for one in done.read("evidence", turn=turn.id) if one.at.chars]
    found["words"] = list(dict.fromkeys(turn.text[slice(*one.at.chars)] for one in words if one.at.chars))
    if sentences := [text for one in done.read("explanation", turn=turn.id) for text in one.scores]:
        found["explanation"] = sentences
    return found
