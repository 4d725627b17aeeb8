"""What requests hold and answers look like: the border where pydantic checks, and where OpenAPI's examples are from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ..conversation import Conversation, Turn

LONGEST = 100_000  # characters of one text
MOST = 1_000  # texts or turns of one request


def _name(person: str) -> str:
    """A name that an address can hold, so that whoever is stored can be asked for and forgotten."""
    if "/" in person or not person.strip(" ."):
        raise ValueError("a person's name needs a letter and may hold no slash")
    return person


class Form(BaseModel):
    """A field nobody knows is a mistake that is told, not passed over."""

    model_config = ConfigDict(extra="forbid")


class TurnForm(Form):
    """What somebody said; `seconds` are where in a recording."""

    speaker: str = Field("", max_length=200, examples=["ana"])
    text: str = Field(max_length=LONGEST, examples=["I miss him."])
    seconds: tuple[float, float] | None = None


def talk(turns: Sequence[TurnForm], id: str = "talk") -> Conversation:
    """The turns as a conversation."""
    return Conversation(*(Turn(one.speaker, one.text, seconds=one.seconds) for one in turns), id=id)


def replier(turns: Sequence[TurnForm], name: str) -> str:
    """Whose turns are replies, "" (found by usual names) where nobody is called like that."""
    return name if any(one.speaker == name for one in turns) else ""


class ReadForm(Form):
    """One text, several texts, or the turns of one conversation."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"text": "I can't believe you did this for me!"},
                {"turns": [{"speaker": "ana", "text": "I failed."}, {"speaker": "ben", "text": "That hurts."}]},
            ]
        },
    )

    text: str | None = Field(None, max_length=LONGEST)
    texts: list[str] = Field(default_factory=list, max_length=MOST)
    turns: list[TurnForm] = Field(default_factory=list, max_length=MOST)
    id: str = Field("", max_length=200)
    pipeline: str = Field("", max_length=200, description="a preset or methods joined by +; if none: what fits")

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        given = (self.text is not None) + bool(self.texts) + bool(self.turns)
        if given != 1:
            raise ValueError("give one of text, texts and turns")
        if any(len(text) > LONGEST for text in self.texts):
            raise ValueError(f"a text is longer than {LONGEST:,} characters")
        return self

    def conversations(self) -> list[Conversation]:
        """One for each text, or the one of the turns."""
        if self.turns:
            return [talk(self.turns, self.id or "1")]
        texts = self.texts if self.text is None else [self.text]
        return [Conversation(Turn("", text), id=str(number)) for number, text in enumerate(texts, 1)]


class GuardForm(Form):
    """A talk as far as it went; the person's turns are read for risk, `replies` names whose turns are replies."""

    turns: list[TurnForm] = Field(min_length=1, max_length=MOST)
    replies: str = Field("companion", max_length=200)
    locale: str = Field("", max_length=20, examples=["en-GB"])


class BeginForm(Form):
    """A talk with one person. `remember` needs the person's consent, in the words they agreed to, which are kept."""

    person: Annotated[str, AfterValidator(_name)] = Field("person", max_length=200, examples=["ana"])
    persona: str = Field("", max_length=100, description="a shipped one; the server's own if none")
    locale: str = Field("", max_length=20, examples=["en-GB"])
    remember: bool = False
    consent: str = Field("", max_length=2000, examples=["Yes, remember what I tell you."])

    @model_validator(mode="after")
    def _agreed(self) -> Self:
        if self.remember and not self.consent.strip():
            raise ValueError("to remember needs consent: the words the person agreed to")
        return self


class SayForm(Form):
    """What the person says; with `stream` the reply comes sentence by sentence, as server-sent events."""

    text: str = Field(min_length=1, max_length=LONGEST, examples=["I failed my exam."])
    stream: bool = False


class ConsentForm(Form):
    """What a person agrees to or takes back, and in which words they were asked."""

    what: Annotated[str, StringConstraints(to_lower=True, strip_whitespace=True, max_length=32)] = Field(
        examples=["memory"]
    )
    given: bool
    words: str = Field("", max_length=2000)


class EvaluateForm(Form):
    """Benchmarks with a pipeline (the benchmark's own if none), or exams with a model."""

    names: list[str] = Field(min_length=1, max_length=50, examples=[["goemotions"]])
    pipeline: str = Field("", max_length=200)
    model: str = Field("", max_length=300, examples=["local"])
    limit: int | None = Field(None, ge=1)
    seeds: int = Field(1, ge=1, le=20)


class SimulateForm(Form):
    """Who answers, and who seeks help: a kind ("ordinary", "vulnerable", "depression", ...) or a problem.

    `played_by` names a model that plays them, which published profiles ("sage", "role-cards-en") need.
    """

    responder: str = Field("composer", max_length=300)
    people: str = Field("ordinary", max_length=50)
    played_by: str = Field("", max_length=300)
    seekers: int = Field(10, ge=1, le=500)
    turns: int = Field(8, ge=1, le=50)
    seed: int = 0
