"""Cameras: the newest picture is seen and the others are counted; no camera here is one sentence."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from itertools import pairwise

import pytest

pytest.importorskip("av", reason="pip install 'insula[face]'")

import av
from av.error import OSError as Unplugged
from films import actor, corner, needs_networks

from insula.exchange import Unreadable, conversations
from insula.vision import frames
from insula.vision.camera import Camera, Newest, camera, is_camera
from insula.vision.frames import Film, Unseeable


class Packet:
    def __init__(self, number: int) -> None:
        self.number = number

    def decode(self):
        picture = av.VideoFrame.from_ndarray(corner(step=self.number % 90), "rgb24")
        picture.pts = self.number
        return [picture]


class Container:
    """A camera that gives `count` pictures, one each `every` seconds, and then is unplugged or goes silent."""

    def __init__(self, count: int, every: float) -> None:
        self.count, self.every, self.given = count, every, 0

    def demux(self, _stream):
        while self.given < self.count:
            time.sleep(self.every)
            self.given += 1
            yield Packet(self.given)
        raise Unplugged(19, "No such device")


@pytest.fixture
def looking(monkeypatch):
    """looking(count, every, seconds) -> a Film that looks through a made-up camera."""

    def open_(count: int, every: float, seconds: float = 0.0) -> Film:
        container = Container(count, every)

        @contextmanager
        def opened(_source):
            yield container, None

        monkeypatch.setattr(frames, "_opened", opened)
        return Film("camera:0", 0.0, 1 / every, 160, 120, Camera("/dev/video0", "v4l2", seconds))

    return open_


def number(frame) -> int:
    return round((int(frame.image[-1, -1, 0]) - 60) / 2)


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="files of Linux")
def test_names_of_cameras():
    assert camera("camera") == camera("camera:0") == Camera("/dev/video0", "v4l2")
    assert camera("camera:2@1.5") == Camera("/dev/video2", "v4l2", 1.5)
    assert camera("camera:/dev/v4l/by-id/a") == Camera("/dev/v4l/by-id/a", "v4l2")
    assert not any(map(is_camera, ("camera.mp4", "camera: it broke", "camera:", "my camera:0", "camera:0@soon")))


def test_who_keeps_up_sees_every_picture_and_is_told_nothing(looking):
    told = []
    found = list(looking(10_000, 0.01, seconds=1.5).frames(2, lambda *what: told.append(what)))
    assert [round(frame.seconds, 3) for frame in found] == [0.0, 0.5, 1.0]
    assert found[0].image.shape == (120, 160, 3)
    assert not told


def test_who_is_slow_sees_the_newest_and_is_told_how_many_were_skipped(looking):
    told, seen = [], []
    for frame in looking(10_000, 0.005, seconds=0.8).frames(50, lambda *what: told.append(what)):
        seen.append((frame.seconds, number(frame)))
        time.sleep(0.1)
    ((second, words),) = told
    skipped = 40 - len(seen)
    assert len(seen) < 12
    assert second == seen[-1][0]
    assert words.startswith(f"{int(words.split()[0])} of ")
    assert abs(int(words.split()[0]) - skipped) <= 10
    assert all((after[1] - before[1]) % 90 > 5 for before, after in pairwise(seen))


def test_one_picture_is_held_however_many_come():
    newest = Newest(range(1, 2001))
    ((second, picture),) = newest.pictures(1.0)
    assert (second, picture <= 2000) == (0.0, True)
    assert newest._picture == 2000


def test_a_camera_that_is_unplugged_ends_with_what_it_gave(looking):
    told = []
    found = list(looking(20, 0.01).frames(20, lambda *what: told.append(what)))
    assert 1 <= len(found) <= 20
    assert "No such device" in told[0][1]
    with pytest.raises(Unseeable, match="No such device"):
        list(looking(0, 0.01).frames())


def test_ctrl_c_ends_the_film_and_keeps_it(looking):
    before = signal.getsignal(signal.SIGINT)
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    found = list(looking(10_000, 0.01).frames(20))
    assert 1 <= len(found) <= 100
    assert signal.getsignal(signal.SIGINT) == before


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="files of Linux")
def test_no_camera_is_one_sentence():
    with pytest.raises(Unseeable, match=r"is not there: no camera answers at /dev/video77 \(No such file"):
        Film.open("camera:77")
    with pytest.raises(Unreadable, match=r"^camera:77: is not there"):
        list(conversations("camera:77"))
    (said,) = conversations("camera: it broke")
    assert said.turns[0].text == "camera: it broke"


@pytest.mark.parametrize("ending", ["after so many seconds", "at Ctrl-C"])
def test_a_face_before_a_camera_is_read_from_the_command_line(ending, monkeypatch, tmp_path, capsys):
    needs_networks()
    if "lavfi" not in av.formats_available:
        pytest.skip("this build of av has no lavfi, which plays the camera")
    from insula.cli import run

    graph = f"movie={actor()}:loop=0,setpts=N/(FRAME_RATE*TB),realtime"
    seconds = 2.5 if ending == "after so many seconds" else 0.0
    monkeypatch.setattr(frames, "camera", lambda _name: Camera(graph, "lavfi", seconds))
    if not seconds:
        monkeypatch.setattr(frames, "Newest", interrupting(25))
    code = run(["read", "camera:0", "-o", str(tmp_path / "me.jsonl"), "-o", str(tmp_path / "me.html")])
    err = capsys.readouterr().err
    assert (code, "Traceback" in err) == (0, False), err
    assert "camera:0: looking; Ctrl-C ends it" in err
    (found,) = conversations(tmp_path / "me.jsonl")
    assert found.id == "camera:0"
    emotions = [one for one in found.read("emotion", scheme="fer8") if one.scores]
    assert {one.at.speaker for one in emotions} == {"face 1"}
    assert (tmp_path / "me.html").stat().st_size > 10_000


def interrupting(after: int) -> type[Newest]:
    """As somebody who presses Ctrl-C when so many pictures have come."""

    class Interrupting(Newest):
        def _take(self, source):
            def counted():
                for number, picture in enumerate(source):
                    if number == after:
                        os.kill(os.getpid(), signal.SIGINT)
                    yield picture

            super()._take(counted())

    return Interrupting


def test_without_the_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.delitem(sys.modules, "insula.vision.frames")
    with pytest.raises(Unreadable, match=r"camera:0: needs av.*insula\[face\]"):
        list(conversations("camera:0"))
