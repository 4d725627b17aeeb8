"""The page of a conversation: in short, its course, the people in it, and then turn by turn.

    section("chat.jsonl", readings(conversation), room=600) -> <section>…

Nothing is hidden without saying so: of a long conversation the turns worth a look are drawn, and each gap says what it
holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from insula.conversation import Annotation, Conversation
from insula.exchange.report.drawing import mark, plane
from insula.exchange.report.markup import Html, tag
from insula.exchange.report.sections import figure, lines, search, section_id, totals
from insula.exchange.report.sound import page as sound
from insula.exchange.report.tally import Tally
from insula.exchange.report.turn import scale, signed
from insula.exchange.report.view import readable

from .anchors import Anchors
from .drawing import MOST_TURNS, arched, course, matrix
from .summary import (
    Forecast,
    Meeting,
    accuracy,
    broad,
    chosen,
    forecasts,
    mean_of,
    meetings,
    speakers,
    transitions,
    weightiest,
)
from .turn import FINDINGS, INFLUENCES, Find, bar, influence, told, turn
from .view import MECHANISMS, Edge, Reading, traits

MOST_TOLD, MOST_PEOPLE, MOST_MEETINGS, MOST_FINDINGS, MOST_HEADING = 5, 8, 6, 8, 3
NOTE = (
    "What is expressed is not what is felt. All of this is what a model reads in the words and in the turns before "
    "them, with its doubt."
)


def section(
    name: str, conversation: Conversation, found: Sequence[Reading], room: int, page: Path | None = None
) -> Html:
    """One conversation and the readings of its turns, of which at most `room` are drawn, for the page at `page`."""
    kept = chosen(found, room)
    anchors = Anchors(section_id(name), kept)
    people, ahead = speakers(found), forecasts(found)
    find = _finder(conversation)
    # the turns come first: what they show has an address that the summary can lead to
    turns = tag("ol", *_turns(found, kept, people, anchors, find), class_="turns talk")
    known = [one for one in found if one.view.affect_of("valence")]
    parts = [
        tag("h2", tag("span", name), tag("small", _who(found, people))),
        tag("p", NOTE, class_="note"),
        _brief(found, ahead, anchors, find),
        sound.section(conversation, [one.view for one in found], page),
        figure(_caption(found), course(found, people, ahead, anchors.turn))
        if len(known) > 1 or arched(found)
        else Html(),
        _people(found, people, traits(conversation)),
        _patterns(found, anchors),
        tag("h3", "Turn by turn"),
        _legend(found) if any(one.edges or one.rationale for one in found) else Html(),
        _folded(found, kept),
        search() if len(kept) > 8 else Html(),
        turns,
    ]
    return tag("section", *parts, id=anchors.section, class_="dialogue")


def _finder(conversation: Conversation) -> Find:
    by_id = {x.id: x for x in conversation if isinstance(x, Annotation)}
    numbers = {turn.id: number for number, turn in enumerate(conversation.turns, 1)}

    def find(id: str) -> tuple[Annotation, int] | None:
        return (x, numbers.get(x.at.turn or "", 0)) if (x := by_id.get(id)) else None

    return find


def _who(found: Sequence[Reading], people: dict[str, int]) -> str:
    names = list(people)
    more = f" and {len(names) - 4:,} more" if len(names) > 4 else ""
    return f"{_count(len(found), 'turn')} {'between' if len(names) > 1 else 'of'} {', '.join(names[:4])}{more}"


def _caption(found: Sequence[Reading]) -> str:
    parts = ["Valence of each speaker (up is pleasant), with the band that holds nine in ten"]
    if arched(found):
        parts.append("arcs lead from causes to what they caused (dashed: without it, the feeling is read no weaker)")
    if len(found) > MOST_TURNS:
        turning = sum(one.turning for one in found)
        parts.append(f"points are means of several turns, {turning:,} turning points, flagged as far as there is room")
    return "; ".join(parts)


def _brief(
    found: Sequence[Reading],
    ahead: list[Forecast],
    anchors: Anchors,
    find: Find,
) -> Html:
    """The explanation's weightiest sentences, where it is heading, what was found."""
    rows = [tag("li", told(one.short, anchors, find)) for one in weightiest(found, MOST_TOLD)]
    short = [tag("div", tag("h3", "In short"), tag("ol", *rows), class_="card short")] if rows else []
    heading = [
        tag("p", f.words, " ", tag("small", f"valence {signed(f.valence)} ± {f.margin:.2f}"))
        for f in ahead[:MOST_HEADING]
    ]
    side: list[Html] = []
    if heading:
        side.append(tag("div", tag("h3", "Where it is heading"), *heading, class_="card"))
    elif any("trajectory" in one.by_scheme for one in found):
        side.append(
            tag("div", tag("h3", "Where it is heading"), tag("p", "cannot tell", class_="could"), class_="card")
        )
    side += _found(found, anchors)
    return tag("div", *short, tag("div", *side, class_="side"), class_="brief") if short or side else Html()


def _found(found: Sequence[Reading], anchors: Anchors) -> list[Html]:
    """The surest findings, in order, and how many more there are."""
    every = [(max(x.scores.values()), one, label) for one in found for x in one.findings for label in x.labels]
    if not every:
        return []
    surest = sorted(every, key=lambda flag: -flag[0])[:MOST_FINDINGS]
    rows = [
        tag("li", tag("a", _finding(one, label), href=anchors.turn(one.number)))
        for _, one, label in sorted(surest, key=lambda flag: flag[1].number)
    ]
    rest = tag("p", f"and {len(every) - MOST_FINDINGS:,} more", class_="note") if len(every) > MOST_FINDINGS else ""
    return [tag("div", tag("h3", "Found"), tag("ul", *rows), rest, class_="card")]


def _finding(one: Reading, label: str) -> str:
    return f"{FINDINGS.get(label, readable(label)).partition(':')[0]}: {one.speaker}, turn {one.number}"


def _people(found: Sequence[Reading], people: dict[str, int], big: Mapping[str, Annotation]) -> Html:
    """A card for each of those who spoke most."""
    turns: dict[str, list[Reading]] = {name: [] for name in people}
    for one in found:
        turns[one.speaker].append(one)
    most = set(sorted(turns, key=lambda name: -len(turns[name]))[:MOST_PEOPLE])
    cards = [_person(theirs, people[name], big.get(name)) for name, theirs in turns.items() if name in most]
    rest = len(people) - len(cards)
    more = tag("p", f"{rest:,} more people spoke less and have no card.", class_="note") if rest else Html()
    weak = tag("p", accuracy(next(iter(big.values())).rater), class_="note") if big else Html()
    return tag("div", tag("h3", "The people"), tag("div", *cards, class_="cards"), more, weak)


def _person(theirs: Sequence[Reading], style: int, big: Annotation | None) -> Html:
    name = theirs[0].speaker
    icon = tag("svg", mark(style, 8, 8, 5.5, "mean"), viewBox="0 0 16 16", class_="key", aria_hidden="true")
    rows = list(_course_of(theirs))
    shares = {label: mean for label in INFLUENCES if (mean := mean_of(theirs, "influence3", label)) is not None}
    if shares:
        rows.append(tag("div", tag("h4", "where their feelings come from"), influence(shares), class_="influence"))
    if big:
        bars = [_trait(label, score, big.margin.get(label, 0.0)) for label, score in big.scores.items()]
        rest = big.reason and tag("p", f"cannot tell: {big.reason}", class_="could")
        rows.append(tag("div", tag("h4", "personality, weakly"), tag("div", *bars, class_="meters"), rest))
    head = tag(
        "p", icon, tag("b", name, class_=f"name s{style % 6}"), tag("span", _count(len(theirs), "turn")), class_="head"
    )
    return tag("div", head, *rows, class_=f"card person s{style % 6}")


def _trait(label: str, score: float, margin: float) -> Html:
    words = f"{signed(score)} ± {margin:.2f}" if margin else signed(score)
    return tag("div", tag("span", readable(label)), scale(score, margin), tag("span", words))


def _course_of(theirs: Sequence[Reading]) -> Iterator[Html]:
    """What a person expressed, how pleasant it was from the first to the last, inertia and contagion."""
    counts = Counter(label for one in theirs if (label := one.emotion) and label != "neutral")
    if counts:
        broads = {one.emotion: broad(one) for one in theirs}
        said = [tag("span", f"{readable(x)} {n:,}", class_=f"chip {broads[x]}") for x, n in counts.most_common(4)]
        yield tag("p", *said, class_="chips")
    cannot = sum(1 for one in theirs if one.view.cannot_tell)
    if cannot:
        yield tag("p", f"{_count(cannot, 'turn')} could not be told", class_="could")
    valence = [value[0] for one in theirs if (value := one.view.affect_of("valence"))]
    if valence:
        yield tag("p", f"valence {signed(valence[0])} at first, {signed(valence[-1])} at last")
    latest = {
        label: next((v for one in reversed(theirs) if (v := one.score("trajectory", label)) is not None), None)
        for label in ("inertia", "contagion")
    }
    words = {"inertia": "stays as they were", "contagion": "goes with the others"}
    for label, value in latest.items():
        if value is not None:
            title = f"{label}: how much of it comes back at their next turn, −1 to 1"
            yield tag("p", f"{words[label]}: {signed(value)}", tag("small", f" {label}"), title=title)


def _patterns(found: Sequence[Reading], anchors: Anchors) -> Html:
    """Which emotion follows which, how people met each other, where they are in the affect plane, and all labels."""
    same, between = transitions(found, same=True), transitions(found, same=False)
    parts = [
        figure(title, matrix(counts, title), _kept(counts, words))
        for counts, title, words in (
            (same, "What follows in the same person", "stay in the same emotion (inertia)"),
            (between, "What follows in the other person", "take over the other's emotion (contagion)"),
        )
        if counts
    ]
    if met := meetings(found):
        rows = [_met(one) for one in met[:MOST_MEETINGS]]
        rest = f"{len(met) - MOST_MEETINGS:,} more pairs are not drawn." if len(met) > MOST_MEETINGS else ""
        parts.append(figure("How replies met the other", *rows, tag("p", rest, class_="note") if rest else Html()))
    views = [one.view for one in found]
    drawn = lines(views, anchors.turn)
    if any(point.arousal is not None for line in drawn for point in line.points):
        parts.append(figure("Valence and arousal", plane(drawn)))
    tally = Tally()
    for view in views:
        tally.add(view)
    return tag("div", *parts, totals(tally), class_="patterns")


def _kept(counts: Counter[tuple[str, str]], words: str) -> Html:
    whole = sum(counts.values())
    same = sum(n for (a, b), n in counts.items() if a == b)
    return tag("p", f"{same:,} of {whole:,} steps {words}. Rows lead to columns.", class_="note")


def _met(one: Meeting) -> Html:
    bars = [bar(MECHANISMS[name], level / 2, f"{level:.1f} of 2") for name, level in one.levels.items()]
    if one.alignment is not None:
        bars.append(bar("answers it", one.alignment, f"{one.alignment:.2f}"))
    who = tag("p", tag("b", f"{one.replier} → {one.other}"), f" {_count(one.replies, 'reply', 'replies')}")
    return tag("div", who, tag("div", *bars, class_="meters"), class_="meeting")


def _turns(
    found: Sequence[Reading],
    kept: set[int],
    people: dict[str, int],
    anchors: Anchors,
    find: Find,
) -> Iterator[Html]:
    """The turns that are kept, and a line for every gap between them."""
    effects: dict[int, list[Edge]] = {}
    for one in found:
        for edge in one.edges:
            effects.setdefault(edge.source, []).append(edge)
    gap: list[Reading] = []
    for one in found:
        if one.number not in kept:
            gap.append(one)
            continue
        if gap:
            yield _gap(gap)
            gap = []
        yield turn(one, people[one.speaker], effects.get(one.number, []), found, anchors, find)
    if gap:
        yield _gap(gap)


def _gap(gap: Sequence[Reading]) -> Html:
    """What a run of turns that are not drawn holds."""
    counts = Counter(one.emotion or "cannot tell" for one in gap)
    most = ", ".join(f"{readable(label)} {n:,}" for label, n in counts.most_common(3))
    numbers = f"turn {gap[0].number:,}" if len(gap) == 1 else f"turns {gap[0].number:,} to {gap[-1].number:,}"
    return tag("li", f"{numbers} folded: {most}", class_="gap")


def _folded(found: Sequence[Reading], kept: set[int]) -> Html:
    left = len(found) - len(kept)
    if not left:
        return Html()
    words = (
        f"{left:,} more turns are in the drawings and counts but folded below: shown are the beginning, the end, what "
        "was found, and the clearest emotions with their causes. Write to .jsonl or .csv for all of them."
    )
    return tag("p", words, class_="note")


def _legend(found: Sequence[Reading]) -> Html:
    """What the three marks in the words mean."""
    feeling = tag("mark", "words", class_="felt neutral", style="--w:.8")
    cause = tag("span", tag("mark", "words", class_="cause"), tag("sup", "→8", class_="effect"))
    shown = tag("mark", "words", class_="shown")
    rows = [
        tag("li", feeling, " speak for the feeling"),
        tag("li", cause, " caused what is expressed in turn 8") if any(one.edges for one in found) else "",
        tag("li", shown, " show empathy") if any(one.rationale for one in found) else "",
    ]
    return tag("ul", *rows, class_="legend marks")


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"
