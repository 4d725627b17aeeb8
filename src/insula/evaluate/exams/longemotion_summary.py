"""LongEmotion, summary: causes, symptoms, treatment, kind of illness and effect, out of a report of counselling.

    insula evaluate longemotion-summary --model local --mode coem --judge MODEL@URL

"rag" shows, for each of the five fields, the pieces nearest to its question, and what the model knows of such cases;
"coem" has the model note on the pieces, ranks them once more with the notes, and shows those.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...data.files import MalformedData, objects
from ...llm import LLM, Message
from ...llm.structured import json_in
from ..asking.exam import Exam, mean
from ..asking.long import PASSAGE, cut, evenly, nearest, noted, room, told
from ..asking.question import Asked, Mark, Question
from ..asking.rated import rated
from ..generation import rouge_l

FIELDS = {
    "causes": "What brought the trouble about?",
    "symptoms": "What does the person feel, and which disorder is named?",
    "treatment_process": "Which steps and methods did the counsellor go through?",
    "characteristics_of_illness": "What kind of trouble is it, and what marks it?",
    "treatment_effect": "What had changed at the end?",
}
PARTS = ("case_description", "consultation_process", "experience_and_reflection")
EACH = {"rag": 2, "coem": 1}
"""Pieces shown for each field; "coem" finds twice as many first."""
ANSWER = 240
OPENING = '{"causes": "'
CRITERIA = {
    "consistency": "it says nothing that the reference does not bear out",
    "completeness": "it holds all that the reference says",
    "clarity": "it is easy to follow and in order",
}


def load(paths: Mapping[str, Path]) -> list[Question]:
    """One question a line; `gold` is the published summary by field."""
    (file,) = paths.values()
    return [_question(file, row) for row in objects(file)]


def ask(question: Question, seed: int, mode: str) -> Asked:
    """The whole report and what to write."""
    messages = (Message("user", _put(question.text)), Message("assistant", OPENING))
    return Asked(question, messages, (), seed, mode, ANSWER)


async def converse(asked: Asked, llm: LLM) -> str:
    """The answer in any mode; a report longer than the model holds is cut to the beginnings of its paragraphs."""
    held = room(llm, ANSWER) - len(_put(""))
    if asked.mode == "base":
        report = "\n\n".join(evenly(asked.question.about["paragraphs"], held))
    else:
        report = await _found(asked, llm, held)
    messages = [Message("user", _put(report)), Message("assistant", OPENING)]
    return OPENING + (await llm.reply(messages, seed=asked.seed, max_tokens=ANSWER)).text


def mark(asked: Asked, reply: str) -> Mark:
    """ROUGE-L of each field with the reference; a field that is not written shares no words with it."""
    fields = written(reply)
    if not fields:
        return Mark(None, why="it holds none of the five fields")
    gold = asked.question.gold
    near = {name: rouge_l(fields.get(name, ""), gold[name]) for name in FIELDS}
    shown = {name.replace("_", " "): value for name, value in near.items()}
    said = json.dumps(fields, ensure_ascii=False)
    return Mark({"rouge-l": sum(near.values()) / len(near), "written": len(fields) / len(FIELDS), **shown}, said)


async def judge(asked: Asked, reply: str, by: LLM) -> Mark:
    """A judge's marks against the reference, beside what can be said without one."""
    plain = mark(asked, reply)
    if plain.values is None:
        return plain
    reference = json.dumps(asked.question.gold, ensure_ascii=False)
    request = f"A summary of a report of counselling is to be rated.\n\nReference: {reference}\n\nSummary: {plain.said}"
    return Mark({**await rated(by, request, CRITERIA), **plain.values}, plain.said)


def written(reply: str) -> dict[str, str]:
    """The fields of an answer, from JSON or from lines that begin with a field's name."""
    names = "|".join(name.replace("_", "[_ ]") for name in FIELDS)
    parts = re.split(rf"(?:^|[{{,])\W*({names})\W*:", reply, flags=re.IGNORECASE | re.MULTILINE)[1:]
    found = {parts[k].lower().replace(" ", "_"): parts[k + 1].strip(' \n",}*{[]') for k in range(0, len(parts), 2)}
    for record in map(json.loads, json_in(reply)):
        if isinstance(record, dict):
            found |= {name: value for name, value in record.items() if name in FIELDS and isinstance(value, str)}
    return {name: text for name, text in found.items() if text}


def first_sentences(asked: Asked) -> str:
    """The blind rule that writes the first sentence of the report into every field."""
    first = re.split(r"(?<=[.!?])\s", asked.question.text, maxsplit=1)[0]
    return json.dumps(dict.fromkeys(FIELDS, first))


async def _found(asked: Asked, llm: LLM, held: float) -> str:
    keep, pieces = EACH[asked.mode], cut(asked.question.text)
    first = keep * (2 if asked.mode == "coem" else 1)
    places = sorted({place for query in FIELDS.values() for place in nearest(query, pieces, first)})
    some = [pieces[place] for place in places]
    if asked.mode == "coem":
        some = await noted(llm, evenly(some, 2 * held), _note, seed=asked.seed)
        kept = sorted({place for query in FIELDS.values() for place in nearest(query, some, keep)})
        return "\n\n".join(evenly([some[place] for place in kept], held))
    request = f"In two sentences: what is known of such cases, and what helps?\n\n{some[0]}"
    known = await told(llm, request, seed=asked.seed, tokens=PASSAGE)
    return "\n\n".join(evenly([*some, f"What is known of such cases: {known}"], held))


def _note(piece: str) -> str:
    return f"In a few words, what does this part of a report say of the person's trouble?\n\n{piece}"


def _put(report: str) -> str:
    asked = "\n".join(f'"{name}": {question}' for name, question in FIELDS.items())
    return (
        f"A report of psychological counselling:\n\n{report}\n\nSum it up for a colleague as JSON with these five "
        f"fields, one or two sentences each:\n{asked}"
    )


def _question(file: Path, row: Mapping[str, object]) -> Question:
    try:
        paragraphs = [text for part in PARTS for text in _paragraphs(row[part])]
        gold = {name: str(row[name]) for name in FIELDS}
        about = {"paragraphs": paragraphs}
        return Question(f"summary/{row['id']}", "\n\n".join(paragraphs), gold=gold, about=about)
    except KeyError as error:
        raise MalformedData(f"{file}: item {row.get('id')}: no field {error}") from None


def _paragraphs(value: object) -> Sequence[str]:
    texts = value if isinstance(value, list) else str(value).split("\n")
    return [str(text).strip() for text in texts if str(text).strip()]


EXAM = Exam(
    name="longemotion-summary",
    title="LongEmotion, summary: a report of counselling in five fields",
    paper="Liu et al. 2025, LongEmotion, arXiv:2509.07403",
    licence="none stated in the published snapshot",
    differs="Without a judge the score is ROUGE-L with the published summary, which the paper does not report; the "
    "paper has GPT-4o rate each field, here one judge rates the whole. The words of requests and criteria are ours; "
    "the model notes on its own pieces. The answer is begun for it, and not asked for again where it does not parse.",
    folder="longemotion",
    url="https://github.com/LongEmotion/LongEmotion",
    files={"Emotion_Summary_origin.jsonl": "f72362512f3ab13442df3a283c6b0dc3c74acd326e452ace57f7723c13c798b3"},
    size=150,
    modes=("base", "rag", "coem"),
    load=load,
    ask=ask,
    mark=mark,
    judge=judge,
    converse=converse,
    metrics={name: mean(name) for name in ("rouge-l", "written", *(one.replace("_", " ") for one in FIELDS))},
    blind={"first sentence in every field": first_sentences},
)
