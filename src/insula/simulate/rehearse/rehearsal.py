"""One rehearsal from the first form to the last: what was said, how it was rated, and how the person felt about it.

What is said of oneself stays in the file that the person names, readable by nobody else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from insula.catalogue import build
from insula.component import Component
from insula.conversation import Conversation, Turn
from insula.pipeline import Pipeline, wait

from ..play import course
from .coach import Coach, Feedback, Situation
from .dear_man import LAYER as SKILL
from .dear_man import rate
from .partner import SPEAKER, SeededPartner

YOU = "you"
LOWEST, HIGHEST = 0, 10
QUESTIONS: Mapping[str, str] = {  # before and after, 0 to 10; our own wording, and no instrument
    "sure": "How sure are you that you can say what you need?",
    "anger": "How angry are you about it now?",
    "fear": "How much does the conversation frighten you?",
    "sadness": "How sad does it make you now?",
}


class Rehearsal:
    """`partner` answers what is sent (a component that speaks as "partner"), `coach` reads drafts.

    Where something said calls for it the guard speaks in the partner's place: such a turn has `tier` "guard" in `meta`,
    and the rehearsal should end. `before` and `after` are answers to `QUESTIONS`.
    """

    def __init__(
        self,
        situation: Situation,
        partner: Component | None = None,
        coach: Coach | None = None,
        *,
        before: Mapping[str, int] | None = None,
        locale: str = "",
    ) -> None:
        self.situation = situation
        self.partner = partner or SeededPartner()
        self.coach = coach or Coach(situation)
        self.conversation = Conversation(id=f"rehearsal with {situation.partner}")
        self.before = dict(before or {})
        self.after: dict[str, int] = {}
        self._guard: Any = build("guard.guarded", responder=self.partner, speaker=SPEAKER, locale=locale)

    def read(self, draft: str) -> Feedback:
        """Feedback on a draft; nothing is sent. Raises ValueError for an empty one."""
        return wait(self.coach.read(draft, self.conversation))

    def send(self, text: str) -> Turn:
        """Say it, and get what the partner answers. Raises ValueError for an empty text, LLMError where a model fails;
        then nothing was said."""
        if not text.strip():
            raise ValueError("there is nothing to send: the text is empty")
        rating = rate(text)
        grown = Conversation(*self.conversation.log, id=self.conversation.id)
        (turn,) = grown.add(Turn(YOU, text))
        grown.add(rating.annotation(getattr(turn, "id", "")))
        if takeover := wait(self._guard.takeover(Conversation(*grown.turns))):
            grown.add(Turn(SPEAKER, takeover, meta={"tier": "guard"}))
        else:
            Pipeline(self.partner, given=self.partner.reads).run(grown)
        self.conversation = grown
        last = grown.turns[-1]
        return last if last.speaker == SPEAKER else Turn(SPEAKER, "")

    @property
    def openness(self) -> list[float]:
        """How open the partner was at the beginning and after each message, 0 to 100."""
        return course(self.conversation)

    def changes(self) -> dict[str, int]:
        """After less before, of what was answered both times."""
        return {
            name: self.after[name] - self.before[name] for name in QUESTIONS if name in self.before.keys() & self.after
        }

    def record(self) -> dict[str, Any]:
        """All of it, fit for JSON."""
        ratings = {one.at.turn: dict(one.scores) for one in self.conversation.read(SKILL)}
        turns = [
            {
                "speaker": turn.speaker,
                "text": turn.text,
                **({"skills": ratings[turn.id]} if ratings.get(turn.id) else {}),
            }
            for turn in self.conversation.turns
        ]
        felt = {"before": self.before, "after": self.after}
        return {"situation": asdict(self.situation), **felt, "turns": turns, "openness": self.openness}


def keep(path: Path, record: Mapping[str, Any]) -> None:
    """Add a record to the file, a line each, for nobody else's eyes; raises OSError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as file:
        file.write(json.dumps(record, ensure_ascii=False) + "\n")


def kept(path: Path) -> list[dict[str, Any]]:
    """All rehearsals in a file; raises ValueError naming the line that is none."""
    found: list[dict[str, Any]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict) or "situation" not in record:
            raise ValueError(f"{path}, line {number}: this is no rehearsal that was kept")
        found.append(record)  # pyright: ignore[reportUnknownArgumentType]
    return found
