"""The research heads stand on the same trunk and are refused where commercial use is asked for."""

import pytest

from insula import Conversation, Turn
from insula.catalogue import NotForCommercialUse, build
from insula.perceive.text.encoder import Encoder
from insula.presets import pipeline
from insula.testing import check_component


@pytest.fixture(scope="module")
def conversation() -> Conversation:
    texts = (
        "I can't cope any more, rent is due and I lost my job, I can't sleep and my chest hurts.",
        "We had a quiet breakfast and then walked the dog along the river.",
        "Oh great, another Monday. Exactly what I always dreamed of. #sarcasm",
    )
    return pipeline("text-research").run(Conversation(*(Turn("ana", text) for text in texts)))


def test_keeps_the_contract() -> None:
    check_component(build("text.research"))


def test_stress_and_intensity_rise_with_strain(conversation: Conversation) -> None:
    strained, calm, _ = conversation.read("stress")
    assert strained.scores["stress"] > calm.scores["stress"] + 0.3
    assert strained.labels == ("stress",)
    fear, no_fear, _ = conversation.read("intensity")
    assert fear.scores["fear"] > no_fear.scores["fear"]


def test_sarcasm(conversation: Conversation) -> None:
    _, plain, sarcastic = conversation.read("sarcasm")
    assert sarcastic.scores["sarcasm"] > plain.scores["sarcasm"]


def test_each_set_of_heads_says_who_it_is(conversation: Conversation) -> None:
    raters = {x.rater.split("@")[0] for x in conversation.read("emotion")}
    assert raters == {"text.encoder", "text.research"}


def test_the_trunk_is_one() -> None:
    open_weights, research = Encoder(), build("text.research")
    assert open_weights._network._trunk is research._network._trunk


def test_refused_for_commercial_use() -> None:
    with pytest.raises(NotForCommercialUse, match=r"text\.research is not for commercial use"):
        pipeline("text-research", commercial_ok=True)
    assert pipeline("text", commercial_ok=True)
