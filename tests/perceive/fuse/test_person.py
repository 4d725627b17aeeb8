"""A whole person: any channel may be missing, two against one, of two minds, a group, and what is hesitant."""

import itertools

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="reading weights needs insula's default install")

from insula import Anchor, Annotation, Conversation, Turn, scheme
from insula.catalogue import build
from insula.perceive.fuse.ambivalence import ambivalence, hesitancy
from insula.perceive.fuse.disagreement import likelihoods, trust
from insula.perceive.fuse.fusion import NEUTRAL
from insula.testing import check_component

SEVEN, NINE, VAD = (scheme(name).labels for name in ("ekman7", "voice9", "vad"))
PLACES = {"joy": (0.5, 0.2, 0.1), "sadness": (-0.5, -0.2, -0.2), "neutral": (0.0, 0.0, 0.0), "anger": (-0.5, 0.4, 0.1)}
RATERS = {
    "words": ("text.encoder@1", "ekman7"),
    "voice": ("speech.voice@1", "voice9"),
    "face": ("face.expression@1", "ekman7"),
}


def _marks(channel, label, sure=0.8, at="t1", rest=0.02):
    rater, name = RATERS[channel]
    scores = {one: sure if one == label else rest for one in scheme(name).labels}
    place = dict(zip(VAD, PLACES[label], strict=True))
    return (
        Annotation("emotion", scores, Anchor(at), name, rater, (label,)),
        Annotation("affect", place, Anchor(at), "vad", rater),
    )


def _body(stress, end=1.5):
    return Annotation(
        "stress",
        {"rest": 1 - stress, "stress": stress},
        Anchor(seconds=(end - 60, end), speaker="ana"),
        "bodily-stress",
        "body.stress@1",
    )


def _person(*marks, text="It is what it is.", **meta):
    conversation = Conversation(Turn("ana", text, (0.0, 2.0), meta=meta), *marks)
    part = build("fuse.person")
    conversation.add(*part(conversation))
    return {layer: conversation.read(layer, rater=part.rater) for layer in part.writes}


def test_contract_with_every_set_of_channels():
    some = {"words": _marks("words", "joy"), "voice": _marks("voice", "sadness"), "face": _marks("face", "joy")}
    some["body"] = (_body(0.9),)
    sets = itertools.chain.from_iterable(itertools.combinations(some, size) for size in range(5))
    conversations = [
        Conversation(Turn("ana", "Well.", (0.0, 2.0)), *(mark for name in names for mark in some[name]))
        for names in sets
    ]
    assert len(conversations) == 16
    check_component(build("fuse.person"), conversations)


@pytest.mark.parametrize(
    "left", [("words",), ("voice",), ("face",), ("words", "face"), ("voice", "face"), tuple(RATERS)]
)
def test_whatever_is_left_still_speaks(left):
    found = _person(*(mark for channel in left for mark in _marks(channel, "sadness")))
    assert found["emotion"][0].labels == ("sadness",)
    assert found["affect"][0].scores["valence"] < 0
    assert found["conflict"][0].abstained == (len(left) == 1)
    for missing in {*RATERS} - {*left} if len(left) == 1 else ():
        assert missing in found["conflict"][0].reason


def test_three_that_agree_are_surer_than_two():
    marks = [_marks(channel, "anger", 0.4) for channel in RATERS]
    three, two = (_person(*itertools.chain(*some)) for some in (marks, marks[:2]))
    assert three["emotion"][0].scores["anger"] > two["emotion"][0].scores["anger"]
    assert not three["conflict"][0].labels


def test_two_that_agree_are_gone_by_before_a_third():
    said = {"words": "joy", "voice": "sadness", "face": "sadness"}
    found = _person(*(mark for name, label in said.items() for mark in _marks(name, label, 0.95, rest=0.002)))
    (conflict,), (emotion,), (why,) = found["conflict"], found["emotion"], found["explanation"]
    assert emotion.labels == ("sadness",)
    assert set(emotion.possible) >= {"joy", "sadness"}
    assert set(conflict.labels) == {"conflict", "trust-voice", "trust-face"}
    assert conflict.scores["trust-words"] < min(conflict.scores["trust-voice"], conflict.scores["trust-face"])
    assert "because they agree" in why.labels[0]
    assert "The words are glad" in why.labels[0]


def test_a_tense_body_beside_glad_words_is_a_hint_and_alone_names_no_feeling():
    glad = _marks("words", "joy")
    conflict = [_person(*glad, _body(stress))["conflict"][0].scores["conflict"] for stress in (0.05, 0.95)]
    assert conflict[0] < conflict[1]
    alone = _person(_body(0.9))
    assert alone["emotion"][0].abstained
    assert "body" in alone["emotion"][0].reason
    late = _person(*glad, _body(0.95, end=40.0))["conflict"][0]
    assert late.abstained  # the window ends after the turn: not known yet


def test_a_face_that_is_hardly_the_speakers_weighs_less():
    whose = [
        Annotation("speaker_face", {"face 1": p}, Anchor("t1"), "speaker-face", "face.speaking") for p in (0.9, 0.2)
    ]
    marks = (*_marks("words", "joy"), *_marks("face", "anger"))
    sure, doubtful = (_person(*marks, one)["conflict"][0].scores["trust-face"] for one in whose)
    assert doubtful < sure


def test_opposite_channels_are_ambivalent_and_two_bad_feelings_are_not():
    sad = _marks("voice", "sadness", 0.97, rest=0.001)
    glad_sad = _person(*_marks("words", "joy", 0.97, rest=0.001), *sad)["ambivalence"][0]
    angry_sad = _person(*_marks("words", "anger", 0.97, rest=0.001), *sad)["ambivalence"][0]
    joys = (*_marks("words", "joy", 0.97, rest=0.001), *_marks("voice", "joy", 0.97, rest=0.001))
    one = _person(*joys)["ambivalence"][0]
    assert "ambivalence" in glad_sad.labels
    assert glad_sad.scores["ambivalence"] > 2 * angry_sad.scores["ambivalence"]
    assert one.scores["ambivalence"] < glad_sad.scores["ambivalence"] / 2
    assert not one.labels


def test_hesitancy_counts_its_cues():
    slow, cues = hesitancy(Turn("ana", "Um, I, I don't know, maybe I could come."))
    assert slow > 0.6
    assert cues == {"fillers": 1, "hedges": 2, "said again": 1}
    assert hesitancy(Turn("ana", "I shall be there at eight."))[0] == 0
    words = [[0.0, 0.3, "I", 1.0], [1.4, 1.6, "could", 1.0]]
    assert hesitancy(Turn("ana", "I could", meta={"words": words}))[1] == {"long pauses": 1}


def test_every_way_that_opinions_can_be_is_counted_once():
    """Against brute force, for three opinions."""
    draw = np.random.default_rng(0).dirichlet(np.ones(7), 3)
    ways = {"two": [], "same": [], "plain": []}
    for meant in itertools.product(range(7), repeat=3):
        feelings = set(meant) - {NEUTRAL}
        kind = "two" if len(feelings) > 1 else "same" if len(set(meant)) == 1 else "plain"
        ways[kind].append(np.prod([draw[place][label] for place, label in enumerate(meant)]))
    expected = [np.mean(ways[kind]) for kind in ("two", "same", "plain")]
    assert likelihoods(list(draw), NEUTRAL) == pytest.approx(expected)


def test_trust_of_two_is_who_is_right_if_just_one_is():
    read, sure = [np.array([0.8, 0.2]), np.array([0.1, 0.9])], [np.array(0.6), np.array(0.9)]
    alone = 0.6 * 0.1, 0.9 * 0.4
    assert trust(read, sure) == pytest.approx([one / sum(alone) for one in alone])


def test_ambivalence_within_the_words():
    torn = Annotation("emotion", {"joy": 0.6, "sadness": 0.5}, Anchor("t1"), "ekman7", "text.encoder@1")
    assert ambivalence([np.full(7, 1 / 7)], 0.0, torn) == pytest.approx(0.5)


def _seen(face, label, second):
    scores = {one: 0.9 if one == label else 0.01 for one in SEVEN}
    at = Anchor(seconds=(second, second + 1), speaker=face)
    place = dict(zip(VAD[:2], PLACES[label][:2], strict=True))
    return (
        Annotation("emotion", scores, at, "ekman7", "face.expression@1", (label,)),
        Annotation("affect", place, at, "vad", "face.expression@1"),
    )


def test_a_group_is_its_people_and_how_far_they_differ():
    apart = Conversation(*_seen("face 1", "joy", 0.0), *_seen("face 2", "sadness", 0.0), *_seen("face 1", "joy", 1.0))
    alike = Conversation(*_seen("face 1", "joy", 0.0), *_seen("face 2", "joy", 0.0))
    part = build("fuse.group")
    found, same = list(part(apart)), list(part(alike))
    assert {one.at.seconds for one in found} == {(0.0, 1.0)}  # one person is no group
    assert {one.at.speaker for one in found} == {"group"}
    assert found[1].scores["valence"] == pytest.approx(0.0, abs=0.01)
    assert found[1].margin["valence"] > 0.4 > same[1].margin["valence"]
    assert same[0].labels == ("joy",)
    apart.add(*found)
    assert not list(part(apart))


def test_a_group_takes_the_speaker_by_all_their_channels():
    turn = Turn("ana", "Oh.", (0.2, 0.9))
    sad = {one: 0.9 if one == "sadness" else 0.01 for one in SEVEN}
    conversation = Conversation(
        turn,
        *_seen("face 1", "joy", 0.0),
        *_seen("face 2", "joy", 0.0),
        Annotation("speaker_face", {"face 1": 0.9}, Anchor("t1"), "speaker-face", "face.speaking", ("face 1",)),
        Annotation("emotion", sad, Anchor("t1"), "ekman7", "fuse.person@1", ("sadness",)),
    )
    emotion = next(iter(build("fuse.group")(conversation)))
    assert emotion.scores["sadness"] > 0.4
    assert emotion.scores["joy"] > 0.4


def test_what_a_turn_did_to_a_listener():
    turn = Turn("ana", "He died.", (2.0, 6.0))
    whose = Annotation("speaker_face", {"face 1": 0.9}, Anchor("t1"), "speaker-face", "face.speaking", ("face 1",))
    seen = [mark for second in (0.0, 1.0) for mark in _seen("face 2", "joy", second)]
    seen += [mark for second in (4.0, 5.0) for mark in _seen("face 2", "sadness", second)]
    own = [mark for second in (0.0, 5.0) for mark in _seen("face 1", "sadness", second)]
    conversation = Conversation(turn, whose, *seen, *own)
    check_component(build("fuse.listeners"), [conversation, Conversation(turn), Conversation()])
    (found,) = build("fuse.listeners")(conversation)
    assert (found.at.speaker, found.scores["valence"]) == ("face 2", pytest.approx(-1.0))
    assert next(iter(build("fuse.listeners")(Conversation(turn)))).abstained
