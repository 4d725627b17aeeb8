"""Faces as they are seen, picture by picture: what each second shows is there as soon as the second is over.

    live = LiveFaces(rate=5)
    live.see(picture, 3.2)          # uint8 [h, w, 3] -> what the second before showed, if this picture began a new one
    live.close()

The same parts that read a film read here; nothing of a picture is kept.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from insula.conversation import Addition, Conversation, Signal
from insula.vision.frames import Frame

from .expression import FaceExpression
from .tracks import FaceTracks, Watching


class LiveFaces:
    """One camera of one conversation, `rate` pictures a second, which come in order. `speaker` is whose camera it is.

    Raises ImportError saying what to install.
    """

    def __init__(self, rate: float = 5.0, speaker: str = "") -> None:
        self._expression = FaceExpression()
        self._rate = rate
        signal = Signal("video", np.zeros((0, 1, 1, 3), np.uint8), rate, speaker or None)
        self._watching = Watching(FaceTracks(rate, block=1), rate, signal, [])

    def see(self, picture: NDArray[np.uint8], seconds: float) -> list[Addition]:
        """What is known after a picture of this second that was not before."""
        return self._told(self._watching.see(Frame(seconds, picture)))

    def close(self) -> list[Addition]:
        """The last second; or that nobody was seen."""
        return self._told(self._watching.close())

    def _told(self, found: Iterable[Addition]) -> list[Addition]:
        """With what is expressed in it; rows of a face are told of as annotations, and not kept."""
        seen = Conversation(*found)
        return [*seen.log, *self._expression(seen)] if seen.signals("face") else list(seen.log)
