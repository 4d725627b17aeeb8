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
"""

from __future__ import annotations

import csv
import gzip
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ontology import ontology, roll_up, set_score
from ..scheme import mapping, scheme
from .measure import Array, macro_f1, measured, minus

SYSTEM = "tone-ontology"
STATUS = "works"

CORPORA = ("goemotions", "carer", "semeval2018-e-c", "tec", "crowdflower")
GROUPS = tuple(node for node, above in ontology().parents.items() if above is None)
SEEDS = 3
TRAIN, TEST = 6000, 2000

Grouping = dict[str, str | None]


@dataclass(frozen=True)
class Text:
    """A text and the labels people gave it, in the scheme of its corpus."""

    text: str
    scheme: str
    labels: tuple[str, ...]


def run(scale: str, rng_seed: int = 0) -> dict[str, Any]:
    """Measure coverage, agreement and transfer; at scale "smoke" on made-up texts."""
    corpora = _made_up(rng_seed) if scale == "smoke" else {name: _corpus(name) for name in CORPORA}
    metrics = [
        *(row for name, (train, _) in corpora.items() for row in _label_coverage(name, train)),
        _published_grouping(),
        *join(corpora, rng_seed),
        *(row for name, (_, test) in corpora.items() for row in detect(name, test)),
    ]
    notes = [
        "Disgust counts as anger at tier 1, where Parrott puts it; texts without a group are left out of transfer."
    ]
    if scale == "full":
        metrics += [*_word_norms(), *_describing_words(), *open_words(_emer())]
        notes += [
            "EmoLex 0.92 (Mohammad & Turney 2013), the EmoNet-Face taxonomy and EMER's reasons (Lian et al. 2023) are "
            "read where they are published and only measured against.",
            "Maps from label sets to the tree were written knowing the labels; word norms, describing words and open "
            "words were made by others and not used to write the vocabulary.",
        ]
    else:
        metrics += open_words([({"furious", "hurt"}, {"angry", "wounded"}), ({"wistful"}, {"longing", "zorp"})])
    return {"metrics": metrics, "data": list(CORPORA) if scale == "full" else [], "notes": notes}


# use case 1: find emotions in a text without training


def detect(name: str, texts: Sequence[Text]) -> list[dict[str, Any]]:
    """Read each text by its emotion words alone, against its labels rolled up."""
    known = _grouped(texts)
    found = [
        Counter(group for word in re.findall(r"[a-z']+", t.text.lower()) if (group := roll_up(word, 1)))
        for t, _ in known
    ]
    spoke = np.array([bool(counts) for counts in found])
    gold = _hot([groups for _, groups in known])
    predicted = _hot([{counts.most_common(1)[0][0]} if counts else set() for counts in found])
    blind = _hot([{_commonest(known)}] * len(known))
    return [
        _share("coverage by words", name, spoke),
        measured("macro-F1 by words", name, macro_f1, gold, predicted[None], baseline=macro_f1(gold, blind)),
        measured(
            "accuracy by words where it speaks",
            name,
            _accuracy,
            gold[spoke],
            predicted[spoke][None],
            baseline=_accuracy(gold[spoke], blind[spoke]),
        ),
    ]


# use case 2: join corpora with different labels


def join(corpora: dict[str, tuple[list[Text], list[Text]]], seed: int) -> list[dict[str, Any]]:
    """Train on each corpus, test on each other one, with labels joined by the ontology, by name only, or at random."""
    tests = {name: _grouped(test) for name, (_, test) in corpora.items()}
    gold = {name: _hot([groups for _, groups in known]) for name, known in tests.items()}
    rows: list[dict[str, Any]] = []
    pooled: dict[str, list[Array]] = {"gold": [], "ontology": [], "names only": [], "random groups": []}
    for source, (train, _) in corpora.items():
        others = [name for name in corpora if name != source]
        texts = [text.text for name in others for text, _ in tests[name]]
        arms = {arm: _predict(train, make, texts, seed) for arm, make in _ARMS.items()}
        start = 0
        for target in others:
            end = start + len(tests[target])
            here = {arm: predicted[:, start:end] for arm, predicted in arms.items()}
            blind = _hot([{_commonest(_grouped(train))}] * len(tests[target]))
            part, start = f"{source} -> {target}", end
            rows.append(
                measured(
                    "macro-F1, tier 1",
                    part,
                    macro_f1,
                    gold[target],
                    here["ontology"],
                    baseline=macro_f1(gold[target], blind),
                )
            )
            rows.append(
                measured(
                    "macro-F1, ontology minus names only",
                    part,
                    minus(macro_f1),
                    gold[target],
                    here["ontology"],
                    here["names only"],
                )
            )
            pooled["gold"].append(gold[target])
            for arm, predicted in here.items():
                pooled[arm].append(predicted)
    truth = np.concatenate(pooled.pop("gold"))
    runs = {arm: np.concatenate(parts, axis=1) for arm, parts in pooled.items()}
    rows += [measured("accuracy, tier 1", f"all pairs, {arm}", _accuracy, truth, one) for arm, one in runs.items()]
    for arm in ("names only", "random groups"):
        rows.append(
            measured(
                f"accuracy, ontology minus {arm}", "all pairs", minus(_accuracy), truth, runs["ontology"], runs[arm]
            )
        )
    return rows


# use case 3: compare sets of open words


def open_words(pairs: Sequence[tuple[set[str], set[str]]]) -> list[dict[str, Any]]:
    """Score open words against open words by group, beside the same words compared letter by letter."""
    words = [word for pair in pairs for side in pair for word in side]
    known = np.array([ontology().find(word) is not None for word in words])
    bare = np.array([word in ontology().parents for word in words])
    exact = float(np.mean([_f1(gold, predicted) for gold, predicted in pairs]))
    rows = [_share("coverage of open words", "EMER", known, baseline=float(bare.mean()))]
    for tier in (1, 2, 3):
        scores = np.array([set_score([pair], tier).f1 for pair in pairs])
        rows.append(_share(f"set F1 at tier {tier}", "EMER, reason words against the label", scores, baseline=exact))
    return rows


# coverage and agreement on what others published


def _label_coverage(name: str, texts: Sequence[Text]) -> list[dict[str, Any]]:
    """Share of a corpus' labels, as often as they are given, that have a node; beside the names of the tree alone."""
    given = [(text.scheme, label) for text in texts for label in text.labels]
    bare = float(np.mean([label in ontology().parents for _, label in given]))
    tiers = {tier: {pair: roll_up(pair[1], tier, pair[0]) is not None for pair in set(given)} for tier in (1, 2)}
    return [
        _share(f"coverage of labels, tier {tier}", name, np.array([there[pair] for pair in given]), baseline=bare)
        for tier, there in tiers.items()
    ]


def _published_grouping() -> dict[str, Any]:
    """The words of GoEmotions' labels, found in the tree, against its authors' own Ekman groups."""
    to_ekman, published = mapping("parrott", "ekman6").table, mapping("goemotions28", "ekman7").table
    known = [(node, label) for label in scheme("goemotions28").labels if (node := ontology().find(label))]
    ours = [next(iter(to_ekman[node])) for node, _ in known]
    theirs = [next(iter(published[label])) for _, label in known]
    return _agreement("agreement with the published Ekman groups", "goemotions labels", ours, [{one} for one in theirs])


def _word_norms() -> list[dict[str, Any]]:
    """Every word of the vocabulary that EmoLex also rates, against the emotions people associated it with."""
    people: dict[str, set[str]] = {}
    for line in _lines("lex_nrc_emolex/NRC-Emotion-Lexicon-Wordlevel-v0.92.txt.gz"):
        word, _, rest = line.partition("\t")
        emotion, _, there = rest.partition("\t")
        if there == "1" and emotion in scheme("ekman6").labels:
            people.setdefault(word, set()).add(emotion)
    to_ekman = mapping("parrott", "ekman6").table
    both = [(next(iter(to_ekman[node])), people[word]) for word, node in ontology().words.items() if word in people]
    return [
        _agreement("agreement with word norms", "EmoLex", [ours for ours, _ in both], [theirs for _, theirs in both])
    ]


def _describing_words() -> list[dict[str, Any]]:
    """The words EmoNet describes its 40 categories with: are they in the tree, and in the group of their category?"""
    emonet = scheme("emonet40")
    ids = {emonet.titles.get(label, label).lower(): label for label in emonet.labels}
    rows = [line.split("\t") for line in _lines("emonet_face/taxonomy.tsv")[1:]]
    pairs = [(ids[row[0].lower()], word.strip()) for row in rows for word in row[2].split(",")]
    groups = [(roll_up(label, 1, "emonet40"), roll_up(word, 1)) for label, word in pairs]
    inside = [word for label, word in groups if label]
    both = [(label, word) for label, word in groups if label and word]
    return [
        _share(
            "coverage of describing words",
            "EmoNet, 32 categories in the tree",
            np.array([w is not None for w in inside]),
        ),
        _agreement(
            "agreement of describing words", "EmoNet", [word for _, word in both], [{label} for label, _ in both]
        ),
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


# arms of the ablation: label -> group, for the labels of one scheme


def _by_ontology(name: str, _: int) -> Grouping:
    return {label: roll_up(label, 1, name) for label in scheme(name).labels}


def _by_name(name: str, _: int) -> Grouping:
    return {label: label if label in GROUPS else None for label in scheme(name).labels}


def _at_random(name: str, seed: int) -> Grouping:
    groups = {label: group for label, group in _by_ontology(name, seed).items() if group}
    shuffled = list(groups.values())
    random.Random(seed).shuffle(shuffled)
    return dict.fromkeys(scheme(name).labels) | dict(zip(groups, shuffled, strict=True))


_ARMS: dict[str, Callable[[str, int], Grouping]] = {
    "ontology": _by_ontology,
    "names only": _by_name,
    "random groups": _at_random,
}


def _predict(train: Sequence[Text], make: Callable[[str, int], Grouping], texts: list[str], seed: int) -> Array:
    """(seeds, texts, groups) of 0 and 1: TF-IDF and logistic regression, a new sample of texts per seed."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier

    runs: list[Array] = []
    for one in range(seed, seed + SEEDS):
        groups = make(train[0].scheme, one)
        pairs = [(t.text, {group for label in t.labels if (group := groups[label])}) for t in train]
        # a text with two groups teaches neither
        clear = [(text, min(those)) for text, those in pairs if len(those) == 1]
        sample = random.Random(one).sample(clear, min(TRAIN, len(clear)))
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
        model = SGDClassifier(loss="log_loss", alpha=1e-5, class_weight="balanced", random_state=one)
        model.fit(words.fit_transform([text for text, _ in sample]), [group for _, group in sample])
        runs.append(_hot([{group} for group in model.predict(words.transform(texts))]))
    return np.stack(runs)


def _grouped(texts: Iterable[Text]) -> list[tuple[Text, set[str]]]:
    """Texts with at least one group at tier 1."""
    pairs = [(text, {group for label in text.labels if (group := roll_up(label, 1, text.scheme))}) for text in texts]
    return [(text, groups) for text, groups in pairs if groups]


def _commonest(known: Iterable[tuple[Text, set[str]]]) -> str:
    return Counter(group for _, groups in known for group in sorted(groups)).most_common(1)[0][0]


def _hot(sets: Sequence[set[str]]) -> Array:
    return np.array([[group in one for group in GROUPS] for one in sets], dtype=np.int8)


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


def _corpus(name: str) -> tuple[list[Text], list[Text]]:
    """Train texts and up to 2000 test texts of a corpus."""
    from ..data import load

    parts = []
    for split in ("train", "test"):
        texts = [
            Text(conversation.turns[0].text, annotation.scheme, annotation.labels)
            for conversation in load(name, split)
            for annotation in conversation.read("emotion", rater="gold")
        ]
        parts.append(texts)
    train, test = parts
    return train, random.Random(0).sample(test, min(TEST, len(test)))


def _lines(name: str) -> list[str]:
    from ..data import MissingData, root

    path = root() / name
    if not path.exists():
        raise MissingData(f"{name} is not in {root()}")
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return data.decode("utf-8-sig").splitlines()


def _made_up(seed: int) -> dict[str, tuple[list[Text], list[Text]]]:
    """Two corpora of made-up sentences whose labels differ in name and agree in group."""
    draw = random.Random(seed)
    labels = {
        "carer6": ("joy", "sadness", "anger", "fear"),
        "crowdflower13": ("happiness", "sadness", "anger", "worry"),
    }
    cues = (("sunny", "party"), ("rain", "funeral"), ("traffic", "insult"), ("dark", "exam"))
    made: dict[str, tuple[list[Text], list[Text]]] = {}
    for name, four in labels.items():
        texts = [
            Text(
                f"{draw.choice(('today', 'again', 'oh'))} the {draw.choice(cues[i % 4])} and me, {four[i % 4]}",
                name,
                (four[i % 4],),
            )
            for i in range(240)
        ]
        made[name] = (texts[:160], texts[160:])
    return made
