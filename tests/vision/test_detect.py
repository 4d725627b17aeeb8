"""Where faces are, and that asking costs no memory."""

import numpy as np
import pytest

pytest.importorskip("PIL", reason="pip install 'insula[face]'")

from films import actor, background, needs_networks

from insula.vision.detect import Box, Detector, _package
from insula.vision.frames import Film


@pytest.fixture(scope="module")
def detector():
    needs_networks()
    return Detector.open()


@pytest.fixture(scope="module")
def picture():
    return next(iter(Film.open(actor()).frames(1))).image


def test_boxes_overlap_by_what_they_share():
    assert Box(0, 0, 10, 10).overlap(Box(0, 0, 10, 10)) == pytest.approx(1)
    assert Box(0, 0, 10, 10).overlap(Box(5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert Box(0, 0, 10, 10).overlap(Box(20, 0, 10, 10)) == 0


def test_the_library_and_the_package_find_the_same(detector, picture):
    (box,) = detector(picture)
    (other,) = Detector(_package())(picture)
    assert box == other
    assert box.confidence > 0.9


def test_nothing_is_found_where_nobody_is(detector):
    assert detector(background((360, 640))) == []


def test_a_large_picture_is_looked_at_smaller(detector, picture):
    (small,), (large,) = detector(picture), detector(np.repeat(np.repeat(picture, 2, 0), 2, 1))
    assert large.x == pytest.approx(2 * small.x, abs=12)
    assert large.h == pytest.approx(2 * small.h, abs=24)


def test_asking_again_and_again_takes_no_memory(detector):
    from pathlib import Path

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    if not Path("/proc/self/statm").exists():
        pytest.skip("memory is read from /proc")
    image = background((360, 640))
    detector(image)
    before = resident()
    for _ in range(10):
        detector(image)
    assert resident() - before < 3 * image.nbytes
