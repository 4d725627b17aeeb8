"""Sentences from evidence, without a language model: each says one thing and holds the annotations it says it from.

    anger at t2 .71, caused by "you never called" in t1
    -> "Ana likely expresses anger in turn 2 (0.71)."
       "In turn 2 anger seems to come from what Bo said in turn 1: “you never called” (0.83)."

Turns are said by their number. A speaker whose name would read as something else is "the speaker of turn 2".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from insula.conversation import Annotation, Conversation, Span, Turn
from insula.explain.graph import Edge, edges, leading
from insula.explain.support import one_line, plain_reason, sayable
from insula.explain.wording import clearness, degree, direction, expresses, level, noun, said, sign, wording
from insula.scheme import mapping

READERS = ("dialogue.encoder", "text.encoder")  # whose emotion is explained: the first that has one, then anybody
SCHEMES = ("ekman7", "goemotions28")
MEMORY = 16  # a speaker's own turns "since" looks back on
CAUSES = 2  # causes told of one turn
REACH = 8  # turns a reply looks back on for the one it answers
QUOTE = 90  # characters quoted
COVERAGE = 0.9  # of a forecast's margin


@dataclass(frozen=True)
class Sentence:
    """What is said, how sure it is (0..1), and the annotations it is said from; the first is what it is about."""

    text: str
    confidence: float
    because: tuple[Annotation, ...]


_Told = tuple[str, list[Annotation], dict[str, object]]  # the template, what else it rests on, its words


class Composer:
    """Composes what there is to say of some turns of a conversation, as it stands."""

    def __init__(self, conversation: Conversation, turns: Sequence[Turn]) -> None:
        self._conversation = conversation
        self._turns = conversation.turns
        self._place = {turn.id: number for number, turn in enumerate(self._turns, 1)}
        layers = ("emotion", "cause", "counterfactual")
        self._known = {x.id: x for layer in layers for x in conversation.read(layer)}
        self._edges: dict[str, list[Edge]] = {}
        for edge in edges(conversation, targets=[turn.id for turn in turns]):
            self._edges.setdefault(edge.target, []).append(edge)
        self._own: dict[str, list[Turn]] = {}
        for turn in self._turns:
            self._own.setdefault(turn.speaker, []).append(turn)
        self._order = {turn.id: index for own in self._own.values() for index, turn in enumerate(own)}

    def sentences(self, turn: Turn) -> list[Sentence]:
        """Everything there is to say of one turn; nothing where nobody looked at its feeling."""
        feeling = self._feeling(turn)
        if feeling is None:
            return []
        told = [self._expressed(turn, feeling)]
        if leading(feeling) not in (None, "neutral"):
            told += [*self._caused(turn, feeling), *self._appraised(turn)]
        return [*told, *self._answered(turn), *self._found(turn), *self._heading(turn)]

    def _feeling(self, turn: Turn) -> Annotation | None:
        """The emotion to explain: of the best reader that can tell; else an abstention; else None."""
        found = [x for x in self._conversation.read("emotion", turn=turn.id) if x.at.chars is None]

        def rank(x: Annotation) -> tuple[bool, int, int]:
            reader = x.rater.split("@")[0]
            return x.abstained, _rank(reader, READERS), _rank(x.scheme, SCHEMES)

        return min(found, key=rank, default=None)

    def _expressed(self, turn: Turn, feeling: Annotation) -> Sentence:
        label = leading(feeling)
        if label is None:
            reason = plain_reason(feeling.reason)
            return self._say("withheld", turn, [feeling], 1.0, reason=_part("reason", reason=reason) if reason else "")
        p = feeling.scores[label]
        if not feeling.labels:
            return self._say("unclear", turn, [feeling], 1 - p if 0 <= p <= 1 else 0.0)
        run = [] if label == "neutral" else self._run(turn, feeling)
        how: dict[str, object] = {"expresses": expresses(label, p), "others": _others(feeling, label)}
        if label == "neutral":
            return self._say("neutral", turn, [feeling], p, none=wording()["phrase"]["neutral"], **how)
        since = _part("since", turn=self._place[run[-1].at.turn or ""]) if run else ""
        return self._say("feeling", turn, [feeling, *run], p, feeling=said(label), since=since, **how)

    def _run(self, turn: Turn, feeling: Annotation) -> list[Annotation]:
        """The same feeling, by the same rater, in the speaker's turns just before, nearest first."""
        found: list[Annotation] = []
        place = self._order[turn.id]
        for earlier in reversed(self._own[turn.speaker][max(0, place - MEMORY) : place]):
            same = self._conversation.read("emotion", turn=earlier.id, rater=feeling.rater, scheme=feeling.scheme)
            match = next((x for x in same if x.at.chars is None and leading(x) == leading(feeling) and x.labels), None)
            if match is None:
                break
            found.append(match)
        return found

    def _caused(self, turn: Turn, feeling: Annotation) -> Iterator[Sentence]:
        own = [edge for edge in self._edges.get(turn.id, []) if edge.because[0] == feeling.id]
        for edge in sorted(own, key=lambda edge: -edge.probability)[:CAUSES]:
            source = self._conversation.turn(edge.source)
            evidence = [feeling, *(self._known[id] for id in edge.because[1:])]
            names: dict[str, object] = {"feeling": noun(edge.emotion), "source": self._place[source.id]}
            quote = _quote(source.text, evidence[1].at.chars)
            kind = {"no-context": "cause_self", "self-contagion": "cause_own"}.get(edge.role, "cause_other")
            other = self._who(source)
            yield self._say(kind, turn, evidence, edge.probability, other=other, quote=quote, **names)
            if edge.drop is not None:
                by = f"{abs(edge.drop):.2f}"
                change: dict[str, object] = {
                    "direction": direction(edge.drop),
                    "by": _part("by", p=by) if float(by) else "",
                }
                kind = "without_words" if edge.role == "no-context" else "without_turn"
                yield self._say(kind, turn, evidence, edge.probability, **names, **change)

    def _appraised(self, turn: Turn) -> Iterator[Sentence]:
        known = wording()["appraisal"]
        for one in self._conversation.read("appraisal", turn=turn.id, scheme="appraisal7"):
            labels = [label for label in one.labels if label in known] if one.at.chars is None else []
            if labels:
                seen = _join([known[label] for label in labels])
                yield self._say("appraisal", turn, [one], min(one.scores[x] for x in labels), appraisals=seen)

    def _answered(self, turn: Turn) -> Iterator[Sentence]:
        """How a reply meets the feeling of the turn it answers, where that has one."""
        before = self._turns[max(0, self._place[turn.id] - 1 - REACH) : self._place[turn.id] - 1]
        other = next((one for one in reversed(before) if one.speaker != turn.speaker), None)
        felt = self._feeling(other) if other else None
        if other is None or felt is None or leading(felt) in (None, "neutral"):
            return
        names: dict[str, object] = {"feeling": noun(leading(felt) or ""), "source": self._place[other.id]}
        for one in self._conversation.read("empathy", turn=turn.id):
            if one.scheme == "epitome3" and one.scores and one.at.chars is None:
                clear = min(1 - 2 * abs(score - round(score)) for score in one.scores.values())
                levels = _join([level(label, score) for label, score in one.scores.items()])
                yield self._say("empathy", turn, [one, felt], clear, levels=levels, **names)
            elif one.scheme == "alignment" and one.scores:
                score = one.scores["alignment"]
                words: dict[str, object] = {"degree": degree(score), "score": f"{score:.2f}"}
                yield self._say("alignment", turn, [one, felt], clearness(score), **words, **names)

    def _found(self, turn: Turn) -> Iterator[Sentence]:
        for one in self._conversation.read("finding", turn=turn.id, scheme="findings"):
            evidence = [self._known[id] for id in one.because if id in self._known]
            for label in one.labels:
                how = {"mixed-feelings": _mixed, "hidden-emotion": _hidden, "turning-point": self._turning}[label]
                kind, rests, words = how(turn, evidence)
                finding = wording()["phrase"][label]
                yield self._say(kind, turn, [one, *rests], one.scores[label], finding=finding, **words)

    def _turning(self, turn: Turn, evidence: list[Annotation]) -> _Told:
        then = next((x for x in evidence if x.at.turn != turn.id and leading(x) not in (None, "neutral")), None)
        now = next((x for x in evidence if then and (x.at.turn, x.rater) == (turn.id, then.rater)), None)
        if then is None or now is None or leading(now) in (None, "neutral"):
            return "turning", [], {"change": ""}
        names = {"feeling": noun(leading(then) or ""), "other": noun(leading(now) or "")}
        return "turning", [now, then], {"change": _part("change", source=self._place[then.at.turn or ""], **names)}

    def _heading(self, turn: Turn) -> Iterator[Sentence]:
        for one in self._conversation.read("trajectory", turn=turn.id, scheme="trajectory"):
            if going := sign(one):
                value, margin = (f"{numbers['forecast']:.2f}" for numbers in (one.scores, one.margin))
                yield self._say("heading", turn, [one], COVERAGE, sign=going, value=value, margin=margin)

    def _say(self, kind: str, turn: Turn, because: Iterable[Annotation], p: float, **words: object) -> Sentence:
        who = self._who(turn)
        first = who if who == turn.speaker else who[0].upper() + who[1:]
        given = {"who": who, "Who": first, "turn": self._place[turn.id], "p": f"{p:.2f}"}
        text = wording()["sentence"][kind].format_map({**given, **words})
        return Sentence(text, round(min(max(p, 0.0), 1.0), 4), tuple(dict.fromkeys(because)))

    def _who(self, turn: Turn) -> str:
        return turn.speaker if sayable(turn.speaker) else _part("someone", turn=self._place[turn.id])


def _rank(one: str, known: Sequence[str]) -> int:
    return known.index(one) if one in known else len(known)


def _mixed(turn: Turn, evidence: list[Annotation]) -> _Told:
    """Two feelings of opposite sign that the words' reader leaves standing, where it has such."""
    del turn
    for one in evidence:
        if one.scheme == "goemotions28" and one.scores:
            table = mapping("goemotions28", "sentiment4").table
            left = sorted({*one.labels, *one.possible}, key=lambda label: -one.scores[label])
            best = {sign: label for label in reversed(left) for sign in table[label]}
            if "positive" in best and "negative" in best:
                names = {"feeling": noun(best["positive"]), "other": noun(best["negative"])}
                return "mixed", [one], {"both": _part("both", **names)}
    return "mixed", [], {"both": ""}


def _hidden(turn: Turn, evidence: list[Annotation]) -> _Told:
    here = [
        x for x in evidence if x.at.turn == turn.id and x.scheme == "ekman7" and leading(x) not in (None, "neutral")
    ]
    return "hidden", here, {"feeling": noun(leading(here[0]) or "") if here else "something"}


def _others(feeling: Annotation, label: str) -> str:
    """What else its conformal set holds, the likeliest two."""
    left = sorted((x for x in feeling.possible if x != label), key=lambda x: -feeling.scores.get(x, 0.0))[:2]
    names = [wording()["phrase"]["neutral"] if x == "neutral" else noun(x) for x in left]
    return _part("others", feelings=_join(names, "or")) if names else ""


def _quote(text: str, chars: Span | None) -> str:
    """The words of the cause as they stand there, cut at 90 characters; nothing where the whole turn is the cause."""
    words = one_line(text[slice(*chars)]) if chars else ""
    if len(words) > QUOTE:
        words = words[: words.rfind(" ", 0, QUOTE) if " " in words[:QUOTE] else QUOTE] + "…"
    return _part("quote", words=words) if words.isprintable() and words and not {"“", "”"} & set(words) else ""


def _join(words: Sequence[str], how: str = "and") -> str:
    return _part(how, first=", ".join(words[:-1]), last=words[-1]) if len(words) > 1 else words[0]


def _part(kind: str, **words: Any) -> str:
    return wording()["part"][kind].format(**words)
