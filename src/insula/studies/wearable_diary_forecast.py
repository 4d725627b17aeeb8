"""How somebody will feel next week, from days measured by a wristband and days told in a diary.

Claim (Integrating Wearable Sensor Data and Self-reported Diaries for Personalized Affect Forecasting): a transformer on
a year of wearable signals and a language model on diaries together tell whether next week's positive and negative
affect are high, at 82.50 % and 82.76 %.

Ours: a table of days (person, date, sensors, a diary, positive and negative affect) becomes weeks. What is forecast is
whether next week's affect is above the middle of all that the person reported until now. A regression with a penalty
for large weights, learnt from everybody's past weeks alone, sees this week's affect, the means and changes of the
sensors against the person's own past, and what text.encoder reads in the diaries. It is split by time: weeks learnt
from end before the first week asked about, and another test asks about people who were not learnt from. Beside it:
sensors alone, diaries alone, persistence (next week is like this one), the commonest answer. What a forecast rests on
is told by each input's share.

    python -m insula.studies.wearable_diary_forecast days.csv     # one's own table, on one's own machine

Differs: no such year of days is published, so the numbers are of made-up people whose sensors and diaries do, or in the
control do not, say more of the next week than this one does. They show that the forecast finds what is there and no
more; they say nothing of real people. The transformer is a regression.

    insula study wearable-diary-forecast --scale full
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .measure import Array, measured, minus

SYSTEM = "wearable-diary-forecast"
STATUS = "format-only"

AFFECTS = ("positive", "negative")
NEEDED = ("person", "date", *AFFECTS)
DIARY = "diary"
READ = ("valence", "arousal", "dominance")
FEWEST_DAYS, FEWEST_WEEKS = 3, 3  # of a week, and of a person's past
PENALTY = 3.0
LEARNT = 0.6  # share of the weeks, by time, that are learnt from
PLEASANT = ("A lovely day, I laughed a lot.", "So grateful for my friends.", "The work went well and I am happy.")
UNPLEASANT = ("I felt so lonely again.", "I am worried about everything.", "I was angry all day and slept badly.")
Read = Callable[[Sequence[str]], Array]


@dataclass(frozen=True)
class Weeks:
    """Weeks of people with the one after: whose, which (days since the first), inputs by kind, and what came.

    `now` and `after` (weeks, 2) are positive and negative affect less the person's middle until now; `after` is NaN for
    the last week, which is still to come.
    """

    people: NDArray[np.str_]
    starts: NDArray[np.intp]
    sensors: Array
    diaries: Array
    now: Array
    after: Array
    names: tuple[str, ...]

    def inputs(self, kinds: str) -> Array:
        """This week's affect, with the sensors (s) and diaries (d) that are asked for."""
        parts = [self.now] + [self.sensors] * ("s" in kinds) + [self.diaries] * ("d" in kinds)
        return np.nan_to_num(np.hstack(parts))


def run(scale: str, seed: int = 0) -> dict[str, Any]:
    """The record of the study; smoke has fewer made-up people and diaries that are read by their numbers."""
    people, weeks, draws = (24, 40, 500) if scale == "full" else (8, 24, 20)
    read = valence_of if scale == "full" else _marks
    rows = []
    for part, telling in (("sensors and diaries tell", 1.0), ("control: they tell nothing", 0.0)):
        rows += list(_scores(of_days(made_up(people, weeks, telling, seed), read), part, draws))
    return {
        "metrics": rows,
        "data": [],
        "notes": ["the people are our own, made up: this shows the method, and no accuracy"],
    }


def _scores(weeks: Weeks, part: str, draws: int) -> Iterator[dict[str, Any]]:
    known = _known(weeks)
    for split, learnt in (("later weeks", _by_time(weeks)), ("other people", _by_person(weeks))):
        train, test = known & learnt, known & ~learnt
        if split == "later weeks":
            assert weeks.starts[train].max() < weeks.starts[test].min(), (
                "a week learnt from comes after one asked about"
            )
        else:
            assert not set(weeks.people[train]) & set(weeks.people[test]), "a person is on both sides"
        for column, affect in enumerate(AFFECTS):
            gold = (weeks.after[test, column] > 0).astype(int)
            said = {
                name: (forecast(weeks, train, kinds)[test, column] > 0).astype(int)[None]
                for name, kinds in (
                    ("both", "sd"),
                    ("sensors alone", "s"),
                    ("diaries alone", "d"),
                    ("affect alone", ""),
                )
            }
            said["persistence"] = (weeks.now[test, column] > 0).astype(int)[None]
            usual = float(max(gold.mean(), 1 - gold.mean()))
            place, drawn = f"{part}, {split}", {"groups": weeks.people[test], "draws": draws}
            for name, one in said.items():
                yield measured(f"accuracy {affect}, {name}", place, _accuracy, gold, one, baseline=usual, **drawn)
            pair = said["both"], said["persistence"]
            yield measured(f"accuracy {affect}, both less persistence", place, minus(_accuracy), gold, *pair, **drawn)


def forecast(weeks: Weeks, train: NDArray[np.bool_], kinds: str = "sd") -> Array:
    """Next week's affect less the person's middle (weeks, 2), by what the weeks of `train` taught."""
    return weeks.inputs(kinds) @ _weights(weeks, train, kinds)


def _weights(weeks: Weeks, train: NDArray[np.bool_], kinds: str) -> Array:
    inputs = weeks.inputs(kinds)
    scale = inputs[train].std(0) + 1e-6
    some = inputs[train] / scale
    ridge = np.eye(some.shape[1]) * PENALTY
    return np.linalg.solve(some.T @ some + ridge, some.T @ weeks.after[train]) / scale[:, None]


def shares(weeks: Weeks, train: NDArray[np.bool_], row: int) -> list[tuple[str, float, float]]:
    """What the forecast of a week rests on: each input with what it adds to positive and negative, largest first."""
    added = weeks.inputs("sd")[row][:, None] * _weights(weeks, train, "sd")
    order = np.argsort(-np.abs(added).sum(1))
    rounded = added.round(3).tolist()
    return [(weeks.names[place], rounded[place][0], rounded[place][1]) for place in order]


def of_days(days: Sequence[dict[str, Any]], read: Read) -> Weeks:
    """Weeks from days; each person's weeks begin on their first day. A week of fewer than three days is left out."""
    sensors = [name for name in days[0] if name not in (*NEEDED, DIARY)]
    told = iter(read([str(day.get(DIARY) or "") for day in days]))
    with_text = [(day, next(told)) for day in days]
    first = min(day["date"] for day in days)
    rows = []
    for person in dict.fromkeys(day["person"] for day in days):
        mine = sorted((one for one in with_text if one[0]["person"] == person), key=lambda one: one[0]["date"])
        rows += _person(person, mine, sensors, first)
    if not rows:
        raise ValueError(f"nobody has {FEWEST_WEEKS} weeks with {FEWEST_DAYS} days of affect each")
    people, starts, sensed, told_then, now, after = (np.array(column) for column in zip(*rows, strict=True))
    names = (
        *(f"{affect} now" for affect in AFFECTS),
        *(f"{name} {of}" for of in ("mean", "change") for name in sensors),
    )
    return Weeks(people, starts, sensed, told_then, now, after, (*names, *(f"diary {of}" for of in READ)))


def _person(
    person: str, days: list[tuple[dict[str, Any], Array]], sensors: list[str], first: date
) -> list[tuple[Any, ...]]:
    begin = days[0][0]["date"]
    by_week: dict[int, list[tuple[dict[str, Any], Array]]] = {}
    for day in days:
        by_week.setdefault((day[0]["date"] - begin).days // 7, []).append(day)
    weeks = {k: _week(some, sensors) for k, some in by_week.items() if len(some) >= FEWEST_DAYS}
    rows = []
    for number in sorted(weeks):
        past = [weeks[k] for k in weeks if k <= number]
        if len(past) < FEWEST_WEEKS:
            continue
        affect, measured_now, told = weeks[number]
        middle = np.median([one[0] for one in past], 0)
        usual = np.nanmean([one[1] for one in past], 0)
        spread = np.nanstd([one[1] for one in past], 0) + 1e-6
        before = weeks[number - 1][1] if number - 1 in weeks else measured_now
        after = weeks[number + 1][0] - middle if number + 1 in weeks else np.full(2, np.nan)
        sensed = np.concatenate([(measured_now - usual) / spread, (measured_now - before) / spread])
        start = (begin - first).days + 7 * number
        rows.append(
            (
                person,
                start,
                np.clip(sensed, -5, 5),
                told - np.nanmean([one[2] for one in past], 0),
                affect - middle,
                after,
            )
        )
    return rows


def _week(days: list[tuple[dict[str, Any], Array]], sensors: list[str]) -> tuple[Array, Array, Array]:
    """The means of affect, sensors and diaries."""
    affect = np.array([[day[name] for name in AFFECTS] for day, _ in days], float)
    measured_now = np.array([[day[name] for name in sensors] for day, _ in days], float)
    told = np.array([one for _, one in days])
    return _mean(affect), _mean(measured_now), _mean(told)


def _mean(values: Array) -> Array:
    """Of each column, 0 where there is nothing."""
    return np.nanmean(np.where(np.isfinite(values).any(0), values, 0.0), 0)


def _known(weeks: Weeks) -> NDArray[np.bool_]:
    """Weeks whose next one is known."""
    return np.asarray(np.isfinite(weeks.after).all(1))


def _by_time(weeks: Weeks) -> NDArray[np.bool_]:
    return weeks.starts < np.quantile(weeks.starts, LEARNT) - 7


def _by_person(weeks: Weeks) -> NDArray[np.bool_]:
    names = np.unique(weeks.people)
    return np.isin(weeks.people, names[: round(LEARNT * len(names))])


def _accuracy(gold: Array, said: Array) -> float:
    return float((gold == said).mean())


def valence_of(texts: Sequence[str]) -> Array:
    """Valence, arousal and dominance that text.encoder reads in each text (texts, 3), NaN for an empty one."""
    from ..conversation import Conversation, Turn
    from ..presets import pipeline

    known = {text: np.full(3, np.nan) for text in dict.fromkeys(texts)}
    some = [text for text in known if text.strip()]
    for text, one in zip(
        some, pipeline("text").run_many(Conversation(Turn("diary", text)) for text in some), strict=True
    ):
        judged = next((x for x in one.read("affect", scheme="vad") if x.scores), None)
        if judged:
            known[text] = np.array([judged.scores[name] for name in READ])
    return np.stack([known[text] for text in texts])


def _marks(texts: Sequence[str]) -> Array:
    return np.array([(float(text in PLEASANT) - float(text in UNPLEASANT), 0.0, 0.0) for text in texts])


def made_up(people: int, weeks: int, telling: float, seed: int) -> list[dict[str, Any]]:
    """Days of people whose affect swings slowly; with `telling` sleep, steps and diary run a week ahead of it."""
    draws = np.random.default_rng(seed)
    days = []
    for person in range(people):
        mood = [0.0]
        for _ in range(weeks):
            mood.append(0.4 * mood[-1] + draws.standard_normal())
        mine = draws.uniform((5000, 6, 60), (9000, 8, 75))
        for day in range(7 * weeks):
            now, soon = mood[day // 7], telling * mood[day // 7 + 1]
            chance = 1 / (1 + np.exp(-1.5 * soon))
            words = PLEASANT if draws.random() < chance else UNPLEASANT
            noise = draws.standard_normal(5)
            days.append(
                {
                    "person": f"p{person:02}",
                    "date": date(2026, 1, 1) + timedelta(day),
                    "steps": mine[0] + 900 * soon + 1500 * noise[0],
                    "sleep_hours": mine[1] + 0.3 * soon + 0.8 * noise[1],
                    "resting_heart_rate": mine[2] - 1.0 * soon + 2 * noise[2],
                    DIARY: words[int(draws.integers(len(words)))],
                    "positive": 25 + 4 * now + 4 * noise[3],
                    "negative": 20 - 3 * now + 4 * noise[4],
                }
            )
    return days


def from_csv(path: Path) -> list[dict[str, Any]]:
    """Days of a table with the columns person, date (ISO), positive, negative, any numbers and perhaps a diary.

    Raises ValueError naming the row or the column that is amiss.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise ValueError(f"{path.name} holds no days")
    if missing := [name for name in NEEDED if name not in rows[0]]:
        raise ValueError(f"{path.name} has no column {', '.join(missing)}")
    days = []
    for number, row in enumerate(rows, 2):
        try:
            numbers = {
                name: float(value or "nan") for name, value in row.items() if name not in ("person", "date", DIARY)
            }
            days.append(
                {"person": row["person"], "date": date.fromisoformat(row["date"]), DIARY: row.get(DIARY, ""), **numbers}
            )
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path.name}, row {number}: {error}") from None
    return days


def tell(days: Sequence[dict[str, Any]], read: Read = valence_of) -> Iterator[str]:
    """The next week of everybody in a table, what it rests on, and how often such forecasts came true here."""
    weeks = of_days(days, read)
    known = _known(weeks)
    learnt = known & _by_time(weeks)
    asked = known & ~learnt
    if learnt.sum() < 10 or not asked.any():
        yield f"{known.sum()} weeks are too few to learn from and to check; come back later"
        return
    for column, affect in enumerate(AFFECTS):
        gold = weeks.after[asked, column] > 0
        hits = [((one[asked, column] > 0) == gold).mean() for one in (forecast(weeks, learnt), weeks.now)]
        held = f"that next week is like this one, in {hits[1]:.0%}"
        yield f"{affect}: right in {hits[0]:.0%} of {asked.sum()} later weeks; {held}"
    every = forecast(weeks, known)
    for person in dict.fromkeys(weeks.people.tolist()):
        row = int(np.flatnonzero(weeks.people == person)[-1])
        said = ", ".join(
            f"{affect} {'above' if x > 0 else 'below'} usual" for affect, x in zip(AFFECTS, every[row], strict=True)
        )
        why = "; ".join(f"{name} {up:+.2f}/{down:+.2f}" for name, up, down in shares(weeks, known, row)[:3])
        yield f"{person}: {said} (positive/negative by {why})"


if __name__ == "__main__":
    print("\n".join(tell(from_csv(Path(sys.argv[1])))))
