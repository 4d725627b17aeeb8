"""How long a conversation of 50 turns takes, read whole and lived turn by turn, with every layer of "dialogue".

    python -m benchmarks.conversation [PIPELINE] [--json]

PIPELINE is a preset or rows joined by "+". Real everyday talk where INSULA_DATA is set; else the lines of this
repository's examples. Each row that takes threads gets one, then two; the networks are loaded before the clock starts.
"""

from __future__ import annotations

import inspect
import json
import statistics
import sys
import time
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from typing import Any

from insula import Conversation, Pipeline, Turn
from insula.catalogue import build, find
from insula.presets import PRESETS

from .measure import machine

TURNS = 50
ROUNDS = 5


def main() -> None:
    names = [one for one in sys.argv[1:] if not one.startswith("-")]
    chats, source = talks(2 * (2 * ROUNDS + 2))
    said = [word for chat in chats for turn in chat for word in turn.text.split()]
    found: dict[str, Any] = {
        "machine": machine(),
        "turns": TURNS,
        "words": round(len(said) / len(chats)),
        "source": source,
    }
    for threads, some in zip((1, 2), (chats[: len(chats) // 2], chats[len(chats) // 2 :]), strict=True):
        engine = whole(names[0] if names else "dialogue", threads)
        warm, once, *others = some
        engine.run(Conversation(*warm))
        numbers = {**read_whole(engine, others[:ROUNDS]), **lived(engine, others[ROUNDS:])}
        found[f"threads_{threads}"] = {**numbers, "by_row_ms": apart(engine, once)}
    print(json.dumps(found, indent=None if "--json" in sys.argv else 1))


def talks(count: int) -> tuple[list[list[Turn]], str]:
    """So many chats of fifty turns of two people, all of them different: networks remember what they have read."""
    from insula.data import MissingData, load

    needed = count * TURNS
    try:
        said = chain.from_iterable(one.turns for one in load("dailydialog", "test"))
        texts, source = [turn.text for turn in islice(said, needed)], "dailydialog test"
    except MissingData:
        from insula.exchange import conversations

        few = [t.text for c in conversations(Path(__file__).parents[1] / "examples") for t in c.turns if t.text]
        texts, source = [f"{few[k % len(few)]} {k}" for k in range(needed)], "examples, repeated"
    turns = [Turn("ana" if k % 2 else "ben", text, id=f"t{k}") for k, text in enumerate(texts)]
    return [turns[k : k + TURNS] for k in range(0, needed, TURNS)], source


def whole(name: str, threads: int) -> Pipeline:
    """The pipeline, its networks on so many threads."""
    rows = PRESETS.get(name) or tuple(name.split("+"))
    params: dict[str, dict[str, Any]] = {row: {"threads": threads} if _takes_threads(row) else {} for row in rows}
    return Pipeline(*(build(row, **given) for row, given in params.items()))


def _takes_threads(row: str) -> bool:
    module, _, attribute = find(row).target.partition(":")
    return "threads" in inspect.signature(getattr(import_module(module), attribute)).parameters


def read_whole(engine: Pipeline, chats: list[list[Turn]]) -> dict[str, float]:
    """Seconds from the first turn to the last annotation, the conversation there at once: the middle of all chats."""
    return {"whole_seconds": round(statistics.median(_seconds(engine, Conversation(*turns)) for turns in chats), 3)}


def lived(engine: Pipeline, chats: list[list[Turn]]) -> dict[str, float]:
    """Milliseconds from a turn's arrival to its last annotation, turn by turn: the middle, and 95 of 100."""
    times: list[float] = []
    for turns in chats:
        conversation = Conversation()
        for turn in turns:
            conversation.add(turn)
            times.append(1000 * _seconds(engine, conversation))
    times.sort()
    return {"live_ms": round(statistics.median(times), 2), "live_p95_ms": round(times[int(0.95 * (len(times) - 1))], 2)}


def apart(engine: Pipeline, turns: list[Turn]) -> dict[str, float]:
    """Milliseconds a turn that each row takes, read whole."""
    conversation, found = Conversation(*turns), dict[str, float]()
    for part in engine.components:
        seconds = _seconds(Pipeline(part, given=part.reads), conversation)
        found[str(getattr(part, "name", type(part).__name__))] = round(1000 * seconds / len(turns), 2)
    return found


def _seconds(engine: Pipeline, conversation: Conversation) -> float:
    start = time.perf_counter()
    for _ in engine.run_many([conversation]):
        pass
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
