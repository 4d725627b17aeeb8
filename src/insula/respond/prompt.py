"""Messages for a model: the talk so far, and what the specialists found, as short notes or as full instructions.

    short_prompt(turns, "companion", "question", evidence) -> [Message("system", ...), Message("user", ...), ...]

`short_prompt` is what the shipped adapter was tuned on: a small model follows few words better than many.
"""

from __future__ import annotations

from collections.abc import Sequence

from insula.conversation import Turn
from insula.llm import Message

from .evidence import Evidence
from .strategies import strategies

TURNS = 6  # of the talk that a small model is shown
WORDS = 60  # of each, the last ones


def short_prompt(turns: Sequence[Turn], speaker: str, strategy: str, evidence: Evidence) -> list[Message]:
    """For the embedded model; what is unknown is left out. `speaker` is who replies; `strategy` may be ""."""
    notes = ["You are a kind listener. Answer in one or two short sentences."]
    if evidence.primary:
        fine = f", perhaps {' or '.join(evidence.fine)}" if evidence.fine else ""
        notes.append(f"Their feeling: {evidence.primary}{fine}.")
    if evidence.causes:
        notes.append(f"Because: {'; '.join(cause.strip(' .') for cause in evidence.causes)}.")
    if strategy:
        notes.append(f"Now {strategies()[strategy].instruction}.")
    return [Message("system", " ".join(notes)), *talk(turns[-TURNS:], speaker, WORDS)]


def talk(turns: Sequence[Turn], speaker: str, words: int | None = None) -> list[Message]:
    """The turns as messages, those of one side that follow each other joined; `words` keeps the last ones of each."""
    joined: list[Message] = []
    for turn in turns:
        role = "assistant" if turn.speaker == speaker else "user"
        text = " ".join(turn.text.split()[-words:]) if words else turn.text
        if joined and joined[-1].role == role:
            text = f"{joined.pop().text} {text}"
        joined.append(Message(role, text))
    return joined
