"""The parts of the report: its heading, a conversation, a table of texts, a turn."""

from __future__ import annotations

from hashlib import blake2b

from insula.conversation import Annotation

from .drawing import Line, Point, curves, histogram, mark, plane, thin
from .markup import Html, join, tag
from .tally import Tally
from .view import View, expressed, family, readable

MOST_SPEAKERS = 6
MOST_LABELS = 10
MOST_CHARACTERS = 4000
MOST_STRETCHES = 60


def section_id(name: str) -> str:
    """The anchor of a section: stable, and safe in an address whatever the source is called."""
    return "c" + blake2b(name.encode(errors="replace"), digest_size=4).hexdigest()


def heading(total: Tally, title: str) -> Html:
    """What was read, by whom, and how much of it could be told."""
    cannot = sum(total.reasons.values())
    most = [readable(label) for (_, label), _ in total.emotions.most_common(4) if label != "neutral"][:3]
    facts = [
        (f"{total.turns:,}", "texts read" if total.turns != 1 else "text read"),
        (f"{len(total.speakers):,}", "speakers" if len(total.speakers) != 1 else "speaker"),
        (f"{total.judged / total.turns:.0%}" if total.turns else "–", f"could be told, {cannot:,} could not"),
        (", ".join(most) or "–", "expressed most often"),
    ]
    raters = ", ".join(rater for rater, _ in total.raters.most_common(6)) or "nobody yet"
    return tag(
        "header",
        tag("p", "What is expressed in", class_="over"),
        tag("h1", title),
        tag("dl", *(tag("div", tag("dd", value), tag("dt", what)) for value, what in facts)),
        tag("p", f"Read by {raters}", class_="note"),
    )


def conversation_section(name: str, seen: list[View], room: int) -> Html:
    """One conversation: curves and plane, what was expressed, then the turns themselves, `room` of them."""
    anchor = section_id(name)
    tally = Tally()
    for view in seen:
        tally.add(view)
    lines = _lines(seen, anchor)
    timed = all(view.turn.seconds for view in seen)
    parts: list[object] = [tag("h2", name), _legend(lines, len(tally.speakers))]
    if any(len(line.points) > 1 for line in lines):
        unit = "time" if timed and len(seen) > 1 else "turn" if len(seen) > 1 else "part"
        aroused = [line for line in lines if any(p.arousal is not None for p in line.points)]
        drawn = [_figure("Valence", curves(lines, "valence", "unpleasant", "pleasant", unit))]
        drawn += [_figure("Arousal", curves(aroused, "arousal", "quiet", "aroused", unit))] if aroused else []
        beside = [_figure("Valence and arousal", plane(lines))] if aroused else []
        parts.append(tag("div", tag("div", *drawn), *beside, class_="drawings"))
    parts.append(_totals(tally))
    parts += [
        _search() if len(seen) > 8 else "",
        tag("ol", *(turn(view, anchor) for view in seen[:room]), class_="turns"),
    ]
    if len(seen) > room:
        parts.append(
            tag("p", f"{len(seen) - room:,} more turns are in the curves and counts but not drawn.", class_="note")
        )
    return tag("section", *parts, id=anchor)


def texts_section(name: str, tally: Tally, rows: list[View]) -> Html:
    """Texts that stand alone, such as the rows of a table: how they lie, the extremes, then the texts."""
    anchor = section_id(name)
    parts: list[object] = [tag("h2", name, tag("small", f"{tally.turns:,} texts"))]
    if any(tally.valence):
        parts.append(_figure("How pleasant", histogram(tally.valence)))
    parts.append(_totals(tally))
    if tally.turns > 5 and tally.pleasant:
        ends = [("Most unpleasant", tally.unpleasant), ("Most pleasant", tally.pleasant)]
        parts.append(tag("div", *(_extremes(title, found) for title, found in ends), class_="ends"))
    parts += [_search() if len(rows) > 8 else "", _table(rows, anchor)]
    if tally.turns > len(rows):
        parts.append(tag("p", f"{tally.turns - len(rows):,} more texts are counted but not drawn.", class_="note"))
    return tag("section", *parts, id=anchor)


def turn(view: View, anchor: str) -> Html:
    """One turn: who and when, the words with their evidence, then what is expressed."""
    when = _clock(view)
    who = tag("div", tag("b", view.turn.speaker), tag("a", when, href=f"#{anchor}-{view.number}"), class_="who")
    said = _stretches(view) if len(view.stretches) > 1 else tag("p", *_marked(view), class_="said")
    return tag("li", who, tag("div", said, judgement(view)), id=f"{anchor}-{view.number}", data_find=_find(view))


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
    words = f"valence {_signed(value)}" + (f" ± {margin:.2f}" if margin else "")
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


def _marked(view: View, start: int = 0, end: int = MOST_CHARACTERS) -> list[object]:
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


def _stretches(view: View) -> Html:
    """A long text part by part."""
    parts: list[object] = []
    for part in view.stretches[:MOST_STRETCHES]:
        piece = View(view.turn, view.number, part.emotion, part.affect, (), view.evidence, ())
        parts.append(
            tag("div", tag("p", *_marked(piece, *part.chars), class_="said"), judgement(piece), class_="stretch")
        )
    if len(view.stretches) > MOST_STRETCHES:
        parts.append(tag("p", f"{len(view.stretches) - MOST_STRETCHES:,} more parts are not drawn.", class_="note"))
    return tag("div", *parts, tag("p", "All of it:", class_="note"))


def _totals(tally: Tally) -> Html:
    """Which labels were decided on, how often, as bars."""
    most = sorted(tally.emotions.most_common(MOST_LABELS), key=lambda x: x[0][1] == "neutral")
    rows = [
        tag(
            *(
                "div",
                tag("span", readable(label)),
                tag("i", class_=family(scheme, label), style=f"--p:{n / tally.turns:.3f}"),
            ),
            tag("span", f"{n:,} of {tally.turns:,}"),
        )
        for (scheme, label), n in most
    ]
    reasons = [tag("li", f"{readable(why)}: {n:,}") for why, n in tally.reasons.most_common(6)]
    doubt = [tag("h3", "Cannot tell"), tag("ul", *reasons)] if reasons else []
    if not rows and not doubt:
        return Html()
    return tag("div", tag("h3", "Expressed"), tag("div", *rows, class_="bars"), *doubt, class_="totals")


def _extremes(title: str, found: list[View]) -> Html:
    rows = [tag("li", tag("p", *_marked(view), class_="said"), judgement(view)) for view in found]
    return tag("div", tag("h3", title), tag("ol", *rows))


def _table(rows: list[View], anchor: str) -> Html:
    names = ("", "text", "what is expressed")
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in names)))
    body = [
        tag(
            *(
                "tr",
                tag("td", row, class_="when"),
                tag("td", *_marked(view), class_="said"),
                tag("td", judgement(view)),
            ),
            data_find=_find(view),
            id=f"{anchor}-{row}",
        )
        for row, view in enumerate(rows, 1)
    ]
    return tag("table", head, tag("tbody", *body), class_="turns")


def _lines(seen: list[View], anchor: str) -> list[Line]:
    """The affect of the speakers who spoke most, over turns or seconds; of a single long text, over its parts."""
    timed = all(view.turn.seconds for view in seen)
    by_speaker: dict[str, list[Point]] = {}
    for view in seen if len(seen) > 1 else _parts(seen[0]):
        at = view.turn.seconds[0] if timed and view.turn.seconds and len(seen) > 1 else float(view.number)
        if point := _point(view, at, f"#{anchor}-{view.number}" if len(seen) > 1 else ""):
            by_speaker.setdefault(view.turn.speaker, []).append(point)
    styles = {speaker: i for i, speaker in enumerate(by_speaker)}
    most = sorted(by_speaker, key=lambda speaker: -len(by_speaker[speaker]))[:MOST_SPEAKERS]
    return [
        Line(speaker, styles[speaker], thin(by_speaker[speaker])) for speaker in sorted(most, key=styles.__getitem__)
    ]


def _parts(view: View) -> list[View]:
    """The stretches of one long turn as if they were turns."""
    pieces = view.stretches or ()
    whole = [View(view.turn, i, x.emotion, x.affect, (), (), ()) for i, x in enumerate(pieces, 1)]
    return whole or [view]


def _point(view: View, at: float, href: str) -> Point | None:
    valence, arousal = view.affect_of("valence"), view.affect_of("arousal")
    if not valence:
        return None
    labels = ", ".join(readable(label) for label, _ in view.expressed[:3])
    note = (
        f"{view.turn.speaker}: {view.turn.text[:80]} ({labels or 'nothing stands out'}, valence {_signed(valence[0])})"
    )
    margin = (valence[1], arousal[1] if arousal else 0.0)
    return Point(at, valence[0], arousal[0] if arousal else None, margin, note, href)


def _legend(lines: list[Line], speakers: int) -> Html:
    """Which mark is whose."""
    if len(lines) < 2:
        return Html()
    names = [
        tag("li", tag("svg", mark(line.style, 8, 8, 5, "mean"), viewBox="0 0 16 16", class_="key"), line.speaker)
        for line in lines
    ]
    rest = [tag("li", f"and {speakers - len(lines)} more, not drawn")] if speakers > len(lines) else []
    return tag("ul", *names, *rest, class_="legend")


def _figure(title: str, drawing: Html) -> Html:
    return tag("figure", tag("figcaption", title), drawing)


def _search() -> Html:
    return tag(
        "input", type="search", class_="search", placeholder="Show only what holds …", aria_label="Filter the turns"
    )


def _find(view: View) -> str:
    """What the search field looks in."""
    labels = " ".join(readable(label) for label, _ in view.expressed)
    doubt = "cannot tell" if view.cannot_tell else ""
    return f"{view.turn.speaker} {view.turn.text[:300]} {labels} {doubt}".lower()


def _clock(view: View) -> str:
    if not view.turn.seconds:
        return str(view.number)
    minutes, seconds = divmod(int(view.turn.seconds[0]), 60)
    return f"{minutes}:{seconds:02}"


def _share(score: float) -> str:
    return f"{score:.2f}".removeprefix("0")


def _signed(value: float) -> str:
    return ("−" if value < 0 else "+") + f"{abs(value):.2f}"
