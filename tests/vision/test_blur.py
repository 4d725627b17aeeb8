"""Faces that cannot be recognised: the picture within them is a few squares, around them it stays as it was."""

from pathlib import Path

import numpy as np
import pytest

from insula.conversation import Conversation, Signal
from insula.vision.columns import AT, blank

pytest.importorskip("av", reason="pip install 'insula[face]'")

from insula.exchange.report.html import write
from insula.vision.blur import blurred, hidden
from insula.vision.frames import Film


def track(boxes, rate=10.0, start=0.0):
    samples = blank(len(boxes))
    for row, box in enumerate(boxes):
        if box:
            samples[row, [AT[name] for name in "xywh"]] = box
    return Signal("face", samples, rate, "face 1", start)


def noise(count=1, seed=0):
    return np.random.default_rng(seed).integers(0, 255, (count, 120, 160, 3), dtype=np.uint8)


@pytest.fixture
def film(tmp_path):
    """A second of noise at ten frames."""
    import av

    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"crf": "5"})
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for picture in noise(10):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        out.mux(stream.encode())
    return path


def texture(image):
    """How much neighbours differ."""
    return float(np.abs(np.diff(image.astype(float), axis=1)).mean())


def test_a_face_becomes_squares_and_the_rest_stays():
    (image,) = noise()
    found = hidden(image, [track([(60, 40, 40, 40)])], 0.0)
    face = found[40:80, 60:100]
    assert len(np.unique(face.reshape(-1, 3), axis=0)) <= 36
    assert (found[:, :40] == image[:, :40]).all()
    assert (found[:20] == image[:20]).all()
    assert not (found[28:92, 48:112] == image[28:92, 48:112]).all(-1).any(), "the margin too"


def test_a_face_that_is_lost_for_a_moment_is_blurred_on():
    (image,) = noise()
    one = track([(60, 40, 40, 40), None, None, None, None, None, None, None, None, None, None, None])
    assert texture(hidden(image, [one], 0.5)[45:75, 65:95]) < 0.3 * texture(image)
    assert (hidden(image, [one], 1.0) == image).all()


def test_a_blurred_film_has_its_length_and_no_face(film, tmp_path):
    copy = tmp_path / "copy.mp4"
    blurred(film, [track([(60, 40, 40, 40)] * 10)], copy)
    before, after = (list(Film.open(path).frames(10)) for path in (film, copy))
    assert len(before) == len(after)
    for a, b in zip(before, after, strict=True):
        assert texture(b.image[45:75, 65:95]) < 0.4 * texture(a.image[45:75, 65:95])
        assert texture(b.image[:, :40]) > 0.5 * texture(a.image[:, :40])


def test_a_blurred_image_has_its_size(tmp_path):
    from PIL import Image

    Image.fromarray(noise()[0]).save(tmp_path / "ana.png")
    blurred(tmp_path / "ana.png", [track([(60, 40, 40, 40)], rate=0.0)], tmp_path / "copy.png")
    copy = np.asarray(Image.open(tmp_path / "copy.png"))
    assert copy.shape == (120, 160, 3)
    assert texture(copy[45:75, 65:95]) < 20


def test_a_page_shows_the_copy_and_never_the_film(film, tmp_path):
    faces = track([(60, 40, 40, 40)] * 10)
    write(
        [Conversation(Signal("video", str(film), 10.0), faces, id="film.mp4", meta={"blur": True})], tmp_path / "a.html"
    )
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert '<video src="a.film.blurred.mp4"' in text
    assert 'film.mp4"' not in text.replace("a.film.blurred.mp4", "")
    assert (tmp_path / "a.film.blurred.mp4").is_file()


def test_a_film_that_cannot_be_blurred_is_not_shown(tmp_path):
    (tmp_path / "film.mp4").write_bytes(b"no film")
    gone = Conversation(
        Signal("video", str(tmp_path / "film.mp4"), 10.0), track([None]), id="film.mp4", meta={"blur": True}
    )
    with pytest.warns(UserWarning, match="could not be blurred"):
        write([gone], Path(tmp_path / "a.html"))
    assert "<video" not in (tmp_path / "a.html").read_text(encoding="utf-8")
