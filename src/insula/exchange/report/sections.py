"""The parts of the report: its heading, a conversation, a table of texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b

from .drawing import Line, Point, curves, histogram, plane, thin
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
    if total.seen:
        facts.insert(2, (f"{len(total.seen):,}", "faces seen" if len(total.seen) != 1 else "face seen"))
    facts = facts if total.turns else facts[2:3] if total.seen else []
    return tag(
        "header",
        tag("p", "What is expressed in", class_="over"),
        tag("h1", title),
        tag("dl", *(tag("div", tag("dd", value), tag("dt", what)) for value, what in facts)) if facts else Html(),
        tag("p", f"Read by {total.read_by(6)}", class_="note"),
    )


def text_section(name: str, view: View) -> Html:
    """One text: the curves over its parts and what was expressed, if it is long; then the text itself."""
    anchor = section_id(name)
    tally = Tally()
    tally.add(view)
    drawn = lines(_parts(view))
    parts: list[object] = [tag("h2", name)]
    if any(len(line.points) > 1 for line in drawn):
        parts.append(_curves(drawn))
    parts += [totals(tally), tag("ol", turn(view, anchor), class_="turns")]
    return tag("section", *parts, id=anchor)


def _curves(drawn: list[Line]) -> Html:
    """Valence and arousal over the parts of a text, and both in the plane."""
    aroused = [line for line in drawn if any(p.arousal is not None for p in line.points)]
    mean = "" if all(p.note for line in drawn for p in line.points) else ", each point the mean of several parts"
    figures = [figure(f"Valence{mean}", curves(drawn, "valence", "unpleasant", "pleasant", "part"))]
    figures += [figure(f"Arousal{mean}", curves(aroused, "arousal", "quiet", "aroused", "part"))] if aroused else []
    beside = [figure(f"Valence and arousal{mean}", plane(drawn))] if aroused else []
    return tag("div", tag("div", *figures), *beside, class_="drawings")


def texts_section(name: str, tally: Tally, rows: list[tuple[str, View]]) -> Html:
    """Texts that stand alone, such as the rows of a table: how they lie, the extremes, then each of them."""
    anchor = section_id(name)
    parts: list[object] = [tag("h2", name, tag("small", f"{tally.turns:,} texts"))]
    if any(tally.valence):
        parts.append(figure("How pleasant", histogram(tally.valence)))
    parts.append(totals(tally))
    if tally.turns > 5 and tally.pleasant:
        ends = [("Most unpleasant", tally.unpleasant), ("Most pleasant", tally.pleasant)]
        parts.append(tag("div", *(_extremes(title, found) for title, found in ends), class_="ends"))
    parts += [search() if len(rows) > 8 else "", _table(rows, anchor)]
    if tally.turns > len(rows):
        parts.append(tag("p", f"{tally.turns - len(rows):,} more texts are counted but not drawn.", class_="note"))
    return tag("section", *parts, id=anchor)


def totals(tally: Tally) -> Html:
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


def lines(seen: Sequence[View], address: Callable[[int], str | None] | None = None) -> list[Line]:
    """The affect of the speakers who spoke most, over their turns; `address` leads from a point to its turn."""
    by_speaker: dict[str, list[Point]] = {}
    for view in seen:
        if point := _point(view, (address(view.number) if address else None) or ""):
            by_speaker.setdefault(view.turn.speaker, []).append(point)
    most = sorted(by_speaker, key=lambda speaker: -len(by_speaker[speaker]))[:MOST_SPEAKERS]
    # the style of a speaker is the same all over a page
    styles = {speaker: i for i, speaker in enumerate(dict.fromkeys(view.turn.speaker for view in seen))}
    return [Line(speaker, styles[speaker], thin(by_speaker[speaker])) for speaker in styles if speaker in most]


def _parts(view: View) -> list[View]:
    """The stretches of one long turn as if they were turns."""
    whole = [View(view.turn, i, x.emotion, x.affect, (), (), ()) for i, x in enumerate(view.stretches, 1)]
    return whole or [view]


def _point(view: View, href: str) -> Point | None:
    valence, arousal = view.affect_of("valence"), view.affect_of("arousal")
    if not valence:
        return None
    said = ", ".join(readable(label) for label, _ in view.expressed[:3])
    note = f"{view.turn.speaker}: {view.turn.text[:80]} ({said or 'nothing stands out'}, valence {signed(valence[0])})"
    margin = (valence[1], arousal[1] if arousal else 0.0)
    return Point(float(view.number), valence[0], arousal[0] if arousal else None, margin, note, href)


def figure(title: str, *drawn: Html) -> Html:
    """A drawing with its title."""
    return tag("figure", tag("figcaption", title), *drawn)


def search() -> Html:
    """The field that filters the turns below it."""
    return tag(
        "input", type="search", class_="search", placeholder="Show only what holds …", aria_label="Filter the turns"
    )
