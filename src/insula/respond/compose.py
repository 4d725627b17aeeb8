"""A reply without any language model: sentences chosen by moment, matter, feeling and planned strategy.

    compose(Evidence("sadness"), ["question"], [Turn("ana", "I lost my job.")]).text -> "Losing work ... How did ...?"

Nothing is said twice in a talk while there is something else to say, nothing is asked three times running, and the
person's own words are said back at most every other turn. Source of the plan-then-fill method: Reiter & Dale 1997.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from types import MappingProxyType

from insula.conversation import Turn

from .evidence import Evidence
from .situation import Phrases, Situation, phrases, situation

UNREAD = ("not a language it knows", "not a script it knows")  # reasons of the readers of text
_LONG = 220  # words from which a turn is too long to be met in two sentences
_ADVICE = ("suggestion", "information")
_BRIEF = 5  # words of a turn that asks for no advice
_WORTH = 10  # words of a turn that is worth summing up
_LAST = "information suggestion question"  # what ends a reply of two strategies, the later the more
_QUESTION = re.compile(
    r"(^|[.!,;] )(so |and |but )?"
    r"(what(?! if)|who|where|when|why|how|which|do|does|did|is|are|can|could|would|will|should)\b[^.!?]*\?$"
)


@dataclass(frozen=True)
class Composed:
    """`lead` is a first sentence that a model may go on from, "" where there is none; `exact` forbids other words.

    `strategies` are those really used: what the moment asked for may differ from what was planned.
    """

    lead: str
    rest: str
    strategies: tuple[str, ...]
    exact: bool = False
    moment: str = ""

    @property
    def text(self) -> str:
        return f"{self.lead} {self.rest}".strip()


def compose(
    evidence: Evidence,
    strategies: Sequence[str],
    turns: Sequence[Turn],
    speaker: str = "companion",
    *,
    name: str = "Insula",
    before: Mapping[str, Evidence] = MappingProxyType({}),
    seed: int = 0,
) -> Composed:
    """The reply to the last turn that is not `speaker`'s; `before` is what was read of earlier turns, by turn id.

    Raises ValueError where nobody but `speaker` has spoken.
    """
    if all(turn.speaker == speaker for turn in turns):
        raise ValueError(f"nobody but {speaker!r} has spoken: there is nothing to answer")
    found = situation(turns, speaker, evidence, before)
    voice = _Voice([turn.text for turn in turns if turn.speaker == speaker], found.slots, name, seed + _number(turns))
    theirs = [turn.text.strip() for turn in turns if turn.speaker != speaker]
    return _without_words(found, evidence, voice) or _moment(found, theirs, voice) or _reply(found, strategies, voice)


class _Voice:
    """What was said so far by this side, and the choice of what to say next."""

    def __init__(self, said: Sequence[str], slots: Mapping[str, str], name: str, seed: int) -> None:
        self.said = said
        self.all = "\n".join(said)
        self.slots = {**slots, "companion": name}
        self.seed = seed

    def fill(self, line: str) -> str:
        """The line with its slots filled; "" where one is missing."""
        needed = re.findall(r"\{(\w+)\}", line)
        if any(slot not in self.slots for slot in needed):
            return ""
        return line.format(**self.slots) if needed else line

    def fresh(self, lines: Sequence[str], in_order: bool = False) -> str:
        """A line that was not said yet, filled; "" where all were."""
        start = 0 if in_order or not lines else self.seed % len(lines)
        turned = [*lines[start:], *lines[:start]]
        return next((text for line in turned if (text := self.fill(line)) and not self.heard(line)), "")

    def best(self, lines: Sequence[str]) -> str:
        """The first line that was not said yet, else the one said longest ago."""
        rank = sorted(lines, key=lambda line: self.all.rfind(_fixed(line)))
        return self.fresh(lines, in_order=True) or self.fill(rank[0])

    def heard(self, line: str) -> bool:
        return _fixed(line) in self.all

    @property
    def asked_twice(self) -> bool:
        return len(self.said) > 1 and all("?" in text for text in self.said[-2:])


def _fixed(line: str) -> str:
    """The longest stretch of a template that is the same however it is filled."""
    return max(re.split(r"\{\w+\}", line), key=len)


def _number(turns: Sequence[Turn]) -> int:
    """A number that is the same for the same talk, so that talks differ and a talk can be had again."""
    first = " ".join(turns[0].text[:200].split())
    return int.from_bytes(blake2b(first.encode(errors="replace"), digest_size=4).digest(), "big") + len(turns)


def _without_words(found: Situation, evidence: Evidence, voice: _Voice) -> Composed | None:
    if evidence.unread in UNREAD:
        return Composed("", voice.best([_language(found.low)]), ("others",), True, "language")
    if re.search(r"[^\W_]", found.low):
        return None
    table = phrases("moments")
    picture = next((one for one in table["picture"] if set(one["signs"]) & set(found.text)), None)
    signs = re.sub(r"[\s\u0000-\u001f\u200b-\u202e]", "", found.text)
    lines = (picture or table["other-signs" if signs else "silence"])["replies"]
    return Composed("", voice.best(lines), ("others",), True, "signs" if signs else "silence")


def _language(low: str) -> str:
    """What is said in the language that the most words, or the letters, tell."""
    every: Sequence[Phrases] = phrases("languages")["language"]
    words = set(re.findall(r"[\w']+", low))
    scores = [
        9 * bool("script" in one and re.search(one["script"], low)) + len(words & set(one.get("words", "").split()))
        for one in every[:-1]
    ]
    best = max(range(len(scores)), key=scores.__getitem__)
    return every[best if scores[best] else -1]["text"]


def _moment(found: Situation, theirs: Sequence[str], voice: _Voice) -> Composed | None:
    moment = found.moment
    if moment and "replies" in moment:
        return Composed("", voice.best(moment["replies"]), ("others",), bool(moment.get("exact")), str(moment["name"]))
    if len(theirs) > 1 and theirs[-1] == theirs[-2]:
        return Composed("", voice.best(phrases("moments")["again"]["replies"]), ("reflection",), False, "again")
    return None


def _reply(found: Situation, strategies: Sequence[str], voice: _Voice) -> Composed:
    mix = _mix(found, strategies, voice)
    if len(found.text.split()) > _LONG:
        long = phrases("general")["long"]
        lines = [voice.best(long["lines"]), voice.best(long["question"])]
        return Composed(lines[0], lines[1], ("question",), moment="long")
    lead = _lead(found, mix, voice)
    said = [text for strategy in mix if (text := _LINES.get(strategy, _line)(found, strategy, mix, voice))]
    rest = " ".join(dict.fromkeys(said)) or voice.best(phrases("general")["presence"]["lines"])
    return Composed(lead, rest, tuple(mix))


def _mix(found: Situation, strategies: Sequence[str], voice: _Voice) -> list[str]:
    """What was planned, but one piece of advice at a time, none where it is unwanted, and not a third question."""
    if found.moment and "strategy" in found.moment:
        return [found.moment["strategy"]]
    mix = list(strategies) or _unplanned(found, voice)
    mix = [one for one in mix if one not in _ADVICE or one == next(x for x in mix if x in _ADVICE)]
    if _advice_can_wait(found, voice):
        mix = ["reflection" if strategy in _ADVICE else strategy for strategy in mix]
    if voice.asked_twice:
        mix = ["reflection" if strategy == "question" else strategy for strategy in mix]
    return sorted(dict.fromkeys(mix), key=_LAST.find)


def _unplanned(found: Situation, voice: _Voice) -> list[str]:
    """Without a planner: feeling first, then a question, then what steadies; never advice."""
    order = (["reflection", "question"], ["reflection"], ["question"], ["affirmation"], ["self-disclosure"])
    return list(order[len(voice.said) % len(order)]) if found.mood != "plain" else ["question"]


def _advice_can_wait(found: Situation, voice: _Voice) -> bool:
    """Where nobody asked: it was declined, little is known yet, hardly a word was said, or some came just now."""
    declined = any(voice.heard(line) for line in _of_moment("only-listen"))
    offered = any(line in text for line in phrases("general")["suggestion"]["offer"] for text in voice.said[-2:])
    return declined or offered or len(voice.said) < 2 or len(found.low.split()) < _BRIEF


def _of_moment(name: str) -> Sequence[str]:
    return next(one["replies"] for one in phrases("moments")["moment"] if one["name"] == name)


def _lead(found: Situation, mix: Sequence[str], voice: _Voice) -> str:
    """A first sentence where the turn brought something; not before a reflection, which is one itself."""
    if (answer := _no_answer(found, voice)) or found.mood == "plain":
        return answer
    topic = phrases("topics")[found.topic] if found.topic else {}
    if found.new and found.tone == "hard" and (line := voice.fresh(topic["lead"], in_order=True)):
        return line
    if mix[0] in ("reflection", "restatement") or len(found.low.split()) < _BRIEF - (found.tone != "plain"):
        return ""
    feeling = phrases("feelings")[found.feeling]["lead"] if found.named else []
    return voice.fresh(feeling) or voice.fresh(phrases("general")["lead"][found.mood])


def _no_answer(found: Situation, voice: _Voice) -> str:
    asked = found.moment is None and _QUESTION.search(found.low)
    return voice.fresh(phrases("general")["unknown"]["lines"]) if asked else ""


def _line(found: Situation, strategy: str, mix: Sequence[str], voice: _Voice) -> str:  # noqa: ARG001
    """From the feeling, then the matter, then what fits any."""
    key = {"affirmation": "affirmation", "self-disclosure": "shared"}.get(strategy, "")
    own: Sequence[str] = phrases("topics")[found.topic].get(key, []) if found.topic and _hard(found) else []
    return voice.fresh(own) or voice.fresh(_general(strategy, found))


def _reflection(found: Situation, strategy: str, mix: Sequence[str], voice: _Voice) -> str:
    feeling = phrases("feelings")[found.feeling]["lines"] if found.feeling else []
    own: Sequence[str] = phrases("topics")[found.topic]["reflection"] if found.topic and _hard(found) else []
    first, second = (feeling, own) if found.named else (own, feeling)
    found_one = voice.fresh(first) or voice.fresh(second) or voice.fresh(_general(strategy, found))
    return found_one or _line(found, "affirmation", mix, voice)


def _question(found: Situation, strategy: str, mix: Sequence[str], voice: _Voice) -> str:  # noqa: ARG001
    topic = phrases("topics")[found.topic] if found.topic else {}
    own = topic.get("good", []) if found.mood == "good" else topic.get("question", []) if _hard(found) else []
    if _QUESTION.search(found.low) and found.moment is None and found.tone == "plain":
        own = phrases("general")["unknown"]["question"]
    return voice.fresh([*own, *_general("question", found)], in_order=True)


def _restatement(found: Situation, strategy: str, mix: Sequence[str], voice: _Voice) -> str:  # noqa: ARG001
    wording = phrases("general")["restatement"]
    brief = len(found.low.split()) < _WORTH
    lately = brief or any(_fixed(frame) in text for frame in wording["frame"] for text in voice.said[-2:])
    if lately or not (text := voice.fresh(wording["frame"]) if "clause" in found.slots else ""):
        return "" if found.mood == "plain" and "question" in mix else _reflection(found, "reflection", mix, voice)
    check = "" if mix[-1] != "restatement" or voice.asked_twice else voice.fresh(wording["check"])
    return f"{text} {check}".strip()


def _advice(found: Situation, strategy: str, mix: Sequence[str], voice: _Voice) -> str:
    topic = phrases("topics")[found.topic] if found.topic and found.mood != "good" else {}
    key = "step" if strategy == "suggestion" else "fact"
    line = voice.fresh(topic.get(key, []), in_order=True) or voice.fresh(_general(strategy, found))
    if not line or strategy == "information":
        return line
    wording = phrases("general")["suggestion"]
    close = "" if "question" in mix else voice.fresh(wording["close"])
    return " ".join(part for part in (voice.fresh(wording["offer"]), line, close) if part)


def _hard(found: Situation) -> bool:
    return found.mood == "hard"


def _general(strategy: str, found: Situation) -> Sequence[str]:
    return phrases("general")[strategy][found.mood]


_LINES: Mapping[str, Callable[[Situation, str, Sequence[str], _Voice], str]] = {
    "question": _question,
    "restatement": _restatement,
    "reflection": _reflection,
    "suggestion": _advice,
    "information": _advice,
}
