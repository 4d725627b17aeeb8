"""The cause graph of a conversation: which earlier turn made a later one feel as it does, on what evidence.

    "You never called." (bo, t1) -> "I am so angry at you." (ana, t2)
    cause_graph(conversation).causes("t2")  # (Edge(target="t2", source="t1", emotion="anger", ...),)

Both ways of writing causes are read. People's: the emotion's `because` names its cause annotations (RECCON). A
machine's: a link of scheme "caused" at the target turn whose `because` names the emotion, then its causes, so that a
cause found later needs no emotion rewritten. An edge says what a rater decided caused the expression; the
counterfactual, where one was made, says how the reading changes without the source. Neither proves what a person felt.

Kinds of causes: Poria et al. 2021, "Recognizing emotion cause in conversations", Cognitive Computation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from insula.conversation import Annotation, Conversation, Span

Role = Literal["no-context", "self-contagion", "inter-personal"]


@dataclass(frozen=True)
class Edge:
    """One source turn behind the emotion of one target turn, according to one rater.

    `spans` are characters of the source's text, empty for the whole turn; `probability` is that of the strongest of its
    cause annotations; `drop` is how much the emotion's score falls when the target is read without the source (-1..1,
    None where nobody tried). `because` holds the ids of the emotion, of the causes (the strongest first), and of
    the counterfactual and the link where there are any.
    """

    target: str
    source: str
    emotion: str
    probability: float
    spans: tuple[Span, ...]
    role: Role
    rater: str
    because: tuple[str, ...]
    drop: float | None = None


@dataclass(frozen=True)
class CauseGraph:
    """Edges from causes to what they caused; no edge leads to the past, so there are no circles but turns onto
    themselves."""

    edges: tuple[Edge, ...]

    def causes(self, turn: str) -> tuple[Edge, ...]:
        """What made this turn feel as it does, the most probable first."""
        return _strongest(edge for edge in self.edges if edge.target == turn)

    def effects(self, turn: str) -> tuple[Edge, ...]:
        """What this turn set off, the most probable first."""
        return _strongest(edge for edge in self.edges if edge.source == turn)

    def strongest(self, count: int = 5) -> tuple[Edge, ...]:
        """The most probable edges of the conversation; among equals the one with the larger counterfactual drop."""
        return _strongest(self.edges)[:count]

    def roots(self, turn: str) -> tuple[str, ...]:
        """Where the causes of a turn begin: the turns behind it that nothing but themselves caused, nearest first.

        A turn caused by nothing here, or only by its own words, is its own root.
        """
        seen, found, waiting = {turn}, list[str](), [turn]
        while waiting:
            here = waiting.pop(0)
            earlier = list(dict.fromkeys(edge.source for edge in self.causes(here) if edge.source != here))
            found += [here] if not earlier else []
            waiting += [source for source in earlier if source not in seen]
            seen |= set(earlier)
        return tuple(found)

    def chains(self, turn: str) -> Iterator[tuple[Edge, ...]]:
        """Every way from a root to this turn, as edges in the order of time. Lazily, for there may be very many."""
        earlier = [edge for edge in self.causes(turn) if edge.source != turn]
        for edge in earlier:
            behind = False
            for chain in self.chains(edge.source):
                behind = True
                yield (*chain, edge)
            if not behind:
                yield (edge,)

    def kinds(self, turn: str) -> tuple[str, ...]:
        """The kinds of cause of a turn, as RECCON names them.

        "no-context" (its own words), "self-contagion" (the same speaker earlier), "inter-personal" (somebody else),
        "hybrid" in place of the latter two where both hold. What lies outside the conversation ("latent") has no edge.
        """
        roles = {edge.role for edge in self.causes(turn)}
        if {"self-contagion", "inter-personal"} <= roles:
            return ("no-context", "hybrid") if "no-context" in roles else ("hybrid",)
        return tuple(sorted(roles, key=("no-context", "self-contagion", "inter-personal").index))

    def to_dot(self) -> str:
        """The graph in Graphviz's language: causes point at what they caused."""
        parts = [(_quoted(edge.source), _quoted(edge.target), _quoted(_caption(edge))) for edge in self.edges]
        lines = [f"  {source} -> {target} [label={caption}];" for source, target, caption in parts]
        return "\n".join(["digraph causes {", *lines, "}"])


def cause_graph(conversation: Conversation, rater: str | None = None) -> CauseGraph:
    """The graph of every cause in the conversation, or of one rater's."""
    return CauseGraph(edges(conversation, rater))


def edges(
    conversation: Conversation, rater: str | None = None, targets: Iterable[str] | None = None
) -> tuple[Edge, ...]:
    """Every edge, in the order of its target; or those of one rater ("explain.causes", with or without its revision),
    or of some target turns.

    Causes a rater looked at and did not decide for are no edges, nor are those of an emotion that was withheld.
    """
    known = {x.id: x for x in conversation.read("cause") if x.scheme != "caused"}
    if not known:
        return ()
    emotions = {x.id: x for x in conversation.read("emotion")}
    wanted = [turn.id for turn in conversation.turns] if targets is None else targets
    found: list[Edge] = []
    for target in wanted:
        for annotation, feeling, causes in _claims(conversation, target, known, emotions):
            if rater is None or rater in (annotation.rater, annotation.rater.split("@")[0]):
                found += _edges(conversation, annotation, feeling, causes)
    return tuple(found)


def _claims(
    conversation: Conversation, target: str, known: dict[str, Annotation], emotions: dict[str, Annotation]
) -> Iterator[tuple[Annotation, Annotation, list[Annotation]]]:
    """Who claims it, the emotion, and its decided causes: people's emotions first, then machines' links."""
    links = conversation.read("cause", turn=target, scheme="caused")
    for annotation in [*conversation.read("emotion", turn=target), *links]:
        causes = [x for x in (known.get(id) for id in annotation.because) if x and "cause" in x.labels and x.at.turn]
        feeling = annotation
        if annotation.layer == "cause":
            feeling = next((emotions[id] for id in annotation.because if id in emotions), annotation)
        if causes and not feeling.abstained and annotation.top:
            yield annotation, feeling, causes


def _edges(
    conversation: Conversation, claim: Annotation, feeling: Annotation, causes: list[Annotation]
) -> Iterator[Edge]:
    target = claim.at.turn or ""
    by_source: dict[str, list[Annotation]] = {}
    for cause in causes:
        by_source.setdefault(cause.at.turn or "", []).append(cause)
    for source, some in by_source.items():
        some.sort(key=lambda x: -x.scores.get("cause", 0.0))
        tried = [x for x in conversation.read("counterfactual", turn=source) if x.scores and feeling.id in x.because]
        whole = any(x.at.chars is None for x in some)
        yield Edge(
            target,
            source,
            leading(claim) or "",
            some[0].scores.get("cause", 0.0),
            () if whole else tuple(sorted(x.at.chars for x in some if x.at.chars)),
            _role(conversation, target, source),
            claim.rater,
            tuple(dict.fromkeys(x.id for x in (feeling, *some, *tried[:1], claim))),
            tried[0].scores.get("drop") if tried else None,
        )


def leading(emotion: Annotation) -> str | None:
    """The label a rater decided for, the likeliest of them; the likeliest of all where none was decided."""
    decided = [label for label in emotion.labels if label in emotion.scores]
    return max(decided, key=lambda label: emotion.scores[label]) if decided else emotion.top


def _role(conversation: Conversation, target: str, source: str) -> Role:
    if target == source:
        return "no-context"
    same = conversation.turn(target).speaker == conversation.turn(source).speaker
    return "self-contagion" if same else "inter-personal"


def _strongest(some: Iterable[Edge]) -> tuple[Edge, ...]:
    return tuple(sorted(some, key=lambda edge: (-edge.probability, -(edge.drop or 0.0))))


def _caption(edge: Edge) -> str:
    tried = "" if edge.drop is None else f", {-edge.drop:+.2f} without it"
    return f"{edge.emotion} {edge.probability:.2f}{tried}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
