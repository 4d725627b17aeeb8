"""Putting questions with options, in an order of their own for every seed, and reading which option an answer names.

    asked = put(question, seed=3)                # "... A. Keep quiet  B. Tell ..."
    mark(asked, "The answer is B.").said -> "Tell"

An answer counts when it names one option, by letter or in full: after the word "answer" (in any of the languages asked
in; the last time counts), as the only option spoken of, or alone. An option that is ruled out is not named. Several,
none, a refusal or an answer cut off in the middle cannot be read, and why is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from ...llm import Message
from .question import Asked, Choice, Mark, Question

LETTERS = "ABCDEFGHIJ"
_LETTER = r"[A-J](?![A-Za-z'’])"
_OR = r"and|or|und|oder|y|o|e|et|ou"  # in the languages asked in
_SENTENCE = rf" (?!(?:because|since|as|{_OR})\b)[a-z]"
"""How one begins whose first word is a letter: "A friend would", "I think", ", C is rude"."""
_OPENS, _SHUTS = r"[\s*(\[“\"'【（]*", r"[\s*)\]”\"'】）]*"
_FIRST = rf"{_OPENS}(?:({_LETTER})(?!(?<=[AI])(?! is\b){_SENTENCE})|([a-j])(?=[).\]*]|\s*$))"
_NEXT = (
    rf"{_SHUTS}(?:(?:[、/&+和或与]|或者|以及|还是|(?<![A-Za-z])(?i:{_OR})(?![A-Za-z])){_OPENS}{_LETTER}"
    rf"(?!(?<=[AI])(?! is\b){_SENTENCE})|[,，](?:\s*(?i:{_OR})\s)?{_OPENS}{_LETTER}(?!{_SENTENCE}))"
)
_MORE = rf"((?:{_NEXT}){{0,9}})"
_IS = r"\s*(?:is|ist|es|est|è|é|[:：是为])"
_SAYS = re.compile(
    rf"(?i:(?:answer|antwort|respuesta|réponse|risposta|resposta|答案)(?:{_IS})?[:：]?(?:\s*(?:option|选项))?"
    rf"|(?:choose|chose|选择|选)(?:{_IS})?|(?:option|choice|选项){_IS}[:：]?){_FIRST}{_MORE}",
    re.MULTILINE,
)
_NAMES = re.compile(rf"(?i:option|choice|选项){_FIRST}{_MORE}", re.MULTILINE)
_ALONE = re.compile(r"^\W*([A-J])(?=\s*(?:[.,:;)\]}*。，、：；）】]|\n|$))|(?<![A-Za-z'’])([A-J])\W*$|^\W*([a-j])\W*$")
_SEVERAL = re.compile(rf"(?<![A-Za-z])({_LETTER})((?:{_NEXT}){{1,9}})")
_NOT = (
    r"(?:\b(?:not|cannot|never|neither|nor|than|instead of|nicht|kein\w*|no|non|pas|rul(?:e|ed|ing) out"
    r"|(?:elimin|élimin|exclu|esclud|discard|descart|scart|écart|reject|schließ)\w*)|n['’]t)\s"
    r"(?:(?:be|choose|pick|select|say|both|the|la|die|es|è|answer|option|choice|antwort|respuesta|réponse|risposta"
    r"|opción|opzione)\s|l['’])*|(?:不是|不选|不选择|不会选|不能选|不应选|不应该选|而非|并非|排除)(?:选项)?"
)
_WRONG = (
    r"\s(?:isn['’]t|aren['’]t|n['’]est pas|no es|non è"
    r"|(?:is|are|was|were|seems?|would be|ist|sind|es|son|est|sont|è|sono)\s(?:\w+ly\s)?"
    r"(?:not|wrong|false|inappropriate|worse|worst|nicht|falsch|incorrect\w*|faux|fausse|sbagliat|errat))"
    r"|\s*是?(?:错|不对|不正确|不合适)"
)
_OUT = re.compile(rf"(?i:{_NOT}){_OPENS}{_LETTER}{_MORE}|(?<![A-Za-z]){_LETTER}{_MORE}{_SHUTS}(?i:{_WRONG})")
"""Options that are ruled out: "not A", "A and C are wrong"."""
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
    return bool(_SAYS.search(_OUT.sub("…", text)))


def picked(text: str, options: Sequence[str]) -> tuple[int | None, str]:
    """The place of the option an answer names, or None and why not; `options` as they were shown."""
    left = _OUT.sub("…", text)
    letters = _letters_of(_SAYS.findall(left)[-1:]) or _letters_of(_NAMES.findall(left)) or _alone(left)
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
    """The letters that patterns found: the first one, large or small, and those beside it."""
    firsts = {one.upper() for *first, _ in found for one in first if one}
    return firsts | {one for *_, more in found for one in re.findall(rf"(?<![A-Za-z]){_LETTER}", more)}


def _alone(text: str) -> set[str]:
    if several := _letters_of(_SEVERAL.findall(text)[:1]):
        return several
    found = _ALONE.search(text.strip())
    return {x.upper() for x in found.groups() if x} if found else set()


def _in_words(text: str, options: Sequence[str]) -> set[int]:
    """The options that stand in the text in full; one that is part of a longer one there does not count."""
    low = text.lower()
    there = {k for k, option in enumerate(options) if option.lower().rstrip(".。 ") in low}
    return {k for k in there if not any(j != k and options[k].lower() in options[j].lower() for j in there)}
