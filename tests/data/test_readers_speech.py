"""Readers of corpora of speech, on made-up tars in the published layout."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from published import everything, judged, table

from insula import wire
from insula.data import MalformedData, corpus, load

soundfile = pytest.importorskip("soundfile")

RAVDESS = ("file", "label", "label_code", "speaker", "gender", "intensity", "statement", "repetition", "duration")


def tone(pitch: float, seconds: float = 0.5, rate: int = 16000) -> bytes:
    """A quiet tone as a packed sound file."""
    file = io.BytesIO()
    soundfile.write(file, 0.1 * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate), rate, format="FLAC")
    return file.getvalue()


def clips(root: Path, name: str, rows: list[tuple[object, ...]], sounds: dict[str, bytes]) -> None:
    """A tar of sounds and its table, where the corpus is looked for."""
    tar, labels = (root / "speech" / file for file in corpus(name).splits["train"])
    tar.parent.mkdir(exist_ok=True)
    labels.write_text(table(*rows), encoding="utf-8")
    with tarfile.open(tar, "w") as file:
        for stem, sound in sounds.items():
            member = tarfile.TarInfo(f"{name}/{stem}.opus")
            member.size = len(sound)
            file.addfile(member, io.BytesIO(sound))


def test_a_clip_is_a_turn_with_its_sound_and_its_gold(root: Path):
    rows = [
        RAVDESS,
        ("03-01-05-02-01-01-12", "angry", "05", "ravdess_12", "F", "strong", "01", "01", 0.5),
        ("03-01-02-01-02-02-07", "calm", "02", "ravdess_07", "M", "normal", "02", "02", 0.25),
    ]
    clips(root, "ravdess", rows, {"03-01-05-02-01-01-12": tone(440), "03-01-02-01-02-02-07": tone(100, 0.25)})
    angry, calm = everything("ravdess")
    (turn,) = angry.turns
    assert (turn.speaker, turn.text, turn.seconds) == ("ravdess_12", "Kids are talking by the door", (0.0, 0.5))
    assert turn.meta == {"gender": "F", "statement": "01", "repetition": "01", "intensity": "strong"}
    assert angry.meta == {"group": "ravdess_12", "language": "en"}
    assert judged(angry, "emotion").labels == ("anger",)
    assert judged(angry, "intensity").labels == ("strong",)
    assert judged(calm, "emotion").labels == ("calm",)
    assert calm.turns[0].text == "Dogs are sitting by the door"
    (sound,) = angry.signals("audio")
    samples = np.asarray(sound.samples)
    assert (samples.dtype, samples.shape, sound.sampling_rate) == (np.float32, (8000,), 16000)
    assert np.abs(np.fft.rfft(samples)).argmax() == 220  # 440 Hz in half a second


def test_the_sound_is_written_down_with_the_conversation(root: Path):
    clips(
        root,
        "urdu",
        [("file", "label", "speaker", "gender", "duration"), ("a", "sad", "m1", "M", 0.5)],
        {"a": tone(90)},
    )
    (one,) = everything("urdu")
    (sound,) = one.signals("audio")
    read, _ = wire.load(wire.dump(sound, one.id))
    assert np.array_equal(np.asarray(read.samples), np.asarray(sound.samples))


@pytest.mark.parametrize(
    ("name", "columns", "row", "layer", "label"),
    [
        ("emovo", ("text",), ("b1",), "emotion", "joy"),
        ("emodb-2s", ("text",), ("a01",), "emotion", "boredom"),
        ("emodb-original", ("text",), ("a01",), "emotion", "joy"),
        ("baved", ("age", "word"), ("21", "0"), "arousal", "low"),
    ],
)
def test_every_layout(root: Path, name: str, columns: tuple[str, ...], row: tuple[str, ...], layer: str, label: str):
    spelt = {"emodb-original": "happiness"}.get(name, label)
    rows = [("file", "label", "speaker", "gender", "duration", *columns), ("x", spelt, "s1", "F", 0.5, *row)]
    clips(root, name, rows, {"x": tone(200)})
    (one,) = everything(name)
    assert judged(one, layer).labels == (label,)
    assert (one.id, one.turns[0].speaker) == (f"{name}/train/x", "s1")
    assert bool(one.turns[0].text) == (name == "emodb-original")


def test_what_is_wrong_is_said_with_its_place(root: Path):
    header = ("file", "label", "speaker", "gender", "duration")
    clips(root, "urdu", [header, ("a", "sad", "m1", "M", 0.5)], {})
    with pytest.raises(MalformedData, match=r"urdu.tar: a, which urdu.tsv names, is not in it"):
        list(load("urdu", "train"))
    clips(root, "urdu", [header, ("a", "sad", "m1", "M", 0.5)], {"a": b"no sound at all"})
    (one,) = load("urdu", "train")
    with pytest.raises(MalformedData, match=r"urdu.tar: the clip at byte \d+ is no sound"):
        np.asarray(one.signals("audio")[0].samples)
    clips(root, "urdu", [header, ("a", "sulky", "m1", "M", 0.5)], {"a": tone(200)})
    with pytest.raises(MalformedData, match="'sulky' is not in scheme 'voice9'"):
        list(load("urdu", "train"))
    (root / "speech" / "urdu.tar").write_bytes(b"not a tar")
    with pytest.raises(MalformedData, match="not a tar"):
        list(load("urdu", "train"))
