"""What word-overlap metrics compare with where nobody wrote a second reply: the reply to what was nearest in its words.

referenced(marks.stars("test"), supported())[0].reference
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from ...data import load
from . import marks
from .marks import Marked


def referenced(every: Sequence[Marked], pool: Sequence[tuple[str, str]]) -> list[Marked]:
    """Those without a reference get the reply of the pool's pair whose first text is nearest, by TF-IDF."""
    weighted = TfidfVectorizer(sublinear_tf=True).fit([said for said, _ in pool])
    known = weighted.transform([said for said, _ in pool])
    asked = weighted.transform([one.item.turns[-1].text if one.item.turns else "" for one in every])
    nearest = np.asarray((asked @ known.T).argmax(1)).ravel()
    return [replace(one, reference=one.reference or pool[k][1]) for one, k in zip(every, nearest, strict=True)]


@cache
def supported() -> tuple[tuple[str, str], ...]:
    """What seekers of ESConv's train part said, and what the supporter said to it."""
    return tuple(
        (before.text, after.text)
        for talk in load("esconv", "train")
        for before, after in zip(talk.turns, talk.turns[1:], strict=False)
        if before.speaker == "seeker" and after.speaker == "supporter"
    )


@cache
def posts() -> tuple[tuple[str, str], ...]:
    """Posts of EPITOME's train part, and a peer's reply."""
    return tuple((one.item.turns[0].text, one.item.reply) for one in marks.epitome("train"))
