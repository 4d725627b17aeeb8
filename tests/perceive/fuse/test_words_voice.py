"""Words and voice: agreement makes sure, disagreement is said and not averaged away, one channel alone still speaks."""

import pytest

pytest.importorskip("onnxruntime", reason="reading weights needs insula's default install")

from insula import Anchor, Annotation, Conversation, Turn, scheme
from insula.catalogue import build
from insula.testing import check_component

SEVEN, NINE, VAD = (scheme(name).labels for name in ("ekman7", "voice9", "vad"))
PLACES = {"joy": (0.5, 0.2, 0.1), "sadness": (-0.5, -0.2, -0.2), "neutral": (0.0, 0.0, 0.0), "anger": (-0.5, 0.4, 0.1)}


def _said(label, sure=0.8, reader="text.encoder@1", at="t1"):
    scores = {one: sure if one == label else 0.01 for one in SEVEN}
    place = dict(zip(VAD, PLACES[label], strict=True))
    anchor = Anchor(at)
    return (
        Annotation("emotion", scores, anchor, "ekman7", reader, (label,)),
        Annotation("affect", place, anchor, "vad", reader),
    )


def _heard(label, sure=0.7, at="t1"):
    scores = {one: sure if one == label else 0.01 for one in NINE}
    place = dict(zip(VAD, PLACES[label], strict=True))
    return (
        Annotation("emotion", scores, Anchor(at), "voice9", "speech.voice@1", (label,)),
        Annotation("affect", place, Anchor(at), "vad", "speech.voice@1"),
    )


def _conversation(*marks, text="It is what it is.", **meta):
    return Conversation(Turn("ana", text, (0.0, 2.0), meta=meta), *marks)


def _fused(conversation):
    part = build("fuse.words-voice")
    conversation.add(*part(conversation))
    return {layer: conversation.read(layer, rater=part.rater) for layer in part.writes}


def test_contract():
    conversations = [
        Conversation(),
        _conversation(),
        _conversation(*_said("joy"), *_heard("sadness")),
        _conversation(*_said("joy")),
        Conversation(
            Turn("ana", "a"),
            *_said("joy"),
            *_heard("joy"),
            Turn("bo", "b"),
            *_said("anger", at="t2"),
            *_heard("joy", at="t2"),
        ),
    ]
    check_component(build("fuse.words-voice"), conversations)


def test_two_hints_of_the_same_are_surer_than_each():
    found = _fused(_conversation(*_said("sadness", 0.4), *_heard("sadness", 0.4)))
    alone = _fused(_conversation(*_said("sadness", 0.4)))
    (emotion,), (words,), (conflict,) = found["emotion"], alone["emotion"], found["conflict"]
    assert emotion.labels == ("sadness",)
    assert 1 - emotion.scores["sadness"] < (1 - words.scores["sadness"]) / 2
    assert not conflict.labels
    assert conflict.scores["conflict"] < 0.3
    assert not found["explanation"]


def test_a_contradiction_is_said_and_both_feelings_stay():
    marks = (*_said("joy", 0.6), *_heard("sadness", 0.9))
    found = _fused(_conversation(*marks))
    (emotion,), (conflict,), (why,) = found["emotion"], found["conflict"], found["explanation"]
    assert conflict.labels == ("conflict", "trust-voice")
    assert conflict.scores["trust-voice"] + conflict.scores["trust-words"] == pytest.approx(1, abs=1e-3)
    assert emotion.labels == ("sadness",)
    assert {"joy", "sadness"} <= set(emotion.possible)
    others = [score for label, score in emotion.scores.items() if label not in {"joy", "sadness"}]
    assert min(emotion.scores["joy"], emotion.scores["sadness"]) > max(others)
    assert set(conflict.because) == {marks[0].id, marks[2].id}
    assert conflict.id in why.because
    said = why.labels[0]
    assert "words are glad" in said
    assert "voice sounds sad" in said
    assert "going by the voice" in said
    assert "valence" in said


def test_the_surer_channel_is_gone_by():
    trust = [
        _fused(_conversation(*_said("anger", 0.9), *_heard("joy", sure)))["conflict"][0].scores["trust-words"]
        for sure in (0.8, 0.1, 0.02)
    ]
    assert trust == sorted(trust)
    assert trust[0] < 0.5 < trust[-1]


def test_plain_words_in_a_moved_voice_are_no_contradiction():
    plain = _fused(_conversation(*_said("neutral"), *_heard("anger")))["conflict"][0].scores["conflict"]
    glad = _fused(_conversation(*_said("joy"), *_heard("anger")))["conflict"][0].scores["conflict"]
    assert plain < glad - 0.2


def test_noise_takes_weight_from_the_voice_and_doubtful_words_from_the_words():
    noisy = Annotation("quality", {"snr": 4.0, "clipped": 0.0}, Anchor("t1"), "audio-quality", "speech.quality@1")
    marks = (*_said("joy"), *_heard("sadness"))
    trust = [
        _fused(_conversation(*marks, *more, **meta))["conflict"][0].scores["trust-voice"]
        for more, meta in (((), {}), ((noisy,), {}), ((), {"confidence": 0.3}))
    ]
    assert trust[1] < trust[0] < trust[2]


def test_a_channel_alone_is_believed_as_calibrated():
    for marks, label, missing in ((_said("joy"), "joy", "voice"), (_heard("anger"), "anger", "words")):
        found = _fused(_conversation(*marks))
        assert found["emotion"][0].labels == (label,)
        assert found["emotion"][0].because == (marks[0].id,)
        assert found["affect"][0].scores
        assert found["conflict"][0].abstained
        assert missing in found["conflict"][0].reason


def test_an_abstaining_voice_leaves_the_words_and_says_why():
    mute = Annotation("emotion", {}, Anchor("t1"), "voice9", "speech.voice@1", reason="only 3 dB above the noise")
    found = _fused(_conversation(*_said("joy"), mute))
    assert found["emotion"][0].labels == ("joy",)
    assert "only 3 dB above the noise" in found["conflict"][0].reason


def test_nothing_read_is_an_abstention():
    found = _fused(_conversation())
    assert all(found[layer][0].abstained for layer in ("emotion", "affect", "conflict"))


def test_windows_of_a_voice_are_not_the_turn():
    window = Annotation("emotion", {"anger": 0.9}, Anchor("t1", seconds=(0.0, 2.0)), "voice9", "speech.voice@1")
    assert _fused(_conversation(window))["emotion"][0].abstained


def test_the_words_of_a_dialogue_reader_are_taken_where_the_first_cannot_tell():
    mute = Annotation("emotion", {}, Anchor("t1"), "ekman7", "text.encoder@1", reason="no words in it")
    found = _fused(_conversation(mute, *_said("anger", reader="dialogue.encoder@1"), *_heard("anger")))
    assert found["emotion"][0].labels == ("anger",)
    assert not found["conflict"][0].abstained
