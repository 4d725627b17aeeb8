"""One three-tier ontology puts the labels of different emotion corpora, and free words, under the same few groups.

Claim (Gupta, Garg & Dandapat 2024, arXiv:2401.06810): an ontology on Parrott's three tiers, with a vocabulary and
relations between emotions, categorises emotions across domains; shown there by expert ratings and three use cases.

Ours: tree, words and relations of `insula.ontology`. The words are written here, not gathered from a thesaurus and
sorted by sentence embeddings; the relations are opposite, stronger and related, not opposite, composed-of and leads-to.
Measured are coverage and agreement on label sets and word norms made by others, and transfer: train on the labels of
one corpus rolled up to tier 1, test on another. The ablation is the same without the ontology (labels shared by name
only); the control is a random grouping of the same labels. Use cases: find emotions without training, join corpora,
compare open word sets.

Differs: no expert rating of the ontology; the use cases are ours, where the paper's are emotion detection, review
prediction and empathetic replies.

Found: the groups are real (a random grouping of the same labels loses 14 points of accuracy) and people's word norms
agree with them, but joining corpora by them pays only where labels differ in name (CrowdFlower, up to 12 points of
macro-F1). Fine labels read as a broad emotion (GoEmotions' approval as love) cost more than their texts bring.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ontology import ontology, roll_up, set_score
from ..scheme import mapping, scheme
from .grouping import Text, at_random, by_name, by_ontology, commonest, corpus, grouped, hot, made_up, predict
from .measure import Array, macro_f1, measured, minus

SYSTEM = "tone-ontology"
STATUS = "works"

CORPORA = ("goemotions", "carer", "semeval2018-e-c", "tec", "crowdflower")
ARMS = {"ontology": by_ontology, "names only": by_name, "random groups": at_random}
TEST = 2000
NOTES = [
    "Disgust counts as anger at tier 1, where Parrott puts it; neutral is not counted as a label, and texts without "
    "a group are left out of detection and transfer. Pooled over pairs, a text counts once per training corpus.",
    "EmoLex 0.92 (Mohammad & Turney 2013), the EmoNet-Face taxonomy and EMER's reasons (Lian et al. 2023) are read "
    "where they lie and only measured against.",
    "The maps from label sets to the tree were written knowing the labels, and the vocabulary after seeing EmoNet's "
    "describing words and a few of EMER's reasons: their coverage is not a blind test. EmoLex was not looked at.",
]


def run(scale: str, rng_seed: int = 0) -> dict[str, Any]:
    """Measure coverage, agreement and transfer; at scale "smoke" on made-up texts."""
    full = scale == "full"
    corpora = _published() if full else made_up(rng_seed)
    pairs = _emer() if full else [({"furious", "hurt"}, {"angry", "wounded"}), ({"wistful"}, {"longing", "zorp"})]
    metrics = [
        *(row for name, (train, _) in corpora.items() for row in _label_coverage(name, train)),
        *(_name_coverage(name) for name in ("empathetic32", "isear7", "headlines15", "emorynlp7")),
        _published_grouping(),
        *(row for name, (_, test) in corpora.items() for row in detect(name, test)),
        *join(corpora, rng_seed),
        *open_words("EMER, words of the reason against the label" if full else "made-up words", pairs),
        *([_word_norms(), *_describing_words()] if full else []),
    ]
    return {"metrics": metrics, "data": list(CORPORA) if full else [], "notes": NOTES if full else NOTES[:1]}


# use case 1: find emotions in a text without training


def detect(name: str, texts: Sequence[Text]) -> list[dict[str, Any]]:
    """Read each text by its emotion words alone, against its labels rolled up."""
    known = grouped(texts)
    found = [_groups_of(text.text) for text, _ in known]
    spoke = np.array([bool(counts) for counts in found])
    gold = hot([groups for _, groups in known])
    said = hot([{counts.most_common(1)[0][0]} if counts else set() for counts in found])
    blind = hot([{commonest(known)}] * len(known))
    by_words = measured("macro-F1 by words", name, macro_f1, gold, said[None], baseline=macro_f1(gold, blind))
    gold, said, floor = gold[spoke], said[spoke][None], _accuracy(gold[spoke], blind[spoke])
    where = measured("accuracy by words where it speaks", name, _accuracy, gold, said, baseline=floor)
    return [_share("coverage by words", name, spoke), by_words, where]


def _groups_of(text: str) -> Counter[str]:
    return Counter(group for word in re.findall(r"[a-z']+", text.lower()) if (group := roll_up(word, 1)))


# use case 2: join corpora with different labels


def join(corpora: dict[str, tuple[list[Text], list[Text]]], seed: int) -> list[dict[str, Any]]:
    """Train on each corpus, test on all, with labels joined by the ontology, by name only, or at random."""
    tests = {name: grouped(test) for name, (_, test) in corpora.items()}
    rows: list[dict[str, Any]] = []
    across: list[tuple[Array, dict[str, Array], Array]] = []
    for source, (train, _) in corpora.items():
        texts = [text.text for known in tests.values() for text, _ in known]
        ends = np.cumsum([len(known) for known in tests.values()])[:-1]
        parts = {arm: np.split(predict(train, grouping, texts, seed), ends, axis=1) for arm, grouping in ARMS.items()}
        for number, (target, known) in enumerate(tests.items()):
            gold = hot([groups for _, groups in known])
            here = {arm: found[number] for arm, found in parts.items()}
            blind = hot([{commonest(grouped(train))}] * len(gold))
            rows += _pair(f"{source} -> {target}", gold, here, macro_f1(gold, blind))
            if source != target:
                across.append((gold, here, blind))
    gold = np.concatenate([gold for gold, _, _ in across])
    blind = np.concatenate([blind for _, _, blind in across])
    runs = {arm: np.concatenate([here[arm] for _, here, _ in across], axis=1) for arm in ARMS}
    return rows + _pooled(gold, runs, _accuracy(gold, blind))


def _pair(part: str, gold: Array, runs: dict[str, Array], floor: float) -> list[dict[str, Any]]:
    ours, names = runs["ontology"], runs["names only"]
    return [
        measured("macro-F1, tier 1", part, macro_f1, gold, ours, baseline=floor),
        measured("macro-F1, ontology minus names only", part, minus(macro_f1), gold, ours, names),
    ]


def _pooled(gold: Array, runs: dict[str, Array], floor: float) -> list[dict[str, Any]]:
    part, ours = "all pairs of different corpora", runs["ontology"]
    rows = [measured(f"accuracy, {arm}", part, _accuracy, gold, one, baseline=floor) for arm, one in runs.items()]
    return rows + [
        measured(f"accuracy, ontology minus {arm}", part, minus(_accuracy), gold, ours, runs[arm])
        for arm in ("names only", "random groups")
    ]


# use case 3: compare sets of open words


def open_words(part: str, pairs: Sequence[tuple[set[str], set[str]]]) -> list[dict[str, Any]]:
    """Score open words against open words by group, beside the same words compared letter by letter."""
    words = [word for pair in pairs for side in pair for word in side]
    known = np.array([ontology().find(word) is not None for word in words])
    bare = np.array([word in ontology().parents for word in words])
    exact = float(np.mean([_f1(gold, predicted) for gold, predicted in pairs]))
    rows = [_share("coverage of open words", part, known, baseline=float(bare.mean()))]
    for tier in (1, 2, 3):
        scores = np.array([set_score([pair], tier).f1 for pair in pairs])
        rows.append(_share(f"set F1 at tier {tier}", part, scores, baseline=exact))
    return rows


# coverage and agreement on what others published


def _label_coverage(name: str, texts: Sequence[Text]) -> list[dict[str, Any]]:
    """Share of the emotions people gave in a corpus that have a node of a tier; beside the names of the tree alone."""
    given = [(text.scheme, label) for text in texts for label in text.labels if label != "neutral"]
    bare = float(np.mean([label in ontology().parents for _, label in given]))
    tiers = {tier: {pair: roll_up(pair[1], tier, pair[0]) is not None for pair in set(given)} for tier in (1, 2)}
    rolled = {tier: np.array([there[pair] for pair in given]) for tier, there in tiers.items()}
    return [
        _share("coverage of labels, tier 1", name, rolled[1], baseline=bare),
        _share("coverage of labels, tier 2", name, rolled[2]),
    ]


def _name_coverage(name: str) -> dict[str, Any]:
    """Share of the labels of a scheme without a map that the vocabulary finds by name."""
    labels = [label for label in scheme(name).labels if label != "neutral"]
    bare = float(np.mean([label in ontology().parents for label in labels]))
    return _share("coverage of label names", name, np.array([bool(roll_up(one, 1, name)) for one in labels]), bare)


def _published_grouping() -> dict[str, Any]:
    """The words of GoEmotions' labels, found in the tree, against its authors' own Ekman groups."""
    to_ekman, published = mapping("parrott", "ekman6").table, mapping("goemotions28", "ekman7").table
    known = [(node, label) for label in scheme("goemotions28").labels if (node := ontology().find(label))]
    ours = [next(iter(to_ekman[node])) for node, _ in known]
    theirs = [next(iter(published[label])) for _, label in known]
    return _agreement("agreement with the published Ekman groups", "goemotions labels", ours, [{one} for one in theirs])


def _word_norms() -> dict[str, Any]:
    """Every word of the vocabulary that EmoLex also rates, against the emotions people associated it with."""
    from ..data.lexicons import scores

    six = scheme("ekman6").labels
    rated = {word: {one for one in six if there[one]} for word, there in scores("emolex").items()}
    people = {word: emotions for word, emotions in rated.items() if emotions}
    to_ekman = mapping("parrott", "ekman6").table
    both = [(next(iter(to_ekman[node])), people[word]) for word, node in ontology().words.items() if word in people]
    ours, theirs = [emotion for emotion, _ in both], [those for _, those in both]
    return _agreement("agreement with word norms", "EmoLex", ours, theirs)


def _describing_words() -> list[dict[str, Any]]:
    """The words EmoNet describes its 40 categories with: are they in the tree, and in the group of their category?"""
    emonet = scheme("emonet40")
    ids = {emonet.titles.get(label, label).lower(): label for label in emonet.labels}
    rows = [line.split("\t") for line in _lines("emonet_face/taxonomy.tsv")[1:]]
    pairs = [(ids[row[0].lower()], word.strip()) for row in rows for word in row[2].split(",")]
    groups = [(label, roll_up(word, 1)) for one, word in pairs if (label := roll_up(one, 1, "emonet40"))]
    found = np.array([word is not None for _, word in groups])
    both = [(word, {label}) for label, word in groups if word]
    ours, theirs = [word for word, _ in both], [label for _, label in both]
    return [
        _share("coverage of describing words", "EmoNet, categories in the tree", found),
        _agreement("agreement of describing words", "EmoNet, categories in the tree", ours, theirs),
    ]


def _emer() -> list[tuple[set[str], set[str]]]:
    """Per clip of EMER, the one label people chose and the words their reason ends on."""
    pairs: list[tuple[set[str], set[str]]] = []
    for row in csv.DictReader(_lines("emer_text/gt-eng.csv")):
        said = re.findall(r"emotional state (?:is|as|of|may be)(?: an?| one of)? ([^.]*)", row["reasons"])
        words = {word for part in said for word in re.split(r",| and |\band\b", part) if word.strip()}
        if words:
            pairs.append(({row["emotions"].strip()}, {word.strip() for word in words}))
    return pairs


def _accuracy(gold: Array, predicted: Array) -> float:
    """Share of items whose predicted group is among the given ones."""
    return float((gold & predicted).any(-1).mean()) if len(gold) else 0.0


def _f1(gold: set[str], predicted: set[str]) -> float:
    return 2 * len(gold & predicted) / (len(gold) + len(predicted))


def _share(name: str, part: str, values: Array, baseline: float | None = None) -> dict[str, Any]:
    return measured(name, part, lambda _, one: float(one.mean()), values, values[None], baseline=baseline)


def _agreement(name: str, part: str, ours: Sequence[str], theirs: Sequence[set[str]]) -> dict[str, Any]:
    """Share of items where our group is among theirs; the baseline is the same with our groups shuffled."""
    hits = np.array([one in those for one, those in zip(ours, theirs, strict=True)], dtype=float)
    chance = np.mean([[one in those for one in ours] for those in theirs])
    return _share(name, part, hits, baseline=float(chance))


def _published() -> dict[str, tuple[list[Text], list[Text]]]:
    return {name: (corpus(name, "train"), corpus(name, "test", TEST)) for name in CORPORA}


def _lines(name: str) -> list[str]:
    from ..data import MissingData, root

    path = root() / name
    if not path.exists():
        raise MissingData(f"{name} is not in {root()}")
    return path.read_text(encoding="utf-8-sig").splitlines()
