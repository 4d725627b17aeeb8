"""How pleasant a story of your own is from sentence to sentence, as a picture.

Path("story.svg").write_text(drawn("It was dark. Nobody came. Then the sun rose."))
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from ..pipeline import Pipeline
from ..reading import read

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMOOTHING = 7  # sentences, centred
_SENTENCE = re.compile(r"\S.*?(?:[.!?…]+[\"'”’)]*(?=\s|$)|$)", re.DOTALL)


def drawn(story: str, pipeline: str | Pipeline = "text") -> str:
    """A story's valence from sentence to sentence, raw and smoothed, as one SVG picture.

    `pipeline` is any that writes the scheme `vad`; sentences on which it abstains are left out. Raises ValueError when
    it said nothing at all.
    """
    said = [found.group() for found in _SENTENCE.finditer(story)]
    conversation = read(said, pipeline)
    found = [
        (conversation.turn(a.at.turn).text, a.scores["valence"])
        for a in conversation.read("affect", scheme="vad")
        if a.at.turn and "valence" in a.scores and a.at.chars is None
    ]
    if not found:
        raise ValueError(f"pipeline {pipeline!r} gave no valence for any of {len(said)} sentences")
    return curve([sentence for sentence, _ in found], [valence for _, valence in found])


def curve(said: Sequence[str], valence: Sequence[float], width: int = 900, height: int = 240) -> str:
    """Dots (hover for the sentence) and the smoothed line of one series of valences in -1..1."""
    margin = 30
    step = (width - 2 * margin) / max(1, len(valence) - 1)
    reach = max(0.25, *(math.fabs(value) for value in valence))

    def at(index: int, value: float) -> tuple[float, float]:
        return round(margin + index * step, 1), round(height / 2 - value / reach * (height / 2 - margin), 1)

    points = [at(index, value) for index, value in enumerate(smooth(np.asarray(valence)).tolist())]
    dots = [
        '<circle cx="{}" cy="{}" r="3" fill="#888"><title>{}</title></circle>'.format(*at(k, v), escape(sentence))
        for k, (sentence, v) in enumerate(zip(said, valence, strict=True))
    ]
    line = " ".join(f"{x},{y}" for x, y in points)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
            f'<line x1="{margin}" x2="{width - margin}" y1="{height / 2}" y2="{height / 2}" stroke="#ccc"/>',
            *dots,
            f'<polyline points="{line}" fill="none" stroke="#c0392b" stroke-width="2"/>',
            f'<text x="{margin}" y="16" font-size="12">pleasant</text>',
            f'<text x="{margin}" y="{height - 6}" font-size="12">unpleasant</text>',
            "</svg>",
            "",
        ]
    )


def smooth(series: NDArray[Any], window: int = SMOOTHING) -> NDArray[Any]:
    """Centred moving mean over the last axis; the ends are averaged over what is there."""
    half = window // 2
    places = range(series.shape[-1])
    return np.stack([series[..., max(0, k - half) : k + half + 1].mean(-1) for k in places], axis=-1)
