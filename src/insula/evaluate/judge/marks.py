"""Replies that people marked, from the published files: what any judge has to agree with.

    epitome("test")        # Marked: how empathic, 0..6, the sum of three mechanisms
    personas()             # 0..2, the mean of three annotators and more
    stars("test")          # 1..5 stars the seekers gave what came before
    following()            # Pair: -4 (the first reply follows the strategy better) to 4 (the second)
    talks("test")          # 1..5, how well the seeker felt understood in a whole talk

A `reference` is what a word-overlap metric compares with: another person's reply to the same thing, where there is one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ...conversation import Conversation, Turn
from ...data import load
from ...data.gold import GOLD
from .item import Item


@dataclass(frozen=True)
class Marked:
    """One reply or talk, people's mark of it, and the group it is drawn with (a post, a talk)."""

    item: Item
    mark: float
    group: str
    reference: str = ""


@dataclass(frozen=True)
class Pair:
    """Two replies to one talk; `mark` is above 0 where people found the second follows `strategy` better."""

    first: Item
    second: Item
    mark: float
    group: str
    strategy: str
    reference: str = ""

    @property
    def counterparts(self) -> tuple[str, ...]:
        """The strategies of ESConv that stand for the one asked for; none for one."""
        return tuple(counterparts().get(self.strategy, ()))


@cache
def counterparts() -> Mapping[str, list[str]]:
    """The fifteen strategies of ESConv-SRA as the eight of ESConv."""
    return tomllib.loads((resources.files(__package__ or "") / "strategies.toml").read_text(encoding="utf-8"))


def epitome(split: str) -> list[Marked]:
    """EPITOME: a peer's reply to a post; the reference is another peer's to the same post."""
    replies: dict[str, list[str]] = {}
    pairs = list(load("epitome", split))
    for one in pairs:
        replies.setdefault(one.meta["group"], []).append(one.turns[1].text)
    found: list[Marked] = []
    for one in pairs:
        (gold,) = one.read("empathy", rater=GOLD, scheme="epitome3")
        post, reply = one.turns
        other = next((text for text in replies[one.meta["group"]] if text != reply.text), "")
        item = Item((Turn("seeker", post.text),), reply.text)
        found.append(Marked(item, sum(gold.scores.values()), one.meta["group"], other))
    return found


def personas() -> list[Marked]:
    """EmpatheticPersonas: an utterance of a self-help bot; the reference is the plain utterance it says anew.

    What the person said is not in the file: "I feel sad." stands for it, after the feeling on record.
    """
    found: list[Marked] = []
    for one in load("empathetic-personas", "test"):
        (turn,), about = one.turns, one.meta
        feeling = about.get("feeling", "")
        said = f"I feel {feeling}." if feeling and " " not in feeling else "I do not feel well."
        mark = sum(about["marks"]) / len(about["marks"])
        found.append(
            Marked(Item((Turn("seeker", said),), turn.text), mark, about.get("base", one.id), about.get("base", ""))
        )
    return found


def stars(split: str) -> list[Marked]:
    """MultiESC ("dev", "test") and failed talks ("failed"): the supporter's words before a seeker's turn with stars."""
    corpus = ("esconv-failed", "train") if split == "failed" else ("esconv-multiesc", split)
    return [one for talk in load(*corpus) for one in _starred(talk)]


def _starred(talk: Conversation) -> Iterator[Marked]:
    """What stars were given for is what the supporter said since the seeker's last turn."""
    turns = talk.turns
    given = {one.at.turn: one.scores["stars"] for one in talk.read("feedback", rater=GOLD, scheme="feedback-stars")}
    for place, turn in enumerate(turns):
        if turn.id not in given:
            continue
        start = place
        while start and turns[start - 1].speaker == "supporter":
            start -= 1
        if said := " ".join(one.text for one in turns[start:place]).strip():
            before = tuple(Turn(one.speaker, one.text) for one in turns[:start] if one.text.strip())
            yield Marked(Item(before, said), given[turn.id], talk.id)


def following() -> list[Pair]:
    """ESConv-SRA: two models' replies; judgements of two people on one pair are one mark, their mean.

    The reference is what the supporter of ESConv said there, where the talk is found.
    """
    said = _next_turns()
    judged: dict[tuple[str, str, str], list[Conversation]] = {}
    for one in load("esconv-strategy-following", "test"):
        key = (" ".join(turn.text for turn in one.turns), one.meta["response1"], one.meta["response2"])
        judged.setdefault(key, []).append(one)
    found: list[Pair] = []
    for (group, first, second), some in judged.items():
        turns, meta = tuple(some[0].turns), some[0].meta
        mark = sum(one.meta["preference"] for one in some) / len(some)
        reference = said.get(_plain(turns[-1].text), "")
        found.append(Pair(Item(turns, first), Item(turns, second), mark, group, meta["strategy"], reference))
    return found


def talks(split: str) -> list[Marked]:
    """ESConv ("train", "dev", "test") and its failed talks ("failed"): the seeker's rating of being understood."""
    every = load("esconv-failed", "train") if split == "failed" else load("esconv", split)
    return [
        Marked(Item(tuple(Turn(x.speaker, x.text) for x in one.turns if x.text.strip())), float(rating), one.id)
        for one in every
        if (rating := one.meta.get("survey_score", {}).get("seeker", {}).get("empathy"))
    ]


def _next_turns() -> dict[str, str]:
    """What supporters of ESConv said right after a seeker's turn, by that turn's words."""
    found: dict[str, str] = {}
    every: Iterable[Conversation] = (one for split in ("train", "dev", "test") for one in load("esconv", split))
    for one in every:
        for turn, after in zip(one.turns, one.turns[1:], strict=False):
            if turn.speaker == "seeker" and after.speaker == "supporter":
                found[_plain(turn.text)] = after.text
    return found


def _plain(text: str) -> str:
    """The end of a turn, without case and blanks: one file joins utterances of one side, another keeps them apart."""
    return "".join(text.lower().split())[-40:]
