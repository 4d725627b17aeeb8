"""Story trajectories: whole tales are held out, weak labels come from elsewhere, a user's story is drawn."""

from xml.etree import ElementTree

import numpy as np
import pytest

from insula import Annotation, Conversation, Pipeline, component
from insula.conversation import Anchor
from insula.studies.story_curve import curve, drawn, smooth

SVG = "{http://www.w3.org/2000/svg}"


@component(reads=("turn",), writes=("affect",))
def longer_is_nicer(conversation: Conversation):
    """Valence by length; it cannot tell about very short sentences."""
    for turn in conversation.turns:
        known = len(turn.text) > 6
        scores = {"valence": len(turn.text) / 100, "arousal": 0.0, "dominance": 0.0} if known else {}
        yield Annotation("affect", scores, Anchor(turn.id), "vad", "made-up", reason="" if known else "too short")


def test_smoothing_keeps_level_and_length():
    assert smooth(np.full(5, 0.3)).tolist() == pytest.approx([0.3] * 5)
    wild = np.array([1.0, -1.0] * 20)
    assert np.abs(smooth(wild)).max() < 0.3
    assert smooth(np.zeros((2, 3, 40))).shape == (2, 3, 40)
    assert smooth(np.array([0.0, 1.0])).tolist() == [0.5, 0.5]


def test_a_story_is_drawn_with_a_dot_per_sentence_and_none_where_it_abstains():
    picture = ElementTree.fromstring(
        drawn('It was dark. "Who is there?" And nobody & <nothing> came. Then!', Pipeline(longer_is_nicer))
    )
    dots = picture.findall(f"{SVG}circle")
    assert [dot.findtext(f"{SVG}title") for dot in dots] == [
        "It was dark.",
        '"Who is there?"',
        "And nobody & <nothing> came.",
    ]
    heights = [float(dot.attrib["cy"]) for dot in dots]
    assert heights == sorted(heights, reverse=True)  # up is pleasant


def test_a_story_nobody_could_read_is_an_error():
    with pytest.raises(ValueError, match="no valence"):
        drawn("Hm.", Pipeline(longer_is_nicer))


def test_one_sentence_is_a_picture_too():
    assert len(ElementTree.fromstring(curve(["one"], [0.4])).findall(f"{SVG}circle")) == 1


@pytest.fixture(scope="module")
def study():
    pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")
    from insula.studies import story_va_trajectories

    return story_va_trajectories


def test_the_held_out_tale_is_not_learnt_from(study):
    material = study._made_up(study.SMOKE, 0)
    for name, story in material.tales.items():
        known, held_out = material.others(name)
        assert held_out is story
        assert all(one is not story for one in known)
        assert len(known) == len(material.tales) - 1


def test_context_puts_the_sentence_before_in_front(study):
    assert study._with_sentence_before(["a", "b", "c"]) == ["a", "a b", "b c"]


def test_smoke_has_every_arm_a_ceiling_and_learns_something(study):
    found = study.run("smoke")
    scores = {(row["name"], row["slice"]): row["score"] for row in found["metrics"]}
    for arm in study.ARMS:
        assert ("valence CCC, " + arm, "all tales") in scores
    assert scores["valence CCC, one annotator with the others", "all tales"] > 0.9
    assert scores["valence CCC, EmoBank as teacher", "all tales"] > 0.2
    assert scores["smoothed valence CCC, teacher alone", "all tales"] > 0.9
