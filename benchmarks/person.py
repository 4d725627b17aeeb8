"""A whole person, built of real parts: is discord found, are missing channels survived, is joining ever worse?

    python -m benchmarks.person [--json] [--only clips faces]

clips: RAVDESS, 360 clips of 24 actors with a voice (Whisper states of the sound) and a face (published action units and
    expressions) of the same take, and texts of GoEmotions or lines of MELD: all three of one feeling, or one of them of
    another clip of the same actor, or another text. Readers and fusion of each actor learnt from the other actors
    alone, asserted; texts of the test part trained nothing.
faces: voices of 40 speakers (RAVDESS, EMOVO, EMO-DB; five folds of speakers), faces of FER+'s private test part as the
    shipped network reads them, and the same texts: what ships, on what it never saw. That they belong together is made.

For every set of channels that may be left: recall together, recall of the best channel in it, and the difference by a
paired bootstrap over actors or speakers. Controls: one classifier of all opinions, learnt with every channel there.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from insula.data import MissingData
from insula.perceive.fuse.ambivalence import BAD, GLAD, ambivalence
from insula.perceive.fuse.fusion import EMOTIONS, READERS, Fusion, Joined, named
from insula.perceive.fuse.pool import logs
from insula.train.speech.fuse import FACE, VOICE, WORDS, fit_fusion
from insula.train.speech.fuse_pairs import (
    CORPORA,
    NEUTRAL,
    PLACES,
    Readings,
    development,
    read_texts,
    several,
    texts,
    together,
)
from insula.train.speech.fuse_voices import voices

from . import audiovisual
from .conflict import auc, mean, recall, recall_gap
from .measure import machine

Array = NDArray[np.float64]
TEXT = WORDS[0]
RAVDESS = {"happy": "joy", "sad": "sadness", "angry": "anger", "fearful": "fear", "surprised": "surprise"}


@dataclass(frozen=True)
class Part:
    """What was fitted on some people, and readings of others, row by row, by reader."""

    fusion: Fusion
    control: LogisticRegression
    readings: Mapping[str, Readings]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", nargs="*", default=["clips", "faces"])
    given = parser.parse_args()
    parts = {"clips": of_clips, "faces": of_faces}
    found: dict[str, Any] = {"machine": machine()}
    for name in given.only:
        found[name] = parts[name]()
        print(json.dumps({name: found[name]}), file=sys.stderr, flush=True)
    print(json.dumps(found, indent=None if given.json else 1))


def of_clips(clips: audiovisual.Clips | None = None) -> dict[str, Any]:
    """Voice and face of the same takes, by readers and a fusion that never met the actor."""
    clips = clips or audiovisual.read()
    seven = np.array([RAVDESS.get(one, "neutral" if one == "calm" else one) for one in clips.gold.tolist()])
    clips = replace(clips, gold=seven)
    gold = np.array([EMOTIONS.index(one) for one in seven.tolist()])
    columns = [np.unique(seven).tolist().index(one) for one in EMOTIONS]
    known, asked = words()
    heard = audiovisual.leave_actors_out(clips.features["states"], clips, audiovisual.PLANES)
    seen = audiovisual.leave_actors_out(clips.features["face"], clips, audiovisual.LINES)
    parts: dict[str, list[Part]] = {corpus: [] for corpus in asked}
    for actor in np.unique(clips.actor):
        own, rest = clips.actor == actor, clips.actor != actor
        learnt = [_readings(some[1][str(actor)][:, columns], gold[rest], clips.actor[rest]) for some in (heard, seen)]
        assert not {actor} & set(learnt[0].group), "an actor crosses the split"
        fusion = fit_fusion({TEXT: known}, learnt[0], learnt[1])
        control = _control({TEXT: known, VOICE: learnt[0], FACE: learnt[1]})
        voice, face = (_readings(some[0][own][:, columns], gold[own], clips.actor[own]) for some in (heard, seen))
        for corpus, some in asked.items():
            rows = built(gold[own], some.gold, int(actor))
            put = {TEXT: some[rows[:, 0]], VOICE: voice[rows[:, 1]], FACE: face[rows[:, 2]]}
            parts[corpus].append(Part(fusion, control, put))
    return {"clips": len(gold), **{f"{corpus} texts": measure(some) for corpus, some in parts.items()}}


def words() -> tuple[Readings, dict[str, Readings]]:
    """Texts to fit on, and others to ask of, by corpus."""
    known = development()
    asked = {corpus: read_texts(texts(corpus, "test")) for corpus in CORPORA}
    return known, {corpus: one[~np.isin(one.group, known.group)] for corpus, one in asked.items()}


def _readings(emotion: Array, gold: NDArray[np.int64], group: NDArray[np.str_]) -> Readings:
    """Opinions, and the place they have by the map."""
    return Readings(gold, emotion, emotion @ PLACES, group)


def built(gold: NDArray[np.int64], words: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Rows of (text, voice, face) of one actor: clips as they are and a text of the feeling, then one odd."""
    draw = np.random.default_rng(seed)
    rows = list[tuple[int, int, int]]()
    for row, label in enumerate(gold.tolist()):
        fits, other = draw.choice(np.flatnonzero(words == label)), int(draw.choice(np.flatnonzero(gold != label)))
        odd = int(draw.choice([one for one in range(len(EMOTIONS)) if one != label]))
        rows += [(fits, row, row), (fits, row, other), (fits, other, row)]
        rows.append((draw.choice(np.flatnonzero(words == odd)), row, row))
    return np.array(rows)


def of_faces() -> dict[str, Any]:
    """What ships, fold by fold of speakers."""
    from insula.train.speech.fuse_faces import faces

    heard, dev, test = voices(), faces("dev"), faces("test")
    known, asked = words()
    assert not set(dev.group) & set(test.group), "a face is in both parts"
    parts: dict[str, list[Part]] = {corpus: [] for corpus in asked}
    for fold in np.unique(heard.fold).tolist():
        learnt, voice = heard.readings[heard.fold != fold], heard.readings[heard.fold == fold]
        assert not set(learnt.group) & set(voice.group), "a speaker crosses the split"
        fitted, control = fit_fusion({TEXT: known}, learnt, dev), _control({TEXT: known, VOICE: learnt, FACE: dev})
        for corpus, some in asked.items():
            rows = together([some.gold, voice.gold, test.gold], fold)
            put = {TEXT: some[rows[:, 0]], VOICE: voice[rows[:, 1]], FACE: test[rows[:, 2]]}
            parts[corpus].append(Part(fitted, control, put))
    speakers = len(set(heard.readings.group.tolist()))
    found = {f"{corpus} texts": measure(some) for corpus, some in parts.items()}
    return {"speakers": speakers, "faces": len(test), **found}


def _control(readings: Mapping[str, Readings]) -> LogisticRegression:
    """One classifier of all opinions side by side, learnt where every channel is there and agrees."""
    rows = together([one.gold for one in readings.values()])
    put = {reader: one[rows[:, place]] for place, (reader, one) in enumerate(readings.items())}
    golds = np.stack([one.gold for one in put.values()])
    agree = (golds == golds[0]).all(0)
    model = LogisticRegression(C=1.0, max_iter=300, class_weight="balanced")
    return model.fit(_side_by_side(put, put)[agree], golds[0][agree])


def _side_by_side(readings: Mapping[str, Readings], there: Sequence[str] | Mapping[str, Any]) -> Array:
    """Log opinions about their mean; a channel that is not `there` is zeros."""
    found = [
        (lambda given: given - given.mean(1, keepdims=True))(logs(one.emotion)) * (reader in there)
        for reader, one in readings.items()
    ]
    return np.hstack(found)


def measure(parts: Sequence[Part]) -> dict[str, Any]:
    """Recall with whatever is left, discord found, and whom to go by, over all parts."""
    readers = list(parts[0].readings)
    golds = np.stack([np.concatenate([part.readings[reader].gold for part in parts]) for reader in readers])
    who = np.unique(np.concatenate([part.readings[VOICE].group for part in parts]), return_inverse=True)[1]
    agree = (golds == golds[0]).all(0)
    control = {some: np.concatenate(list(_controlled(parts, some))) for some in _sets(readers, 1)}
    joined = {some: [_join(part, some) for part in parts] for some in _sets(readers, 2)}
    alone = {
        reader: np.concatenate(
            [part.fusion.pool.channels[reader].read(part.readings[reader].emotion) for part in parts]
        )
        for reader in readers
    }
    found: dict[str, Any] = {"rows": len(agree), "agreeing": int(agree.sum())}
    gold = golds[0]
    found["recall alone"] = {READERS[reader]: recall(gold, one.argmax(1), agree, who) for reader, one in alone.items()}
    found["recall together"] = {
        _name(some): _left(gold, _all(one, "fused"), control[some], [alone[x] for x in some], agree, who)
        for some, one in joined.items()
    }
    found["significantly worse than the best channel"] = [
        name for name, one in found["recall together"].items() if one["above the best channel"][2] < 0
    ]
    found["conflict"] = {
        _name(some): _found(golds[[readers.index(x) for x in some]], one, parts, some, who)
        for some, one in joined.items()
    }
    found["ambivalence, auc of glad beside bad"] = _ambivalent(golds, joined[tuple(readers)], who)
    found["one of three is odd"] = _odd(golds, joined[tuple(readers)], alone, who)
    return found


def _left(
    gold: Any, fused: Array, control: Array, singles: Sequence[Array], agree: Any, who: Any
) -> dict[str, list[float]]:
    decided = [one.argmax(1) for one in singles]
    return {
        "recall": recall(gold, fused.argmax(1), agree, who),
        "above the best channel": recall_gap(gold, fused.argmax(1), decided, agree, who),
        "above the control": recall_gap(gold, fused.argmax(1), [control.argmax(1)], agree, who),
    }


def _found(
    golds: NDArray[np.int64], joined: Sequence[Joined], parts: Sequence[Part], some: Sequence[str], who: Any
) -> dict[str, list[float]]:
    """How well several feelings are told from one, and how often at the thresholds."""
    two, same = several(golds), (golds == golds[0]).all(0)
    conflict = _all(joined, "conflict")
    limits = [part.fusion.disagreement([READERS[x] for x in some]).threshold for part in parts]
    flagged = np.concatenate([one.conflict >= limit for one, limit in zip(joined, limits, strict=True)]).astype(float)
    product = np.concatenate([np.prod(list(one.read.values()), axis=0).sum(1) for one in joined])
    return {
        "auc, several feelings against one": auc(two, conflict, two | same, who),
        "auc of 1 - product": auc(two, 1 - product, two | same, who),
        "auc, several against one or plain": auc(two, conflict, np.ones(len(two), bool), who),
        "auc of 1 - product, several against one or plain": auc(two, 1 - product, np.ones(len(two), bool), who),
        "found at the threshold": mean(flagged, two, who),
        "false alarms": mean(flagged, ~two, who),
    }


def _odd(
    golds: NDArray[np.int64], joined: Sequence[Joined], alone: Mapping[str, Array], who: Any
) -> dict[str, list[float]]:
    """Where two channels express one feeling and the third another: is the feeling of the two said?"""
    pairs = [(golds[i] == golds[j]) & (golds[i] != golds[k]) for i, j, k in ((0, 1, 2), (0, 2, 1), (1, 2, 0))]
    meant = np.select(pairs, [golds[0], golds[0], golds[1]])
    among = np.any(pairs, axis=0) & several(golds)
    names = list(joined[0].read)
    trusts = np.stack([np.concatenate([one.trust[name] for one in joined]) for name in names])
    reads = np.stack([np.concatenate([one.read[name] for one in joined]) for name in names])
    by = np.take_along_axis(reads, trusts.argmax(0)[None, :, None], 0)[0].argmax(1)
    said = {
        "gone by trust": by,
        "attention moved (fused)": _all(joined, "fused").argmax(1),
        "attention as it was (product)": _all(joined, "product").argmax(1),
        **{f"{READERS[reader]} alone": one.argmax(1) for reader, one in alone.items()},
    }
    right = {name: (one == meant).astype(float) for name, one in said.items()}
    found = {name: mean(one, among, who) for name, one in right.items()}
    gain = right["attention moved (fused)"] - right["attention as it was (product)"]
    found["moved minus as it was"] = mean(gain, among, who)
    odd = np.select(pairs, [golds[2], golds[1], golds[0]])
    top = np.argsort(_all(joined, "fused"), 1)[:, -2:]
    kept = ((top == meant[:, None]).any(1) & (top == odd[:, None]).any(1)).astype(float)
    found["both feelings are the first two"] = mean(kept, among & (meant != NEUTRAL) & (odd != NEUTRAL), who)
    return found


def _ambivalent(golds: NDArray[np.int64], joined: Sequence[Joined], who: Any) -> dict[str, list[float]]:
    """Glad and bad at once, told from everything else and from two bad feelings alone."""
    reads = np.stack([np.concatenate([one.read[name] for one in joined]) for name in joined[0].read], 1)
    conflict = _all(joined, "conflict")
    scores = np.array([ambivalence(list(row), one) for row, one in zip(reads, conflict, strict=True)])
    several_ = several(golds)
    torn = several_ & np.isin(golds, GLAD).any(0) & np.isin(golds, BAD).any(0)
    others = several_ & ~torn
    return {
        "against all others": auc(torn, scores, several_ | True, who),
        "against several feelings of one sign": auc(torn, scores, torn | others, who),
        "of conflict alone, against several of one sign": auc(torn, conflict, torn | others, who),
    }


def _join(part: Part, some: Sequence[str]) -> Joined:
    return part.fusion.join({reader: part.readings[reader].emotion for reader in some})


def _controlled(parts: Sequence[Part], some: Sequence[str]) -> Iterator[Array]:
    for part in parts:
        yield part.control.predict_proba(_side_by_side(part.readings, some))


def _all(joined: Sequence[Joined], name: str) -> Array:
    return np.concatenate([getattr(one, name) for one in joined])


def _sets(readers: Sequence[str], least: int) -> Iterator[tuple[str, ...]]:
    for size in range(least, len(readers) + 1):
        yield from combinations(readers, size)


def _name(some: Sequence[str]) -> str:
    return named(READERS[reader] for reader in some)


if __name__ == "__main__":
    try:
        main()
    except (MissingData, LookupError, FileNotFoundError) as error:
        sys.exit(str(error))
