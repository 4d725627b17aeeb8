"""An emotion is said from what was measured: the movement, the voice against usual, the words, the body."""

from insula import Anchor, Annotation, Conversation, Turn
from insula.catalogue import build
from insula.testing import check_component


def _units(second, speaker="face 1", **intensities):
    return Annotation("action_unit", intensities, Anchor(seconds=(second, second + 1), speaker=speaker), "facs", "f@1")


def _pitch(turn, semitones):
    return Annotation("prosody", {"F0semitoneFrom27.5Hz_sma3nz_amean": semitones}, Anchor(turn), "prosody", "p@1")


def _surprised(at="t3", label="surprise"):
    return Annotation("emotion", {label: 0.71}, Anchor(at), "ekman7", "fuse.person@1", (label,))


def _talk(*marks):
    said = (("Hello.", 0.0), ("It works.", 4.0), ("Really? It does?", 12.0))
    turns = [Turn("Ana", text, (start, start + 1.8)) for text, start in said]
    return Conversation(*turns, *marks)


def _why(*marks):
    conversation = _talk(*marks)
    conversation.add(*build("explain.evidence")(conversation))
    return conversation.read("explanation", turn="t3")[0]


WHOSE = Annotation("speaker_face", {"face 1": 0.9}, Anchor("t3"), "speaker-face", "face.speaking", ("face 1",))
WORDS = Annotation("evidence", {"surprise": 0.4}, Anchor("t3", (0, 7)), "words", "text.encoder@1")
FACE = (_units(4.0, AU01=0.2, AU25=0.4), _units(12.0, AU01=2.4, AU02=2.2, AU25=2.0))
VOICE = (_pitch("t1", 30.0), _pitch("t2", 30.4), _pitch("t3", 34.2))


def test_contract():
    check_component(
        build("explain.evidence"), [Conversation(), _talk(), _talk(_surprised(), *FACE, *VOICE, WHOSE, WORDS)]
    )


def test_what_was_seen_and_heard_is_said_with_its_second():
    found = _why(_surprised(), *FACE, *VOICE, WHOSE, WORDS)
    (text,) = found.labels
    assert text == (
        "Ana likely expresses surprise (0.71): brows raised and lips parted at 12.0 s, "
        "voice 4 semitones higher than usual, said “Really?”."
    )
    assert {FACE[1].id, VOICE[2].id, WORDS.id} < set(found.because)


def test_what_the_face_always_does_is_no_evidence():
    always = [_units(second, AU04=2.0) for second in (0.0, 2.0, 4.0, 12.0)]
    assert _why(_surprised(), *always, WHOSE).abstained


def test_another_face_is_not_the_speakers():
    other = _units(12.0, "face 2", AU12=4.0)
    assert _why(_surprised(), other, WHOSE).abstained


def test_nothing_measured_and_nothing_decided_are_told_apart():
    assert "nothing measured" in _why(_surprised()).reason
    assert "no feeling" in _why(_surprised(label="neutral"), *VOICE).reason


def test_a_body_known_only_later_is_not_told():
    late = Annotation("stress", {"stress": 0.9}, Anchor(seconds=(0.0, 60.0)), "bodily-stress", "b@1", ("stress",))
    early = Annotation("stress", {"stress": 0.9}, Anchor(seconds=(-50, 10.0)), "bodily-stress", "b@1", ("stress",))
    assert _why(_surprised(), late).abstained
    assert "body tense (0.90)" in _why(_surprised(), early).labels[0]
