"""Good replies of two corpora, each with the prompt that the local model will be given for it.

    lessons("train", {"empathetic-dialogues": 5000, "esconv": 450}) -> [Lesson(id, messages, "That sounds so lonely.")]

The evidence in a prompt is what the shipped readers say of the turn, not the gold label: what the model will be given
when it answers a person. Each piece is left out at random, so that it also answers where a reader says nothing.
Sources: EmpatheticDialogues (Rashkin et al. 2019), ESConv (Liu et al. 2021), in their published splits.
"""

from __future__ import annotations

import json
import random
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from insula.conversation import Conversation, Turn
from insula.data import load
from insula.llm import Message
from insula.presets import pipeline
from insula.respond.evidence import Evidence, evidence
from insula.respond.prompt import short_prompt

READERS = "dialogue.encoder+explain.causes+explain.empathy"  # what the short prompt speaks of; how warm a reply is
LEFT_OUT = 0.25  # of each piece of evidence
SIDES = {"empathetic-dialogues": "listener", "esconv": "supporter"}
OTHERS_AT_THE_ENDS = 3  # turns: a greeting or a goodbye


@dataclass(frozen=True)
class Lesson:
    """A prompt and the reply to learn. `conversation` names where it stands."""

    conversation: str
    messages: tuple[Message, ...]
    reply: str


@dataclass(frozen=True)
class Answer:
    """One reply of a corpus, the turns it answers, what readers say of the last, and its strategy ("": not told)."""

    conversation: Conversation
    turns: tuple[Turn, ...]
    reply: str
    strategy: str
    evidence: Evidence

    @property
    def speaker(self) -> str:
        """Who replies, as the corpus calls them."""
        return _side(self.conversation)

    def lesson(self, dice: random.Random | None = None) -> Lesson:
        """Its prompt; with `dice` each piece of evidence may be left out."""
        shown, strategy = self.evidence, self.strategy
        if dice:
            shown = _thinned(shown, dice)
            strategy = strategy if dice.random() >= LEFT_OUT else ""
        messages = short_prompt(self.turns, self.speaker, strategy, shown)
        return Lesson(self.conversation.id, tuple(messages), self.reply)


def lessons(split: str, conversations: Mapping[str, int], seed: int = 0) -> list[Lesson]:
    """The good replies in so many conversations of each corpus, in random order. Raises MissingData."""
    dice = random.Random(seed)
    found = [one.lesson(dice) for corpus, most in conversations.items() for one in answers(corpus, split, most, dice)]
    dice.shuffle(found)
    return found


def write(found: Iterable[Lesson], file: Path) -> None:
    """One JSON object a line."""
    lines = (json.dumps(_record(one), ensure_ascii=False) for one in found)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _record(one: Lesson) -> dict[str, object]:
    messages = [{"role": said.role, "text": said.text} for said in one.messages]
    return {"conversation": one.conversation, "messages": messages, "reply": one.reply}


def read(file: Path) -> list[Lesson]:
    """What `write` wrote."""
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [
        Lesson(one["conversation"], tuple(Message(**said) for said in one["messages"]), one["reply"]) for one in records
    ]


def answers(corpus: str, split: str, most: int, dice: random.Random) -> Iterator[Answer]:
    """Every good reply in `most` conversations of a split, with what the shipped readers say of what it answers."""
    talks = [one for one in load(corpus, split) if split != "train" or helped(one)]
    picked = dice.sample(talks, min(most, len(talks)))
    for gold, read in readings(picked):
        yield from answers_of(read, gold)


def readings(talks: Sequence[Conversation]) -> Iterator[tuple[Conversation, Conversation]]:
    """Each conversation with what the shipped readers say of it: its turns tidied, without its gold labels."""
    bare = (Conversation(*_tidied(talk), id=talk.id, meta=talk.meta) for talk in talks)
    yield from zip(talks, pipeline(READERS).run_many(bare, size=16), strict=True)


def answers_of(read: Conversation, gold: Conversation, *, every: bool = False) -> Iterator[Answer]:
    """The good replies, or `every` one, that directly answer the other side; `gold` holds the strategies."""
    side, turns = _side(gold), read.turns
    for place in range(1, len(turns)):
        said, before = turns[place], turns[place - 1]
        if said.speaker != side or before.speaker == side:
            continue
        strategy = strategy_of(gold, said)
        at_an_end = min(place, len(turns) - 1 - place) < OTHERS_AT_THE_ENDS
        fit = good(said.text, side) and warm(read, said) and (strategy != "others" or at_an_end)
        if fit or every:
            yield Answer(gold, tuple(turns[:place]), said.text, strategy, evidence(read, before))


def strategy_of(gold: Conversation, turn: Turn) -> str:
    """ESConv's own label, or what the intent that a model gave a turn of EmpatheticDialogues amounts to."""
    labels = [one.top for one in gold.read("strategy", turn=turn.id)]
    return labels[0] or "" if labels else rules()["strategy_of_intent"].get(turn.meta.get("auto_label", ""), "")


def helped(conversation: Conversation) -> bool:
    """Whether a seeker of ESConv felt less bad at the end; True for what asks nobody."""
    survey = conversation.meta.get("survey_score")
    if survey is None:
        return True
    first, last = (survey["seeker"].get(f"{when}_emotion_intensity") for when in ("initial", "final"))
    return bool(first and last) and int(last) < int(first)


def good(reply: str, side: str) -> bool:
    """Of a fitting length, without what a companion must not say: a life of its own, links, the corpus's own making."""
    shortest, longest = rules()["words"][side]
    return shortest <= len(reply.split()) <= longest and not any(one.search(reply) for one in _unfit())


def warm(read: Conversation, reply: Turn) -> bool:
    """Whether the reader of EPITOME's three mechanisms finds some of them in it; the coldest quarter is left out."""
    found = [sum(one.scores.values()) for one in read.read("empathy", turn=reply.id, scheme="epitome3")]
    return bool(found) and found[-1] >= rules()["least_empathy"]


def tidy(text: str) -> str:
    """One line with plain spacing, capitals where sentences begin, "I" written large, and an end."""
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"\s+([.,!?;:])", r"\1", text)
    text = re.sub(r"([,!?;])(?=[A-Za-z])", r"\1 ", text)
    text = re.sub(r"\bi\b(?=['’ ]|$)", "I", text)
    text = re.sub(r"\b(dont|cant|didnt|doesnt|isnt|wasnt|wont|couldnt|im|ive)\b", _apostrophe, text, flags=re.I)
    text = re.sub(r"(^|[.!?] )([a-z])", lambda found: found[1] + found[2].upper(), text)
    return text if not text or text[-1] in ".!?\"')" else text + "."


def _apostrophe(found: re.Match[str]) -> str:
    word = found[0].lower()
    if word in ("im", "ive"):
        return f"I'{word[1:]}"
    return found[0][:-1] + "'" + found[0][-1]


@cache
def rules() -> dict[str, Any]:
    """`lessons.toml`: lengths, words that rule a reply out, and the strategy that an intent amounts to."""
    return tomllib.loads((resources.files("insula.train.respond") / "lessons.toml").read_text(encoding="utf-8"))


@cache
def _unfit() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(one, re.IGNORECASE) for one in rules()["unfit"].values())


def _side(conversation: Conversation) -> str:
    return SIDES[conversation.id.split("/")[0]]


def _tidied(talk: Conversation) -> list[Turn]:
    return [replace(turn, text=tidy(turn.text)) for turn in talk.turns]


def _thinned(shown: Evidence, dice: random.Random) -> Evidence:
    primary, fine, causes = (dice.random() >= LEFT_OUT for _ in range(3))
    return Evidence(
        primary=shown.primary if primary else "",
        fine=shown.fine if fine else (),
        causes=shown.causes if causes else (),
    )
