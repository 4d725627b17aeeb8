"""Replies spoken: which turns, with what delivery, one signal a sentence, and what happens where a voice fails."""

from types import SimpleNamespace

import numpy as np
import pytest

from insula.catalogue import find
from insula.conversation import Anchor, Annotation, Conversation, Signal, Turn
from insula.pipeline import Pipeline
from insula.scheme import scheme
from insula.speak.aloud import Aloud
from insula.speak.plan import plan
from insula.speak.sentences import sentences
from insula.speak.voices import Sound, VoiceError


class Hum:
    """A voice of one second a sentence that notes what it was asked."""

    name, follows = "hum", frozenset()

    def __init__(self, broken=False):
        self.asked, self.broken = [], broken

    def say(self, text, delivery):
        for sentence in sentences(text):
            if self.broken:
                raise VoiceError("the server is away")
            self.asked.append(delivery)
            yield Sound(np.full(16000, 0.1, np.float32), 16000, sentence)


def _talk():
    talk = Conversation(Turn("ana", "He died."), Turn("companion", "I am so sorry. I am here."), Turn("ana", "Thanks."))
    talk.add(Annotation("plan", {"sadness": 0.8, "joy": 0.0}, Anchor("t1"), "reply-emotion", "somebody"))
    return talk


def test_replies_are_spoken_as_planned():
    voice = Hum()
    talk = _talk()
    Pipeline(Aloud(voice)).run(talk)
    sounds = talk.signals("audio")
    assert [(one.speaker, one.start, one.sampling_rate) for one in sounds] == [
        ("companion", 0.0, 16000),
        ("companion", 1.0, 16000),
    ]
    assert voice.asked[0].vector() == plan("", {"sadness": 0.8}, 0.5).vector()
    first = talk.read("delivery", turn="t2")[0]
    assert first.scores["sadness"] == pytest.approx(0.8)
    assert first.scores["pace"] < 1
    assert first.because == (talk.read("plan")[0].id,)
    scheme("delivery").check(first.scores)
    marked = [talk.turn("t2").text[slice(*one.at.chars)] for one in talk.read("delivery", turn="t2")[1:]]
    assert marked == ["so"]
    Pipeline(Aloud(voice)).run(talk)
    assert len(talk.signals("audio")) == 2


def test_a_reply_nobody_planned_is_calm_and_follows_the_last_sound():
    voice = Hum()
    talk = Conversation(Turn("companion", "Hello."))
    talk.add(Signal("audio", np.zeros(8000, np.float32), 16000, "ana"))
    Pipeline(Aloud(voice)).run(talk)
    assert talk.signals("audio")[1].start == 0.5
    assert voice.asked[0].feeling == {"calm": 1.0}


def test_a_voice_that_fails_loses_nothing():
    talk = _talk()
    Pipeline(Aloud(Hum(broken=True))).run(talk)
    assert talk.signals("audio") == []
    assert "the server is away" in [one.reason for one in talk.read("delivery", turn="t2")]


def test_rows_are_built_by_their_names():
    assert find("speak.voice").target == "insula.speak.aloud:Aloud"
    assert find("speak.checked").params["listen"]


def test_with_listening_each_sentence_is_judged():
    pytest.importorskip("hibari", reason="the built-in voice is not installed: pip install --no-deps hibari-tts")
    from insula.speak.listen_back import Ears

    spoken = Aloud("builtin")
    spoken._ears = Ears()
    talk = _talk()
    additions = list(spoken(talk))
    judged = [one for one in additions if isinstance(one, Annotation) and one.layer == "delivered"]
    assert len(judged) == 2
    scheme("delivered").check(judged[0].scores)
    assert judged[0].at.seconds[1] == pytest.approx(judged[1].at.seconds[0])
    assert SimpleNamespace(**judged[0].scores).pace < 1
