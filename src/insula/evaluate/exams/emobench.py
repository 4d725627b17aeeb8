"""EmoBench (Sabour et al. 2024, arXiv:2402.12071): which emotion and why (understanding), what to do (application).

    exam("emobench").questions()        # 800: 200 + 200 in English, and as many in Chinese

An understanding item is right when both its emotion and its cause are. Position and length give answers away, so the
options are shuffled by every seed and the blind rules stand in the table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...data.files import MalformedData, objects
from ...llm import LLM, Message
from ..asking.choices import at, by_chance, extreme, mark, pick_mark, picked, put, shown, shown_at
from ..asking.exam import Exam, mean
from ..asking.question import Asked, Choice, Mark, Question

EU, EA = "EU.jsonl", "EA.jsonl"
ROOM = {"base": 8, "cot": 256}
OPENINGS = {("en", "base"): "Answer:", ("zh", "base"): "答案："}
"""What an answer begins with, so that a small model gives a letter; it thinks before that where it is asked to."""
THEN = "\n\n"
"""Between the answers to an item's two questions."""
ASKS = {
    ("en", "emotion"): "Which feeling does {subject} have at the end?",
    ("en", "cause"): "And because of what?",
    ("en", "Action"): "What would be best for {subject} to do?",
    ("en", "Response"): "What would be best for {subject} to say or do in reply?",
    ("zh", "emotion"): "{subject}最后会有怎样的情绪？",
    ("zh", "cause"): "原因是什么？",
    ("zh", "Action"): "{subject}怎么做最好？",
    ("zh", "Response"): "{subject}怎么回应最好？",
}
HOW = {
    ("en", "base"): "Read the situation, then answer with the letter of one option and nothing else.",
    ("en", "cot"): "Read the situation, think step by step in a few sentences, then end with: Answer: and one letter.",
    ("zh", "base"): "阅读情境，只用一个选项的字母回答，不要写别的。",
    ("zh", "cot"): "阅读情境，用几句话一步一步思考，最后写：答案：加一个字母。",
}


def load(paths: Mapping[str, Path]) -> list[Question]:
    """The understanding items, then the application items, in published order."""
    return [_question(paths[name], n, row) for name in (EU, EA) for n, row in enumerate(objects(paths[name]), 1)]


def ask(question: Question, seed: int, mode: str) -> Asked:
    """How it is asked, in our words, in the language of the item; of two questions the first."""
    opening = OPENINGS.get((question.slices["language"], mode), "")
    return put(question, seed, mode, say=_say, opening=opening, max_tokens=ROOM[mode])


async def converse(asked: Asked, llm: LLM) -> str:
    """The answer; where there is a second question it is asked after the first was answered."""
    first = (await llm.reply(asked.messages, seed=asked.seed, max_tokens=asked.max_tokens)).text
    if len(asked.orders) == 1:
        return first
    talk, opening = list(asked.messages), ""
    if talk[-1].role == "assistant":
        opening = talk.pop().text
    talk += [
        Message("assistant", f"{opening} {first.strip()}"),
        Message("user", _lists(asked.question, asked.orders)[1]),
    ]
    talk += [Message("assistant", opening)] if opening else []
    second = (await llm.reply(talk, seed=asked.seed, max_tokens=asked.max_tokens)).text
    return f"emotion: {first.strip()}{THEN}cause: {second.strip()}"


def marked(asked: Asked, reply: str) -> Mark:
    """One letter, or for understanding a letter for the emotion and one for the cause."""
    if len(asked.orders) == 1:
        return mark(asked, reply)
    parts = _parts(reply)
    lists = [[c.options[k] for k in places] for c, places in zip(asked.question.choices, asked.orders, strict=True)]
    found = [picked(part, options) for part, options in zip(parts, lists, strict=True)]
    why = "; ".join(f"{c.name}: {why}" for c, (_, why) in zip(asked.question.choices, found, strict=True) if why)
    return pick_mark(asked, [place for place, _ in found], why)


def first_and_longest(asked: Asked) -> str:
    """The first emotion and the longest cause or action, as they were published."""
    emotion = at(0)(asked).split(" answer")[0]
    longest = extreme(max)(asked)
    return longest if len(asked.orders) == 1 else f"{emotion} answer{longest.rpartition('answer')[2]}"


def _say(question: Question, orders: tuple[tuple[int, ...], ...], mode: str) -> str:
    return f"{HOW[question.slices['language'], mode]}\n\n{question.text}\n\n{_lists(question, orders)[0]}"


def _lists(question: Question, orders: tuple[tuple[int, ...], ...]) -> list[str]:
    """Each question with its options."""
    kinds = [question.about["kind"]] if len(orders) == 1 else [choice.name for choice in question.choices]
    asks = [ASKS[question.slices["language"], kind].format(subject=question.about["subject"]) for kind in kinds]
    return [f"{a}\n{shown(c, places)}" for a, c, places in zip(asks, question.choices, orders, strict=True)]


def _parts(reply: str) -> tuple[str, str]:
    """The answers to the two questions: one after the other, or, of one that was not asked twice, by "answer:"."""
    emotion, found, cause = reply.partition(f"{THEN}cause: ")
    if found:
        return emotion.removeprefix("emotion: "), cause
    first, *rest = re.split(r"\s+(?=answer:)", reply)
    return first, rest[0] if rest else ""


def _question(path: Path, number: int, row: Mapping[str, Any]) -> Question:
    try:
        part = "understanding" if path.name.startswith("EU") else "application"
        kind = part if part == "understanding" else row["question type"]
        named = ("emotion", "cause") if part == "understanding" else ("",)
        choices = tuple(_choice(name or "action", row, f"{name}_" if name else "") for name in named)
        if (row["language"], "cause" if part == kind else kind) not in ASKS:
            raise ValueError(f"a question of the kind {kind!r} in {row['language']!r}")
        slices = {"part": part, "language": row["language"], "items": f"{path.name[:2]} {row['language']}"}
        id, about = f"{path.name[:2]}-{row['qid']}-{row['language']}", {"subject": row["subject"], "kind": kind}
        return Question(id, row["scenario"], choices, group=row["scenario"], slices=slices, about=about)
    except KeyError as error:
        raise MalformedData(f"{path}: line {number}: no field {error}; it has {', '.join(row)}") from None
    except ValueError as error:
        raise MalformedData(f"{path}: line {number}: {error}") from None


def _choice(name: str, row: Mapping[str, Any], prefix: str) -> Choice:
    options, label = row[f"{prefix}choices"], row[f"{prefix}label"]
    if label not in options:
        raise ValueError(f"the right answer {label!r} is none of the {len(options)} options")
    return Choice(name, tuple(options), options.index(label))


EXAM = Exam(
    name="emobench",
    title="EmoBench: emotional understanding and application, in English and Chinese",
    paper="Sabour et al. 2024, EmoBench: Evaluating the Emotional Intelligence of Large Language Models, "
    "arXiv:2402.12071",
    licence="MIT",
    differs="Our own wording, and a base answer is begun for the model; every seed is one answer to options in an "
    "order of its own, not the most frequent of five to each of four orders; what cannot be read counts beside the "
    "score and not as wrong; items of one scenario are drawn together.",
    load=load,
    ask=ask,
    mark=marked,
    metrics={"accuracy": mean("accuracy"), "emotion": mean("emotion"), "cause": mean("cause")},
    blind={
        "by chance": by_chance,
        "always the third": at(2),
        "always C as shown": shown_at(2),
        "the longest": extreme(max),
        "first emotion, longest cause": first_and_longest,
    },
    folder="emobench",
    url="https://github.com/Sahandfer/EmoBench",
    files={
        EU: "60140a7617779bdb496cd50dcebaf33037c39c65821ae300a6a24a72fd7c7037",
        EA: "344c84913ed4adc9f26261a03cc4ddbecceeef4fcb8f77ab0405f8a63e8a4628",
    },
    size=800,
    modes=("base", "cot"),
    converse=converse,
    human="48 people, 30 items each, were on average better than every model of the paper (its figure 5, which prints "
    "no numbers). Of those GPT-4 got most: understanding .60 in English and .54 in Chinese, application .76 and .74, "
    "where it came close to the average person.",
)
