"""Who is polite: politeness by emotion and by dialogue act in everyday talk.

Claim (Bothe & Wermter 2022, arXiv:2205.02921): in DailyDialog, turns of anger and disgust tend to be impolite and turns
of happiness and sadness polite; informing and commissive turns hold more polite ones than questions and directives.

Ours: people's emotions and acts of every turn of DailyDialog, and a politeness score by TF-IDF ridge regression trained
here on the Stanford politeness corpora; where `dialogue.encoder` is at hand, the same by its politeness head. Tables of
polite, middling and impolite turns by emotion and act (chi-square, Cramér's V); each class against all others
(Mann-Whitney, Cliff's delta, Holm's correction over all comparisons of a model) and the four claims as differences of
means whose intervals draw whole dialogues; the same between turns of equal length only, and between turns of one
dialogue only, for a quarrel may be impolite throughout. Control: the last with emotions and acts changing places within
each dialogue, which must give nothing.

Differs: the score is of another kind, and the Stanford corpora are requests in writing: what is no request is outside
of what either model has seen, which bears on the acts most. Polite and impolite are the outer quarters of the scores
the model gives to unseen Stanford requests, as in Danescu-Niculescu-Mizil et al. 2013.

Found: the claims hold where classes are pooled, less so looked at closely. By ridge (correlation with people's ratings
of unseen requests .48) happiness is politer than no emotion (.74 standard deviations, 95 % interval .71 to .76) and
sadness a little (.13, .08 to .18); anger and disgust are less polite (.27, .22 to .34), but hardly so than other turns
of the same dialogue (.06, -.00 to .14): the whole quarrel is impolite. Inform and commissive beat question and
directive (.34, .33 to .36) because of questions; directives are politer than inform (.05, .04 to .07).
dialogue.encoder (.57) agrees on happiness (.96) and acts (.13), finds anger and disgust less polite also within
dialogues (.85, .68 to 1.02) and sadness less polite (-.24, -.43 to -.08); it learnt emotions on the same states, so it
may read the one off the other.

    insula study polite-emotional-acts --scale full

The tables and tests themselves are in `politeness_tables.py`, whose `report` makes them of conversations of yours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import numpy as np

from ..conversation import Conversation, Turn
from ..data.gold import dimensions, one_of, short_text
from ..pipeline import Pipeline
from ..scheme import scheme
from .measure import Array, Statistic, built, measured
from .politeness_tables import ACT, EMOTION, LEVELS, Turns, association, compared, counts

SYSTEM = "polite-emotional-acts"
STATUS = "works"

NETWORK = "dialogue.encoder"
# claim -> the classes said to be more polite, and those said to be less so
CLAIMS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "happiness and sadness more polite than anger and disgust": (("joy", "sadness"), ("anger", "disgust")),
    "anger and disgust less polite than no emotion": (("neutral",), ("anger", "disgust")),
    "happiness more polite than no emotion": (("joy",), ("neutral",)),
    "sadness more polite than no emotion": (("sadness",), ("neutral",)),
    "inform and commissive more polite than question and directive": (
        ("inform", "commissive"),
        ("question", "directive"),
    ),
    "inform more polite than question": (("inform",), ("question",)),
    "inform more polite than directive": (("inform",), ("directive",)),
    "commissive more polite than directive": (("commissive",), ("directive",)),
}
_LENGTHS = (3, 6, 9, 12, 16, 24)  # words at which one length class ends and the next begins
_DRAWS = 300

Judge = Callable[[Sequence[Conversation]], Array]
"""Conversations -> politeness of every turn, one after the other; any scale, more is politer."""


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """The claims, tables and controls under every politeness model at hand."""
    full = scale == "full"
    talks, requests = _published() if full else _made_up(seed)
    metrics: list[dict[str, Any]] = []
    tables: dict[str, Any] = {}
    judges = _judges(requests, full)
    for name, judge in judges.items():
        said, felt = judge(requests["test"]), politeness_of(requests["test"])
        metrics.append(measured(f"Pearson's r on requests, {name}", "politeness", _correlation, felt, said[None]))
        low, high = np.quantile(said, (0.25, 0.75)).tolist()
        # the network has learnt emotions and acts from the train part and was tuned on dev
        some = [one for one in talks if "/test/" in one.id] if name == NETWORK else talks
        turns = judged(some, judge(some), (low, high))
        metrics += _claims(name, turns, seed)
        tables[name] = _tables(turns)
    notes = [
        f"{sum(len(one.turns) for one in talks)} turns of {len(talks)} dialogues, all splits: nobody rated their "
        f"politeness. {NETWORK}, where listed, judges those of test: it has learnt emotions and acts from the others.",
        "A claim's score is a difference of mean politeness in standard deviations of the scores; n counts dialogues, "
        "which its interval draws. At equal length, within dialogues: the mean over classes of length, over dialogues, "
        "weighted by the smaller number of turns. Dealt out anew: labels change places within each dialogue.",
        "Chi-square and Mann-Whitney take turns for independent and so state too small a p; the intervals do not.",
        f"Politeness models: {', '.join(judges)}.",
    ]
    data = ["dailydialog", "politeness"] if full else []
    return {"metrics": metrics, "data": data, "notes": notes, "tables": tables}


def judged(talks: Sequence[Conversation], politeness: Array, bounds: tuple[float, float]) -> Turns:
    """People's emotions and acts of every turn beside a model's politeness."""

    def gold(layer: str, name: str) -> Array:
        return np.array(
            [one.read(layer, turn=turn.id, rater="gold", scheme=name)[0].top for one in talks for turn in one.turns]
        )

    words = np.array([len(turn.text.split()) for one in talks for turn in one.turns])
    numbers = np.repeat(np.arange(len(talks)), [len(one.turns) for one in talks])
    return Turns(politeness, gold("emotion", EMOTION), gold("dialogue_act", ACT), words, numbers, bounds)


def _claims(model: str, turns: Turns, seed: int) -> list[dict[str, Any]]:
    """Each claim plainly, at equal length, within dialogues, and so with labels dealt out anew."""
    dealt = _dealt(turns, np.random.default_rng(seed))
    rows: list[dict[str, Any]] = []
    for claim, sides in CLAIMS.items():
        plain = _sums(turns, sides, by_length=False)
        ways: dict[str, tuple[Array, Statistic]] = {
            "": (plain, difference),
            ", at equal length": (_sums(turns, sides, by_length=True), difference),
            ", within dialogues": (plain, within),
            ", within dialogues, labels dealt out anew": (_sums(dealt, sides, by_length=False), within),
        }
        for way, (sums, statistic) in ways.items():
            rows.append(measured(claim + way, model, statistic, sums, sums[None], baseline=0.0, draws=_DRAWS))
    return rows


def _dealt(turns: Turns, draw: np.random.Generator) -> Turns:
    """Emotions and acts change places among the turns of each dialogue."""
    places = np.lexsort([draw.random(len(turns.dialogue)), turns.dialogue])
    order = np.argsort(turns.dialogue, kind="stable")
    moved = np.empty_like(places)
    moved[order] = places
    return replace(turns, emotion=turns.emotion[moved], act=turns.act[moved])


def _sums(turns: Turns, sides: tuple[tuple[str, ...], tuple[str, ...]], by_length: bool) -> Array:
    """(dialogues, length classes, 2 sides, 2): number of turns and their summed politeness in standard deviations."""
    scaled = (turns.politeness - turns.politeness.mean()) / max(float(turns.politeness.std()), 1e-9)
    length = np.digitize(turns.words, _LENGTHS) if by_length else np.zeros_like(turns.words)
    found = np.zeros((int(turns.dialogue.max()) + 1, len(_LENGTHS) + 1, 2, 2))
    for side, names in enumerate(sides):
        mine = np.isin(turns.emotion, names) | np.isin(turns.act, names)
        both = np.stack([np.ones(mine.sum()), scaled[mine]], 1)
        np.add.at(found[:, :, side], (turns.dialogue[mine], length[mine]), both)
    return found


def difference(_: Array, sums: Array) -> float:
    """Mean of the first side less that of the second within each length class, weighted by the smaller number."""
    return _weighted(sums.sum(0))


def within(_: Array, sums: Array) -> float:
    """The same within each dialogue, whatever the length: what is owed to the dialogue as a whole cancels out."""
    return _weighted(sums.sum(1))


def _weighted(sums: Array) -> float:
    number, total = np.moveaxis(sums, -1, 0)
    weight = number.min(1)
    means = total / np.maximum(number, 1)
    return float((weight * (means[:, 0] - means[:, 1])).sum() / max(weight.sum(), 1))


def _tables(turns: Turns) -> dict[str, Any]:
    """What the record keeps: levels by class with tests, and mean politeness of every emotion within every act."""
    kinds = {
        kind: {
            "classes": [asdict(row) for row in compared(turns, kind)],
            "levels": {str(n): row.tolist() for n, row in zip(*_by_class(turns, kind), strict=True)},
            "association": asdict(association(turns.classes(kind), turns.level)),
        }
        for kind in ("emotion", "act")
    }
    both = {}
    for emotion in scheme(EMOTION).labels:
        for act in scheme(ACT).labels:
            mine = (turns.emotion == emotion) & (turns.act == act)
            mean = round(float(turns.politeness[mine].mean()), 4) if mine.any() else None
            both[f"{emotion}, {act}"] = {"turns": int(mine.sum()), "mean": mean}
    return {**kinds, "emotion and act": both, "levels": list(LEVELS)}


def _by_class(turns: Turns, kind: str) -> tuple[Array, Array]:
    return np.unique(turns.classes(kind)), counts(turns.classes(kind), turns.level)


def _judges(requests: Mapping[str, Sequence[Conversation]], full: bool) -> dict[str, Judge]:
    judges: dict[str, Judge] = {"TF-IDF ridge": ridge(requests)}
    if full and (network := built(NETWORK)):
        judges[NETWORK] = partial(_by_network, network)
    return judges


def _by_network(network: Pipeline, conversations: Sequence[Conversation]) -> Array:
    read = network.run_many([Conversation(*one.turns, id=one.id) for one in conversations])
    found = [one.read("politeness", turn=turn.id) for one in read for turn in one.turns]
    said = np.array([one[-1].scores.get("politeness", np.nan) if one else np.nan for one in found])
    return np.where(np.isnan(said), np.nanmean(said), said)  # a turn without words is of middling politeness


def ridge(requests: Mapping[str, Sequence[Conversation]]) -> Judge:
    """Ridge regression on TF-IDF of words and pairs, its strength chosen on the development part."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import Ridge

    vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=r"(?u)\b\w+\b|[?!.]")
    known = vectors.fit_transform(_texts(requests["train"]))
    tuning, wanted = vectors.transform(_texts(requests["dev"])), politeness_of(requests["dev"])
    fitted = [Ridge(alpha=a, solver="sparse_cg").fit(known, politeness_of(requests["train"])) for a in (0.3, 1, 3, 10)]
    best = max(fitted, key=lambda one: _correlation(wanted, one.predict(tuning)))
    return lambda conversations: best.predict(vectors.transform(_texts(conversations)))


def _texts(conversations: Sequence[Conversation]) -> list[str]:
    return [turn.text for one in conversations for turn in one.turns]


def politeness_of(conversations: Sequence[Conversation]) -> Array:
    """People's mean politeness of every request."""
    return np.array([one.read("politeness", rater="gold")[0].scores["politeness"] for one in conversations])


def _correlation(gold: Array, said: Array) -> float:
    return float(np.corrcoef(gold, said)[0, 1]) if said.std() and gold.std() else 0.0


def _published() -> tuple[list[Conversation], dict[str, list[Conversation]]]:
    from ..data import load

    talks = [one for split in ("train", "dev", "test") for one in load("dailydialog", split)]
    return talks, {split: list(load("politeness", split)) for split in ("train", "dev", "test")}


def _made_up(seed: int) -> tuple[list[Conversation], dict[str, list[Conversation]]]:
    """Requests with and without a please, and talk in which the cross ask without one."""
    draw = np.random.default_rng(seed)
    kind, rude = "would you please {} thank you", "you had better {} right now"
    things = ("open the door", "send the list", "fix the page", "read the note")

    def say(polite: bool) -> str:
        return (kind if polite else rude).format(draw.choice(things))

    def request(number: int) -> Conversation:
        polite = bool(draw.random() < 0.5)
        return short_text(str(number), say(polite), dimensions("politeness", {"politeness": 0.5 if polite else -0.5}))

    def talk(number: int) -> Conversation:
        found = Conversation(id=str(number))
        for turn in range(1, 7):
            felt, done = str(draw.choice(["joy", "anger", "neutral"])), str(draw.choice(scheme(ACT).labels))
            polite = draw.random() < {"joy": 0.9, "anger": 0.1, "neutral": 0.5}[felt]
            found.add(Turn("AB"[turn % 2], say(bool(polite))))
            found.add(one_of(EMOTION, felt, turn=f"t{turn}"), one_of(ACT, done, turn=f"t{turn}"))
        return found

    parts = {"train": 80, "dev": 30, "test": 30}
    return [talk(n) for n in range(40)], {part: [request(n) for n in range(count)] for part, count in parts.items()}
