"""What a story does to those who watch: how far one watcher's valence and arousal can be told from the others'.

    python -m benchmarks.traces [--json]

CASE (30 watchers, eight films, joystick) and CEAP-360VR (32 watchers, eight films of a minute), traces at 5 Hz. Each
watcher is left out in turn: the mean of the others on the film is the guess, as it is, on the watcher's own scale (a
line fitted on their other films), and as late as they were on those. Beside it: the watcher's own mean of the other
films, held. Concordance and mean error over all films of a watcher; intervals draw watchers.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insula.data import MissingData, load
from insula.evaluate.bootstrap import interval
from insula.evaluate.traces import concordance, consensus, lag, line, shifted, together

from .measure import machine

Array = NDArray[np.float64]
DIMENSIONS = ("valence", "arousal")
LATEST = 25  # steps of a fifth of a second a watcher may be late


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found: dict[str, Any] = {"machine": machine()}
    for corpus in ("case", "ceap-360vr"):
        found[corpus] = {name: of_dimension(corpus, place) for place, name in enumerate(DIMENSIONS)}
    print(json.dumps(found, indent=None if given.json else 1))


def of_dimension(corpus: str, place: int) -> dict[str, Any]:
    """Every way to guess, scored for each watcher over all their films."""
    films = [_film(one.signals("affect"), place) for one in load(corpus, "train")]
    others = [consensus(one) for one in films]
    watchers = range(films[0].shape[1])
    scores: dict[str, list[tuple[float, float]]] = {}
    for who in watchers:
        own = [film[:, who] for film in films]
        rest = [other[:, who] for other in others]
        for name, guess in guesses(own, rest).items():
            truth, said = np.concatenate(own), np.concatenate(guess)
            scores.setdefault(name, []).append((concordance(truth, said), float(np.abs(truth - said).mean())))
    found: dict[str, Any] = {"watchers": len(watchers), "films": len(films)}
    for name, rows in scores.items():
        table = np.array(rows)
        found[name] = {"concordance": _mean(table[:, 0]), "error": _mean(table[:, 1])}
    gain = np.array(scores["others, own scale and lag"])[:, 0] - np.array(scores["others"])[:, 0]
    found["own scale and lag above others, concordance"] = _mean(gain)
    return found


def guesses(own: list[Array], rest: list[Array]) -> Mapping[str, list[Array]]:
    """Of each film of one watcher, from the others on it and from the watcher on other films."""
    found: dict[str, list[Array]] = {"own mean, held": [], "others": [], "others, own scale": []}
    found["others, own scale and lag"] = []
    for film, other in enumerate(rest):
        known = [number for number in range(len(own)) if number != film]
        late = int(np.median([lag(own[number], rest[number], LATEST) for number in known]))
        before, seen = np.concatenate([own[n] for n in known]), np.concatenate([rest[n] for n in known])
        moved = np.concatenate([shifted(rest[n], late) for n in known])
        slope, intercept = line(before, seen)
        slope_late, intercept_late = line(before, moved)
        found["own mean, held"].append(np.full(len(other), before.mean()))
        found["others"].append(other)
        found["others, own scale"].append((slope * other + intercept).clip(-1, 1))
        found["others, own scale and lag"].append((slope_late * shifted(other, late) + intercept_late).clip(-1, 1))
    return found


def _film(signals: list[Any], place: int) -> Array:
    return together([one.samples[:, place] for one in signals])


def _mean(values: Array) -> list[float]:
    found = interval(lambda w: (w * values).sum(1) / w.sum(1), len(values))
    return [round(found.score, 3), round(found.low, 3), round(found.high, 3)]


if __name__ == "__main__":
    try:
        main()
    except (MissingData, LookupError) as error:
        sys.exit(str(error))
