"""What the dialogue network reads for one turn: the turn itself and the earlier turns that fit, each as token ids.

exchange([Turn("ana", "I passed!"), Turn("ben", "You did it!")], encodings) -> "You did it!", then "I passed!"
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

from insula.conversation import Span, Turn

from .windows import whole

REACH = 8  # earlier turns that are read with a turn, at most
LONGEST = 254  # tokens of the turn itself, at most
HISTORY = 64  # tokens of an earlier turn, at most: its beginning
BUDGET = 112  # tokens of the history together, at most


@dataclass(frozen=True)
class Words:
    """A text as token ids with, per token, its characters."""

    ids: tuple[int, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Said:
    """One turn as it is read: how many turns back it lies (0 is the turn read) and whether the same person spoke."""

    turn: str
    words: Words
    distance: int
    same: bool


Exchange = tuple[Said, ...]


def tokenised(texts: Iterable[str], tokenizer: Tokenizer) -> dict[str, Words]:
    """Each different text as tokens, at most as many as one turn may have."""
    different = list(dict.fromkeys(texts))
    encodings = tokenizer.encode_batch([whole(text[: LONGEST * 40]) for text in different], add_special_tokens=False)
    return {
        text: Words(tuple(encoding.ids[:LONGEST]), tuple(encoding.offsets[:LONGEST]))
        for text, encoding in zip(different, encodings, strict=True)
    }


def exchange(turns: Sequence[Turn], words: Mapping[str, Words]) -> Exchange:
    """The last of these turns with its history, nearest first; turns without words are passed over.

    Earlier turns are taken until the reach or the budget is used up. The turn itself is always the first entry.
    """
    last = turns[-1]
    said = [Said(last.id, words[last.text], 0, True)]
    left = BUDGET
    for distance, turn in enumerate(reversed(turns[-1 - REACH : -1]), 1):
        found = words[turn.text]
        found = Words(found.ids[:HISTORY], found.spans[:HISTORY])
        left -= len(found.ids) + 2
        if left < 0:
            break
        if found.ids:
            said.append(Said(turn.id, found, distance, turn.speaker == last.speaker))
    return tuple(said)
