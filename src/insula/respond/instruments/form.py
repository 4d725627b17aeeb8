"""A form while it is filled in, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from insula.conversation import Anchor, Annotation

from .instrument import Instrument, Score, instrument

RATER = "self"
NOT_A_DIAGNOSIS = (
    "This is what your own answers add up to, not a diagnosis; only somebody trained who talks with you can judge what "
    "it means."
)


@dataclass(frozen=True)
class Result:
    """`scores` by name, whole numbers, and the published `bands` they fall in, where there are some.

    Empty scores mean that too much was left open; `sentence` says so. `risk` is the form's.
    """

    instrument: Instrument
    scores: Mapping[str, int]
    bands: Mapping[str, str]
    open: int
    risk: bool
    sentence: str

    def annotation(self, speaker: str) -> Annotation:
        """The person's own judgement of themselves, to be added to a conversation; an abstention without scores."""
        reason = "" if self.scores else f"{self.open} items were left open"
        return Annotation(
            "instrument", self.scores, Anchor(speaker=speaker), self.instrument.name, RATER, reason=reason
        )

    def change(self, earlier: Result) -> str:
        """Against an earlier result of the same instrument, in a sentence; "" where nothing is known of its error.

        Raises ValueError for another instrument.
        """
        if earlier.instrument != self.instrument:
            raise ValueError(f"{self.instrument.name} and {earlier.instrument.name} cannot be compared")
        for score in self.instrument.scores:
            if score.reliable_change and score.name in self.scores and score.name in earlier.scores:
                moved = self.scores[score.name] - earlier.scores[score.name]
                more = "more than" if abs(moved) >= score.reliable_change else "within"
                source = f"{score.reliable_change} points, {score.reliable_change_source}"
                return f"{moved:+d} since the last time, which is {more} the error of measurement ({source})."
        return ""


@dataclass(frozen=True)
class Form:
    """An instrument and the answers so far: numbers, or None for what was left open. Every step gives a new form."""

    instrument: Instrument
    answers: tuple[int | None, ...] = ()

    @property
    def question(self) -> str:
        """The next question, "" when all were asked."""
        return "" if self.done else self.instrument.items[len(self.answers)].text

    @property
    def done(self) -> bool:
        """Whether all questions were asked."""
        return len(self.answers) == len(self.instrument.items)

    @property
    def risk(self) -> bool:
        """Whether any item about death or self-harm has more than the lowest answer; known as soon as it is given."""
        pairs = zip(self.instrument.items, self.answers, strict=False)
        return any(item.risk and answer is not None and answer > self.instrument.lowest for item, answer in pairs)

    def answer(self, given: int | str) -> Form:
        """The form with the next question answered by number or by word ("several"); raises ValueError for neither."""
        if self.done:
            raise ValueError(f"all {len(self.answers)} questions of {self.instrument.name} were answered")
        return replace(self, answers=(*self.answers, self._value(given)))

    def skip(self) -> Form:
        """The form with the next question left open."""
        return self if self.done else replace(self, answers=(*self.answers, None))

    def back(self) -> Form:
        """The form before the last answer."""
        return replace(self, answers=self.answers[:-1])

    def state(self) -> dict[str, Any]:
        """What `resume` needs, fit for JSON."""
        return {"instrument": self.instrument.name, "answers": list(self.answers)}

    def result(self) -> Result:
        """Scores, bands and what to say. Questions not yet asked count as left open."""
        answers = (*self.answers, *[None] * (len(self.instrument.items) - len(self.answers)))
        left = answers.count(None)
        known = [score for score in self.instrument.scores if self._enough(score, answers)]
        scores = {score.name: self._sum(score, answers) for score in known}
        bands = {score.name: _band(score, scores[score.name]) for score in known if score.bands}
        sentence = self._sentence(scores, bands, left)
        return Result(self.instrument, scores, bands, left, self.risk, sentence)

    def _value(self, given: int | str) -> int:
        low, high, words = self.instrument.lowest, self.instrument.highest, self.instrument.answers
        text = "" if isinstance(given, bool) else " ".join(str(given).lower().split()).strip(" .!")
        if text.isdecimal() and low <= int(text) <= high:
            return int(text)
        exact = [place for place, word in enumerate(words) if word.lower() == text]
        begun = [place for place, word in enumerate(words) if text and word.lower().startswith(text)]
        if len(found := exact or begun) == 1 and not text.isdecimal():
            return low + found[0]
        allowed = f"{low} to {high}" if words[0].isdecimal() else self.choices()
        raise ValueError(f"{given!r} is no answer here: {allowed}")

    def choices(self) -> str:
        """The answers with their numbers, in a line."""
        return ", ".join(
            f"{self.instrument.lowest + place} {word}" for place, word in enumerate(self.instrument.answers)
        )

    def _enough(self, score: Score, answers: tuple[int | None, ...]) -> bool:
        asked = (*score.items, *score.minus)
        left = [answers[item - 1] for item in asked].count(None)
        return left < len(asked) and left <= self.instrument.missing

    def _sum(self, score: Score, answers: tuple[int | None, ...]) -> int:
        return _prorated(score.items, answers) - _prorated(score.minus, answers)

    def _sentence(self, scores: Mapping[str, int], bands: Mapping[str, str], left: int) -> str:
        source = f"Source: {self.instrument.source}."
        if not scores:
            return f"{left} of {len(self.instrument.items)} questions were left open, so nothing is added up. {source}"
        parts = [self._said(score, scores, bands) for score in self.instrument.scores if score.name in scores]
        filled = f" ({left} left open, the mean of the others in their place)" if left and bands else ""
        what = f"{self.instrument.title}: {'; '.join(parts)}{filled}."
        return " ".join([what, NOT_A_DIAGNOSIS, *([self.instrument.risk_note] if self.risk else []), source])

    def _said(self, score: Score, scores: Mapping[str, int], bands: Mapping[str, str]) -> str:
        low, high = self.instrument.limits(score)
        band = f', in the published bands "{bands[score.name]}"' if score.name in bands else ""
        return f"{score.name} {scores[score.name]} (it can be {low} to {high}){band}"


def start(name: str) -> Form:
    """An empty form, when a person asked for it; raises KeyError with near names."""
    return Form(instrument(name))


def resume(state: Mapping[str, Any]) -> Form:
    """The form of a `state()`; raises KeyError for an unknown instrument and ValueError for answers that do not fit."""
    answers = state.get("answers")
    form = start(str(state.get("instrument", "")))
    if not isinstance(answers, list) or len(cast("list[Any]", answers)) > len(form.instrument.items):
        raise ValueError(f"this is no state of {form.instrument.name}: {answers!r}")
    for given in cast("list[int | str | None]", answers):
        form = form.skip() if given is None else form.answer(given)
    return form


def _prorated(items: tuple[int, ...], answers: tuple[int | None, ...]) -> int:
    """The sum, the mean of what was answered standing in for what was not, rounded to a whole number (half up)."""
    known = [answer for item in items if (answer := answers[item - 1]) is not None]
    return int(sum(known) * len(items) / len(known) + 0.5) if known else 0


def _band(score: Score, value: int) -> str:
    return next(title for lowest, title in reversed(score.bands) if value >= lowest)
