"""Readers of judged faces and pictures, on made-up ones in the published layout."""

import io
from pathlib import Path

import numpy as np
import pytest
from published import everything, judged, table

from insula import wire
from insula.data import MalformedData, corpus, load
from insula.data.readers.faces import FER8, agreed

Image = pytest.importorskip("PIL.Image")
COLUMNS = (*FER8, "unknown", "NF")


def packed(level: int, side: tuple[int, int] = (48, 48)) -> bytes:
    """A grey picture of one level, as an encoded file."""
    file = io.BytesIO()
    Image.new("L", side, level).save(file, format="PNG")
    return file.getvalue()


def save(path: Path, pictures: list[bytes], **arrays: object) -> None:
    """Pictures one after the other with their offsets, and whatever belongs to them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    offset = np.cumsum([0, *map(len, pictures)])
    np.savez(path, data=np.frombuffer(b"".join(pictures), np.uint8), offset=offset, **arrays)


def voted(root: Path, votes: list[list[int]], columns: tuple[str, ...] = COLUMNS) -> None:
    """FER+ with these votes in all three splits."""
    names = np.array([f"fer{k:07}" for k in range(len(votes))])
    for (file,) in corpus("ferplus").splits.values():
        pictures = [packed(20 * k) for k in range(len(votes))]
        save(root / "faces" / file, pictures, name=names, votes=np.array(votes), vote_columns=np.array(columns))


def test_votes_become_a_label_and_shares(root: Path):
    voted(root, [[4, 0, 0, 5, 0, 0, 0, 0, 1, 0], [0, 9, 1, 0, 0, 0, 0, 0, 0, 0]])
    sad, happy = list(load("ferplus", "test"))
    assert judged(sad, "emotion").labels == ("sadness",)
    assert judged(sad, "emotion", "voters").scores["neutral"] == pytest.approx(4 / 9)
    assert sad.turns[0].meta["votes"]["unknown"] == 1
    assert sad.turns[0].meta["majority"]

    (signal,) = happy.signals("video")
    pixels = np.asarray(signal.samples)
    assert (pixels.dtype, pixels.shape, signal.sampling_rate) == (np.uint8, (1, 48, 48, 3), 0)
    assert (pixels == 20).all()
    assert len(everything("ferplus")) == 6


def test_where_most_could_name_nothing_gold_abstains(root: Path):
    voted(root, [[1, 0, 0, 2, 0, 0, 0, 0, 7, 0], [0, 0, 0, 0, 0, 0, 0, 0, 1, 9]])
    unknown, none = list(load("ferplus", "dev"))
    assert judged(unknown, "emotion").abstained
    assert "no expression" in judged(unknown, "emotion").reason
    assert judged(none, "emotion").reason == "most voters saw no face"
    assert not none.read("emotion", rater="voters")


@pytest.mark.parametrize(
    ("votes", "enough"),
    [((5, 4, 1), True), ((5, 5, 0), False), ((4, 4, 2), False), ((6, 4, 0), True), ((5, 3, 2), False)],
)
def test_a_majority_is_over_half_once_single_votes_are_out(votes: tuple[int, ...], enough: bool):
    assert agreed(np.array([*votes, 0, 0, 0, 0, 0, 0, 0])) is enough


def test_a_picture_is_written_down_with_its_conversation(root: Path):
    voted(root, [[9, 1, 0, 0, 0, 0, 0, 0, 0, 0]])
    (one,) = load("ferplus", "test")
    (signal,) = one.signals("video")
    read, _ = wire.load(wire.dump(signal, one.id))
    assert np.array_equal(np.asarray(read.samples), np.asarray(signal.samples))


def test_other_columns_and_broken_pictures_are_told(root: Path):
    voted(root, [[9, 1, 0, 0, 0, 0, 0, 0, 0, 0]], columns=COLUMNS[::-1])
    with pytest.raises(MalformedData, match="not for those of FER"):
        list(load("ferplus", "test"))
    (file,) = corpus("ferplus").splits["test"]
    rest = {"name": np.array(["a"]), "votes": np.eye(10, dtype=int)[:1], "vote_columns": np.array(COLUMNS)}
    save(root / "faces" / file, [b"no picture"], **rest)
    (one,) = load("ferplus", "test")
    with pytest.raises(MalformedData, match="a is no picture"):
        np.asarray(one.signals("video")[0].samples)


def test_ratings_of_photographs_are_brought_to_one_scale(root: Path):
    save(root / "image" / "oasis_images128.npz", [packed(9, (128, 102))] * 2, id=np.array(["I1", "I2"]))
    header = ("id", "Theme", "Category", "Valence_mean", "Arousal_mean")
    text = table(header, ("I1", "Acorns 1", "Object", 7, 4), ("I2", "Acorns 2", "Object", 2.5, 1), separator=",")
    (root / "image" / "oasis_norms.csv").write_text(text, encoding="utf-8")
    first, second = everything("oasis")
    assert judged(first, "affect").scores == {"valence": 1.0, "arousal": 0.0}
    assert judged(second, "affect").scores == {"valence": -0.5, "arousal": -1.0}
    assert first.meta["group"] == second.meta["group"] == "acorns"
    assert np.asarray(first.signals("video")[0].samples).shape == (1, 102, 128, 3)
    (root / "image" / "oasis_norms.csv").write_text(table(header, separator=","), encoding="utf-8")
    with pytest.raises(MalformedData, match="nothing about the picture I1"):
        list(load("oasis", "train"))
