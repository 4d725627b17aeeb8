"""Words against voice: is a contradiction found, is the right channel trusted, and does agreement lose nothing?

    python -m benchmarks.conflict [--json] [--only pairs builtin echomind]

pairs: real clips (voices of speakers that neither the ear nor the fusion learnt from, in five folds) with real texts of
    GoEmotions and MELD test that no reader of words learnt from, of the same feeling or of another. Words, voices and
    what is expected are known; that they belong together is made.
builtin: own sentences said by the built-in voice in the feeling of the words and in others, as the shipped ear, which
    never heard a made voice in training, hears them.
echomind: fourteen scripts, each said plainly and in other ways: does the score rise where the delivery is not plain?

A conflict is two feelings; plain words in a moved voice are none. Baselines: the words alone, the voice alone, the
distance of their valences, and 1 less the product of their opinions. Intervals are bootstraps over speakers or scripts.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import tarfile
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from insula import Annotation, Conversation, Signal, Turn
from insula.audio.decode import resample
from insula.catalogue import build
from insula.data import MissingData, root
from insula.evaluate.bootstrap import Interval, interval
from insula.network.voice import Voice
from insula.perceive.fuse.fusion import Fusion
from insula.speak.plan import plan
from insula.speak.voices import joined, voice
from insula.train.speech.fuse import VOICE, WORDS, fit_fusion
from insula.train.speech.fuse_pairs import (
    AFFECT,
    EMOTIONS,
    NEUTRAL,
    PLACES,
    Readings,
    development,
    pairs,
    read_texts,
    texts,
    two_feelings,
)
from insula.train.speech.fuse_voices import VOICE9, to_seven, voices

from .measure import machine

Array = NDArray[np.float64]
RATE = 16000
# own sentences; each is said in each of the feelings
SENTENCES = {
    "joy": (
        "We won the first prize, can you believe it?",
        "I am so happy that you came today.",
        "This is the best news I have heard all year.",
        "Our little girl took her first steps, how wonderful.",
        "I love this garden in the morning.",
    ),
    "sadness": (
        "My old dog died on Sunday.",
        "I miss my mother every single day.",
        "Nobody came to my birthday this year.",
        "I feel so alone since you moved away.",
        "We had to say goodbye to the house.",
    ),
    "anger": (
        "How dare you read my letters.",
        "I am furious about this bill.",
        "You lied to me again, and I hate it.",
        "Stop shouting at my children.",
        "This is an outrage, they cheated us.",
    ),
    "fear": (
        "I am scared that somebody is in the house.",
        "I am terrified of the operation tomorrow.",
        "Please hurry, I am afraid it will fall.",
        "It is so dark here, I am frightened.",
        "I worry that we will never find her.",
    ),
}
# deliveries of EchoMind that change what is expressed; wind, waves, age and pace alone do not
MOVED = ("sad", "angry", "happy", "breath", "sigh", "laughter", "sobbing", "moan", "shout", "tired")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", nargs="*", default=["pairs", "builtin", "echomind"])
    given = parser.parse_args()
    parts = {"pairs": of_pairs, "builtin": of_built_in_voice, "echomind": of_echomind}
    found: dict[str, Any] = {"machine": machine()}
    for name in given.only:
        found[name] = parts[name]()
        print(json.dumps({name: found[name]}), file=sys.stderr, flush=True)
    print(json.dumps(found, indent=None if given.json else 1))


def of_pairs() -> dict[str, Any]:
    """Both corpora of texts, by a fusion fitted for each fold on the other folds and on development texts."""
    heard = voices()
    known = {reader: development(reader) for reader in WORDS[:1]}
    fusions = {fold: fit_fusion(known, heard.readings[heard.fold != fold]) for fold in np.unique(heard.fold).tolist()}
    dev = set(known[WORDS[0]].group.tolist())
    found: dict[str, Any] = {"clips": len(heard.fold), "speakers": len(set(heard.readings.group.tolist()))}
    for corpus in ("goemotions", "meld"):
        said = read_texts([one for one in texts(corpus, "test") if one[0] not in dev])
        rows = []
        for fold, fusion in fusions.items():
            drawn = pairs(said.gold, heard.readings.gold[heard.fold == fold], fold)
            rows.append((fusion, said[drawn.words], heard.readings[heard.fold == fold][drawn.voices]))
        found[f"{corpus} test"] = measure(rows)
    return found


def measure(parts: Sequence[tuple[Fusion, Readings, Readings]]) -> dict[str, Any]:
    """Detection, trust and agreement over parts, each with the fusion that did not learn from its speakers."""
    joined_up = [fusion.join({WORDS[0]: said.emotion, VOICE: heard.emotion}) for fusion, said, heard in parts]
    said, heard = (
        Readings(
            *(np.concatenate([getattr(part[k], x) for part in parts]) for x in ("gold", "emotion", "affect", "group"))
        )
        for k in (1, 2)
    )
    words, voice_ = (np.concatenate([one.read[name] for one in joined_up]) for name in ("words", "voice"))
    pooled, fused, conflict = (
        np.concatenate([getattr(one, x) for one in joined_up]) for x in ("product", "fused", "conflict")
    )
    by = np.concatenate([one.trust["voice"] for one in joined_up])
    thresholds = [part[0].disagreement(("words", "voice")).threshold for part in parts]
    flagged = np.concatenate([one.conflict >= some for one, some in zip(joined_up, thresholds, strict=True)])
    group = np.unique(heard.group, return_inverse=True)[1]
    two, same = two_feelings(said.gold, heard.gold), said.gold == heard.gold
    plain = ~two & ~same
    scores = {
        "conflict": conflict,
        "words alone": 1 - words[:, NEUTRAL],
        "voice alone": 1 - voice_[:, NEUTRAL],
        "valence distance": np.abs(said.affect[:, 0] - heard.affect[:, 0]),
        "1 - product": 1 - (words * voice_).sum(1),
    }
    glad, bad = EMOTIONS.index("joy"), [EMOTIONS.index(x) for x in ("anger", "disgust", "fear", "sadness")]
    opposite = (said.gold == glad) & np.isin(heard.gold, bad) | (heard.gold == glad) & np.isin(said.gold, bad)
    detection = {
        name: {
            "two feelings against one": auc(two, one, two | same, group),
            "glad against bad": auc(opposite, one, opposite | same, group),
            "two feelings against all others": auc(two, one, two | same | plain, group),
        }
        for name, one in scores.items()
    }
    right = {"words": words.argmax(1) == said.gold, "voice": voice_.argmax(1) == heard.gold}
    torn = two & (right["words"] != right["voice"])
    chosen = np.where(by > 0.5, right["voice"], right["words"]).astype(float)
    best = max(("words", "voice"), key=lambda name: float(right[name][torn].mean()))
    opinions = {"words": words, "voice": voice_, "pooled": pooled, "shipped": fused}
    recalls = {name: recall(heard.gold, one.argmax(1), same, group) for name, one in opinions.items()}
    return {
        "pairs": len(two),
        "detection": detection,
        "found at the threshold": mean(flagged.astype(float), two, group),
        "false alarms on one feeling": mean(flagged.astype(float), same, group),
        "false alarms on plain": mean(flagged.astype(float), plain, group),
        "trusts the right one": mean(chosen, torn, group),
        f"always the {best} instead": mean(right[best].astype(float), torn, group),
        "recall where both agree": recalls,
        "shipped above the better channel": recall_gap(
            heard.gold, fused.argmax(1), [words.argmax(1), voice_.argmax(1)], same, group
        ),
        "places": places(parts, heard.gold, same),
    }


def places(parts: Sequence[tuple[Fusion, Readings, Readings]], gold: Any, same: Any) -> dict[str, list[float]]:
    """Mean distance from where the feeling lies, by channel and together: valence, arousal, dominance."""
    put: dict[str, list[Array]] = {"words": [], "voice": [], "both": []}
    for fusion, said, heard in parts:
        lines = fusion.affect.lines
        each = {"words": lines["words"].place(said.affect), "voice": lines["voice"].place(heard.affect)}
        for name, one in {**each, "both": fusion.affect.joint(each)}.items():
            put[name].append(one)
    return {
        name: np.abs(np.concatenate(some) - PLACES[gold])[same].mean(0).round(3).tolist() for name, some in put.items()
    }


def of_built_in_voice() -> dict[str, Any]:
    """Every sentence in every delivery at full intensity, through the shipped readers."""
    speaker, rows = voice("builtin"), []
    for feeling, some in SENTENCES.items():
        for text, delivery in product(some, SENTENCES):
            sound = joined(list(speaker.say(text, plan(text, delivery, 1.0))))
            samples = resample(sound.samples, sound.rate, RATE)
            rows.append((text, feeling != delivery, judged(text, samples)))
    two = np.array([differs for _, differs, _ in rows])
    group = np.unique([text for text, *_ in rows], return_inverse=True)[1]
    scores = {name: np.array([one[name] for *_, one in rows]) for name in rows[0][2]}
    detection = {name: auc(two, one, two | True, group) for name, one in scores.items()}
    return {"clips": len(rows), "two feelings against one": detection}


def of_echomind() -> dict[str, Any]:
    """Plain deliveries against moved ones of the same words; few clips of made voices, so the interval is wide."""
    table, sounds = root() / "speech" / "echomind_demo.tsv", root() / "speech" / "echomind_demo.tar"
    if not table.is_file():
        raise MissingData(f"{table} is not there: INSULA_DATA has to hold EchoMind's demonstration")
    with table.open(encoding="utf-8", newline="") as file:
        inputs = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["role"] == "input"]
    clips = dict(_clips(sounds))
    kept = [row for row in inputs if row["vocal_cue"].lower() in (*MOVED, "neutral")]
    rows = [judged(row["text"], clips[row["file"]]) for row in kept]
    moved = np.array([row["vocal_cue"].lower() != "neutral" for row in kept])
    group = np.unique([row["script_id"] for row in kept], return_inverse=True)[1]
    return {
        "clips": len(rows),
        "moved": int(moved.sum()),
        "moved against plain": {
            name: auc(moved, np.array([row[name] for row in rows]), moved | True, group) for name in rows[0]
        },
    }


def _clips(tar: Any) -> Iterator[tuple[str, NDArray[np.float32]]]:
    with tarfile.open(tar) as file:
        for one in file:
            if one.isfile() and (packed := file.extractfile(one)):
                samples, rate = soundfile.read(io.BytesIO(packed.read()), dtype="float32", always_2d=True)
                yield one.name.rpartition("/")[2].rpartition(".")[0], resample(samples.mean(1), rate, RATE)


def judged(text: str, samples: NDArray[np.float32]) -> dict[str, float]:
    """The scores of one clip by the shipped readers: ear, reader of words, and fusion."""
    heard = Voice.open().read(samples)
    turn = Turn("a", text, (0.0, len(samples) / RATE), id="t1")
    conversation = Conversation(Signal("audio", samples, RATE), turn)
    conversation.add(*build("text.encoder", evidence=0)(conversation))
    at = conversation.read("emotion", turn="t1", scheme="ekman7")[-1].at
    conversation.add(
        Annotation("emotion", heard.emotion, at, "voice9", f"{VOICE}@shipped", reason=heard.reason),
        Annotation("affect", heard.affect, at, "vad", f"{VOICE}@shipped", reason=heard.reason),
    )
    words = conversation.read("affect", turn="t1")[0].scores
    conversation.add(*build("fuse.words-voice")(conversation))
    said = np.array([conversation.read("emotion", turn="t1")[0].scores.get(x, 0) for x in EMOTIONS])
    nine = np.array([[heard.emotion.get(label, 1 / 9) for label in VOICE9]], np.float32)
    found = conversation.read("conflict", turn="t1")[-1].scores
    return {
        "conflict": found.get("conflict", 0.5),
        "words alone": 1 - float(said[NEUTRAL] / max(said.sum(), 1e-6)),
        "voice alone": 1 - float(to_seven(nine)[0, NEUTRAL]),
        "valence distance": abs(words.get(AFFECT[0], 0.0) - heard.affect.get(AFFECT[0], 0.0)),
    }


def auc(truth: Any, scores: Array, among: Any, group: Any) -> list[float]:
    """Area under ROC among some items, with its interval."""
    truth, scores, group = truth[among], scores[among], np.unique(group[among], return_inverse=True)[1]
    order = np.argsort(scores, kind="stable")
    _, tied = np.unique(scores[order], return_inverse=True)

    def area(weights: Array) -> Array:
        sorted_ = weights[:, order].astype(np.float64)
        yes = np.array([np.bincount(tied, row * truth[order]) for row in sorted_])
        no = np.array([np.bincount(tied, row * ~truth[order]) for row in sorted_])
        below = np.cumsum(no, 1) - no / 2
        return (yes * below).sum(1) / np.maximum(yes.sum(1) * no.sum(1), 1e-9)

    return _shown(interval(area, len(truth), groups=group))


def mean(values: Array, among: Any, group: Any) -> list[float]:
    """Mean among some items, with its interval."""
    some = values[among]
    together = np.unique(group[among], return_inverse=True)[1]
    return _shown(interval(lambda w: (w * some).sum(1) / w.sum(1), len(some), groups=together))


def recall(gold: Any, decided: Any, among: Any, group: Any) -> list[float]:
    """Unweighted average recall among some items, with its interval."""
    together = np.unique(group[among], return_inverse=True)[1]
    return _shown(interval(_recalls(gold[among], decided[among]), int(among.sum()), groups=together))


def recall_gap(gold: Any, decided: Any, others: Sequence[Any], among: Any, group: Any) -> list[float]:
    """How far recall is above the better of the others', on the same items."""
    together = np.unique(group[among], return_inverse=True)[1]
    ours, theirs = _recalls(gold[among], decided[among]), [_recalls(gold[among], one[among]) for one in others]
    return _shown(
        interval(lambda w: ours(w) - np.max([one(w) for one in theirs], axis=0), int(among.sum()), groups=together)
    )


def _recalls(gold: Any, decided: Any) -> Any:
    labels = [(gold == label).astype(float) for label in np.unique(gold)]
    right = (gold == decided).astype(float)
    return lambda w: np.mean([(w * one * right).sum(1) / (w * one).sum(1) for one in labels], 0)


def _shown(found: Interval) -> list[float]:
    return [round(found.score, 3), round(found.low, 3), round(found.high, 3)]


if __name__ == "__main__":
    try:
        main()
    except (MissingData, LookupError, FileNotFoundError) as error:
        sys.exit(str(error))
