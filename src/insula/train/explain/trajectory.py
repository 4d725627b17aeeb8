"""Fit the lines `explain.trajectory` starts from, and measure them on dialogues they have not seen.

    python -m insula.train.explain.trajectory          # writes insula/explain/trajectory.toml

Slopes by least squares over all speakers; how much belief each slope carries, and the spread, by the likelihood of
every turn given the turns before it (Rasmussen & Williams 2006, chapter 2). Fitted on the development part of
DailyDialog and on train and development of MELD; measured on the tests of both: valence by text.encoder is what is
forecast, the gold labels are a second target. Intervals are over conversations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from insula.catalogue import build
from insula.conversation import Conversation
from insula.data import load
from insula.explain import trajectory
from insula.explain.trajectory import Course, Line, Moment, Population, Prior, Spread, dependence, moments, outlook
from insula.scheme import mapping
from insula.train.explain.resampled import Measured, correlation, mean, resampled, toml

Array = NDArray[np.float64]
FITTED_ON = (("dailydialog", "dev"), ("meld", "train"), ("meld", "dev"))
MEASURED_ON = (("dailydialog", "test"), ("meld", "test"))
SENTIMENT = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
STRENGTHS = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 1e6)


@dataclass(frozen=True)
class Steps:
    """Every step from a speaker's turn to their next: what is known (steps, 3), what comes (steps,), whose it is."""

    x: Array
    y: Array
    speaker: list[tuple[str, str]]


def train_trajectory(out: Path) -> dict[str, dict[str, Measured]]:
    """Fit, write coefficients and measurements to `out`, and return those: corpus -> name -> [score, low, high]."""
    talks = [talk for part in FITTED_ON for talk in judged(*part)]
    courses = [list(moments(talk)) for talk in talks]
    start = fit(courses)
    usual = float(np.mean([moment.valence for course in courses for moment in course]))
    measured = {corpus: measure(judged(corpus, split), start, usual) for corpus, split in MEASURED_ON}
    out.write_text(_file(start, measured), encoding="utf-8")
    return measured


def judged(corpus: str, split: str) -> list[Conversation]:
    """The conversations of a corpus with valence by text.encoder."""
    encoder = build("text.encoder", evidence=0)
    conversations = list(load(corpus, split))
    for conversation, found in zip(conversations, encoder.batch(conversations), strict=True):
        conversation.add(*found)
    return conversations


def fit(courses: Iterable[list[Moment]]) -> Population:
    """The population's two lines and its spread."""
    back, ahead = steps(courses := list(courses))
    first, second = line(back), line(ahead)
    rough = Population(first, second, 1.0, 1e6, 1.0)
    misses = [[miss for _, miss, _ in forecasts(course, rough)] for course in courses]
    noise = float(np.sqrt(np.mean([miss**2 for some in misses for miss in some])))
    strength = min(STRENGTHS, key=lambda one: _surprise(misses, Population(first, second, noise, one, 1.0)))
    nearly = Population(first, second, noise, strength, 1.0)
    ratios = [abs(miss) / spread for course in courses for _, miss, spread in forecasts(course, nearly)]
    return Population(first, second, noise, strength, float(np.quantile(ratios, 0.9)))


def steps(courses: Iterable[list[Moment]]) -> tuple[Steps, Steps]:
    """Steps as they are looked back on (what a turn followed) and ahead from (what the next is forecast from)."""
    back: list[tuple[Array, float, tuple[str, str]]] = []
    ahead: list[tuple[Array, float, tuple[str, str]]] = []
    for number, course in enumerate(courses):
        for speaker in dict.fromkeys(moment.speaker for moment in course):
            for now, then in pairwise(moment for moment in course if moment.speaker == speaker):
                back.append((dependence(then), then.valence, (str(number), speaker)))
                ahead.append((outlook(now), then.valence, (str(number), speaker)))
    return _steps(back), _steps(ahead)


def _steps(found: list[tuple[Array, float, tuple[str, str]]]) -> Steps:
    return Steps(np.array([x for x, _, _ in found]), np.array([y for _, y, _ in found]), [who for _, _, who in found])


def line(seen: Steps) -> Prior:
    """Slopes by least squares; the belief in each by the likelihood of every step given the speaker's earlier ones."""
    from scipy.optimize import minimize  # pyright: ignore[reportMissingTypeStubs]

    slopes = np.linalg.lstsq(seen.x, seen.y, rcond=None)[0]

    def surprise(logs: Array) -> float:
        errors, deviations = _in_order(seen, Prior(tuple(slopes), tuple(np.exp(logs))))
        return float(np.mean(np.log(deviations)) + 0.5 * np.log(np.mean((errors / deviations) ** 2)))

    found = minimize(surprise, np.full(len(slopes), 2.0), method="Nelder-Mead", options={"maxiter": 40})
    return Prior(tuple(map(float, slopes)), tuple(map(float, np.exp(found.x))))


def _in_order(seen: Steps, start: Prior) -> tuple[Array, Array]:
    """Error and standard deviation of every step, both (steps,), as a speaker's line goes along."""
    errors, deviations = np.empty(len(seen.y)), np.empty(len(seen.y))
    at, whose = Line(start), None
    for step, speaker in enumerate(seen.speaker):
        if speaker != whose:
            at, whose = Line(start), speaker
        value, deviations[step] = at.at(seen.x[step])
        errors[step] = seen.y[step] - value
        at.learn(seen.x[step], seen.y[step])
    return errors, deviations


def forecasts(course: list[Moment], start: Population) -> list[tuple[int, float, float]]:
    """For each turn that was forecast: its place, by how much the forecast missed, and its margin for `reach`."""
    spread, people = Spread(start), dict[str, Course]()
    said: dict[str, tuple[float, float]] = {}
    found: list[tuple[int, float, float]] = []
    for place, moment in enumerate(course):
        if moment.speaker in said:
            value, margin = said[moment.speaker]
            found.append((place, moment.valence - value, margin))
        speaker = people.setdefault(moment.speaker, Course(start))
        said[moment.speaker] = speaker.step(moment, spread)["forecast"]
    return found


def _surprise(misses: list[list[float]], start: Population) -> float:
    total, count = 0.0, 0
    for course in misses:
        spread = Spread(start)
        for miss in course:
            total += np.log(spread.noise) + 0.5 * (miss / spread.noise) ** 2
            spread.learn(miss)
            count += 1
    return total / count


def measure(talks: list[Conversation], start: Population, usual: float) -> dict[str, Measured]:
    """Errors, correlations and coverage of the forecast, of persistence and of the mean, over conversations."""
    rows: list[tuple[int, float, float, float, float, float]] = []
    for number, talk in enumerate(talks):
        course = list(moments(talk))
        before = {place: now.before for place, now in enumerate(course)}
        for place, miss, margin in forecasts(course, start):
            now = course[place]
            rows.append((number, now.valence, now.valence - miss, float(before[place] or 0), margin, _gold(talk, now)))
    group = [row[0] for row in rows]
    value, said, persisted, margin, gold = np.array([row[1:] for row in rows]).T
    errors = {"forecast": abs(value - said), "persistence": abs(value - persisted), "mean": abs(value - usual)}
    table = {f"mae_{name}": resampled(mean(error), group) for name, error in errors.items()}
    for other in ("persistence", "mean"):
        table[f"mae_less_{other}"] = resampled(mean(errors["forecast"] - errors[other]), group)
    for target, name in ((value, "r"), (gold, "r_gold")):
        one, two = correlation(target, said), correlation(target, persisted)
        table |= {f"{name}_forecast": resampled(one, group), f"{name}_persistence": resampled(two, group)}
        table[f"{name}_difference"] = resampled(lambda w, one=one, two=two: one(w) - two(w), group)
    return table | {"coverage": resampled(mean(errors["forecast"] <= margin), group), "steps": [float(len(rows))] * 3}


def _gold(talk: Conversation, moment: Moment) -> float:
    """The sentiment people heard in the turn, -1, 0 or 1; where only an emotion is on record, its usual valence."""
    for one in talk.read("sentiment", turn=moment.turn, rater="gold"):
        return SENTIMENT[one.labels[0]]
    (one,) = talk.read("emotion", turn=moment.turn, rater="gold")
    return mapping("ekman7", "vad").scores(one.scores)["valence"]


def _file(start: Population, measured: dict[str, dict[str, Measured]]) -> str:
    def numbers(values: tuple[float, ...]) -> str:
        return "[" + ", ".join(f"{value:.4g}" for value in values) + "]"

    lines = [
        "# What the lines of explain.trajectory start from: slopes (one, own, others; one, now, mood), and how many",
        "# observations each is worth. Made by `python -m insula.train.explain.trajectory` from valence",
        "# by text.encoder on DailyDialog dev, MELD train and dev; measured (score, 95 % interval) on their tests.",
        f"noise = {start.noise:.4g}\nstrength = {start.strength:.4g}\nreach = {start.reach:.4g}\n",
    ]
    for name, prior in (("dependence", start.dependence), ("forecast", start.forecast)):
        lines += [f"[{name}]\nslopes = {numbers(prior.slopes)}\nprecision = {numbers(prior.precision)}\n"]
    return "\n".join(lines) + "\n" + "\n".join(toml(f"measured.{name}", table) for name, table in measured.items())


if __name__ == "__main__":
    train_trajectory(Path(trajectory.__file__).with_suffix(".toml"))
