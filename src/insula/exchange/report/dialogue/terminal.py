"""A conversation in a terminal: under each turn why and how it meets the other, at the end what adds up.

↳ because of turn 4, Nora: “they saw it in March” .86; without it surprise falls by .51
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.text import Text

from insula.conversation import Conversation
from insula.exchange.report.glyphs import COLOURS, bar, number
from insula.exchange.report.view import readable, visible

from .summary import accuracy, broad, forecasts, mean_of, meetings, transitions, weightiest
from .turn import FINDINGS, INFLUENCES, LEVELS
from .view import MECHANISMS, Edge, Reading, traits

MOST_CAUSES, MOST_LINES, MOST_TOLD, MOST_QUOTED = 3, 6, 5, 72


def under(one: Reading, found: Sequence[Reading]) -> list[Text]:
    """The lines under a turn: causes, the reply's empathy, findings."""
    lines = [_cause(edge, one, found) for edge in one.edges[:MOST_CAUSES]]
    if one.unknown:
        lines.append(Text(f"↳ why: cannot tell ({one.unknown})", style="italic bright_black"))
    if met := _met(one.met, one.score("alignment", "alignment")):
        lines.append(Text.assemble(("↳ as a reply: ", "bright_black"), met))
    if names := [f"{FINDINGS.get(x, readable(x))} {number(f.scores[x])}" for f in one.findings for x in f.labels]:
        lines.append(Text("⚑ " + ", ".join(names), style="bold"))
    return lines


def gap(left: Sequence[Reading]) -> Text:
    """What a run of turns that are not shown holds."""
    counts = Counter(one.emotion or "cannot tell" for one in left)
    most = ", ".join(f"{readable(label)} {n:,}" for label, n in counts.most_common(3))
    return Text(f"… {len(left):,} more turn{'s' * (len(left) > 1)}, counted, not shown: {most}", style="dim")


def closing(conversation: Conversation, found: Sequence[Reading]) -> list[Text]:
    """What adds up: steps from emotion to emotion, influence, replies, where it is heading, personality if asked for.

    What was found and the explanation's weightiest sentences are said last.
    """
    lines = [*_steps(found), *_influence(found), *_meetings(found), *_findings(found)]
    lines += [
        Text.assemble(
            ("ahead ", "bold"), f.words, (f" ({number(f.valence, True)} ±{number(f.margin)})", "bright_black")
        )
        for f in forecasts(found)[:MOST_LINES]
    ]
    lines += [*_personality(conversation), *_short(found)]
    return [Text(), *lines] if lines else []


def _cause(edge: Edge, one: Reading, found: Sequence[Reading]) -> Text:
    own = edge.source == edge.target
    source = found[edge.source - 1]
    where = "its own words" if own else f"turn {edge.source}, {visible(source.speaker)}"
    quotes = [" ".join(visible(source.view.turn.text[slice(*span)]).split()) for span in edge.spans[:2]]
    quoted = " ".join(f"“{x if len(x) <= MOST_QUOTED else x[:MOST_QUOTED] + '…'}”" for x in quotes)
    line = Text.assemble(("↳ because of ", "bright_black"), (where, f"bold {COLOURS[broad(one) or 'other']}"))
    line.append(f": {quoted} " if quoted else " ").append(number(edge.score))
    if edge.drop is not None:
        line.append(f"; without it {readable(edge.emotion)} {_fall(edge.drop)}", style="bright_black")
    return line


def _fall(drop: float) -> str:
    if abs(drop) < 0.005:
        return "stays the same"
    return f"{'falls' if drop > 0 else 'rises'} by {number(abs(drop))}"


def _met(met: dict[str, float], close: float | None) -> str:
    parts = [f"{MECHANISMS[name]} {LEVELS[min(max(round(level), 0), 2)]}" for name, level in met.items()]
    return ", ".join([*parts, *([f"answers it {number(close)}"] if close is not None else [])])


def _steps(found: Sequence[Reading]) -> Iterator[Text]:
    """How often an emotion stays, and how often it is taken over."""
    words = {
        True: "steps of one person stay in the same emotion (inertia)",
        False: "steps to another person take it over (contagion)",
    }
    parts: list[str] = []
    for same, what in words.items():
        counts = transitions(found, same)
        if whole := sum(counts.values()):
            kept = sum(n for (a, b), n in counts.items() if a == b)
            parts.append(f"{kept:,} of {whole:,} {what}")
    if parts:
        yield Text("; ".join(parts))


def _influence(found: Sequence[Reading]) -> Iterator[Text]:
    shares = {label: mean_of(found, "influence3", label) for label in INFLUENCES}
    if all(share is not None for share in shares.values()):
        words = ", ".join(f"{INFLUENCES[label][1]} {number(share or 0.0, True)}" for label, share in shares.items())
        yield Text.assemble(("from  ", "bold"), words)


def _meetings(found: Sequence[Reading]) -> Iterator[Text]:
    for one in meetings(found)[:MOST_LINES]:
        who = f"{visible(one.replier)} → {visible(one.other)}"
        replies = f" {one.replies:,} repl{'y' if one.replies == 1 else 'ies'}: "
        yield Text.assemble(("met   ", "bold"), who, (replies, "bright_black"), _met(one.levels, one.alignment))


def _findings(found: Sequence[Reading]) -> Iterator[Text]:
    counts = Counter(label for one in found for x in one.findings for label in x.labels)
    if counts:
        words = ", ".join(f"{readable(label)} {n:,}" for label, n in counts.most_common())
        yield Text.assemble(("found ", "bold"), words)


def _short(found: Sequence[Reading]) -> Iterator[Text]:
    for one in weightiest(found, MOST_TOLD):
        words = " ".join(visible(words) for x in one.short for words in x.scores)
        yield Text.assemble((f"{one.number:<5} ", "bright_black"), (words, "italic"))


def _personality(conversation: Conversation) -> Iterator[Text]:
    big = traits(conversation)
    for speaker, x in list(big.items())[:MOST_LINES]:
        words = "  ".join(f"{readable(label)} {bar((v + 1) / 2, 4)} {number(v, True)}" for label, v in x.scores.items())
        yield Text.assemble((f"{visible(speaker)} ", "bold"), words or f"personality: cannot tell ({x.reason})")
    if big:
        yield Text(accuracy(next(iter(big.values())).rater), style="bold")
