"""How often readers of emotion see one where next to none is shown: talk about tickets, bank cards and hotel rooms.

Claim (ours; the corpora are Taskmaster, Byrne et al. 2019, arXiv:1909.05358, NLU++ and Banking77, Casanueva et al. 2022
and 2020): none of their papers is about feelings, which makes them a control. A reader that decides for an emotion on
much of their turns will do so on anybody's plain business, whatever it scores where emotions abound.

Ours: the share of turns on which a reader decides for any emotion but neutral, by corpus, emotion and speaker, beside
the same reader's share on turns of DailyDialog that people called neutral. Then each reader gets one bound on its own
scores, chosen on DailyDialog's development part to halve its share there, and pays for it in emotional turns it no
longer sees. Peer: VADER (Hutto & Gilbert 2014) with the bounds it comes with (compound .05 either way).

Differs: Taskmaster-3 stands for Taskmaster-1, of which one sample dialogue is here. No turn was judged by people, and
customers do complain, so the rate is an upper bound of what is false. VADER says pleasant or unpleasant, not which.

Found: readers of single turns see emotions everywhere, the reader of dialogue does not. text.encoder decides for an
emotion on 65 % of the turns (95 % interval 63 to 66), text.fast and text.lexicon on as many, VADER on 60 %,
dialogue.encoder on 10 % (9 to 12), though it names the right emotion of emotional turns nearly as often (71 % to 73 %).
Most of it is surprise (44 %) at questions: GoEmotions' curiosity and confusion count as surprise among Ekman's, so
95 % of turns with a question mark are false, 42 % of those without. DailyDialog's neutral turns fare no better (71 %).
A bound that halves the latter brings text.encoder to 28 % on task talk and costs it 11 points of right emotions (73 to
62 %); dialogue.encoder goes to 5 % and pays 16 (71 to 55 %).

    insula study false-emotion-rate --scale full
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..conversation import Annotation, Conversation, Turn
from ..data.gold import one_of
from ..pipeline import Pipeline
from ..presets import pipeline
from ..scheme import read_out, scheme
from .measure import Array, built, measured

SYSTEM = "taskmaster-1"
STATUS = "works-scaled"

TASKS = ("task-dialogues", "nlupp", "banking77")
FELT = "dailydialog"
SCHEME = "ekman7"
NEUTRAL = "neutral"
_MOST = 300  # conversations of one corpus
_SPEAKERS = ("user", "agent")
_PLEASANT, _BOUND = ("pleasant", "unpleasant"), 0.05
_DRAWS = 200


@dataclass(frozen=True)
class Heard:
    """What a reader said of every turn: `scores` (turns, names) of what it decided for, 0 elsewhere.

    `leads` says where an emotion scores higher than neutral, `answered` where it said anything: (turns,) each.
    """

    names: Sequence[str]
    scores: Array
    leads: Array
    answered: Array

    @property
    def strength(self) -> Array:
        """The score of the strongest emotion decided for, 0 where none is: (turns,)."""
        return self.scores.max(1)


Reader = Callable[[Sequence[Conversation]], Heard]


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """Rates by corpus, emotion and speaker, and what halving them costs, for every reader that can be built here."""
    del seed  # nothing is drawn
    full = scale == "full"
    tasks, development, test = _published() if full else _made_up()
    metrics: list[dict[str, Any]] = []
    readers = _readers(full)
    for name, reader in readers.items():
        metrics += _rows(name, reader, tasks, development, test)
    sizes = ", ".join(f"{name} {sum(len(one.turns) for one in found)}" for name, found in tasks.items())
    notes = [
        f"Turns: {sizes}, {FELT} test {sum(len(one.turns) for one in test)}.",
        "Deciding is passing the reader's own threshold, beside neutral or not; an emotion leads where it scores "
        "highest. An abstention decides for nothing; the rows called answered say how many turns are left.",
        f"Readers: {', '.join(readers)}. Intervals draw whole conversations.",
        "text.fast and text.lexicon decide among 28 emotions, which are mapped to Ekman's.",
        "dialogue.encoder, where it is listed, has learnt from the train part of DailyDialog; the others have not.",
    ]
    return {"metrics": metrics, "data": [*TASKS, FELT] if full else [], "notes": notes}


def _readers(full: bool) -> dict[str, Reader]:
    """The readers that can be built on this machine; VADER only where its package is."""
    found: dict[str, Reader] = {}
    if full:
        found["text.encoder"] = partial(heard, pipeline("text.encoder", evidence=0))
    found |= {name: partial(heard, pipeline(name)) for name in ("text.fast", "text.lexicon")}
    if full and (network := built("dialogue.encoder")):
        found["dialogue.encoder"] = partial(heard, network)
    if full and (vader := _vader()):
        found["VADER"] = vader
    return found


def heard(reader: Pipeline, conversations: Sequence[Conversation]) -> Heard:
    """The emotions a pipeline decides for under ekman7, or under a scheme that leads there, without neutral."""
    names = [label for label in scheme(SCHEME).labels if label != NEUTRAL]
    read = list(reader.run_many([Conversation(*one.turns, id=one.id) for one in conversations]))
    said = [_ekman(one.read("emotion", turn=turn.id)) for one in read for turn in one.turns]
    scores = [[one.scores[name] if name in one.labels else 0.0 for name in names] for one in said]
    leads = np.array([one.top not in (None, NEUTRAL) for one in said])
    return Heard(names, np.array(scores), leads, np.array([not one.abstained for one in said]))


def _ekman(found: Sequence[Annotation]) -> Annotation:
    whole = [one for one in found if one.at.chars is None]
    own = [one for one in whole if one.scheme == SCHEME]
    return own[-1] if own else read_out(whole[0], SCHEME)


def _vader() -> Reader | None:
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError:
        return None
    analyser = SentimentIntensityAnalyzer()

    def reader(conversations: Sequence[Conversation]) -> Heard:
        texts = [turn.text for one in conversations for turn in one.turns]
        compound = np.array([analyser.polarity_scores(text)["compound"] for text in texts])
        both = np.stack([compound, -compound], 1)
        return Heard(_PLEASANT, np.where(both >= _BOUND, both, 0.0), both.max(1) >= _BOUND, np.ones(len(texts), bool))

    return reader


def _rows(
    name: str,
    reader: Reader,
    tasks: Mapping[str, Sequence[Conversation]],
    development: Sequence[Conversation],
    test: Sequence[Conversation],
) -> list[dict[str, Any]]:
    """Every row of one reader."""
    said = {corpus: reader(found) for corpus, found in tasks.items()}
    everything = [one for found in tasks.values() for one in found]
    together = _joined(list(said.values()))
    felt, at_home = emotions(test), reader(test)
    bound = halving(reader(development).strength[emotions(development) == NEUTRAL])
    row = partial(_share, name)
    rows = [row("false-emotion rate", corpus, said[corpus].strength > 0, tasks[corpus]) for corpus in tasks]
    rows.append(row("false-emotion rate", "all tasks", together.strength > 0, everything))
    rows += [
        row(f"false-emotion rate, {emotion}", "all tasks", column > 0, everything)
        for emotion, column in zip(together.names, together.scores.T, strict=True)
    ]
    rows.append(row("answered", "all tasks", together.answered, everything))
    turns = [turn for one in everything for turn in one.turns]
    speakers, asks = np.array([turn.speaker for turn in turns]), np.array(["?" in turn.text for turn in turns])
    rows += [
        row(f"false-emotion rate, {who}'s turns", TASKS[0], together.strength > 0, everything, speakers == who)
        for who in _SPEAKERS
    ]
    rows += [
        row(f"false-emotion rate, turns {what} a question mark", "all tasks", together.strength > 0, everything, kept)
        for what, kept in (("with", asks), ("without", ~asks))
    ]
    rows.append(row("an emotion leads", "all tasks", together.leads, everything))
    rows.append(row("an emotion leads, turns people called neutral", FELT, at_home.leads, test, felt == NEUTRAL))
    rows.append(row("an emotion leads, emotional turns", FELT, at_home.leads, test, felt != NEUTRAL))
    for limit, how in ((0.0, ""), (bound, f", bound {bound:.2f}")):
        if how:
            rows.append(row(f"false-emotion rate{how}", "all tasks", together.strength > limit, everything))
        above = at_home.strength > limit
        rows.append(row(f"rate on turns people called neutral{how}", FELT, above, test, felt == NEUTRAL))
        rows.append(row(f"rate on emotional turns{how}", FELT, above, test, felt != NEUTRAL))
        if set(at_home.names) != set(_PLEASANT):
            right = ((felt[:, None] == np.array(at_home.names)) & (at_home.scores > limit)).max(1)
            rows.append(row(f"right emotion on emotional turns{how}", FELT, right, test, felt != NEUTRAL))
    return rows


def _joined(parts: Sequence[Heard]) -> Heard:
    scores, leads, answered = (np.concatenate([getattr(p, n) for p in parts]) for n in ("scores", "leads", "answered"))
    return Heard(parts[0].names, scores, leads, answered)


def halving(strength: Array) -> float:
    """The smallest bound that at most half as many of these turns pass as pass 0."""
    passing = np.sort(strength[strength > 0])[::-1]
    return float(passing[len(passing) // 2]) if len(passing) else 0.0


def emotions(conversations: Iterable[Conversation]) -> Array:
    """People's label of every turn, one conversation after the other."""
    return np.array(
        [one.read("emotion", turn=turn.id, rater="gold")[0].top for one in conversations for turn in one.turns]
    )


def _share(
    reader: str,
    title: str,
    part: str,
    turns: Array,
    conversations: Sequence[Conversation],
    kept: Array | None = None,
) -> dict[str, Any]:
    """The share of turns, of those `kept`, with its interval."""
    numbers = np.repeat(np.arange(len(conversations)), [len(one.turns) for one in conversations])
    chosen = np.ones(len(turns), bool) if kept is None else kept
    found = turns[chosen].astype(np.float64)
    return measured(f"{title}, {reader}", part, _mean, found, found[None], groups=numbers[chosen], draws=_DRAWS)


def _mean(_: Array, found: Array) -> float:
    return float(found.mean())


def _published() -> tuple[dict[str, list[Conversation]], list[Conversation], list[Conversation]]:
    from ..data import load

    def some(corpus: str, split: str, most: int) -> list[Conversation]:
        found = list(load(corpus, split))
        rows = np.sort(np.random.default_rng(0).permutation(len(found))[:most])
        return [found[row] for row in rows]

    tasks = {name: some(name, "test", _MOST) for name in TASKS}
    return tasks, some(FELT, "dev", _MOST // 2), some(FELT, "test", _MOST)


def _made_up() -> tuple[dict[str, list[Conversation]], list[Conversation], list[Conversation]]:
    """Two people about tickets, and talk in which every third turn shows something."""
    plain = ("Two tickets for eight, please.", "Which cinema is it?", "The one by the station.", "Row five is free.")
    shown = (("joy", "I am so happy for you!"), ("sadness", "I miss her so much."), ("anger", "That makes me furious!"))

    def business(count: int) -> list[Conversation]:
        return [
            Conversation(*(Turn(_SPEAKERS[k % 2], plain[(k + n) % 4]) for k in range(4)), id=str(n))
            for n in range(count)
        ]

    def talk(count: int) -> list[Conversation]:
        found: list[Conversation] = []
        for number in range(count):
            label, text = shown[number % 3]
            turns = [Turn("A", plain[number % 4]), Turn("B", text), Turn("A", plain[(number + 1) % 4])]
            judged = [one_of(SCHEME, felt, turn=f"t{k}") for k, felt in enumerate((NEUTRAL, label, NEUTRAL), 1)]
            found.append(Conversation(*turns, *judged, id=str(number)))
        return found

    return {TASKS[0]: business(12)}, talk(30), talk(30)
