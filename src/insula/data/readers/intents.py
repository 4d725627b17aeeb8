"""EmpatheticIntents: what listeners do with a reply (Welivita & Pu 2020).

    "38 <SEP> how did that go?" -> empathetic-intents9 {"questioning": 1.0, ...}

Gold is the label the authors' classifier was trained and tested on. Only few of these labels were given by a person:
most were grown from 506 annotated replies by looking for sentences that resemble them. Where the manual list has the
same words, its label is there too, by "rater:manual". Replies stand alone: what they answer was not published with
them. Numbers 0 to 31 label situations of EmpatheticDialogues, which that corpus has itself; they are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ...conversation import Annotation, Conversation, Turn
from ...scheme import scheme
from ..files import MalformedData, fields, lines
from ..gold import one_of

_FIRST = 32  # the number of the first intent; 40 is neutral, which the published list of labels calls 38 by a slip
_WORD = re.compile(r"\w+")


def read(split: str, path: Path, manual: Path) -> Iterator[Conversation]:
    """One conversation per reply, by "listener"; the id is the line. Raises MalformedData for a number unknown."""
    source = "valid" if split == "dev" else split
    intents = scheme("empathetic-intents9").labels
    by_hand = _manual(manual)
    for line, content in lines(path):
        published, _, text = content.partition(" <SEP> ")
        if not text or not published.isdigit() or int(published) >= _FIRST + len(intents):
            raise MalformedData(f"{path}: line {line}: expected 'number 0..40 <SEP> text'")
        if int(published) < _FIRST:
            continue
        annotations = [one_of("empathetic-intents9", intents[int(published) - _FIRST])]
        annotations += filter(None, [by_hand.get(_key(text))])
        yield Conversation(Turn("listener", text, id="t1"), *annotations, id=f"{source}-{line}")


def _manual(path: Path) -> dict[str, Annotation]:
    """The labels given by a person, by the words of the reply; seven finer intents are not among the nine."""
    intents = scheme("empathetic-intents9").labels
    rows = (row for row in fields(path, 2, skip=1) if row[0] in intents)
    return {_key(text): one_of("empathetic-intents9", label, "rater:manual") for label, text, *_ in rows}


def _key(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))
