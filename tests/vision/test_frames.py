"""Frames of films that are rotated, uneven, large, grey, cut short, broken or no films at all."""

from __future__ import annotations

import weakref

import numpy as np
import pytest

pytest.importorskip("av", reason="pip install 'insula[face]'")
pytest.importorskip("PIL", reason="pip install 'insula[face]'")

from films import background, corner, write_film
from PIL import Image

from insula.vision.frames import LARGEST, Film, Unseeable


def red(image: np.ndarray) -> tuple[str, str]:
    """In which corner the red square is."""
    mask = (image[..., 0].astype(int) - image[..., 1]) > 80
    down, right = (np.flatnonzero(mask.any(axis)).mean() for axis in (1, 0))
    return "top" if down < image.shape[0] / 2 else "bottom", "left" if right < image.shape[1] / 2 else "right"


def test_frames_come_at_even_times_with_the_picture_of_their_second(tmp_path):
    path = write_film(tmp_path / "a.mp4", [corner(step=n) for n in range(40)], fps=20)
    film = Film.open(path)
    assert (film.width, film.height, film.fps, film.duration) == (160, 120, 20, pytest.approx(2.0, abs=0.06))
    frames = list(film.frames(10))
    assert [frame.seconds for frame in frames] == pytest.approx([n / 10 for n in range(20)])
    assert [int(frame.image[-1, -1, 0]) for frame in frames] == pytest.approx([60 + 4 * n for n in range(20)], abs=3)
    assert frames[0].image.dtype == np.uint8
    assert frames[0].image.shape == (120, 160, 3)


def test_a_slow_film_is_not_made_faster(tmp_path):
    film = Film.open(write_film(tmp_path / "a.mp4", [corner(step=n) for n in range(10)], fps=5))
    assert film.rate(15) == 5
    assert len(list(film.frames(15))) == 10


@pytest.mark.parametrize(
    ("degrees", "where"), [(90, ("top", "right")), (180, ("bottom", "right")), (270, ("bottom", "left"))]
)
def test_what_a_telephone_turned_is_upright_again(tmp_path, degrees, where):
    film = Film.open(write_film(tmp_path / "a.mp4", [corner()] * 5, rotation=degrees))
    frame = next(iter(film.frames()))
    assert red(frame.image) == where
    assert frame.image.shape[:2] == (film.height, film.width) == ((120, 160) if degrees == 180 else (160, 120))


def test_a_variable_rate_keeps_its_clock(tmp_path):
    times = [0.0, 0.1, 0.2, 0.25, 0.3, 1.5, 1.6, 2.0]
    film = Film.open(write_film(tmp_path / "a.mkv", [corner(step=8 * n) for n in range(8)], fps=10, times=times))
    shown = {round(frame.seconds, 2): int(frame.image[-1, -1, 0]) for frame in film.frames(10)}
    for second, number in [(0.0, 0), (0.2, 2), (0.3, 4), (1.0, 4), (1.4, 4), (1.5, 5), (1.6, 6), (1.9, 6), (2.0, 7)]:
        assert shown[second] == pytest.approx(60 + 16 * number, abs=4), second


def test_a_picture_that_does_not_change_is_the_same_array(tmp_path):
    film = Film.open(write_film(tmp_path / "a.mkv", [corner(), corner(step=9)], fps=10, times=[0.0, 1.0]))
    frames = list(film.frames(10))
    assert all(frame.image is frames[0].image for frame in frames[:10])
    assert frames[10].image is not frames[0].image


def test_4k_is_scaled_down_and_says_by_how_much(tmp_path):
    film = Film.open(write_film(tmp_path / "a.mp4", [corner((2160, 3840))] * 2, fps=2))
    frame = next(iter(film.frames()))
    assert (film.width, film.height) == (3840, 2160)
    assert frame.image.shape == (720, LARGEST, 3)
    assert frame.scale == 3
    assert red(frame.image) == ("top", "left")


def test_grey_films_are_read(tmp_path):
    path = write_film(tmp_path / "a.mkv", [corner()[..., 0]] * 3, codec="ffv1", pix_fmt="gray")
    frame = next(iter(Film.open(path).frames()))
    assert frame.image.shape == (120, 160, 3)
    assert (frame.image[..., 0] == frame.image[..., 2]).all()


def test_a_film_cut_short_gives_what_decodes_and_says_so(tmp_path):
    whole = write_film(tmp_path / "a.mkv", [background((120, 160), n) for n in range(0, 200, 2)], fps=20)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    told = []
    frames = list(Film.open(cut).frames(10, lambda second, what: told.append((second, what))))
    assert 5 < len(frames) < 45
    assert any("cut short" in what or "damaged" in what for _, what in told)


def test_damage_in_the_middle_is_told_and_the_rest_is_seen(tmp_path):
    whole = write_film(tmp_path / "a.mp4", [background((120, 160), n) for n in range(0, 200, 2)], fps=20)
    data = bytearray(whole.read_bytes())
    middle = len(data) // 3
    data[middle : middle + 2000] = np.random.default_rng(0).integers(0, 256, 2000, np.uint8).tobytes()
    (tmp_path / "b.mp4").write_bytes(data)
    frames = list(Film.open(tmp_path / "b.mp4").frames(10, lambda *_: None))
    assert frames[-1].seconds > 4


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.mp4", b"", "is empty"),
        ("a.mp4", b"no film at all " * 99, "no film that can be decoded"),
        ("a.jpg", b"\xff\xd8\xff\xe0 broken" * 9, "image"),
        ("a.png", b"text", "no image"),
    ],
)
def test_what_is_no_film_says_why(tmp_path, name, content, why):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unseeable, match=why):
        Film.open(tmp_path / name)


def test_a_film_without_its_index_says_so(tmp_path):
    whole = write_film(tmp_path / "a.mp4", [corner()] * 20)
    (tmp_path / "b.mp4").write_bytes(whole.read_bytes()[:-600])
    with pytest.raises(Unseeable, match="cut short"):
        Film.open(tmp_path / "b.mp4")


def test_sound_alone_has_no_picture(tmp_path):
    soundfile = pytest.importorskip("soundfile")
    soundfile.write(tmp_path / "a.wav", np.zeros(16000), 16000)
    with pytest.raises(Unseeable, match="has no picture; there is only audio"):
        Film.open(tmp_path / "a.wav")


def test_a_photograph_lies_as_its_camera_says(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise
    Image.fromarray(corner()).save(tmp_path / "a.jpg", exif=exif)
    film = Film.open(tmp_path / "a.jpg")
    (frame,) = film.frames()
    assert (film.still, film.duration, film.width, film.height) == (True, 0.0, 120, 160)
    assert red(frame.image) == ("top", "right")


def test_arrays_are_stills_or_films():
    pictures = np.stack([corner(step=n) for n in range(6)])
    assert [frame.seconds for frame in Film.open(pictures).frames()] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert [frame.seconds for frame in Film.open(pictures, 3.0).frames()] == pytest.approx([n / 3 for n in range(6)])
    assert next(iter(Film.open(pictures[0, ..., 0]).frames())).image.shape == (120, 160, 3)
    with pytest.raises(Unseeable, match="uint8"):
        Film.open(pictures.astype(float))
    with pytest.raises(Unseeable, match="no picture"):
        Film.open(np.zeros((3, 4, 5, 7, 9), np.uint8))


def test_pictures_are_let_go(tmp_path):
    """However long the film, no more than a few of its pictures are held."""
    path = write_film(tmp_path / "a.mp4", (corner(step=n % 60) for n in range(300)), fps=10)
    seen = [weakref.ref(frame.image) for frame in Film.open(path).frames(10)]
    assert len(seen) == 300
    assert sum(one() is not None for one in seen) < 5
