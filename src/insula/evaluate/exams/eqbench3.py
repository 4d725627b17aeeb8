"""EQ-Bench 3: a hard scene of several messages is played, then talked over, and a judge rates all of it.

    examine(exam("eqbench3"), "local", judge="qwen2.5:14b@http://localhost:11434/v1")

The scenes, the judge's request and its criteria are read from the published files. The messages are the same whatever
is replied to them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, create_model

from ...conversation import Turn
from ...data import MalformedData
from ...llm import LLM, Message
from ...llm.structured import ask as structured
from ..asking.exam import Exam, mean
from ..asking.question import Asked, Mark, Question
from ..judge.item import Item
from ..judge.readers import Readers

SCENES, RUBRIC = "eqbench3/scenario_prompts.txt", "eqbench3/rubric_scoring_prompt.txt"
UNPLAYED = "Analytical Interpretation"  # scenes that are to be analysed: the request to the judge is of played ones
HIGHEST = 20
TURN, DEBRIEF = 160, 200  # tokens a model may write
LAST = (
    "The scene is over. Step out of it and look back: what was going on in everyone, what did you try to do, and what "
    "would you do differently?"
)
_SCENE = re.compile(r"^######## *(\d+) *\|([^|\n]*)\|([^\n]*)$", re.MULTILINE)
_PROMPT = re.compile(r"^####### *Prompt *\d+ *$", re.MULTILINE)
_BETTER = re.compile(r"^- *[^\n]*\(higher is better\):\s*\n([^\n]+)", re.MULTILINE)
_OTHERS = re.compile(r"^- *[^\n]*not necessarily[^\n]*:\s*\n([^\n]+)", re.MULTILINE)
Format = tuple[str, tuple[str, ...], tuple[str, ...]]


def load(paths: Mapping[str, Path]) -> list[Question]:
    """The scenes that are played, with the request to the judge."""
    return list(_scenes(paths[SCENES], _request(paths[RUBRIC])))


def ask(question: Question, seed: int, mode: str) -> Asked:
    """The scene's first message."""
    return Asked(question, (Message("user", question.text),), (), seed, mode, TURN)


async def converse(asked: Asked, llm: LLM) -> str:
    """All the replies, and the look back, as a list in JSON: the scene's next message follows each."""
    talk, replies = list[Message](), list[str]()
    for said, room in [*((one, TURN) for one in asked.question.about["said"]), (LAST, DEBRIEF)]:
        talk.append(Message("user", said))
        reply = await llm.reply(talk, seed=asked.seed, max_tokens=room)
        talk.append(Message("assistant", reply.text))
        replies.append(reply.text)
    return json.dumps(replies, ensure_ascii=False)


def mark(asked: Asked, reply: str) -> Mark:
    """Without a judge: what this engine's readers make of the replies in the scene, 0..100; no part of EQ-Bench."""
    replies = _replies(reply)
    if not any(one.strip() for one in replies):
        return Mark(None, why="it is empty")
    turns = list[Turn]()
    for said, replied in zip(asked.question.about["said"], replies, strict=False):
        turns += [Turn("seeker", said), Turn("supporter", replied)]
    (rating,) = _readers().ratings([Item(tuple(turns))])
    return Mark({} if rating is None else {"readers": 100 * rating}, replies[0][:200])


async def judge(asked: Asked, reply: str, by: LLM) -> Mark:
    """The judge's marks, 0..20 each; the score is the mean of those of which more is better, 0..100."""
    plain = mark(asked, reply)
    if plain.values is None:
        return plain
    replies, (request, better, others) = _replies(reply), asked.question.about["request"]
    played = zip(asked.question.about["said"], replies, strict=False)
    transcript = "\n\n---\n\n".join(f"User:\n{said}\n\n---\n\nAssistant:\n{replied}" for said, replied in played)
    known = {
        "transcript": transcript,
        "debrief": replies[-1] if len(replies) > 1 else "",
        "output_format": _form(better, others),
    }
    said = re.sub(r"\{(transcript|debrief|output_format)\}", lambda hit: known[hit[1]], request)
    fields: dict[str, Any] = {name: (float, Field(ge=0, le=HIGHEST)) for name in (*better, *others)}
    marks = (await structured(by, [Message("user", said)], create_model("Marks", **fields))).model_dump()
    score = 100 * sum(marks[name] for name in better) / (HIGHEST * len(better))
    return Mark(
        {"rubric": score, **{name.replace("_", " "): float(value) for name, value in marks.items()}, **plain.values},
        plain.said,
    )


def _scenes(file: Path, request: Format) -> Iterator[Question]:
    text = _text(file)
    heads = list(_SCENE.finditer(text))
    for head, end in zip(heads, [*(one.start() for one in heads[1:]), len(text)], strict=True):
        kind = " ".join(head[2].split())
        if kind == UNPLAYED:
            continue
        said = [one.strip() for one in _PROMPT.split(text[head.end() : end])[1:]]
        if not said or not all(said):
            line = text.count("\n", 0, head.start()) + 1
            raise MalformedData(f"{file}, line {line}: scene {head[1]} has a message without words, or none")
        yield Question(
            f"eqbench3/{head[1]}",
            said[0],
            group=head[1],
            slices={"kind": kind},
            about={"said": said, "request": request},
        )


def _request(file: Path) -> Format:
    """What the judge is asked, the criteria of which more is better, and the others."""
    text = _text(file)
    found = [re.findall(r"\w+", hit[1]) if (hit := one.search(text)) else [] for one in (_BETTER, _OTHERS)]
    if not found[0] or "{transcript}" not in text:
        raise MalformedData(f"{file}: no criteria '(higher is better)' or no place for the transcript in it")
    return text, tuple(found[0]), tuple(found[1])


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise MalformedData(f"{file}: no text in UTF-8: {error}") from None


def _form(better: Sequence[str], others: Sequence[str]) -> str:
    return json.dumps(dict.fromkeys((*better, *others), f"0-{HIGHEST}"))


def _replies(reply: str) -> list[str]:
    """The replies of a play; any other text is one reply."""
    try:
        found = json.loads(reply)
    except ValueError:
        return [reply]
    return [str(one) for one in found] if isinstance(found, list) and found else [reply]


@cache
def _readers() -> Readers:
    return Readers()


EXAM = Exam(
    name="eqbench3",
    title="EQ-Bench 3: hard scenes played and talked over, rated by a judge",
    paper="Paech 2025, github.com/EQ-bench/eqbench3",
    licence="MIT",
    differs="The 26 scenes that are played: those to be analysed have another request to the judge, which is not here. "
    "The request to look back and the form of a reply are ours, replies are short (160 tokens, the look back 200), and "
    "there is no tournament of models. Without a judge the number is this engine's readers' and no part of EQ-Bench.",
    folder="eqbench",
    url="https://github.com/EQ-bench/eqbench3",
    files={
        SCENES: "736f67a8f18ef5bba1f4eca89e60daef1a26ac58c8fea956560726357da39cae",
        RUBRIC: "423612b81594601548bf4625ca32c4400637fb3876171a153f3067cbcc0ec939",
    },
    size=26,
    load=load,
    ask=ask,
    mark=mark,
    judge=judge,
    converse=converse,
    metrics={"rubric": mean("rubric"), "readers": mean("readers")},
    blind={
        "one kind sentence": lambda _: "That sounds really hard, and I am here for you.",
        "one question": lambda _: "How does that make you feel?",
    },
)
