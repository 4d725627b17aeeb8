"""Feedback on a message before it is sent: which skills show, what to try, and a version that says more.

    Coach(situation).read("You never call me.").better -> "Last week ... I feel ... I would like ..."

Without a model the better version is the person's own sentences, less the attacks and the shrinking, with what is
missing taken from what they wrote about the situation. With one, the model words it, and is told the skills and what
they mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field, create_model

from insula.conversation import Conversation
from insula.guard.sentences import sentences
from insula.llm import LLM, LLMError, Message
from insula.llm.structured import ask

from .dear_man import SKILLS, STRONG, Rating, rate, skills

ASKED_FOR = ("describe", "express", "assert", "reinforce", "negotiate")  # what can be added to a message
ROOM = 260
_SHRINKS = re.compile(
    r"\b(i('m| am) )?(so |very |really )?sorry (to (bother|ask)( you)?|but)\b[, ]*|\b(just|maybe|perhaps|possibly)\b ?|"
    r",? ?\b(i guess|if that's ok(ay)?|if it's ok(ay)?|never ?mind)\b[, ]*",
    re.IGNORECASE,
)
_TOLD = "You help somebody prepare a difficult conversation with the DEAR MAN skills: "


@dataclass(frozen=True)
class Situation:
    """What it is about, in the person's words: whom they talk to, what happened, how it feels, what they want, what
    good would come of it, and what they could offer."""

    partner: str
    happened: str
    feeling: str
    wish: str
    benefit: str = ""
    offer: str = ""


@dataclass(frozen=True)
class Feedback:
    """`rating` of the message, `hints` for at most two skills, and `better`, "" where there is nothing to add.

    `by` is who rated and worded; `problem` why a model did not.
    """

    rating: Rating
    hints: tuple[str, ...]
    better: str
    by: str = "signs"
    problem: str = ""


class Coach:
    """Reads drafts in one situation; with `llm` the model words the better version, and where it fails the signs do."""

    def __init__(self, situation: Situation, llm: LLM | None = None) -> None:
        self.situation, self.llm = situation, llm

    async def read(self, draft: str, conversation: Conversation | None = None) -> Feedback:
        """The feedback on a draft that answers a conversation; raises ValueError for an empty one."""
        if not draft.strip():
            raise ValueError("there is nothing to read: the draft is empty")
        said = [turn.text for turn in conversation.turns if turn.speaker != "you"] if conversation else []
        rating = rate(draft)
        hints = tuple(skills()[name].hint for name in missing(rating)[:2])
        plain = better(draft, rating, self.situation)
        if self.llm is None:
            return Feedback(rating, hints, plain)
        try:
            found = await self._worded(draft, said)
        except LLMError as error:
            return Feedback(rating, hints, plain, problem=str(error))
        return Feedback(rating, hints, found, by=self.llm.name)

    async def _worded(self, draft: str, said: Sequence[str]) -> str:
        one = self.situation
        about = [
            f"They talk to: {one.partner}. What happened: {one.happened}.",
            f"They feel: {one.feeling}. They want: {one.wish}.",
            *([f"The other said last: {said[-1]}"] if said else []),
            f"Their draft: {draft}",
            "Write their message anew, in their voice, in two to four sentences. Invent no facts.",
        ]
        told = Message("system", _TOLD + explained())
        return (await ask(self.llm, [told, Message("user", "\n".join(about))], Better, max_tokens=ROOM)).better.strip()  # pyright: ignore


class Better(BaseModel):
    """What the model words."""

    better: str = Field(min_length=1, max_length=500)


def explained() -> str:
    """The skills and what each is, in a line."""
    return "; ".join(f"{one.title}: {one.about}" for one in skills().values()) + "."


def missing(rating: Rating) -> list[str]:
    """Skills that could be stronger, the most useful first: attacks, then the ask, then the rest in order."""
    first = sorted(SKILLS, key=lambda name: (name != "mindful", name != "assert", SKILLS.index(name)))
    weak = [name for name in first if name in rating.levels and rating.levels[name] < STRONG]
    return [name for name in weak if name != "mindful" or rating.against.get("mindful")]


def better(draft: str, rating: Rating, about: Situation) -> str:
    """The draft without attacks and shrinking, and with what is missing; "" where nothing is, or it cannot be told."""
    if not rating.levels or not missing(rating):
        return ""
    kept = " ".join(text for one in sentences(draft) if (text := _kept(one)))
    lacking = {name for name in ASKED_FOR if rate(kept).levels.get(name, 0) < STRONG}
    added = {name: text for name, text in _parts(about).items() if text and name in lacking}
    before = [added[name] for name in ("describe", "express") if name in added]
    after = [added[name] for name in ("assert", "reinforce", "negotiate") if name in added]
    return " ".join([*before, *([kept] if kept else []), *after])


def _kept(sentence: str) -> str:
    """A sentence without its shrinking; "" for an attack, and for what is nothing without it."""
    if rate(sentence).against.get("mindful"):
        return ""
    text = _SHRINKS.sub("", sentence).strip(" ,")
    if not re.search(r"\w{3}", text):
        return ""
    return text[:1].upper() + text[1:]


def _parts(about: Situation) -> Mapping[str, str]:
    return {
        "describe": f"This is what happened: {_clause(about.happened)}.",
        "express": f"I feel {_clause(about.feeling)} about it.",
        "assert": f"What I am asking for is {_clause(about.wish)}.",
        "reinforce": f"That would help us both: {_clause(about.benefit)}." if about.benefit else "",
        "negotiate": f"If that does not work for you, I could offer {_clause(about.offer)}." if about.offer else "",
    }


def _clause(text: str) -> str:
    return text.strip().rstrip(".!")


class LLMRater:
    """Rates messages with a language model: `plain` is told only the names of the skills, else what each of them is.

    Raises LLMError where no answer in the form comes.
    """

    def __init__(self, llm: LLM, plain: bool = False) -> None:
        self.llm, self.plain = llm, plain
        self._form = create_model("Levels", **dict.fromkeys(SKILLS, (int, Field(ge=0, le=2))))  # pyright: ignore

    async def rate(self, text: str, before: str = "") -> dict[str, int]:
        """A level per skill."""
        what = f"{_TOLD}{', '.join(SKILLS)}." if self.plain else _TOLD + explained()
        told = Message("system", f"{what} You rate one message: for each skill 0 not there, 1 weak, 2 strong.")
        asked = [*([f"The other said: {before}"] if before else []), f"The message: {text}"]
        found = await ask(self.llm, [told, Message("user", "\n".join(asked))], self._form, repairs=1, max_tokens=90)
        return {name: getattr(found, name) for name in SKILLS}
