"""EmoNet-Face: does a face show one of forty feelings? Beside how far the experts agree among themselves.

    insula evaluate emonet-face --model qwen2.5-vl:7b@http://localhost:11434/v1

The judgements are here, the made-up faces are not; "text" asks without them: how often experts say yes to a category.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from ...data.files import MalformedData, records
from ..asking.choices import refuses
from ..asking.exam import Exam, mean
from ..asking.naming import always, named
from ..asking.question import Asked, Mark, Question
from ..asking.seen import MODES, seen

SPELT = {"Hopelessness": "Helplessness"}
"""What the judgements call a category of the taxonomy."""


def load(paths: Mapping[str, Path]) -> list[Question]:
    """One question for each face and category; `gold` is what each expert said."""
    table, kinds = (paths[name] for name in FILES)
    taxonomy = {row["category"]: row for row in records(kinds, "category", "group", "words", separator="\t")}
    said: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in records(table, "path", "annotator", "value", "emotion"):
        if row["value"] not in ("True", "False") or SPELT.get(row["emotion"], row["emotion"]) not in taxonomy:
            raise MalformedData(f"{table}: face {row['path']}: not as published ({row['emotion']!r}: {row['value']!r})")
        said[row["path"], row["emotion"]].append(row["value"] == "True")
    here, where = _pictures(table), table.parent / "images"
    return [
        _question(face, taxonomy[SPELT.get(name, name)], one, here.get(face, where / f"{face}.jpg"))
        for (face, name), one in said.items()
    ]


def ask(question: Question, seed: int, mode: str) -> Asked:
    """Whether this feeling shows, with the words that describe it."""
    request = f"Does this face show {question.text}? Answer with one word: yes or no."
    return seen(question, mode, request, seed=seed, room=8)


def mark(asked: Asked, reply: str) -> Mark:
    """Agreement with the experts, with most of them where they are not split, and of each expert with another."""
    place, why = named(reply, ("yes", "no"))
    if place is None:
        return Mark(None, why="it refuses" if refuses(reply) else why.replace("label", "answer"))
    yes, experts = place == 0, asked.question.gold
    share = sum(experts) / len(experts)
    values = {"agreement": share if yes else 1 - share, "said yes": float(yes)}
    if share != 0.5:
        values["accuracy"] = float(yes == (share > 0.5))
    if (many := len(experts)) > 1:
        both = sum(experts) * (sum(experts) - 1) + (many - sum(experts)) * (many - sum(experts) - 1)
        values["experts"] = both / (many * (many - 1))
    return Mark(values, "yes" if yes else "no")


def _question(face: str, kind: Mapping[str, str], experts: list[bool], picture: Path) -> Question:
    category = kind["category"]
    return Question(
        f"{face}/{category}",
        f"{category.lower()} ({kind['words']})",
        gold=tuple(experts),
        group=face,
        slices={"group": kind["group"], "category": category},
        media=(picture,),
    )


def _pictures(table: Path) -> dict[str, Path]:
    """The faces that are here, by their numbers."""
    folder = table.parent / "images"
    return {path.stem: path for path in folder.iterdir()} if folder.is_dir() else {}


FILES = {
    "binary.csv": "b2722c0cab42359cd087574b05421f99309361d863db69551b2d03c980ef3689",
    "taxonomy.tsv": "13d6e54fd35bb1607c5dcb0674eb37100ddf7f36668f3c177ac37b8337689144",
}
EXAM = Exam(
    name="emonet-face",
    title="EmoNet-Face: forty feelings in faces, judged by experts",
    paper="Schuhmann et al. 2025, EmoNet-Face, arXiv:2505.20033",
    licence="MIT for the judgements; the pictures have terms of their own",
    differs="The yes-or-no judgements alone: the intensities of 2,500 faces were too large for the published mirror. "
    "The category that the judgements call Hopelessness is the taxonomy's Helplessness. The words of the "
    "request are ours.",
    folder="emonet_face",
    url="https://github.com/LAION-AI/emonet-face",
    files=FILES,
    size=39998,
    modes=MODES,
    load=load,
    ask=ask,
    mark=mark,
    metrics={name: mean(name) for name in ("agreement", "experts", "accuracy", "said yes")},
    blind={"always yes": always("yes"), "always no": always("no")},
    human="the metric `experts`: how often two experts who judged the same say the same",
)
