"""How far our prosody is openSMILE's, what each says of sounds whose answer is known, and what it costs.

    python -m benchmarks.prosody [--json] [--limit CLIPS]

Real clips of four corpora are measured by both in one run on one thread: agreement per functional, real-time factor.
Whole corpora are then told apart with speakers left out, by ours and by the functionals of openSMILE that lie beside
the corpus, which are checked against the ones measured here. Constants of ours were chosen on EMOVO and EMO-DB alone;
RAVDESS and BAVED are checks.
openSMILE (non-commercial licence) is only compared with: pip install opensmile. Needs INSULA_DATA, scikit-learn, scipy.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.audio.contours import contours
from insula.audio.functionals import functionals
from insula.conversation import Conversation
from insula.data import corpus as record
from insula.data import load
from insula.evaluate.bootstrap import Interval, difference, interval
from insula.evaluate.listeners import against_own
from insula.evaluate.metrics import unweighted_recall
from insula.evaluate.speakers import parted

from . import prosody_known
from .measure import machine

CORPORA = ("emovo", "emodb-2s", "ravdess", "baved")
CLIPS = 150  # of each corpus, spread over it
JUDGED = {"emovo": 6, "emodb-2s": 10, "ravdess": 12}  # folds of speakers
AGREE, ALIKE = 0.9, 0.7  # rank correlation from which on
WHY = {
    "F0semitoneFrom27.5Hz_sma3nz_mean": "steepness across the seams of voiced pieces: one frame more or less decides",
    "F0semitoneFrom27.5Hz_sma3nz_stddev": "spread by a few frames at the edges of voiced pieces, heard by one alone",
    "F0semitoneFrom27.5Hz_sma3nz_pctl": "the same edges",
    "jitter": "periods found in the waveform; on pulses of known jitter ours is within 5 %, openSMILE's about half",
    "shimmer": "the same periods",
    "HNR": "the window's own decay is taken out of the autocorrelation; openSMILE's ends at 13 dB",
    "logRelF0-H1": "harmonics at multiples of the pitch; openSMILE hears 50 dB where 6 were mixed",
    "F1": "poles of linear prediction; on vowels of known formants openSMILE's do not follow them",
    "F2": "the same",
    "F3": "the same",
    "slope": "the plain regression line in dB; openSMILE's also moves with the level",
    "alphaRatio": "frames that one calls voiced and the other not",
    "hammarberg": "the same frames",
    "spectralFlux": "the same frames",
    "mfcc": "the same frames; a deviation relative to a mean near 0 goes anywhere",
    "VoicedSegments": "the same frames",
    "Mean": "the same frames",
    "Stddev": "the same frames",
}  # why a functional is not the same, by how its name begins
Array = NDArray[Any]


@dataclass(frozen=True)
class Measured:
    """Both measures (clips, functionals) of some clips, the seconds of sound, and what each took of the processor."""

    ids: list[str]
    ours: Array
    theirs: Array
    sound: float
    took: dict[str, float]


def main() -> None:
    smile = Smile()
    most = int(sys.argv[sys.argv.index("--limit") + 1]) if "--limit" in sys.argv else CLIPS
    found = {corpus: measured(corpus, most, smile) for corpus in CORPORA}
    print("measured", file=sys.stderr, flush=True)
    result = {
        "machine": machine(),
        "clips": {corpus: len(one.ours) for corpus, one in found.items()},
        "real_time_factor": speed(found),
        "agreement": agreement(found, smile.names),
        "pitch_of_real_clips": pitch(min(most, 60), smile),
        "known_sounds": prosody_known.compared(smile.contours),
        "classification": {corpus: judged(corpus, folds, found[corpus]) for corpus, folds in JUDGED.items()},
    }
    print(json.dumps(result) if "--json" in sys.argv else report(result))


class Smile:
    """openSMILE's eGeMAPSv02 on one thread; raises SystemExit with a sentence where it is not installed."""

    def __init__(self) -> None:
        try:
            import opensmile
        except ImportError:
            raise SystemExit("this compares with openSMILE: pip install opensmile (non-commercial licence)") from None
        levels = opensmile.FeatureLevel
        made = [
            opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, level)
            for level in (levels.Functionals, levels.LowLevelDescriptors)
        ]
        self._functionals, self._contours = made
        self.names: list[str] = list(made[0].feature_names)

    def functionals(self, samples: Array) -> Array:
        return self._functionals.process_signal(samples, 16000).to_numpy()[0]

    def contours(self, samples: Array) -> dict[str, Array]:
        """By our names: [frames]. Their long windows begin where ours have their middle, less 10 ms."""
        table = self._contours.process_signal(samples, 16000)
        return {name.split("_sma3")[0].replace("Loudness", "loudness"): table[name].to_numpy() for name in table}


def measured(corpus: str, most: int, smile: Smile) -> Measured:
    """So many clips, spread over the corpus."""
    every = list(load(corpus, "train"))
    every = every[:: max(len(every) // most, 1)][:most]
    sounds = [_sound(one) for one in every]
    took: dict[str, float] = {}
    ours = _timed("ours", took, lambda: [_functionals(one) for one in sounds])
    theirs = _timed("opensmile", took, lambda: [smile.functionals(one) for one in sounds])
    return Measured([one.id for one in every], np.array(ours), np.array(theirs), sum(map(len, sounds)) / 16000, took)


def _sound(one: Conversation) -> Array:
    return np.asarray(one.signals("audio")[0].samples)


def _functionals(samples: Array) -> list[float]:
    return list(functionals(contours(samples)).values())


def _timed(name: str, took: dict[str, float], work: Callable[[], Any]) -> Any:
    start = time.process_time()
    found = work()
    took[name] = time.process_time() - start
    return found


def speed(found: dict[str, Measured]) -> dict[str, float]:
    """Processor seconds per second of sound, all clips together."""
    sound = sum(one.sound for one in found.values())
    return {name: round(sum(one.took[name] for one in found.values()) / sound, 4) for name in ("ours", "opensmile")}


def agreement(found: dict[str, Measured], names: Sequence[str]) -> list[dict[str, Any]]:
    """Per functional: Pearson's and Spearman's correlation over all clips, the median difference, and both medians.

    `lowest` is the lowest rank correlation within one corpus, so that no difference of corpora looks like agreement.
    """
    rows: list[dict[str, Any]] = []
    ours, theirs = (
        np.concatenate([getattr(one, side)[:, : len(names)] for one in found.values()]) for side in ("ours", "theirs")
    )
    for column, name in enumerate(names):
        a, b = ours[:, column], theirs[:, column]
        within = [_ranks(one.ours[:, column], one.theirs[:, column]) for one in found.values()]
        rows.append(
            {
                "name": name,
                "pearson": round(float(np.corrcoef(a, b)[0, 1]), 3),
                "spearman": round(_ranks(a, b), 3),
                "lowest": round(min(within), 3),
                "median_difference": float(f"{np.median(np.abs(a - b)):.3g}"),
                "medians": [float(f"{np.median(side):.4g}") for side in (a, b)],
            }
        )
        rows[-1]["kind"] = next(
            kind
            for kind, least in (("agrees", AGREE), ("alike", ALIKE), ("differs", -2))
            if rows[-1]["spearman"] >= least
        )
        if rows[-1]["kind"] != "agrees":
            rows[-1]["why"] = next(why for start, why in WHY.items() if name.startswith(start))
    return rows


def _ranks(one: Array, other: Array) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr(one, other)[0])  # pyright: ignore[reportArgumentType]


def pitch(most: int, smile: Smile) -> dict[str, dict[str, float]]:
    """Frames of real clips: how often voicing is the same, and how often the pitch is more than a fifth apart."""
    found: dict[str, dict[str, float]] = {}
    for corpus in CORPORA:
        every = list(load(corpus, "train"))
        pairs = [_pair(_sound(one), smile) for one in every[:: len(every) // most]]
        ours, theirs = (np.concatenate(side) for side in zip(*pairs, strict=True))
        both = (ours > 0) & (theirs > 0)
        apart = np.abs(ours - theirs)[both]
        found[corpus] = {
            "frames": len(ours),
            "same_voicing": round(float(((ours > 0) == (theirs > 0)).mean()), 3),
            "gross": round(float((apart > 12 * np.log2(1.2)).mean()), 4),
            "median_semitones": round(float(np.median(apart)), 3),
        }
    return found


def _pair(samples: Array, smile: Smile) -> tuple[Array, Array]:
    theirs = smile.contours(samples)["F0semitoneFrom27.5Hz"]
    ours = contours(samples)["F0semitoneFrom27.5Hz"][prosody_known.LATE :]
    count = min(len(ours), len(theirs))
    return ours[:count], theirs[:count]


def judged(corpus: str, folds: int, some: Measured) -> dict[str, Any]:
    """Unweighted average recall of a support vector machine, speakers left out; with everyone's own baseline too."""
    every = list(load(corpus, "train"))
    spoken = np.array([str(one.read("emotion")[0].top) for one in every])
    labels, speakers = np.unique(spoken), np.array([one.turns[0].speaker for one in every])
    fold = parted(speakers, np.array([one.turns[0].meta["gender"] for one in every]), folds)
    gold, groups = (spoken[:, None] == labels).astype(np.float32), np.unique(speakers, return_inverse=True)[1]
    ours, theirs = np.array([_functionals(_sound(one)) for one in every]), _published(corpus, every, some)
    sets = {"opensmile 88": theirs, "ours 88": ours[:, : theirs.shape[1]], "ours all": ours}
    found: dict[str, Any] = {"clips": len(every), "chance": round(1 / len(labels), 3)}
    for about in ("plain", "own baseline"):
        decided: dict[str, Array] = {}
        for name, values in sets.items():
            given = np.nan_to_num(values).astype(np.float32)
            given = against_own(given, speakers) if about == "own baseline" else given
            decided[name] = (_said(given, spoken, speakers, fold)[:, None] == labels).astype(np.float32)
            score = interval(lambda w, one=decided[name]: unweighted_recall(gold, one, w), len(gold), groups=groups)
            found[f"{name}, {about}"] = _rounded(score)
        for name in ("ours 88", "ours all"):
            lead = difference(unweighted_recall, gold, decided[name], decided["opensmile 88"], groups=groups)
            found[f"{name} less opensmile, {about}"] = _rounded(lead)
    return found


def _published(corpus: str, every: Sequence[Conversation], some: Measured) -> Array:
    """openSMILE's functionals from the file beside the corpus; raises AssertionError where it says other numbers."""
    tar = record(corpus).paths("train")[0]
    with np.load(tar.with_name(f"{tar.stem}_egemaps.npz")) as file:
        row = {str(name): at for at, name in enumerate(file["name"])}
        values = file["X"]
    name = {one.id: one.id.rsplit("/", 1)[-1] for one in every}
    assert np.allclose(values[[row[name[one]] for one in some.ids]], some.theirs, rtol=1e-2, atol=1e-2), corpus
    return values[[row[name[one.id]] for one in every]]


def _said(values: Array, spoken: Array, speakers: Array, fold: Array) -> Array:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    said = np.empty_like(spoken)
    for number in np.unique(fold):
        test = fold == number
        assert not set(speakers[test]) & set(speakers[~test])
        model = make_pipeline(StandardScaler(), SVC(C=1.0, class_weight="balanced"))
        said[test] = model.fit(values[~test], spoken[~test]).predict(values[test])
    return said


def _rounded(score: Interval) -> list[float]:
    return [round(one, 3) for one in (score.score, score.low, score.high)]


def report(result: dict[str, Any]) -> str:
    """The same as text."""
    kinds = [row["kind"] for row in result["agreement"]]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("agrees", "alike", "differs"))
    lines = [f"clips {result['clips']}", f"real-time factor {result['real_time_factor']}", f"functionals: {counts}"]
    lines += [
        "| functional | Pearson | Spearman | lowest | median difference | medians | | why |",
        "|---|---|---|---|---|---|---|---|",
    ]
    columns = ("name", "pearson", "spearman", "lowest", "median_difference", "medians", "kind", "why")
    lines += ["| " + " | ".join(str(row.get(column, "")) for column in columns) + " |" for row in result["agreement"]]
    for part in ("pitch_of_real_clips", "known_sounds", "classification"):
        lines += ["", part, *(f"  {name}: {value}" for name, value in result[part].items())]
    return "\n".join(lines)


if __name__ == "__main__":
    warnings.filterwarnings("ignore", category=RuntimeWarning)
    main()
