"""Answers in a form, from models that do not always keep to one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import pytest

pytest.importorskip("pydantic", reason="the llm extra is not installed")

from hypothesis import given
from hypothesis import strategies as some
from pydantic import BaseModel, Field

from insula.llm import LLMError, Message, Reply, Scripted
from insula.llm.structured import ask, json_in

ASK = [Message("user", "My dog died.")]
RIGHT = '{"word": "grief", "strength": 0.9}'


class Feeling(BaseModel):
    word: str
    strength: float = Field(ge=0, le=1)


def asked(model: Scripted, repairs: int = 2) -> Feeling:
    return asyncio.run(ask(model, ASK, Feeling, repairs=repairs))


@pytest.mark.parametrize(
    "answer",
    [
        RIGHT,
        f"Sure! Here it is:\n```json\n{RIGHT}\n```\nAnything else?",
        f"I use {{curly}} brackets [1] first: {RIGHT} and {{}} after.",
        f'{{"word": "cut off", "strength": 0.1 ... no, rather {RIGHT}',
    ],
)
def test_json_is_cut_out_of_what_stands_around_it(answer: str) -> None:
    model = Scripted([answer])
    assert asked(model) == Feeling(word="grief", strength=0.9)
    system, person = model.asked[0]
    assert "JSON schema" in system.text
    assert person == ASK[0]


def test_a_wrong_answer_goes_back_with_what_was_wrong() -> None:
    model = Scripted(['{"word": "grief", "strength": 7}', "Sorry.", RIGHT])
    assert asked(model).strength == 0.9
    assert model.asked[1][-2] == Message("assistant", '{"word": "grief", "strength": 7}')
    assert "strength: Input should be less than or equal to 1" in model.asked[1][-1].text
    assert "no whole JSON" in model.asked[2][-1].text


def test_the_rounds_end_with_the_last_answer() -> None:
    with pytest.raises(LLMError, match=r"no Feeling in 3 tries: .*'No\.'") as caught:
        asked(Scripted("No."))
    assert caught.value.partial == "No."


def test_a_refusal_is_not_repaired() -> None:
    class Refusing(Scripted):
        async def reply(self, messages: Sequence[Message], **_: object) -> Reply:
            self.asked.append(tuple(messages))
            return Reply("I cannot.", "refusing", finish="refusal")

    model = Refusing("")
    with pytest.raises(LLMError, match=r"refuses to answer: I cannot\."):
        asked(model)
    assert len(model.asked) == 1


@pytest.mark.parametrize("junk", ["{" * 5000, '{"a":' * 5000, "[" * 200_000, "", "}" * 9])
def test_brackets_without_end_end(junk: str) -> None:
    assert json_in(junk) == []


plain = some.text(some.characters(exclude_characters="{}[]", exclude_categories=["Cs"]))
values = some.dictionaries(some.text(), some.lists(some.integers() | some.text() | some.none()))


@given(plain, values, plain, values, plain)
def test_every_whole_json_is_found_as_it_stands(
    before: str, one: object, between: str, two: object, after: str
) -> None:
    text = before + json.dumps(one) + between + json.dumps(two, ensure_ascii=False, indent=1) + after
    assert [json.loads(found) for found in json_in(text)] == [one, two]


@given(some.text())
def test_no_text_breaks_it(text: str) -> None:
    for found in json_in(text):
        assert found in text
        json.loads(found)
