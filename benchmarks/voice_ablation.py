"""What tells what a voice expresses? Prosody, the encoder, both; soft labels; a person's own baseline; the encoder.

    python -m benchmarks.voice_ablation [CORPUS...] [--json]

The method of `insula train voice` is fitted anew in folds of speakers, each time with one part less or other. Rows are
unweighted average recall (and calibration error) with intervals over speakers, for voices as they are and against their
own clips. No corpus of sound here has votes, so soft labels are of one kind only: a part of what RAVDESS' actors were
asked to express at normal intensity goes to neutral. Needs INSULA_DATA.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

from insula.evaluate import Result, benchmark
from insula.evaluate.clips import Array, Clips
from insula.evaluate.listeners import LISTENERS, Listener, voice
from insula.evaluate.speakers import Folds

CORPORA = ("emovo", "emodb-2s", "ravdess")
SOFT = 0.2


def _states(some: Clips) -> Array:
    return some.states


def _functionals(some: Clips) -> Array:
    return some.functionals


def _nothing(_: Clips) -> None:
    return None


def _prosody_alone(some: Clips) -> Array:
    """Functionals as the one layer of an encoder, so that the same machine reads them."""
    return some.functionals[:, None, None].repeat(2, 1)


# name -> what listens, and the encoder whose states it is given
VARIANTS: dict[str, tuple[Callable[[], Listener], str]] = {
    "prosody only": (lambda: voice(_prosody_alone, _nothing), "tiny.en"),
    "encoder only": (lambda: voice(_states, _nothing), "tiny.en"),
    "both": (lambda: voice(_states, _functionals), "tiny.en"),
    "both, soft labels": (lambda: voice(_states, _functionals, SOFT), "tiny.en"),
    "both, Whisper base": (lambda: voice(_states, _functionals), "base"),
}


def results(corpus: str) -> Iterator[Result]:
    """Every variant on one corpus, as they are and against their own clips where that is a fair question."""
    whole = benchmark(corpus)
    slices = [slice for slice in whole.slices if slice.name in ("all", "own baseline")]
    for name, (listener, encoder) in VARIANTS.items():
        if "soft" in name and corpus != "ravdess":
            continue
        run = Folds(whole, name, ("blind",), listeners={**LISTENERS, name: listener()}, encoder=encoder)
        for slice in slices:
            found = run.outcome(replace(slice, metrics=("unweighted_recall", "ece"))).results
            yield from (replace(one, slice=f"{slice.name}: {name}") for one in found)


def main() -> None:
    chosen = [name for name in sys.argv[1:] if not name.startswith("-")] or list(CORPORA)
    found: list[dict[str, Any]] = []
    for corpus in chosen:
        for one in results(corpus):
            found.append(asdict(one))
            line = f"{corpus:10}{one.slice:45}{one.metric:20}{one.score:.3f} [{one.low:.3f}, {one.high:.3f}]"
            print(line, file=sys.stderr if "--json" in sys.argv else sys.stdout, flush=True)
    if "--json" in sys.argv:
        print(json.dumps({"results": found}))


if __name__ == "__main__":
    main()
