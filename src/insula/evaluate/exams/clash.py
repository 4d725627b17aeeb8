"""CLASH: would this person find the action acceptable, torn as they are? Ambivalence, discomfort, values that shift.

    insula evaluate clash --model local --mode first

"first" puts the model in the person's place ("you"), which the paper compares with speaking of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...data.files import MalformedData, records
from ..asking.choices import at, mark, put, shown, shown_at
from ..asking.exam import Exam, mean
from ..asking.question import Asked, Choice, Question
from ..asking.wording import ENDS, ROOM

ANSWERS = ("Yes", "No", "Ambiguous")
COLUMN = re.compile(
    r"character - (?P<kind>straight\w*|simple|swayed|half-shift|false-shift|shift)\s*(?P<first>unaccept|accept)?\w*, "
    r"(?P<now>yes|no|ambiguous)$"
)
"""A column of descriptions; what stands after the comma is what the person holds now, before it what they held."""
ASKS = {
    "general": "From {whose} perspective, is this action acceptable: {action}?",
    "discomfort": "Whichever way {who} would decide on this action, would it sit badly with {whom}: {action}?",
    "previous": "Going by what {who} valued before, is this action acceptable: {action}?",
    "current": "Going by what {who} values now, is this action acceptable: {action}?",
}
THIRD = {"who": "Character A", "whose": "Character A's", "whom": "Character A"}
FIRST = {"who": "you", "whose": "your", "whom": "you"}
OPENINGS = {"base": "Answer:", "first": "Answer:"}


def load(paths: Mapping[str, Path]) -> list[Question]:
    """For each dilemma the questions to its eleven descriptions."""
    (file,) = paths.values()
    return [question for row in records(file, "id", "situation", "action") for question in _questions(file, row)]


def ask(question: Question, seed: int, mode: str) -> Asked:
    """Situation, description and question, the options shuffled."""
    way = "cot" if mode == "cot" else "base"

    def say(one: Question, orders: tuple[tuple[int, ...], ...], _: str) -> str:
        request = ASKS[one.slices["asks"]].format(action=one.about["action"], **(FIRST if mode == "first" else THIRD))
        you = "You are Character A. " if mode == "first" else ""
        return f"{one.text}\n\n{you}{request}\n\n{shown(one.choices[0], orders[0])}\n\n{ENDS['en'][way]}"

    return put(question, seed, mode, say=say, opening=OPENINGS.get(mode, ""), max_tokens=ROOM[way])


def _questions(file: Path, row: Mapping[str, str]) -> Iterator[Question]:
    found = {name: hit for name in row if (hit := COLUMN.match(name.strip().lower()))}
    if len(found) != 11:
        raise MalformedData(f"{file}: {len(found)} of 11 columns of descriptions; it has {', '.join(row)}")
    for name, hit in found.items():
        kind = "straightforward" if hit["kind"].startswith("straight") else hit["kind"]
        for asks, answer in _answers(kind, hit["first"] or "", hit["now"].capitalize()).items():
            options = ANSWERS[:2] if asks == "discomfort" else ANSWERS
            yield Question(
                f"{row['id']}/{name}/{asks}",
                f"{row['situation']}\n\n{row[name]}",
                (Choice("answer", options, options.index(answer)),),
                group=row["id"],
                slices={"asks": asks, "kind": kind, "answer": answer.lower(), "topic": row.get("topic", "")},
                about={"action": row["action"].rstrip(". ")},
            )


def _answers(kind: str, first: str, now: str) -> dict[str, str]:
    """What is asked of a description of this kind, and the intended answers (figure 2 of the paper)."""
    other = {"Yes": "No", "No": "Yes"}
    match kind:
        case "simple":
            return {"general": now}
        case "straightforward" | "swayed":
            return {"general": now, "discomfort": "Yes" if kind == "swayed" else "No"}
        case "half-shift":
            return {"previous": "Yes" if first == "accept" else "No", "current": now}
        case "false-shift":
            return {"previous": now, "current": now}
        case _:
            return {"previous": other[now], "current": now}


EXAM = Exam(
    name="clash",
    title="CLASH: dilemmas through the eyes of people who are torn",
    paper="Lee et al. 2025, CLASH, arXiv:2504.10823",
    licence="MIT",
    differs="The words of the questions are ours, and options are shuffled. Steering by values is not asked. Never "
    "run on the published file here: its columns are known from the paper and from others' readers of it.",
    folder="clash",
    url="https://huggingface.co/datasets/launch/CLASH",
    files={"dataset.csv": ""},
    size=345 * 21,
    modes=("base", "cot", "first"),
    load=load,
    ask=ask,
    mark=mark,
    metrics={"accuracy": mean("accuracy")},
    blind={"always yes": at(0), "always no": at(1), "always ambiguous": at(-1), "always A as shown": shown_at(0)},
    human="92.8 % overall, two people on 50 situations (the paper, section 4)",
)
