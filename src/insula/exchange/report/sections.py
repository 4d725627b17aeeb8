"""The parts of the report: its heading, a conversation, a table of texts."""

from __future__ import annotations

from hashlib import blake2b

from .drawing import Line, Point, curves, histogram, mark, plane, thin
from .markup import Html, tag
from .tally import Tally
from .turn import findable, judgement, marked, signed, turn
from .view import View, family, readable

MOST_SPEAKERS = 6
MOST_LABELS = 10


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
        mean = "" if all(p.note for line in lines for p in line.points) else ", each point the mean of several turns"
        drawn = [_figure(f"Valence{mean}", curves(lines, "valence", "unpleasant", "pleasant", unit))]
        drawn += [_figure(f"Arousal{mean}", curves(aroused, "arousal", "quiet", "aroused", unit))] if aroused else []
        beside = [_figure(f"Valence and arousal{mean}", plane(lines))] if aroused else []
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


def texts_section(name: str, tally: Tally, rows: list[tuple[str, View]]) -> Html:
    """Texts that stand alone, such as the rows of a table: how they lie, the extremes, then each of them."""
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
    rows = [tag("li", tag("p", *marked(view), class_="said"), judgement(view)) for view in found]
    return tag("div", tag("h3", title), tag("ol", *rows))


def _table(rows: list[tuple[str, View]], anchor: str) -> Html:
    names = ("line", "text", "what is expressed")
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in names)))
    body = [
        tag(
            *(
                "tr",
                tag("td", where, class_="when"),
                tag("td", *marked(view), class_="said"),
                tag("td", judgement(view)),
            ),
            data_find=findable(view),
            id=f"{anchor}-{row}",
        )
        for row, (where, view) in enumerate(rows, 1)
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
    most = sorted(by_speaker, key=lambda speaker: -len(by_speaker[speaker]))[:MOST_SPEAKERS]
    drawn = [speaker for speaker in by_speaker if speaker in most]
    return [Line(speaker, style, thin(by_speaker[speaker])) for style, speaker in enumerate(drawn)]


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
        f"{view.turn.speaker}: {view.turn.text[:80]} ({labels or 'nothing stands out'}, valence {signed(valence[0])})"
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
