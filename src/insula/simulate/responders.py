"""Who answers a seeker: the companion, any model, or what is written down.

Says("What happened?")                          # always
Says(["Hello.", "And then?"])                   # in turn; silent when there is no more
Says(lambda talk: talk.turns[-1].text)          # a function of the talk
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from insula.conversation import Addition, Conversation, Turn

SPEAKER = "companion"
Script = str | Sequence[str] | Callable[[Conversation], str]


class Says:
    """Answers by a script: one text, a list in turn, or a function of the talk. "" is silence, which ends a talk."""

    reads: Sequence[str] = ("turn",)
    writes: Sequence[str] = ("turn",)

    def __init__(self, script: Script, speaker: str = SPEAKER, name: str = "script") -> None:
        self.name, self.speaker = name, speaker
        self._script = script

    def __call__(self, conversation: Conversation) -> Iterator[Addition]:
        last = conversation.last
        if last is not None and last.speaker != self.speaker and (text := self._text(conversation)):
            yield Turn(self.speaker, text)

    def _text(self, conversation: Conversation) -> str:
        if isinstance(self._script, str):
            return self._script
        if callable(self._script):
            return self._script(conversation)
        said = sum(turn.speaker == self.speaker for turn in conversation.turns)
        return self._script[said] if said < len(self._script) else ""
