"""Posts of people in distress: 500 users rated for suicide risk (Gaur et al. 2019), and SDCNL (Haque et al. 2021).

    "['first post', 'second post']", "Ideation" -> two turns, the whole person cssrs5 {"ideation": 1.0, ...}
    title, selftext, is_suicide 1 -> sdcnl2 {"suicide-watch": 1.0, ...}

Nothing of these texts is shown anywhere: they are for measuring.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from ...conversation import Anchor, Annotation, Conversation, Turn
from ...scheme import scheme
from ..files import MalformedData, records
from ..gold import GOLD, one_of, short_text

_BETWEEN = re.compile(r"""['"],\s*['"]""")
FORUMS = {"1": "suicide-watch", "0": "depression"}


def cssrs500(split: str, path: Path) -> Iterator[Conversation]:
    """One conversation per user, a turn per post; the level is that of the user, over all posts."""
    del split
    labels = scheme("cssrs5").labels
    for row in records(path, "User", "Post", "Label"):
        label = row["Label"].strip().lower()
        if label not in labels:
            raise MalformedData(f"{path}: {row['User']} has the level {label!r}, none of {', '.join(labels)}")
        posts = [Turn("author", post, id=f"t{number}") for number, post in enumerate(_posts(row["Post"]), 1)]
        level = {name: float(name == label) for name in labels}
        gold = Annotation("risk", level, Anchor(speaker="author"), "cssrs5", GOLD, (label,))
        yield Conversation(*posts, gold, id=row["User"], meta={"group": row["User"]})


def sdcnl(split: str, path: Path) -> Iterator[Conversation]:
    """One conversation per post, title and text; the label is the forum it was written in, a weak one."""
    for number, row in enumerate(records(path, "title", "selftext", "is_suicide"), 1):
        if row["is_suicide"] not in FORUMS:
            raise MalformedData(f"{path}: post {number}: is_suicide is {row['is_suicide']!r}, neither 0 nor 1")
        text = f"{row['title']}\n{row['selftext']}".strip()
        yield short_text(f"{split}-{number}", text, one_of("sdcnl2", FORUMS[row["is_suicide"]]))


def _posts(listed: str) -> list[str]:
    """The posts of a Python list as text; some lists are broken off in the copies, and are cut at their quotes."""
    try:
        found = cast("list[object]", ast.literal_eval(listed))
    except (SyntaxError, ValueError):
        found = [*_BETWEEN.split(listed.strip("[]'\" "))]
    return [post for post in map(str, found) if post.strip()] or [""]
