"""One turn in the report: the words with their evidence marked, under them what is expressed and how sure that is."""

from __future__ import annotations

from insula.conversation import Annotation

from .markup import Html, join, tag
from .view import View, expressed, family, readable

MOST_CHARACTERS = 4000
MOST_STRETCHES = 60


def turn(view: View, anchor: str) -> Html:
    """One turn: who and when, the words with their evidence, then what is expressed."""
    when = _clock(view)
    who = tag("div", tag("b", view.turn.speaker), tag("a", when, href=f"#{anchor}-{view.number}"), class_="who")
    said = _stretches(view) if len(view.stretches) > 1 else tag("p", *marked(view), class_="said")
    return tag("li", who, tag("div", said, judgement(view)), id=f"{anchor}-{view.number}", data_find=findable(view))


def judgement(view: View) -> Html:
    """The chips under a text: labels, affect, other layers, doubt, and who else judged it."""
    if view.cannot_tell:
        return tag("p", tag("span", f"cannot tell: {view.cannot_tell}", class_="chip doubt"), class_="chips")
    chips: list[object] = [_gauge(view), *_chips(view.emotion)]
    if view.emotion and not view.expressed and not view.emotion.abstained:
        chips.append(tag("span", "nothing stands out", class_="chip doubt"))
    chips += _flags(view)
    rest = view.could_be
    if rest:
        more = f" and {len(rest) - 6} more" if len(rest) > 6 else ""
        chips.append(tag("span", f"could also be {', '.join(map(readable, rest[:6]))}{more}", class_="could"))
    return join([tag("p", *chips, class_="chips"), *_others(view)])


def marked(view: View, start: int = 0, end: int = MOST_CHARACTERS) -> list[object]:
    """Characters of the text with their evidence words marked, the stronger the darker."""
    text, scheme = view.turn.text, view.emotion.scheme if view.emotion else ""
    parts: list[object] = []
    at = start
    for one in view.evidence:
        first, last = one.at.chars or (0, 0)
        if first < at or last > end:
            continue
        label, weight = max(one.scores.items(), key=lambda x: x[1])
        look = {"class_": family(scheme, label), "style": f"--w:{0.25 + 0.75 * weight:.2f}"}
        word = tag("mark", text[first:last], title=f"speaks for {readable(label)}: {weight:.2f}", **look)
        parts += [text[at:first], word]
        at = last
    parts.append(text[at:end])
    if len(text) > end == MOST_CHARACTERS:
        parts.append(tag("em", f" … {len(text) - end:,} more characters"))
    return parts


def findable(view: View) -> str:
    """What the search field looks in."""
    labels = " ".join(readable(label) for label, _ in view.expressed)
    doubt = "cannot tell" if view.cannot_tell else ""
    return f"{view.turn.speaker} {view.turn.text[:300]} {labels} {doubt}".lower()


def signed(value: float) -> str:
    return ("−" if round(value, 2) < 0 else "+") + f"{abs(value):.2f}"


def _stretches(view: View) -> Html:
    """A long text part by part."""
    parts: list[object] = []
    for part in view.stretches[:MOST_STRETCHES]:
        piece = View(view.turn, view.number, part.emotion, part.affect, (), view.evidence, ())
        parts.append(
            tag("div", tag("p", *marked(piece, *part.chars), class_="said"), judgement(piece), class_="stretch")
        )
    if len(view.stretches) > MOST_STRETCHES:
        parts.append(tag("p", f"{len(view.stretches) - MOST_STRETCHES:,} more parts are not drawn.", class_="note"))
    return tag("div", *parts, tag("p", "All of it:", class_="note"))


def _chips(annotation: Annotation | None) -> list[object]:
    return [
        tag(
            "span",
            readable(label),
            tag("i", style=f"--p:{score:.2f}"),
            tag("span", _share(score), class_="p"),
            class_=f"chip {family(annotation.scheme, label)}",
            title=f"{readable(label)}: probability {score:.2f}, by {annotation.rater}",
        )
        for label, score in (expressed(annotation)[:5] if annotation else [])
        if annotation
    ]


def _gauge(view: View) -> Html:
    """Valence as a small scale with its interval."""
    if not (found := view.affect_of("valence")):
        return Html()
    value, margin = found
    low, high = max(-1.0, value - margin), min(1.0, value + margin)
    style = f"--a:{(low + 1) / 2:.3f};--b:{(high + 1) / 2:.3f};--v:{(value + 1) / 2:.3f}"
    words = f"valence {signed(value)}" + (f" ± {margin:.2f}" if margin else "")
    return tag("span", tag("i", style=style, class_="scale"), words, class_="gauge")


def _flags(view: View) -> list[Html]:
    lead = view.emotion.rater if view.emotion else ""
    found = [pair for x in view.beside if x.layer in ("sarcasm", "stress") for pair in expressed(x)]
    flags = [tag("span", f"⚑ {readable(label)} {_share(score)}", class_="chip flag") for label, score in found]
    mood = [x for x in view.beside if x.layer == "sentiment" and x.rater == lead]
    return flags + [
        tag("span", f"sentiment {readable(x.top)} {_share(x.scores[x.top])}", class_="could") for x in mood if x.top
    ]


def _others(view: View) -> list[Html]:
    """The same turn in the eyes of other raters: people, or other machines."""
    lines: list[Html] = []
    lead = view.emotion.rater if view.emotion else ""
    for x in view.beside:
        if x.layer == "emotion" and x.rater != lead:
            what = [tag("span", x.reason, class_="could")] if x.abstained else _chips(x)
            lines.append(tag("p", tag("span", f"{x.rater}:", class_="could"), *what, class_="chips"))
    return lines[:4]


def _clock(view: View) -> str:
    if not view.turn.seconds:
        return str(view.number)
    minutes, seconds = divmod(int(view.turn.seconds[0]), 60)
    return f"{minutes}:{seconds:02}"


def _share(score: float) -> str:
    return f"{score:.2f}".removeprefix("0")
