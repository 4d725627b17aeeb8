"""Made-up conversations, and the problems a reader reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from insula.conversation import Anchor, Annotation, Conversation, Signal, Turn
from insula.exchange import conversations
from insula.reading import Problem
from insula.scheme import scheme

Read = Callable[..., list[Conversation]]


@pytest.fixture
def problems() -> list[Problem]:
    """What the reader of the test reported."""
    return []


@pytest.fixture
def read(problems: list[Problem]) -> Read:
    """Read a source whole; problems are collected."""
    return lambda source, **options: list(conversations(source, problems.append, **options))


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """A file with this content."""

    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


def judged(turn: str, rater: str, **scores: float) -> Annotation:
    """A judgement under ekman6 by a person: every label, those given above zero."""
    every = dict.fromkeys(scheme("ekman6").labels, 0.0) | scores
    return Annotation("emotion", every, Anchor(turn), "ekman6", rater, labels=tuple(scores))


@pytest.fixture
def quarrel() -> Conversation:
    """Two people, with times, judged by a person under a categorical and a dimensional scheme, and once not at all."""
    affect = {"valence": -0.5, "arousal": 0.25, "dominance": 0.0}
    return Conversation(
        Turn("ana", 'You said "tomorrow" & <never> came.\nAgain!', (0.5, 2.25)),
        Turn("bo", "Sorry, 我很抱歉 🙁", (2.25, 3.0)),
        Turn("ana", "Hm.", (3.5, 4.0)),
        judged("t1", "gold", anger=1.0),
        judged("t2", "gold", sadness=1.0, fear=1.0),
        judged("t3", "gold"),
        Annotation("affect", affect, Anchor("t1"), "vad", "rater:reader"),
        Annotation("affect", {}, Anchor("t3"), "vad", "rater:reader", reason="too short"),
        id="quarrel",
    )


def heard(
    turn: str, layer: str, scheme_name: str, rater: str, seconds=None, labels=(), reason="", **scores
) -> Annotation:
    """What a machine heard in a turn, or in a window of it."""
    known = scheme(scheme_name)
    every = scores if known.kind in ("open", "dimensional") or not scores else dict.fromkeys(known.labels, 0.0) | scores
    return Annotation(layer, every, Anchor(turn, seconds=seconds), scheme_name, rater, labels, reason=reason)


@pytest.fixture
def call(tmp_path: Path) -> Conversation:
    """A recording of two people: words with times, voice and words read apart, windows, a conflict, prosody."""
    import numpy as np

    path = tmp_path / "call.wav"
    path.write_bytes(b"RIFF")
    words = [[0.5, 0.9, "I'm", 0.98], [0.9, 1.4, "fine,", 0.9], [1.6, 2.4, "really.", 0.7]]
    ramp = np.linspace(0, 27, 27 * 300, dtype=np.float32).reshape(300, 27)
    return Conversation(
        Signal("audio", str(path), 16000),
        Turn("speaker 1", "I'm fine, really.", (0.5, 4.5), meta={"words": words, "language": "en", "channel": 0}),
        Turn("speaker 2", "Good.", (4.5, 5.0), meta={"words": [[4.5, 5.0, "Good.", 0.99]], "channel": 1}),
        Signal("prosody", ramp, 100, "speaker 1", 0.5),
        heard("t1", "emotion", "ekman7", "text.encoder@1", labels=("joy",), joy=0.75),
        heard("t1", "emotion", "voice9", "speech.voice@1", labels=("fear",), fear=0.6),
        heard("t1", "emotion", "voice9", "speech.voice@1", (0.5, 2.5), labels=("neutral",), neutral=0.7),
        heard("t1", "emotion", "voice9", "speech.voice@1", (1.5, 3.5), labels=("fear",), fear=0.8),
        heard("t1", "emotion", "voice9", "speech.voice@1", (2.5, 4.5), reason="too much noise (3 dB)"),
        heard("t1", "affect", "vad", "speech.voice@1", (0.5, 2.5), valence=-0.25, arousal=0.5, dominance=0.0),
        heard("t2", "emotion", "voice9", "speech.voice@1", reason="too short (0.5 s)"),
        heard("t1", "conflict", "channel-conflict", "fuse.words-voice@1", labels=("conflict", "trust-voice"),
              **{"conflict": 0.9, "trust-voice": 0.8}),
        heard("t1", "prosody", "prosody", "speech.prosody@1", loudness_mean=0.5, F0_mean=31.25),
        heard("t2", "prosody", "prosody", "speech.prosody@1", reason="too short"),
        id="call.wav",
    )  # fmt: skip


FACE = "face.expression@1"


def expressed(at, rater, name="ekman7", reason="", **scores) -> Annotation:
    every = dict.fromkeys(scheme(name).labels, 0.0) | scores if scores else {}
    return Annotation("emotion", every, at, name, rater, tuple(scores), reason=reason)


def placed(at, rater, valence) -> Annotation:
    return Annotation("affect", {"valence": valence, "arousal": 0.1}, at, "vad", rater, margin={"valence": 0.2})


@pytest.fixture
def film(tmp_path: Path) -> Conversation:
    """Ana is seen and heard, and looks sad where her words are glad; a second face is only seen; both are the group."""
    import numpy as np

    (tmp_path / "films").mkdir()
    path = tmp_path / "films" / "talk #1?.mp4"
    path.write_bytes(b"....ftyp")
    frames = np.full((60, 6), np.nan, np.float32)
    frames[:, :4] = np.arange(60)[:, None] + [100, 50, 80, 90]
    frames[30:45] = np.nan
    found = Conversation(
        Signal("video", str(path), 25.0),
        Turn("ana", "I'm <fine>.", (0.5, 2.5)),
        Signal("face", frames, 15.0, "face 1", 0.0),
        Signal("face", frames, 15.0, "face 2", 1.0),
        expressed(Anchor("t1"), "dialogue.encoder@1", joy=0.7),
        expressed(Anchor("t1"), FACE, sadness=0.6),
        expressed(Anchor("t1"), "fuse.words-voice@1", joy=0.5),
        expressed(Anchor("t1"), "fuse.person@1", sadness=0.55),
        Annotation("conflict", {"conflict": 0.8, "trust-face": 0.9}, Anchor("t1"), "channel-conflict", "fuse.person@1",
                   ("conflict", "trust-face"), reason="glad words, a sad face: inner brows raised"),
        Annotation("speaker_face", {"face 1": 0.9, "face 2": 0.1}, Anchor("t1"), "", "face.speaking@1", ("face 1",)),
        id="talk.mp4",
    )  # fmt: skip
    for second, label in ((0.0, "neutral"), (1.0, "sadness"), (2.0, "sadness"), (3.0, "")):
        at = Anchor(seconds=(second, second + 1.0), speaker="face 1")
        reason = "" if label else "the face is turned away"
        found.add(expressed(at, FACE, reason=reason, **({label: 0.6 + second / 10} if label else {})))
        found.add(*([placed(at, FACE, -0.1 * second)] if label else []))
        found.add(placed(Anchor(seconds=(second, second + 1.0), speaker="group"), "fuse.group@1", -0.3))
    at = Anchor(seconds=(1.0, 2.0), speaker="face 1")
    found.add(Annotation("action_unit", {"AU01": 2.1, "AU15": 1.2, "AU12": 0.3}, at, "facs", FACE))
    found.add(expressed(Anchor(seconds=(1.0, 2.0), speaker="face 2"), FACE, joy=0.9))
    return found
