"""LongEmotion, conversation: what a counsellor says next, at three points of each of the four stages of a long talk.

    insula evaluate longemotion-conversation --model local --mode rag --judge MODEL@URL

"rag" shows the last turns, the earlier pieces nearest to them and what the model knows of such trouble; "coem" has the
model note on the pieces found, ranks them once more by the note, and shows those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ...catalogue import build
from ...conversation import Conversation, Turn
from ...data.files import MalformedData, objects
from ...llm import LLM, Message
from ..asking.exam import Exam, mean
from ..asking.long import PASSAGE, cut, evenly, nearest, room, told
from ..asking.question import Asked, Mark, Question
from ..asking.rated import rated
from ..generation import rouge_l

POINTS = {"quarter": 1, "half": 2, "three quarters": 3}
LAST = 3  # turns shown as they are in "rag" and "coem"
KEPT = {"rag": 4, "coem": 8}
"""Pieces found first; "coem" keeps the half of them after its second ranking."""
ANSWER = 96
COUNSELLOR = "You are the counsellor in this talk. Answer the client's last words, warmly and to the point."
CRITERIA = {
    "empathy": "it shows that the client was heard and understood",
    "guidance": "it moves the work of this stage on",
    "coherence": "it fits all that was said before",
}


def load(paths: Mapping[str, Path]) -> list[Question]:
    """Three questions for each stage of each talk; `gold` is what the counsellor said, if anything."""
    (file,) = paths.values()
    return [question for row in objects(file) for question in _questions(file, row)]


def ask(question: Question, seed: int, mode: str) -> Asked:
    """The talk so far; the counsellor's turns are the model's own."""
    return Asked(question, _talk(question.about["turns"]), (), seed, mode, ANSWER)


async def converse(asked: Asked, llm: LLM) -> str:
    """The answer in any mode. In "base" a model of a small context forgets the oldest turns by itself."""
    messages: Sequence[Message] = asked.messages
    if asked.mode != "base":
        *before, found = await _found(asked, llm)
        messages = [Message("system", f"{COUNSELLOR}\n\n{found}"), *_talk(before)[1:]]
    return (await llm.reply(messages, seed=asked.seed, max_tokens=ANSWER)).text


def mark(asked: Asked, reply: str) -> Mark:
    """How the reply meets the client's words by this engine's reader, and how near it is to the counsellor's own."""
    text = " ".join(reply.split())
    if not text:
        return Mark(None, why="it is empty")
    met = empathy(asked.question.about["turns"][-1][1], text)
    gold = asked.question.gold
    return Mark({**met, **({"rouge-l": rouge_l(text, gold)} if gold else {})}, text[:200])


async def judge(asked: Asked, reply: str, by: LLM) -> Mark:
    """A judge's marks, beside what can be said without one."""
    plain = mark(asked, reply)
    if plain.values is None:
        return plain
    held = evenly([_lines(asked.question.about["turns"])[::-1]], room(by, 256) - len(reply))[0][::-1]
    stage = asked.question.slices["stage"]
    request = f"A talk of counselling, in its stage {stage!r}:\n\n{held}\n\nThe counsellor's next words:\n{reply}"
    return Mark({**await rated(by, request, CRITERIA), **plain.values}, plain.said)


def empathy(said: str, reply: str) -> dict[str, float]:
    """The levels (0 to 2) of the three mechanisms of EPITOME as the engine reads them, and their mean."""
    talk = Conversation(Turn(id="1", speaker="client", text=said), Turn(id="2", speaker="counsellor", text=reply))
    talk.add(*_reader()(talk))
    found = talk.read("empathy", turn="2")
    levels = {name.replace("-", " "): float(value) for name, value in (found[-1].scores if found else {}).items()}
    return {"empathy": sum(levels.values()) / len(levels), **levels} if levels else {}


@cache
def _reader() -> Any:
    return build("explain.empathy")


async def _found(asked: Asked, llm: LLM) -> list[Any]:
    """The last turns, and what was found in those before them, in words."""
    turns = asked.question.about["turns"]
    last, earlier = turns[-LAST:], cut(_lines(turns[:-LAST]))
    query = _lines(last)
    some = [earlier[place] for place in nearest(query, earlier, KEPT[asked.mode])]
    if asked.mode == "coem":
        request = (
            f"What was said earlier:\n\n{' '.join(some)}\n\nNow:\n{query}\n\nIn two sentences: what lies behind this?"
        )
        request = evenly([request[::-1]], room(llm, PASSAGE))[0][::-1]
        known = await told(llm, request, seed=asked.seed, tokens=PASSAGE)
        some = [some[place] for place in nearest(known, some, len(some) // 2)]
    else:
        known = await told(llm, f"In two sentences: what helps here?\n\n{query}", seed=asked.seed, tokens=PASSAGE)
    held = room(llm, ANSWER) - len(query) - len(known)
    said = "\n".join(evenly(some, held))
    return [*last, f"Of what was said earlier:\n{said}\n\nWhat you know of it: {known}"]


def _talk(turns: Sequence[tuple[str, str]]) -> tuple[Message, ...]:
    roles = {"Client": "user", "Counselor": "assistant"}
    return (Message("system", COUNSELLOR), *(Message(roles[role], text) for role, text in turns))  # type: ignore[arg-type]


def _lines(turns: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"{role}: {text}" for role, text in turns)


def _questions(file: Path, row: Mapping[str, Any]) -> Iterator[Question]:
    before: list[tuple[str, str]] = []
    try:
        for stage in row["stages"]:
            turns = [(turn["role"], turn["context"]) for turn in stage["conversations"]]
            client = [place for place, (role, _) in enumerate(turns) if role == "Client"]
            for name, quarters in POINTS.items() if client else ():
                place = client[len(client) * quarters // 4]
                follows = turns[place + 1] if place + 1 < len(turns) else ("", "")
                yield Question(
                    f"conversation/{row['id']}/{stage['stage']}/{name}",
                    turns[place][1],
                    gold=follows[1] if follows[0] == "Counselor" else "",
                    group=str(row["id"]),
                    slices={"stage": stage["stage"], "point": name},
                    about={"turns": [*before, *turns[: place + 1]]},
                )
            before += turns
    except (KeyError, TypeError) as error:
        raise MalformedData(
            f"{file}: talk {row.get('id')}: not as published ({type(error).__name__}: {error})"
        ) from None


EXAM = Exam(
    name="longemotion-conversation",
    title="LongEmotion, conversation: the counsellor's next words at twelve points of a long talk",
    paper="Liu et al. 2025, LongEmotion, arXiv:2509.07403",
    licence="none stated in the published snapshot",
    differs="All four stages, where the published script for coem asks in the last alone. Without a judge the score "
    "is what this engine's reader of EPITOME's mechanisms says, and ROUGE-L with the published reply; the paper has "
    "GPT-4o rate twelve criteria, three for each stage, here a judge rates three of ours. The model notes on its own "
    "pieces.",
    folder="longemotion",
    url="https://github.com/LongEmotion/LongEmotion",
    files={"Emotion_Conversations.jsonl": "04b0b860caafc09422755eab583025298882c93fbb99d45ffcd5dcdc5cccca9b"},
    size=1200,
    modes=("base", "rag", "coem"),
    load=load,
    ask=ask,
    mark=mark,
    judge=judge,
    converse=converse,
    metrics={
        name: mean(name) for name in ("empathy", "rouge-l", "emotional reactions", "interpretations", "explorations")
    },
    blind={"how does that make you feel": lambda _: "How does that make you feel?"},
)
