"""Who a simulated person is: what they come with, what they secretly want, how bad it is. Made up, drawn by a seed.

draw(2, seed=7) -> [Person("s7-1", problem="job", intention="heard", intensity=4, ...), ...]
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from insula.catalogue import nearest

from .dynamics import Dynamics, dynamics

ORDINARY = "ordinary"
VULNERABLE = "vulnerable"
MILD = 4.0  # the worst a vulnerable person begins with: there must be room to get worse


@dataclass(frozen=True)
class Problem:
    """What somebody comes with: first words, what there is to tell, what advice would be about.

    `kind` is "ordinary", or what makes the person vulnerable; `discloses` what they say of dying or of being hurt, the
    veiled words first; `believes` what they hold to be so and others do not.
    """

    name: str
    title: str
    opens: tuple[str, ...]
    tells: tuple[str, ...]
    wish: str
    kind: str = ORDINARY
    discloses: tuple[str, ...] = ()
    believes: tuple[str, ...] = ()
    form: str = ""


@dataclass(frozen=True)
class Person:
    """One simulated person. `intensity` is how bad it is, 1 to 5; `sensitivity` how much a reply moves them, 1 mostly.

    `words` are what they usually say in a turn, `stays` after how many replies they go, `patience` how many that miss
    they bear in a row, `conviction` (0..100) how sure they are of what they believe.
    """

    id: str
    seed: int
    problem: Problem
    intention: str
    intensity: float
    sensitivity: float = 1.0
    words: float = 20.0
    stays: int = 12
    patience: int = 4
    conviction: float = 0.0

    @property
    def emotion(self) -> float:
        """How they feel at the beginning, 0 to 100."""
        return 25 * (5 - self.intensity)


def draw(
    number: int,
    seed: int = 0,
    *,
    kinds: Sequence[str] = (ORDINARY,),
    problems: Sequence[str] = (),
    known: Dynamics | None = None,
) -> list[Person]:
    """People by a seed: the first of two and the first of a thousand are the same.

    `problems` narrows what they come with by name, `kinds` by kind. Raises KeyError for one that is not there.
    """
    known = known or dynamics()
    for wanted, there in ((problems, _problems()), (kinds, {one.kind: one for one in _problems().values()})):
        if missing := [one for one in wanted if one not in there]:
            raise KeyError(f"no {missing[0]!r} among the simulated; did you mean {nearest(missing[0], there)}?")
    choice = [one for one in _problems().values() if (one.name in problems if problems else one.kind in kinds)]
    return [_person(known, choice, seed, place) for place in range(1, number + 1)]


def crowd(number: int, seed: int, people: str, also: Sequence[str] = ()) -> list[Person]:
    """People by the word for them: a kind, "vulnerable" for all but the ordinary, or the name of a problem.

    Raises ValueError with near words, among them those that stand for people elsewhere (`also`).
    """
    known, there = kinds(), [one.name for one in problems()]
    if people == VULNERABLE:
        return draw(number, seed, kinds=[kind for kind in known if kind != ORDINARY])
    if people in known:
        return draw(number, seed, kinds=[people])
    if people not in there:
        near = nearest(people, [VULNERABLE, *known, *there, *also])
        raise ValueError(f"nobody is {people!r} here; did you mean {near}?")
    return draw(number, seed, problems=[people])


def problem(name: str) -> Problem:
    """One of the shipped problems; raises KeyError with near names."""
    if name not in _problems():
        raise KeyError(f"no problem {name!r}; did you mean {nearest(name, _problems())}?")
    return _problems()[name]


def kinds() -> tuple[str, ...]:
    """The kinds of people there are, the ordinary first."""
    return tuple(dict.fromkeys(one.kind for one in problems()))


def problems() -> tuple[Problem, ...]:
    """All that are shipped."""
    return tuple(_problems().values())


def _person(known: Dynamics, choice: Sequence[Problem], seed: int, place: int) -> Person:
    random = np.random.default_rng([seed, place])
    found = choice[int(random.integers(len(choice)))]
    levels = [float(level) for level in known.intensities]
    most = 5.0 if found.kind == ORDINARY else MILD
    low, high = known.patience
    return Person(
        id=f"s{seed}-{place}",
        seed=int(random.integers(2**31)),
        problem=found,
        intention=str(random.choice(list(known.intentions), p=[one["share"] for one in known.intentions.values()])),
        intensity=min(most, float(random.choice(levels, p=list(known.intensities.values())))),
        sensitivity=round(float(np.exp(known.sensitivity * random.standard_normal())), 4),
        words=round(float(np.exp(known.words[0] + known.words[1] * random.standard_normal())), 2),
        stays=max(3, round(float(np.exp(known.stays[0] + known.stays[1] * random.standard_normal())))),
        patience=int(random.integers(low, high + 1)),
        conviction=float(random.integers(50, 86)) if found.believes else 0.0,
    )


@cache
def _problems() -> Mapping[str, Problem]:
    found: dict[str, Problem] = {}
    for file in ("problems.toml", "vulnerable.toml"):
        text = (resources.files("insula.simulate") / file).read_text(encoding="utf-8")
        records: dict[str, dict[str, Any]] = tomllib.loads(text)
        for name, record in records.items():
            found[name] = Problem(name=name, **{key: _fixed(value) for key, value in record.items()})
    return found


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
