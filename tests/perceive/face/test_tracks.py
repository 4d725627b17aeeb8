"""Who is seen when: real faces in films made for the purpose, skipped where corpora or networks are missing."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("av", reason="pip install 'insula[face]'")

from films import actor, background, corner, faces, needs_networks, paste, scene, write_film

from insula import Conversation, Signal
from insula.vision.columns import column
from insula.vision.frames import Film


@pytest.fixture(scope="module")
def tracks():
    needs_networks()
    from insula.perceive.face.tracks import FaceTracks

    return FaceTracks()


def watch(tracks, source, rate=0.0) -> Conversation:
    conversation = Conversation(Signal("video", str(source) if not isinstance(source, np.ndarray) else source, rate))
    conversation.add(*tracks(conversation))
    return conversation


def present(conversation: Conversation) -> dict[str, set[int]]:
    """In which whole seconds each face is seen for most of the time."""
    found: dict[str, set[int]] = {}
    for signal in conversation.signals("face"):
        there = np.isfinite(column(signal.samples, "w"))
        at = signal.start + np.arange(len(there)) / signal.sampling_rate
        seconds = {second for second in range(60) if there[(at >= second) & (at < second + 1)].sum() >= 4}
        found.setdefault(signal.speaker, set()).update(seconds)
    return found


def test_an_actor_is_followed_and_measured(tracks):
    (signal,) = watch(tracks, actor()).signals("face")
    rows = signal.samples
    assert (signal.speaker, signal.start, signal.sampling_rate) == ("face 1", 0.0, 15.0)
    assert len(rows) == 50
    assert np.isfinite(column(rows, "yaw")).all()
    assert np.abs(column(rows, "yaw")).max() < 15
    assert np.abs(column(rows, "pitch")).max() < 15
    assert 200 < np.median(column(rows, "x")) < 260
    assert 160 < np.median(column(rows, "size")) < 210
    # the film begins in a blink, and what is said opens the mouth
    assert column(rows, "blink")[0] > 0.5
    assert np.median(column(rows, "blink")) < 0.2
    assert np.median(column(rows, "mouth")[10:35]) > 1.5 * np.median(column(rows, "mouth")[40:])
    units = [column(rows, name) for name in ("AU01", "AU12", "AU25", "AU45")]
    assert all((unit >= 0).all() and (unit <= 5).all() for unit in units)


def test_quality_is_told_of_every_second(tracks):
    found = watch(tracks, actor()).read("quality")
    assert [one.at.seconds for one in found] == [(n, n + 1) for n in range(4)]
    assert {one.at.speaker for one in found} == {"face 1"}
    for one in found:
        assert one.scores["seen"] == 1
        assert one.scores["blur"] < 0.5
        assert one.scores["visible"] > 0.9


def test_who_leaves_and_returns_keeps_their_name(tracks, tmp_path):
    one, _, _, two, _, three, *_ = faces(40, 0, 9)

    def people(second):
        if second < 3:
            return [(one, 150, 180, 140), (two, 450, 190, 130)]
        if second < 6:
            return [(three, 450, 190, 130)]
        return [(two, 160, 180, 150), (one, 470, 180, 120)]

    seen = present(watch(tracks, write_film(tmp_path / "a.mp4", scene(9, people, fps=5), 5)))
    assert sorted(map(sorted, seen.values())) == [[0, 1, 2, 6, 7, 8], [0, 1, 2, 6, 7, 8], [3, 4, 5]]


def test_people_who_cross_keep_their_names(tracks, tmp_path):
    one, _, _, two, *_ = faces(40, 0, 9)

    def people(second):
        return [(one, 100 + 75 * second, 150, 120), (two, 540 - 75 * second, 210, 120)]

    conversation = watch(tracks, write_film(tmp_path / "a.mp4", scene(6, people, fps=5), 5))
    signals = conversation.signals("face")
    assert len({signal.speaker for signal in signals}) == 2
    for signal in signals:
        middle = column(signal.samples, "x") + column(signal.samples, "w") / 2
        seen = middle[np.isfinite(middle)]
        assert abs(seen[-1] - seen[0]) > 300


def test_a_portrait_on_the_wall_is_told_from_a_person(tracks, tmp_path):
    (picture, *_) = faces(40, 0, 9)
    film = [frame.image for frame in Film.open(actor()).frames(5)]
    there_and_back = [*film, *film[-2:0:-1]]
    noise = np.random.default_rng(0)

    def pictures():
        for number in range(11 * 5):
            frame = np.concatenate([there_and_back[number % len(there_and_back)], background((360, 320))], 1)
            paste(frame, picture, 800, 150, 120)
            yield np.clip(frame + noise.normal(0, 3, frame.shape), 0, 255).astype(np.uint8)

    conversation = watch(tracks, write_film(tmp_path / "a.mp4", pictures(), 5))
    last = {one.at.speaker: one.scores for one in conversation.read("quality") if one.at.seconds[0] == 10}
    person, portrait = (last[signal.speaker] for signal in sorted(conversation.signals("face"), key=_left))
    assert portrait["still"] > 8
    assert person["still"] < 6


def _left(signal) -> float:
    return float(np.nanmean(column(signal.samples, "x")))


def test_without_a_face_that_is_said(tracks, tmp_path):
    conversation = watch(tracks, write_film(tmp_path / "a.mp4", [corner((360, 640), n) for n in range(30)]))
    (note,) = conversation.read("quality")
    assert note.abstained
    assert note.at.seconds == (0.0, 2.0)
    assert "no face found in 2.00 s" in note.reason
    assert not conversation.signals("face")


def test_many_faces_have_as_many_names(tracks):
    known = faces(50, 0, 9)
    picture = background((720, 1280))
    for number in range(30):
        paste(picture, known[number], 70 + number % 6 * 220, 75 + number // 6 * 140, 110)
    names = {signal.speaker for signal in watch(tracks, picture).signals("face")}
    assert len(names) >= 24
    assert names == {f"face {number}" for number in range(1, len(names) + 1)}


def test_a_turned_film_gives_the_same_face(tracks, tmp_path):
    film = [np.ascontiguousarray(np.rot90(frame.image)) for frame in Film.open(actor()).frames(5)]
    (signal,) = watch(tracks, write_film(tmp_path / "a.mp4", film, fps=5, rotation=90)).signals("face")
    assert np.abs(column(signal.samples, "roll")).max() < 15
    assert 200 < np.median(column(signal.samples, "x")) < 260


def test_boxes_are_pixels_of_the_film_also_at_4k(tracks, tmp_path):
    from PIL import Image

    film = [frame.image for frame in Film.open(actor()).frames(2)][:3]
    large = [np.asarray(Image.fromarray(image).resize((3840, 2160))) for image in film]
    (signal,) = watch(tracks, write_film(tmp_path / "a.mp4", large, fps=2)).signals("face")
    assert 1200 < np.median(column(signal.samples, "x")) < 1560
    assert np.median(column(signal.samples, "size")) == pytest.approx(6 * 186, rel=0.1)


def test_grey_is_seen_like_colour(tracks):
    film = np.stack([frame.image.mean(2).astype(np.uint8) for frame in Film.open(actor()).frames(5)])
    (signal,) = watch(tracks, film, 5.0).signals("face")
    assert np.isfinite(column(signal.samples, "yaw")).all()


def test_faces_of_ten_pixels_are_no_faces(tracks):
    (face, *_) = faces(40, 0, 9)
    conversation = watch(tracks, paste(background((360, 640)), face, 300, 180, 10))
    assert "under some 12 pixels" in conversation.read("quality")[0].reason


def test_a_file_and_its_frames_one_by_one_are_the_same(tracks):
    """Nothing depends on what comes later: half of a film gives the first half of the numbers."""
    film = np.stack([frame.image for frame in Film.open(actor()).frames(5)])
    (whole,), (half,) = (watch(tracks, part, 5.0).signals("face") for part in (film, film[:10]))
    np.testing.assert_array_equal(whole.samples[:10], half.samples)


def test_a_film_that_cannot_be_opened_is_told_and_nothing_else_lost(tracks, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"nothing" * 99)
    conversation = Conversation(Signal("video", str(tmp_path / "a.mp4"), 30), Signal("video", str(actor()), 30))
    conversation.add(*tracks(conversation))
    assert any("cannot" in one.reason or "no film" in one.reason for one in conversation.read("quality"))
    assert len(conversation.signals("face")) == 1


def test_one_camera_each_gives_everybody_their_own_name(tracks):
    film = np.stack([frame.image for frame in Film.open(actor()).frames(1)])
    conversation = Conversation(Signal("video", film, 1, "ana"), Signal("video", film, 1, "bo", start=1.0))
    conversation.add(*tracks(conversation))
    assert [(one.speaker, one.start) for one in conversation.signals("face")] == [("ana", 0.0), ("bo", 1.0)]


def test_all_that_is_kept_of_a_face_are_numbers(tracks):
    (signal,) = watch(tracks, actor()).signals("face")
    assert signal.samples.dtype == np.float32
    assert math.prod(signal.samples.shape) < 5000


def test_a_network_of_ones_own_reads_the_expressions_and_nothing_else_changes(tracks, save_network):
    from insula.catalogue import build

    recipe = {"labels": ["sad", "neutral", "happy"], "reach": 1.3, "std": [0.1]}
    own = build("face.network", network=save_network(side=112), recipe=recipe)
    assert own.rater.startswith("face.network@")
    found, usual = watch(own, actor()), watch(tracks, actor())
    (ours,), (theirs,) = found.signals("face"), usual.signals("face")
    for name in ("x", "yaw", "mouth", "blur", "light"):
        np.testing.assert_array_equal(column(ours.samples, name), column(theirs.samples, name))
    assert not column(ours.samples, "anger").any()
    # skin is red
    assert (column(ours.samples, "happiness") > column(ours.samples, "sadness")).all()
    found.add(*build("face.expression", weights="")(found))
    assert {(one.labels, one.possible) for one in found.read("emotion")} == {(("happiness",), ())}
