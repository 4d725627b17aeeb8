"""A camera's pictures as they come: the newest one, however slow whoever looks at them is.

    camera("camera:1@60") -> Camera("/dev/video1", "v4l2", seconds=60.0)
    newest = Newest(decoded)
    for second, picture in newest.pictures(rate=15.0): ...      # newest.skipped: how many were not looked at

"camera" is the first one, "camera:1" the second, "camera:/dev/video2" one by its file, "camera:...@60" is looked
through for 60 seconds, and without that until Ctrl-C. Linux is asked by Video4Linux, macOS by AVFoundation, Windows by
DirectShow. Pictures are never queued: one is held, and the next takes its place.
"""

from __future__ import annotations

import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

PATIENCE = 10.0
"""Seconds within which a camera must open, and give a picture."""
_NAME = re.compile(r"camera(?::(?P<which>\d+|/\S+))?(?:@(?P<seconds>\d+(?:\.\d+)?))?")
_POLL = 0.01


@dataclass(frozen=True)
class Camera:
    """What PyAV opens: a device's name and format, its options; `seconds` after which it is closed, 0 for never."""

    file: str
    format: str
    seconds: float = 0.0
    options: tuple[tuple[str, str], ...] = ()


def is_camera(name: str) -> bool:
    """Whether a camera is called like this: camera, camera:0, camera:0@60."""
    return _NAME.fullmatch(name) is not None


def camera(name: str) -> Camera | None:
    """The camera a name means, or None for any other name. Raises LookupError where the system knows none such."""
    found = _NAME.fullmatch(name)
    if not found:
        return None
    which, seconds = found["which"] or "0", float(found["seconds"] or 0)
    if sys.platform not in ("darwin", "win32"):
        return Camera(f"/dev/video{which}" if which.isdigit() else which, "v4l2", seconds)
    if not which.isdigit():
        raise LookupError("cameras have no files here; they are counted, from camera:0 on")
    if sys.platform == "darwin":
        return Camera(f"{which}:none", "avfoundation", seconds, (("framerate", "30"),))
    return Camera(f"video={_windows_name(int(which))}", "dshow", seconds)


def _windows_name(number: int) -> str:
    try:
        from av.device import enumerate_input_devices
    except ImportError:
        raise LookupError("this version of av cannot list cameras: pip install -U av") from None
    known = [one.name for one in enumerate_input_devices("dshow") if "video" in one.media_types]
    if number >= len(known):
        raise LookupError(f"there are {len(known)} cameras here, counted from 0")
    return known[number]


class Newest:
    """Takes pictures from an iterator in a thread of its own and holds the last, with how many were `skipped`."""

    def __init__(self, source: Iterable[Any]) -> None:
        self.skipped = 0
        self._taken = 0
        self._over = False
        self._picture: Any = None
        self._thread = threading.Thread(target=self._take, args=(source,), daemon=True)

    def stop(self) -> None:
        """End the pictures; safe to call from a signal's handler, so it takes no lock."""
        self._over = True

    def pictures(self, rate: float, seconds: float = 0.0) -> Iterator[tuple[float, Any]]:
        """(second, the newest picture) at multiples of 1/rate from the first picture on, those missed left out.

        It ends after `seconds` (0: never), when `stop` was called, or when no more pictures come.
        """
        self._thread.start()
        try:
            while not self._taken and not self._over:
                time.sleep(_POLL)
            began, number = time.monotonic(), 0
            while self._taken and not (seconds and number / rate >= seconds - 1e-6):
                yield number / rate, self._picture
                now = int((time.monotonic() - began) * rate)
                self.skipped += max(0, now - number - 1)
                number = max(number + 1, now)
                self._wait(began + number / rate)
                if self._over:
                    return
        finally:
            self.stop()
            self._thread.join(PATIENCE)

    def _wait(self, until: float) -> None:
        while not self._over and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 10 * _POLL))

    def _take(self, source: Iterable[Any]) -> None:
        for picture in source:
            self._picture = picture
            self._taken += 1
            if self._over:
                return
        self._over = True


@contextmanager
def at_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C calls `stop`, so that what was seen is kept; the next one interrupts as ever."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT) or signal.default_int_handler

    def once(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        stop()

    signal.signal(signal.SIGINT, once)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
