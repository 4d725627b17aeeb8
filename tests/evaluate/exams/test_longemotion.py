"""LongEmotion on made-up files in the published layout, asked of scripted models in all three modes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from insula.data.files import MalformedData
from insula.evaluate.asking import exam
from insula.evaluate.asking.long import cut, evenly, nearest, oddest, room
from insula.evaluate.asking.question import Asked
from insula.evaluate.asking.rated import rated
from insula.evaluate.exams import longemotion_conversation as conversation
from insula.evaluate.exams import longemotion_detection as detection
from insula.evaluate.exams import longemotion_expression as expression
from insula.evaluate.exams import longemotion_summary as summary
from insula.llm import LLMError, Message, Scripted

CALM = [f"I sat by the {place} all day and felt quiet and content." for place in ("lake", "sea", "river", "pond")]
TEXTS = [*CALM, "The letter from the court keeps me awake, I am terrified.", *CALM[:0]]
TURNS = [("Client", "I cannot sleep."), ("Counselor", "Since when?"), ("Client", "Since my son moved out.")]
MODES = ("base", "rag", "coem")


def written(folder: Path, name: str, *rows: Any) -> dict[str, Path]:
    (folder / name).write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return {name: folder / name}


def answer(one: Asked, llm: Any) -> str:
    return asyncio.run(exam(f"longemotion-{one.question.id.partition('/')[0]}").converse(one, llm))  # type: ignore[misc]


@pytest.fixture
def odd(tmp_path: Path) -> Any:
    row = {
        "text": [{"index": n, "context": text} for n, text in enumerate(TEXTS)],
        "label": [*["Relaxation"] * 4, "Fear"],
        "length": 60,
        "ground_truth": 4,
    }
    (found,) = detection.load(written(tmp_path, "Emotion_Detection.jsonl", row))
    return found


@pytest.mark.parametrize("mode", MODES)
def test_the_text_that_differs_is_right_whatever_its_number(odd: Any, mode: str) -> None:
    def finds(messages: Any) -> str:
        lines = messages[0].text.split("\n\n")
        place = next((line for line in lines if line.startswith("[") and "terrified" in line), "")
        return place[1:].partition("]")[0] + "}" if len(messages) > 1 else "They feel calm."

    for seed in range(4):
        asked = detection.ask(odd, seed, mode)
        llm = Scripted(finds)
        assert detection.mark(asked, answer(asked, llm)).values == {"accuracy": 1.0}
        assert {"base": 1, "rag": 2, "coem": 6}[mode] == len(llm.asked)


def test_orders_move_the_text_and_readers_find_it(odd: Any) -> None:
    orders = {detection.ask(odd, seed, "base").orders for seed in range(5)}
    assert len(orders) > 1
    asked = [detection.ask(odd, seed, "base") for seed in range(3)]
    assert [detection.mark(one, said).said for one, said in zip(asked, detection.read(asked), strict=True)] == ["4"] * 3
    assert detection.rank(odd) == 0


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("I'm sorry, I can't help.", "no text"),
        ("", "no text"),
        ("text 1 or text 2", "several"),
        ('{"index": 9}', "not there"),
        ("1) The first one is sad.", "no text"),
    ],
)
def test_a_number_that_cannot_be_read_is_no_zero(odd: Any, reply: str, why: str) -> None:
    found = detection.mark(detection.ask(odd, 0, "base"), reply)
    assert found.values is None
    assert why in found.why


def test_texts_are_cut_evenly_for_a_small_model(odd: Any) -> None:
    llm = Scripted("2}")
    llm.context = 64  # type: ignore[attr-defined]
    answer(detection.ask(odd, 0, "base"), llm)
    asked = llm.asked[0][0].text
    assert all(f"[{place}]" in asked for place in range(5))
    assert "content" not in asked


def test_a_report_in_five_fields(tmp_path: Path) -> None:
    row = {
        "id": 7,
        "case_description": ["A man of 40. His wife died in May."],
        "consultation_process": ["He wept in the first session.", "He wrote her letters."],
        "experience_and_reflection": "Grief needs time.\nLetters helped.",
        **dict.fromkeys(summary.FIELDS, "He grieves for his wife."),
    }
    (found,) = summary.load(written(tmp_path, "Emotion_Summary_origin.jsonl", row))
    whole = json.dumps(dict.fromkeys(summary.FIELDS, "He grieves for his wife."))[len(summary.OPENING) :]
    for mode in MODES:
        asked = summary.ask(found, 0, mode)
        said = answer(asked, Scripted(lambda messages: whole if len(messages) > 1 else "He lost his wife."))
        marked = summary.mark(asked, said)
        assert marked.values is not None
        assert marked.values["rouge-l"] == marked.values["written"] == 1.0
    half = summary.mark(asked, "**Causes:** He grieves for his wife.\nSymptoms: none")
    assert half.values is not None
    assert (half.values["written"], half.values["causes"], half.values["treatment effect"]) == (0.4, 1.0, 0.0)
    assert summary.mark(asked, "I would rather talk about the weather.").values is None


@pytest.mark.parametrize("mode", MODES)
def test_the_next_words_of_a_counsellor(tmp_path: Path, mode: str) -> None:
    talk = [*TURNS, ("Counselor", "That must hurt. What do you miss most?"), ("Client", "His noise.")]
    stage = {"stage": "First", "conversations": [{"role": role, "context": text} for role, text in talk]}
    found = conversation.load(written(tmp_path, "Emotion_Conversations.jsonl", {"id": 1, "stages": [stage, stage]}))
    assert [(one.text, one.gold) for one in found[:3]] == [
        ("I cannot sleep.", "Since when?"),
        ("Since my son moved out.", "That must hurt. What do you miss most?"),
        ("His noise.", ""),
    ]
    assert {one.group for one in found} == {"1"}
    asked = conversation.ask(found[4], 0, mode)
    llm = Scripted("That must hurt. What do you miss most?")
    marked = conversation.mark(asked, answer(asked, llm))
    assert marked.values is not None
    assert marked.values["rouge-l"] == 1.0
    assert marked.values["explorations"] > 1
    assert llm.asked[-1][-1] == Message("user", "Since my son moved out.")
    assert len(llm.asked) == (1 if mode == "base" else 2)
    assert conversation.mark(asked, "  ").values is None


def test_a_story_in_five_steps(tmp_path: Path) -> None:
    words = ["Proud", "Upset"]
    sides = [{"cat_name": "+", "cat_questions": [1]}, {"cat_name": "-", "cat_questions": [2]}]
    form = {"questions": {"1": words[0], "2": words[1]}, "categories": sides}
    situation = {"name": "Anger", "factors": [{"name": "Noise", "scenarios": ["A neighbour drills at night."]}]}
    (tmp_path / "s.json").write_text(json.dumps({"emotions": [situation]}))
    (tmp_path / "q.json").write_text(json.dumps([form]))
    names = dict(zip(expression.FILES, (tmp_path / "s.json", tmp_path / "q.json"), strict=True))
    (found,) = expression.load(names)

    def says(messages: Any) -> str:
        step = sum(message.role == "user" for message in messages)
        return "Proud: 1\nUpset: 5" if step == 1 and len(messages) == 1 and "Proud" in messages[0].text else SAD

    for mode in MODES:
        asked = expression.ask(found, 0, mode)
        marked = expression.mark(asked, answer(asked, Scripted(says)))
        assert marked.values is not None
        assert (marked.values["told"], marked.values["rated"], marked.values["agreement"]) == (1.0, 1.0, 1.0)
        assert marked.values["varied"] < 0.5
    plain = expression.mark(asked, "I was sad.")
    assert plain.values is not None
    assert "agreement" not in plain.values
    assert expression.mark(asked, "").values is None


SAD = "I was so sad and hurt that I cried for hours, and it was awful and hopeless for me."


@pytest.mark.parametrize(
    ("module", "name", "rows"),
    [
        (detection, "Emotion_Detection.jsonl", [{"text": [{"context": "x"}], "label": ["Fear"], "ground_truth": 7}]),
        (summary, "Emotion_Summary_origin.jsonl", [{"id": 1, "causes": "x"}]),
        (conversation, "Emotion_Conversations.jsonl", [{"id": 1, "stages": [{"stage": "x"}]}]),
    ],
)
def test_another_version_is_named(tmp_path: Path, module: Any, name: str, rows: list[Any]) -> None:
    with pytest.raises(MalformedData, match=name):
        module.load(written(tmp_path, name, *rows))
    (tmp_path / name).write_text('{"id": 1')
    with pytest.raises(MalformedData, match="line 1"):
        module.load({name: tmp_path / name})


def test_cutting_and_finding() -> None:
    assert cut("a b c d e f g", words=4, overlap=1) == ["a b c d", "d e f g"]
    assert cut("") == [""]
    short = evenly(["one", "two three four", "five six seven eight"], 20)
    assert short == ["one", "two", "five six"]
    assert evenly(["one", "two"], 100) == ["one", "two"]
    assert nearest("dogs and puppies", ["tax law", "my dog is ill", "a train"], 1) == [1]
    assert oddest(TEXTS, 1) == [4]
    assert room(Scripted(""), 10) == float("inf")


def test_a_judge_rates_by_criteria() -> None:
    assert asyncio.run(rated(Scripted('{"clarity": 4, "depth": 2}'), "Rate it.", {"clarity": "", "depth": ""})) == {
        "judged": 3.0,
        "clarity": 4.0,
        "depth": 2.0,
    }
    with pytest.raises(LLMError):
        asyncio.run(rated(Scripted("nine"), "Rate it.", {"clarity": ""}))
