"""What a reply is expected to do to the person's valence, said at the reply, and what it did, at their next turn.

    Effect()(conversation) -> support-effect {"change": .12} at the reply; {"change": .3} at the next turn of the person

The measurement rests on the prediction (`because`), so that a companion can be held to what it expected. A change of 1
is half of the scale of valence. Most of a change is the way back to how people usually speak.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from insula.conversation import Addition, Anchor, Annotation, Conversation, Turn
from insula.network.dialogue import Dialogue
from insula.network.text import digest

from .lookahead import by_strategy
from .strategy import open_table, weights_path
from .talk import SUPPORTERS, talk

SCHEME = "support-effect"
_REACH = 8  # turns before a reply among which the person's last one is looked for


class Effect:
    """Predicts at supporters' turns and measures at the first turn of the person after them.

    Valence is the `affect` layer's, under vad (`text.encoder` gives it). Raises FileNotFoundError without weights.
    """

    reads: Sequence[str] = ("turn", "affect")
    writes: Sequence[str] = ("effect",)

    def __init__(
        self,
        weights: str = "respond-planner",
        supporters: Sequence[str] = SUPPORTERS,
        name: str = "respond.effect",
        threads: int = 1,
    ) -> None:
        path = weights_path(weights)
        self.name, self.supporters = name, tuple(supporters)
        self.rater = f"{name}@{digest(path)}"
        self._table = open_table(str(path))
        self._network = Dialogue.open(threads=threads)

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        turns = conversation.turns
        place = {turn.id: number for number, turn in enumerate(turns)}
        predicted = {one.at.turn: one for one in conversation.read("effect", rater=self.rater)}
        for turn in conversation.pending("effect", self.rater):
            before = turns[: place[turn.id]]
            spoken = next((one for one in reversed(before) if one.speaker not in self.supporters), None)
            if spoken is None:
                continue
            if turn.speaker in self.supporters:
                yield (made := self._predicted(conversation, turn, place[turn.id], valence(conversation, spoken)))
                predicted[turn.id] = made
            elif before[-1].speaker in self.supporters:
                yield self._measured(conversation, turn, spoken, predicted.get(before[-1].id))

    def _predicted(self, conversation: Conversation, turn: Turn, place: int, before: float | None) -> Annotation:
        if before is None:
            return self._annotation(turn, {}, reason="nobody has read the valence of the person's last turn")
        start = max(0, place - _REACH)
        rows = talk(conversation, self._network, self.supporters, start)
        row = place - start
        used = rows.used[row] if rows.used[row].any() else self._table["rates"]
        change = by_strategy(self._table, "change", rows)[row - 1] @ used + float(self._table["back"][0]) * before
        return self._annotation(turn, {"change": round(float(np.clip(change, -1, 1)), 4)})

    def _measured(
        self, conversation: Conversation, turn: Turn, earlier: Turn, predicted: Annotation | None
    ) -> Annotation:
        before, after = valence(conversation, earlier), valence(conversation, turn)
        because = (predicted.id,) if predicted else ()
        if before is None or after is None:
            return self._annotation(turn, {}, because, "nobody has read the valence of both turns")
        return self._annotation(turn, {"change": round(float(np.clip(after - before, -1, 1)), 4)}, because)

    def _annotation(
        self, turn: Turn, scores: Mapping[str, float], because: tuple[str, ...] = (), reason: str = ""
    ) -> Annotation:
        return Annotation("effect", scores, Anchor(turn.id), SCHEME, self.rater, because=because, reason=reason)


def valence(conversation: Conversation, turn: Turn) -> float | None:
    """The valence of a turn, -1 to 1, as it was last read; None where it was not."""
    found = [one for one in conversation.read("affect", turn=turn.id, scheme="vad") if "valence" in one.scores]
    return found[-1].scores["valence"] if found else None
