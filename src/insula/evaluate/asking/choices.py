"""Putting questions with options, in an order of their own for every seed, and reading which option an answer names.

    asked = put(question, seed=3)                # "... A. Keep quiet  B. Tell ..."
    mark(asked, "The answer is B.").said -> "Tell"

An answer counts when it names one option, by letter or in full: after the word "answer" (in any of the languages asked
in; the last time counts), as the only option spoken of, or alone. Several, none, a refusal or an answer cut off in the
middle cannot be read, and why is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from ...llm import Message
from .question import Asked, Choice, Mark, Question

LETTERS = "ABCDEFGHIJ"
_LETTER = (
    r"[\s*(\[“\"'【（]*"
    r"(?:([A-J])(?![A-Za-z'’])(?!(?<=A) (?!because|since|as |is |or |and )[a-z])|([a-j])(?=[).\]*]|\s*$))"
)
"""One letter; "a" and "A" before a word in small letters is an article."""
_IS = r"\s*(?:is|ist|es|est|è|é|[:：是为])"
_SAYS = re.compile(
    rf"(?i:(?:answer|antwort|respuesta|réponse|risposta|resposta|答案)(?:{_IS})?[:：]?(?:\s*(?:option|选项))?"
    rf"|(?:choose|chose|选择|选)|(?:option|choice|选项){_IS}[:：]?){_LETTER}",
    re.MULTILINE,
)
_NAMES = re.compile(rf"(?i:option|choice|选项){_LETTER}", re.MULTILINE)
_ALONE = re.compile(r"^\W*([A-J])(?=\s*(?:[.,:;)\]}*。，、：；）】]|\n|$))|(?<![A-Za-z'’])([A-J])\W*$|^\W*([a-j])\W*$")
_SEVERAL = re.compile(r"(?<![A-Za-z])([A-J])\s*(?:[,、，/&+]|and|or|und|oder|y|o|et|ou|和|或)\s*([A-J])(?![A-Za-z'’])")
_REFUSES = re.compile(
    r"\b(?:i(?:'m| am) (?:sorry|unable)|i can(?:'|no)t|as an ai)\b|对不起|抱歉|我无法|lo siento|tut mir leid",
    re.IGNORECASE,
)


def order(question: Question, seed: int) -> tuple[tuple[int, ...], ...]:
    """For each choice, which published option stands at each place; drawn anew for each question and seed."""
    draws = Random(f"{question.id}/{seed}")
    return tuple(tuple(draws.sample(range(len(one.options)), len(one.options))) for one in question.choices)


def shown(choice: Choice, places: Sequence[int]) -> str:
    """The options with their letters, a line each."""
    return "\n".join(f"{LETTERS[k]}. {choice.options[at]}" for k, at in enumerate(places))


def put(
    question: Question,
    seed: int,
    mode: str = "base",
    *,
    system: str = "",
    say: Callable[[Question, tuple[tuple[int, ...], ...], str], str],
    opening: str = "",
    max_tokens: int = 16,
) -> Asked:
    """The question in the words of `say(question, orders, mode)`, with the options shuffled by the seed.

    `opening` is what the answer begins with ("Answer:"): a small model that is asked for a letter gives one then.
    """
    orders = order(question, seed)
    before = [Message("system", system)] if system else []
    after = [Message("assistant", opening)] if opening else []
    told = Message("user", say(question, orders, mode))
    return Asked(question, (*before, told, *after), orders, seed, mode, max_tokens)


def says(text: str) -> bool:
    """Whether the text says which option is the answer, not just names one."""
    return bool(_SAYS.search(text))


def picked(text: str, options: Sequence[str]) -> tuple[int | None, str]:
    """The place of the option an answer names, or None and why not; `options` as they were shown."""
    letters = _letters_of(_SAYS.findall(text)[-1:]) or _letters_of(_NAMES.findall(text)) or _alone(text)
    places = {LETTERS.index(x) for x in letters if x in LETTERS[: len(options)]} or _in_words(text, options)
    if len(places) == 1:
        return places.pop(), ""
    if refuses(text):
        return None, "it refuses"
    return None, "it names several options" if len(places) > 1 else "it names no option"


def refuses(text: str) -> bool:
    """Whether an answer declines to answer, in any of the languages asked in."""
    return bool(_REFUSES.search(text))


def pick_mark(asked: Asked, places: Sequence[int | None], why: str = "") -> Mark:
    """The mark for the places picked, one per choice: each choice's own accuracy, and all of them together."""
    if any(place is None for place in places):
        return Mark(None, why=why)
    published = [order[place] for order, place in zip(asked.orders, places, strict=True) if place is not None]
    right = [float(at == one.right) for at, one in zip(published, asked.question.choices, strict=True)]
    said = " | ".join(one.options[at] for at, one in zip(published, asked.question.choices, strict=True))
    own = {one.name: hit for one, hit in zip(asked.question.choices, right, strict=True)} if len(right) > 1 else {}
    return Mark({"accuracy": float(all(right)), **own}, said)


def mark(asked: Asked, reply: str) -> Mark:
    """The mark of an answer to a question with one choice."""
    (choice,), (places,) = asked.question.choices, asked.orders
    place, why = picked(reply, [choice.options[at] for at in places])
    return pick_mark(asked, [place], why)


def at(place: int) -> Callable[[Asked], str]:
    """The blind rule that always takes the option at one published place (-1: the last)."""

    def rule(asked: Asked) -> str:
        return _letters(asked, [range(len(one.options))[place] for one in asked.question.choices])

    return rule


def by_chance(asked: Asked) -> str:
    """The blind rule that takes any option, another one with every seed."""
    draws = Random(f"{asked.question.id}/{asked.seed}/by chance")
    return _letters(asked, [draws.randrange(len(one.options)) for one in asked.question.choices])


def extreme(which: Callable[..., str]) -> Callable[[Asked], str]:
    """The blind rule that takes the longest (`max`) or the shortest (`min`) option."""

    def rule(asked: Asked) -> str:
        return _letters(asked, [one.options.index(which(one.options, key=len)) for one in asked.question.choices])

    return rule


def shown_at(place: int) -> Callable[[Asked], str]:
    """The blind rule that always answers with the same letter, whatever stands there after shuffling."""

    def rule(asked: Asked) -> str:
        return " ".join(f"answer: {LETTERS[min(place, len(places) - 1)]}" for places in asked.orders)

    return rule


def _letters(asked: Asked, published: Sequence[int]) -> str:
    return " ".join(f"answer: {LETTERS[places.index(at)]}" for places, at in zip(asked.orders, published, strict=True))


def _letters_of(found: Sequence[tuple[str, ...]]) -> set[str]:
    return {"".join(groups).upper() for groups in found}


def _alone(text: str) -> set[str]:
    if several := _SEVERAL.search(text):
        return {*several.groups()}
    found = _ALONE.search(text.strip())
    return {x.upper() for x in found.groups() if x} if found else set()


def _in_words(text: str, options: Sequence[str]) -> set[int]:
    """The options that stand in the text in full; one that is part of a longer one there does not count."""
    low = text.lower()
    there = {k for k, option in enumerate(options) if option.lower().rstrip(".。 ") in low}
    return {k for k in there if not any(j != k and options[k].lower() in options[j].lower() for j in there)}
