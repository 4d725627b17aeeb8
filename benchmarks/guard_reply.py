"""What the guard sees wrong with replies: the project's suite, DiaSafety beside a bag of words, and good replies.

    python -m benchmarks.guard_reply > guard_reply.json

Intervals are 95 %, drawn over items (Efron & Tibshirani 1993). The suite and the signs were written by one hand on one
day: its test part was not used to change a sign, and still says little of replies by others, which DiaSafety's are.
"""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.data import corpus, load
from insula.guard.reply import EARLY, RISKS, ReplyRisk, before

from .measure import machine

Array = NDArray[Any]
DRAWS = 1000


def main() -> None:
    judge = ReplyRisk()
    found: dict[str, Any] = {"machine": machine(), "suite": suite(judge)}
    found["false_alarms"] = {
        name: false_alarms(judge, name, split, speaker)
        for name, split, speaker in (
            ("esconv", "test", "supporter"),
            ("counsel-chat", "test", "counsellor"),
            ("counsel-chat", "dev", "counsellor"),
        )
        if corpus(name).here
    }
    if corpus("diasafety").here:
        found["diasafety"] = diasafety(judge)
        found["learnt"] = learnt_alarms()
    print(json.dumps(found, indent=1))


def suite(judge: ReplyRisk) -> dict[str, Any]:
    """Recall per risk and false alarms on the test part."""
    text = (resources.files("insula.guard") / "cases" / "replies.tsv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    rows = [row for row in rows if row["split"] == "test"]
    seen = [judge.judge(row["context"], row["reply"]).over(judge.threshold) for row in rows]
    table = {
        risk: share([risk in found for row, found in zip(rows, seen, strict=True) if row["risks"] == risk])
        for risk in RISKS
    }
    bad = [row["risks"] in found for row, found in zip(rows, seen, strict=True) if row["risks"] != "none"]
    good = [bool(found) for row, found in zip(rows, seen, strict=True) if row["risks"] == "none"]
    return {"recall": share(bad), "false_alarms": share(good), "recall_by_risk": table}


def false_alarms(judge: ReplyRisk, name: str, split: str, speaker: str) -> dict[str, Any]:
    """How often good replies are withheld from, and marked as advice too early, which alone is not withheld."""
    withheld, advice, took = list[bool](), list[bool](), list[float]()
    for context, reply, early in replies(name, split, speaker):
        start = time.perf_counter()
        risks = judge.judge(context, reply, early=early).over(judge.threshold)
        took.append(1000 * (time.perf_counter() - start))
        withheld.append(bool(set(risks) - {"premature-advice"}))
        advice.append("premature-advice" in risks)
    milliseconds = {"median": round(float(np.median(took)), 2), "p95": round(float(np.quantile(took, 0.95)), 2)}
    return {"split": split, "any_but_advice": share(withheld), "advice": share(advice), "milliseconds": milliseconds}


def replies(name: str, split: str, speaker: str) -> Iterator[tuple[str, str, bool]]:
    """What was answered, the reply, and whether it was early in the talk."""
    for conversation in load(name, split):
        for turn in conversation.turns:
            if turn.speaker == speaker and (said := before(conversation, turn)):
                yield said[0], turn.text, said[1] <= EARLY


def diasafety(judge: ReplyRisk) -> dict[str, Any]:
    """Per category, how well unsafe replies are told from safe ones of that category (area under the curve, F1)."""
    from sklearn.metrics import f1_score, roc_auc_score

    train, dev, test = (list(load("diasafety", split)) for split in ("train", "dev", "test"))
    ours = {"signs": lambda talk: _signs(judge, talk), **_learnt()}
    bag = bag_of_words(train)
    readers: dict[str, Callable[[Any], float]] = {**ours, "bag of words": bag}
    table: dict[str, Any] = {}
    for category in sorted({talk.turns[1].meta["category"] for talk in test}):
        some = [talk for talk in test if talk.turns[1].meta["category"] == category]
        tuned = [talk for talk in dev if talk.turns[1].meta["category"] == category]
        gold = np.array([bool(talk.read("boundary")[0].labels) for talk in some])
        row: dict[str, Any] = {"n": len(some), "unsafe": int(gold.sum())}
        row["always unsafe"] = {"f1": round(float(f1_score(gold, np.ones(len(gold)))), 3)}
        for name, reader in readers.items():
            scores = np.array([reader(talk) for talk in some])
            cut = threshold(np.array([reader(talk) for talk in tuned]), tuned)
            row[name] = {
                "auc": interval(roc_auc_score, gold, scores),
                "f1": interval(f1_score, gold, (scores >= cut).astype(int)),
            }
        table[category] = row
    return table


def threshold(scores: Array, talks: list[Any]) -> float:
    """The cut that gives the best F1 on development data."""
    from sklearn.metrics import f1_score

    gold = np.array([bool(talk.read("boundary")[0].labels) for talk in talks])
    cuts = np.unique(np.quantile(scores, np.linspace(0.02, 0.98, 49)))
    return float(max(cuts, key=lambda cut: f1_score(gold, scores >= cut)))


def bag_of_words(train: list[Any]) -> Callable[[Any], float]:
    """Words and pairs of words of context and reply, each weighed by how rare it is; one model per category."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    sides = [TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True) for _ in range(2)]
    for side, vectorizer in enumerate(sides):
        vectorizer.fit([talk.turns[side].text for talk in train])

    def features(talks: list[Any]) -> Any:
        return hstack([one.transform([talk.turns[side].text for talk in talks]) for side, one in enumerate(sides)])

    models: dict[str, Any] = {}
    for category in {talk.turns[1].meta["category"] for talk in train}:
        some = [talk for talk in train if talk.turns[1].meta["category"] == category]
        gold = [bool(talk.read("boundary")[0].labels) for talk in some]
        models[category] = LogisticRegression(C=4, max_iter=500).fit(features(some), gold)
    return lambda talk: float(models[talk.turns[1].meta["category"]].predict_proba(features([talk]))[0, 1])


def _signs(judge: ReplyRisk, talk: Any) -> float:
    context, reply = (turn.text for turn in talk.turns)
    return max(judge.judge(context, reply).risks.values())


def _learnt() -> dict[str, Callable[[Any], float]]:
    """The learnt reader, where its weights are here."""
    try:
        from insula.guard.unsafe import LABELS, Unsafe, states

        reader = Unsafe()
    except (ImportError, FileNotFoundError):
        return {}

    def score(talk: Any) -> float:
        found = reader.lines.probabilities(states(reader.network, [(talk.turns[0].text, talk.turns[1].text)]))
        return float(found[0, LABELS.index(talk.turns[1].meta["category"])])

    return {"learnt": score}


def learnt_alarms() -> dict[str, Any]:
    """How often replies are marked at the learnt thresholds: those of supporters, DiaSafety's unsafe and safe ones."""
    from insula.guard.unsafe import LABELS, Unsafe, states

    reader, found = Unsafe(), dict[str, Any]()

    def marked(pairs: list[tuple[str, str]]) -> Array:
        return reader.lines.probabilities(states(reader.network, pairs)) >= reader.lines.thresholds

    for name, speaker in (("esconv", "supporter"), ("counsel-chat", "counsellor")):
        if corpus(name).here:
            hits = marked([(context, reply) for context, reply, _ in replies(name, "test", speaker)])
            each = {label: share(hits[:, n].tolist()) for n, label in enumerate(LABELS)}
            found[name] = {"any": share(hits.any(1).tolist()), **each}
    talks = list(load("diasafety", "test"))
    hits = marked([(talk.turns[0].text, talk.turns[1].text) for talk in talks])
    unsafe = np.array([bool(talk.read("boundary")[0].labels) for talk in talks])
    kinds = np.array([LABELS.index(talk.turns[1].meta["category"]) for talk in talks])
    for n, label in enumerate(LABELS):
        of = kinds == n
        found[label] = {"unsafe": share(hits[of & unsafe, n].tolist()), "safe": share(hits[of & ~unsafe, n].tolist())}
    return found


def share(hits: list[bool]) -> dict[str, Any]:
    """A share with its interval."""
    values = np.array(hits, float)
    random = np.random.default_rng(0)
    drawn = values[random.integers(len(values), size=(DRAWS, len(values)))].mean(1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return {"score": round(float(values.mean()), 4), "low": round(low, 4), "high": round(high, 4), "n": len(values)}


def interval(statistic: Callable[[Any, Any], Any], gold: Array, scores: Array) -> dict[str, float]:
    """A statistic with its interval."""
    random, drawn = np.random.default_rng(0), list[float]()
    while len(drawn) < DRAWS // 5:
        rows = random.integers(len(gold), size=len(gold))
        if 0 < gold[rows].sum() < len(gold):
            drawn.append(float(statistic(gold[rows], scores[rows])))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return {"score": round(float(statistic(gold, scores)), 3), "low": round(low, 3), "high": round(high, 3)}


if __name__ == "__main__":
    main()
