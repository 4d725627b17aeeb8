"""The guard's reader of risk on its own suite, on public posts beside words alone, and on talk that needs no care.

    python -m benchmarks.guard [--json FILE] [--only suite,posts,talk,speed]

Posts are measured and never shown. On 500 users (Gaur et al. 2019; no published split) five folds by user, on SDCNL
(Haque et al. 2021) and Dreaddit (Turcan & McKeown 2019) the published test. "points" are the guard's own, which learnt
from none of these posts; "words" is logistic regression on TF-IDF of words and pairs of words; "words and cues" adds
the points of each family of cues. Of a user's posts the cues alone are read, the largest of each family. Intervals: 500
resamplings of posts, users or conversations.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from insula import Conversation, Turn
from insula.catalogue import build
from insula.data import load
from insula.guard.cases import cases, measure
from insula.guard.context import evidence
from insula.guard.cues import risks

Numbers = NDArray[np.float64]
FAMILIES = sorted({cue.family for cue in risks().cues})
CSSRS = ("supportive", "indicator", "ideation", "behavior", "attempt")
TALK = (("goemotions", "test"), ("empathetic-dialogues", "test"), ("dailydialog", "test"), ("task-dialogues", "test"))
RESAMPLES = 500


def main() -> None:
    """Measure, print, and write what was asked for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--json", type=Path)
    asked.add_argument("--only", default="suite,talk,posts,speed")
    options = asked.parse_args()
    parts: dict[str, Callable[[], Any]] = {"suite": suite, "talk": talk, "posts": posts, "speed": speed}
    found = {name: parts[name]() for name in options.only.split(",")}
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def suite() -> dict[str, Any]:
    """The suite's test part, and the part that was written when the cues were final."""
    reader, found = build("guard.risk"), dict[str, Any]()
    for split in ("test", "fresh"):
        table = measure(reader, cases(split))
        print(f"{split}\n{table}\n", flush=True)
        found[split] = table.json()
    return found


def talk(each: int = 1000) -> dict[str, Any]:
    """The share of turns of everyday talk, alone, and of questions to counsellors by topic, that raise an alarm."""
    reader, found = build("guard.risk"), dict[str, Any]()
    for name, split in TALK:
        texts = list(dict.fromkeys(turn.text for one in load(name, split) for turn in one.turns if turn.text.strip()))
        chosen = np.random.default_rng(0).permutation(len(texts))[:each]
        found[name] = _share([_alarm(reader, texts[place]) for place in chosen])
        print(f"{name:24} alarms {found[name]}", flush=True)
    topics: dict[str, dict[str, bool]] = {}
    for one in load("counsel-chat", "train"):
        topics.setdefault(str(one.meta.get("topic")), {})[one.turns[0].text] = False
    for topic, questions in sorted(topics.items()):
        found[f"counsel-chat {topic}"] = _share([_alarm(reader, question) for question in questions])
        print(f"counsel-chat {topic:30} alarms {found[f'counsel-chat {topic}']}", flush=True)
    return found


def posts() -> dict[str, Any]:
    """The public sets of posts."""
    return {"cssrs500": _cssrs(), "sdcnl": _published("sdcnl"), "dreaddit": _published("dreaddit")}


def speed() -> dict[str, float]:
    """Milliseconds per new turn of a talk of twenty, without and with the encoder's share of the work."""
    reader, times = build("guard.risk"), list[float]()
    talks = [one for one in load("empathetic-dialogues", "test") if len(one.turns) > 3][:60]
    for one in talks:
        conversation = Conversation()
        for turn in one.turns:
            conversation.add(Turn("person", turn.text))
            start = time.process_time()
            conversation.add(*reader(conversation))
            times.append(1000 * (time.process_time() - start))
    found = {"p50": float(np.quantile(times[20:], 0.5)), "p95": float(np.quantile(times[20:], 0.95))}
    print(f"ms a turn, encoder included: {found}")
    return found


def _alarm(reader: Any, text: str) -> bool:
    conversation = Conversation(Turn("person", text))
    conversation.add(*reader(conversation))
    judged = conversation.read("risk", scheme="risk-level")
    return bool(judged and judged[0].labels and judged[0].labels[0] in ("concern", "crisis"))


def _share(hits: Sequence[bool]) -> list[float]:
    drawn = np.random.default_rng(0).choice(np.array(hits, float), (RESAMPLES, len(hits))).mean(1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return [len(hits), round(float(np.mean(hits)), 4), round(float(low), 4), round(float(high), 4)]


def _cues(texts: Sequence[str]) -> Numbers:
    """The largest points of each family over a person's texts."""
    found = np.zeros(len(FAMILIES))
    for text in texts:
        for one in evidence(text):
            place = FAMILIES.index(one.family)
            found[place] = max(found[place], one.points)
    return found


def _published(name: str) -> dict[str, Any]:
    reader = build("guard.risk")
    parts = {split: list(load(name, split)) for split in ("train", "test")}
    seen = {_plain(one.turns[0].text) for one in parts["train"]}
    test = [one for one in parts["test"] if _plain(one.turns[0].text) not in seen]
    train_texts, texts = ([one.turns[0].text for one in some] for some in (parts["train"], test))
    train_gold, gold = (np.array([_positive(one) for one in some]) for some in (parts["train"], test))
    points = np.array([reader.points([text])[0] for text in texts])
    words = _words(train_texts, train_gold, texts, None)
    both = _words(train_texts, train_gold, texts, (_all_cues(train_texts), _all_cues(texts)))
    print(f"{name}: {len(texts)} of the test, {len(parts['test']) - len(texts)} that stand in train left out")
    found = {"points": _area(gold, points, name, "points")}
    for system, score in (("words", words), ("words and cues", both)):
        found[system] = _area(gold, score, name, system)
        found[f"{system}, macro f1"] = _interval(gold, score > 0.5, name, f"{system}, macro f1", _macro)
    return found


def _cssrs() -> dict[str, Any]:
    users = [one for split in ("train", "test") for one in load("cssrs500", split)]
    level = np.array([CSSRS.index(one.read("risk")[0].labels[0]) for one in users])
    texts = ["\n".join(turn.text for turn in one.turns) for one in users]
    cues = np.stack([_cues([turn.text for turn in one.turns]) for one in users])
    points = cues[:, [place for place, family in enumerate(FAMILIES) if family.startswith(("suicide", "self-"))]].sum(1)
    decided, scores = {}, {}
    for system in ("words", "words and cues"):
        chance = np.zeros((len(users), len(CSSRS)))
        for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(texts, level):
            extra = (cues[train], cues[test]) if system != "words" else None
            chance[test] = _words([texts[i] for i in train], level[train], [texts[i] for i in test], extra)
        decided[system], scores[system] = chance.argmax(1), chance @ np.arange(len(CSSRS))
    found: dict[str, Any] = {}
    clear = (level < 2) | (level > 2)
    for system, score in {"points": points, **scores}.items():
        found[system] = _area(level[clear] > 2, score[clear], "cssrs500, behavior and attempt", system)
    for system, chosen in decided.items():
        found[f"{system}, macro f1"] = _interval(level, chosen, "cssrs500, 5 levels", f"{system}, macro f1", _macro)
        high = chosen[level > 2] >= 2
        found[f"{system}, recall"] = _share(high.tolist())
        print(
            f"{'':34}{system + ', recall of behavior and attempt as ideation or more':60}{found[f'{system}, recall']}"
        )
    return found


def _words(train: Sequence[str], gold: Any, test: Sequence[str], cues: tuple[Numbers, Numbers] | None) -> Numbers:
    tfidf = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, max_features=30000)
    inputs: list[Any] = [tfidf.fit_transform(train), tfidf.transform(test)]
    if cues is not None:
        inputs = [hstack([words, csr_matrix(more / 6)]).tocsr() for words, more in zip(inputs, cues, strict=True)]
    model = LogisticRegression(C=4.0, max_iter=400, class_weight="balanced").fit(inputs[0], gold)
    chance: Any = model.predict_proba(inputs[1])
    return chance[:, 1] if chance.shape[1] == 2 else chance


def _all_cues(texts: Sequence[str]) -> Numbers:
    return np.stack([_cues([text]) for text in texts])


def _positive(one: Conversation) -> bool:
    labels = next(x.labels for x in one if not isinstance(x, Turn) and getattr(x, "layer", "") in ("risk", "stress"))
    return labels in (("suicide-watch",), ("stress",))


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _macro(gold: Any, chosen: Any) -> float:
    return float(f1_score(gold, chosen, average="macro"))


def _area(gold: Any, score: Numbers, name: str, system: str) -> list[float]:
    return _interval(gold, score, name, f"{system}, area under ROC", lambda a, b: float(roc_auc_score(a, b)))


def _interval(gold: Any, said: Any, name: str, system: str, metric: Callable[[Any, Any], float]) -> list[float]:
    draws, values = np.random.default_rng(0), list[float]()
    for drawn in _drawn(draws, len(gold)):
        values.append(metric(gold[drawn], said[drawn]))
    low, high = np.quantile(values, [0.025, 0.975])
    found = [len(gold), *(round(float(one), 4) for one in (metric(gold, said), low, high))]
    print(f"{name:34}{system:60}{found}", flush=True)
    return found


def _drawn(draws: np.random.Generator, items: int) -> Iterator[NDArray[np.intp]]:
    for _ in range(RESAMPLES):
        yield draws.integers(items, size=items)


if __name__ == "__main__":
    main()
