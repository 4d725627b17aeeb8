"""One turn in the report: the words with their evidence marked, under them what is expressed and how sure that is."""

from __future__ import annotations

from insula.conversation import Annotation

from .markup import Html, join, tag
from .view import View, expressed, family, readable

MOST_CHARACTERS = 4000
MOST_STRETCHES = 60


def turn(view: View, anchor: str) -> Html:
    """One turn: who and when, the words with their evidence, then what is expressed."""
    when = clock(view)
    who = tag("div", tag("b", view.turn.speaker), tag("a", when, href=f"#{anchor}-{view.number}"), class_="who")
    said = _stretches(view) if len(view.stretches) > 1 else tag("p", *marked(view), class_="said")
    return tag("li", who, tag("div", said, judgement(view)), id=f"{anchor}-{view.number}", data_find=findable(view))


def judgement(view: View) -> Html:
    """The chips under a text: labels, affect, other layers, doubt, and who else judged it."""
    if view.cannot_tell:
        return tag("p", tag("span", f"cannot tell: {view.cannot_tell}", class_="chip doubt"), class_="chips")
    chips: list[object] = [gauge(view), *labels(view.emotion)]
    if view.emotion and not view.expressed and not view.emotion.abstained:
        chips.append(tag("span", "nothing stands out", class_="chip doubt"))
    chips += flags(view)
    chips.append(doubts(view))
    return join([tag("p", *chips, class_="chips"), channels(view), *others(view)])


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
    decided = " ".join(readable(label) for label, _ in view.expressed)
    doubt = "cannot tell" if view.cannot_tell else ""
    return f"{view.turn.speaker} {view.turn.text[:300]} {decided} {doubt}".lower()


def signed(value: float) -> str:
    """+0.82 or −0.82, with a real minus."""
    return ("−" if round(value, 2) < 0 else "+") + f"{abs(value):.2f}"


def doubts(view: View) -> Html:
    """What cannot be ruled out, beyond what was decided."""
    rest = view.could_be
    more = f" and {len(rest) - 6} more" if len(rest) > 6 else ""
    return tag("span", f"could also be {', '.join(map(readable, rest[:6]))}{more}", class_="could") if rest else Html()


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


def labels(annotation: Annotation | None) -> list[object]:
    """The decided labels, a chip each, with their probabilities."""
    return [
        tag(
            "span",
            readable(label),
            tag("i", style=f"--p:{score:.2f}"),
            tag("span", share(score), class_="p"),
            class_=f"chip {family(annotation.scheme, label)}",
            title=f"{readable(label)}: probability {score:.2f}, by {annotation.rater}",
        )
        for label, score in (expressed(annotation)[:5] if annotation else [])
        if annotation
    ]


def gauge(view: View) -> Html:
    """Valence as a small scale with its interval."""
    if not (found := view.affect_of("valence")):
        return Html()
    value, margin = found
    words = f"valence {signed(value)}" + (f" ± {margin:.2f}" if margin else "")
    return tag("span", scale(value, margin), words, class_="gauge")


def scale(value: float, margin: float) -> Html:
    """A place on a line from -1 to 1, its margin as a bar."""
    low, high = max(-1.0, value - margin), min(1.0, value + margin)
    return tag("i", style=f"--a:{(low + 1) / 2:.3f};--b:{(high + 1) / 2:.3f};--v:{(value + 1) / 2:.3f}", class_="scale")


def flags(view: View) -> list[Html]:
    """What other layers decided: sarcasm, stress, ambivalence; and the sentiment."""
    lead = view.emotion.rater if view.emotion else ""
    found = [pair for x in view.beside if x.layer in ("sarcasm", "stress", "ambivalence") for pair in expressed(x)]
    chips = [tag("span", f"⚑ {readable(label)} {share(score)}", class_="chip flag") for label, score in found]
    mood = [x for x in view.beside if x.layer == "sentiment" and x.rater == lead]
    return chips + [
        tag("span", f"sentiment {readable(x.top)} {share(x.scores[x.top])}", class_="could") for x in mood if x.top
    ]


def others(view: View) -> list[Html]:
    """The same turn in the eyes of other raters: people, or other machines."""
    lines: list[Html] = []
    lead = view.emotion.rater if view.emotion else ""
    for x in view.beside:
        # what each channel says has its own line
        if x.layer == "emotion" and x.rater != lead and not (view.heard and x in view.heard.channels.values()):
            what = [tag("span", x.reason, class_="could")] if x.abstained else labels(x)
            lines.append(tag("p", tag("span", f"{x.rater}:", class_="could"), *what, class_="chips"))
    return lines[:4]


def channels(view: View) -> Html:
    """What the words say, how the voice sounds and the face looks, side by side; nothing where nobody listened."""
    if not view.heard:
        return Html()
    rows: list[Html] = []
    for name, x in view.heard.channels.items():
        doubt = f"cannot tell: {x.reason}" if x.abstained else "" if labels(x) else "nothing stands out"
        said = [tag("span", doubt, class_="chip doubt")] if doubt else labels(x)
        rows += [tag("dt", name), tag("dd", tag("p", *said, class_="chips"))]
    if view.heard.at_odds and view.heard.conflict:
        chip = tag("span", f"≠ {share(view.heard.conflict.scores['conflict'])}", class_="chip flag")
        told = tag("p", chip, tag("span", view.heard.why), class_="chips")
        rows += [tag("dt", "conflict"), tag("dd", told, class_="why")]
    return tag("dl", *rows, class_="channels")


def clock(view: View) -> str:
    """When it was said: minutes and seconds, else the number of the turn."""
    if not view.turn.seconds:
        return str(view.number)
    minutes, seconds = divmod(int(view.turn.seconds[0]), 60)
    return f"{minutes}:{seconds:02}"


def share(score: float) -> str:
    """.82"""
    return f"{score:.2f}".removeprefix("0")
