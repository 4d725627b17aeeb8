"""One turn of a conversation on the page: the words on the left; on the right why, and how the reply met the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from insula.conversation import Annotation
from insula.exchange.report.drawing import mark
from insula.exchange.report.markup import Html, join, tag
from insula.exchange.report.turn import channels, clock, doubts, findable, flags, gauge, labels, others, share, signed
from insula.exchange.report.view import readable
from insula.scheme import scheme

from .anchors import Anchors
from .drawing import fall
from .view import MECHANISMS, Edge, Reading
from .words import said

LEVELS = ("none", "weak", "strong")
INFLUENCES = {
    "own": ("words", "the turn's own words"),
    "memory": ("past", "the same person's earlier turns"),
    "contagion": ("others", "the others' earlier turns"),
}
FINDINGS = {
    "mixed-feelings": "mixed feelings",
    "hidden-emotion": "hidden emotion: the words are calm, what came before is not",
    "turning-point": "turning point",
}
Find = Callable[[str], tuple[Annotation, int] | None]
"""An annotation by its id, and the number of its turn."""


def turn(
    reading: Reading, style: int, effects: Sequence[Edge], found: Sequence[Reading], anchors: Anchors, find: Find
) -> Html:
    """One turn; `effects` are what it caused, `found` all turns, for its own causes are among them."""
    number = reading.number
    head = tag(
        "p",
        tag("svg", mark(style, 8, 8, 5.5, "mean"), viewBox="0 0 16 16", class_="key", aria_hidden="true"),
        tag("b", reading.speaker, class_=f"name s{style % 6}"),
        tag("a", clock(reading.view), href=f"#{anchors.section}-{number}", title=f"turn {number}"),
        _play(reading),
        *_manner(reading),
        class_="head",
    )
    judged = [_judgement(reading, anchors), channels(reading.view), _met(reading, anchors)]
    words = [said(reading, effects, anchors), *judged]
    body = tag("div", head, *words, class_=f"bubble s{style % 6}")
    why = [_why(reading, found, anchors), _influence(reading, anchors) if reading.telling else ""]
    notes = tag("div", *why, _more(reading, anchors, find), class_="notes")
    return tag(
        *("li", body, notes),
        id=f"{anchors.section}-{number}",
        data_turn=number,
        data_because=" ".join(str(edge.source) for edge in reading.edges) or None,
        data_find=findable(reading.view),
    )


def _play(reading: Reading) -> Html:
    """A turn of a recording can be played from its beginning."""
    seconds = reading.view.turn.seconds
    if not reading.view.heard or not seconds:
        return Html()
    return tag("button", "▶", data_at=f"{seconds[0]:.2f}", type="button", title="play from here", class_="play")


def told(sentences: Sequence[Annotation], anchors: Anchors, find: Find) -> Html:
    """Sentences of an explanation; raised numbers lead to the annotations each rests on, which are named below."""
    numbers: dict[str, int] = {}
    notes: list[Html] = []
    parts: list[object] = []
    for x in sentences:
        raised: list[Html] = []
        for id in x.because:
            if not (found := find(id)):
                continue
            what, turn = found
            href, name = anchors.to(what, turn), _called(what) + (f", turn {turn}" if turn else "")
            if id not in numbers:
                numbers[id] = len(numbers) + 1
                notes.append(tag("a", tag("sup", numbers[id]), name, href=href))
            raised.append(tag("a", numbers[id], href=href, title=name))
        title = f"confidence {max(x.scores.values()):.2f}"
        parts += [tag("span", " ".join(x.scores), title=title, id=anchors.id(x)), tag("sup", join(raised, " ")), " "]
    return tag("div", tag("p", *parts), tag("p", *notes, class_="rests") if notes else "", class_="told")


def _called(x: Annotation) -> str:
    """A word for what an annotation says."""
    if x.layer == "emotion":
        return readable((x.labels or (x.top or "cannot tell",))[0])
    words = {"affect": "valence", "evidence": "words", "counterfactual": "without it", "trajectory": "course"}
    return "link" if x.scheme == "caused" else words.get(x.layer, readable(x.layer))


def _manner(reading: Reading) -> list[Html]:
    """Dialogue act, intent and politeness as small tags."""
    tags: list[Html] = []
    for name in ("dialogue-act4", "empathetic-intents9"):
        x = reading.by_scheme.get(name)
        decided = (x.labels or ((x.top,) if x.top else ())) if x else ()
        if x and decided and decided[0] != "neutral":
            title = f"{readable(x.layer)}: {readable(decided[0])}, probability {x.scores[decided[0]]:.2f}"
            tags.append(tag("span", readable(decided[0]), class_="small", title=title))
    polite = reading.score("politeness", "politeness")
    if polite is not None and abs(polite) >= 0.15:
        words = "polite" if polite > 0 else "impolite"
        tags.append(tag("span", f"{words} {signed(polite)}", class_="small", title="politeness, −1 to 1"))
    return tags


def _judgement(reading: Reading, anchors: Anchors) -> Html:
    """What is expressed and how sure that is; what was found."""
    view = reading.view
    found = [
        tag(
            "span",
            f"⚑ {FINDINGS.get(label, readable(label))} {share(x.scores[label])}",
            class_="chip flag",
            id=anchors.id(x),
        )
        for x in reading.findings
        for label in x.labels
    ]
    if view.cannot_tell:
        return tag("p", tag("span", f"cannot tell: {view.cannot_tell}", class_="chip doubt"), *found, class_="chips")
    if not view.emotion and not view.affect:
        return tag("p", *found, class_="chips") if found else Html()
    chips = [*labels(view.emotion), *flags(view), doubts(view)]
    if view.emotion and not view.expressed:
        reason = f"cannot tell: {view.emotion.reason}" if view.emotion.abstained else "nothing stands out"
        chips = [tag("span", reason, class_="chip doubt"), *chips]
    feeling = tag("span", *chips, class_="chips", id=anchors.id(view.emotion))
    affect = tag("span", gauge(view), id=anchors.id(view.affect)) if view.affect else Html()
    return tag("p", feeling, affect, *found, class_="chips")


def _why(reading: Reading, found: Sequence[Reading], anchors: Anchors) -> Html:
    """Because of which turn, which words, how surely, and what would be without it."""
    if not reading.edges:
        return tag("p", f"why: cannot tell ({reading.unknown})", class_="could") if reading.unknown else Html()
    rows: list[Html] = []
    for edge in reading.edges:
        own = edge.source == edge.target
        turn = "its own words" if own else f"turn {edge.source}, {found[edge.source - 1].speaker}"
        quotes = [_quote(found[edge.source - 1].view.turn.text, span) for span in edge.spans[:3]]
        drop = Html()
        if edge.drop is not None:
            drop = tag("span", f"without it {readable(edge.emotion)} {fall(edge.drop)}", class_="drop")
        href = next((to for x in edge.causes if (to := anchors.to(x, edge.source))), None)
        sure = tag("span", share(edge.score), class_="p", title="probability that this is a cause")
        rows.append(tag("li", tag("a", turn, href=href), *quotes, " ", sure, drop))
    return tag("div", tag("h4", f"{readable(reading.edges[0].emotion)}, because of"), tag("ul", *rows), class_="why")


def _quote(text: str, span: tuple[int, int]) -> Html:
    words = " ".join(text[slice(*span)].split())
    return tag("q", words if len(words) <= 90 else words[:88] + "…")


def _influence(reading: Reading, anchors: Anchors) -> Html:
    """Whether the turn's own words, the speaker's past or the others lead to the emotion, as one bar."""
    x = reading.by_scheme.get("influence3")
    if not x or x.abstained:
        return Html()
    pieces = influence(x.scores)
    return tag("div", tag("h4", "where it comes from"), pieces, class_="influence", id=anchors.id(x))


def influence(scores: Mapping[str, float]) -> Html:
    """The three shares side by side; one that speaks against the emotion is hatched."""
    shares = {name: value for name, value in scores.items() if name in INFLUENCES}
    whole = sum(abs(value) for value in shares.values()) or 1.0
    words = ", ".join(f"{INFLUENCES[name][1]} {signed(value)}" for name, value in shares.items())
    bars = [
        tag(
            *("i", f"{INFLUENCES[name][0]} {value:.0%}".replace("-", "−") if abs(value) / whole > 0.28 else ""),
            class_=f"{name}{' against' if value < 0 else ''}",
            style=f"flex:{max(abs(value) / whole, 0.01):.3f}",
        )
        for name, value in shares.items()
    ]
    return tag("span", *bars, class_="parts", title=words, role="img", aria_label=words)


def _met(reading: Reading, anchors: Anchors) -> Html:
    """How a reply meets the other: three bars, and how far it answers what was told."""
    x, close = reading.by_scheme.get("epitome3"), reading.by_scheme.get("alignment")
    if not reading.met and not (close and close.scores):
        return Html()
    bars = levels(reading.met)
    if close and "alignment" in close.scores:
        bars.append(bar("answers it", close.scores["alignment"], f"{close.scores['alignment']:.2f}"))
    return tag("div", tag("h4", "as a reply"), tag("div", *bars, class_="meters"), class_="met", id=anchors.id(x))


def levels(met: dict[str, float]) -> list[Html]:
    """The three mechanisms of empathy as bars, with the level in words."""
    return [bar(MECHANISMS[name], value / 2, LEVELS[min(max(round(value), 0), 2)]) for name, value in met.items()]


def bar(name: str, filled: float, words: str) -> Html:
    """A name, a bar 0..1, a word."""
    return tag("div", tag("span", name), tag("i", style=f"--p:{max(0.0, min(1.0, filled)):.2f}"), tag("span", words))


def _more(reading: Reading, anchors: Anchors, find: Find) -> Html:
    """On demand: the appraisal, who else judged the turn, and all of it in words."""
    parts = {
        "how it is seen": [_appraisal(reading, anchors)],
        "other readings": [*_finer(reading), *others(reading.view)],
        "in words": [told(reading.sentences, anchors, find)] if reading.sentences else [],
    }
    names = [name for name, shown in parts.items() if any(shown)]
    every = [part for shown in parts.values() for part in shown]
    return tag("details", tag("summary", " · ".join(names)), *every) if names else Html()


def _finer(reading: Reading) -> list[Html]:
    """The same turn under a scheme with more words, by the rater that leads."""
    lead, fine = reading.view.emotion, reading.by_scheme.get("empathetic32")
    if not lead or not fine or fine.abstained or lead.scheme == fine.scheme:
        return []
    return [tag("p", tag("span", "in finer words:", class_="could"), *labels(fine), class_="chips")]


def _appraisal(reading: Reading, anchors: Anchors) -> Html:
    """How the situation is seen: what was decided as words, the dimensions as bars, strongest first."""
    decided, dims = reading.by_scheme.get("appraisal7"), reading.by_scheme.get("appraisal24")
    if not (decided and decided.scores) and not (dims and dims.scores):
        return Html()
    names = ", ".join(readable(label) for label in decided.labels) if decided else ""
    parts = (
        [tag("p", f"above all {names}" if names else "nothing stands out", id=anchors.id(decided))] if decided else []
    )
    if dims and dims.scores:
        kind = scheme(dims.scheme)
        middle = (kind.high + kind.low) / 2
        order = sorted(dims.scores, key=lambda name: -abs(dims.scores[name] - middle))[:8]
        rows = [
            bar(
                readable(name),
                (dims.scores[name] - kind.low) / (kind.high - kind.low),
                f"{dims.scores[name]:.1f} of {kind.high:.0f}",
            )
            for name in order
        ]
        parts.append(tag("div", *rows, class_="meters", id=anchors.id(dims)))
    return tag("div", tag("h4", "how it is seen"), *parts, class_="appraisal")
