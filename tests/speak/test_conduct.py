"""Plans written by a model: held to a schema, words that are not in the text dropped, no plan no sound."""

import asyncio
import json

import pytest

pytest.importorskip("pydantic", reason="a model's answer is checked by pydantic: pip install 'insula[llm]'")

from insula.llm import LLMError, Scripted
from insula.speak.conduct import EXAMPLES, conduct
from insula.speak.levels import LEVELS, describe, level
from insula.speak.text import read, write

PLAN = {"pace": "slow", "pitch": "low", "energy": "soft", "breath": "breathy", "emphasis": ["never", "unheard"]}


def _conduct(said, text="It never came. Never mind."):
    return asyncio.run(conduct(Scripted(said), text, "sadly"))


def test_levels_become_numbers_and_a_text_to_edit():
    plan = _conduct(f"Here it is: {json.dumps(PLAN)}")
    assert [line.text for line in plan] == ["It never came.", "Never mind."]
    assert plan[0].delivery.pace == LEVELS["pace"]["slow"]
    assert plan[0].delivery.emphasis == ("never",)
    assert plan[0].delivery.tilt == 0
    assert read(write(plan)) == plan


def test_what_is_no_level_is_refused():
    with pytest.raises(LLMError, match="gave no Plan"):
        _conduct(json.dumps({**PLAN, "pace": "quickish"}))


def test_the_examples_are_plans_themselves():
    model = Scripted(json.dumps(PLAN))
    asyncio.run(conduct(model, "Hi.", "sadly"))
    told = [message.text for message in model.asked[0] if message.role == "assistant"]
    assert len(told) == len(EXAMPLES)
    assert json.loads(told[0])["energy"] == "very loud"


@pytest.mark.parametrize(
    ("name", "value", "word"), [("pace", 0.86, "slow"), ("pitch", 0.3, "normal"), ("energy", 8, "very loud")]
)
def test_the_nearest_level(name, value, word):
    assert level(name, value) == word


def test_a_plain_reading_has_nothing_to_describe():
    assert describe(read("Hi.")[0].delivery) == ""
