"""Profiles that a language model can play: a persona, what happened to them, and what they secretly want.

    profiles("sage")[0].wants, profiles("role-cards-en")[0].who

Read from published files in place: the 100 profiles of SAGE (Zhang et al. 2025, arXiv:2505.02847; Chinese) and the role
cards of ESC-Eval (Zhao et al. 2024, arXiv:2406.14952; English and Chinese). A seeded person can be played, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insula.catalogue import nearest
from insula.data.files import MalformedData, MissingData, find, lines, opened
from insula.data.record import root

from .person import Person

HEARD = "You want to be heard and understood first; advice you only take when you ask for it."
_HINTS = {  # what a seeded person's intention is in words; those of `dynamics.toml`
    "heard": HEARD,
    "understood": "You want somebody to see what it really is about, in words you had not found yourself.",
    "advised": "You want a next step that you can really take; mere sympathy makes you impatient.",
}


@dataclass(frozen=True)
class Profile:
    """`who` they are and `scene`, what happened, in the file's own words; `wants` is hidden from who answers.

    `opens` is their first turn, "" where the model finds it; `language` is an ISO 639 code.
    """

    id: str
    who: str
    scene: str
    wants: str
    language: str = "en"
    opens: str = ""
    source: str = ""


def profiles(name: str) -> list[Profile]:
    """All of one source: "sage", "role-cards-en" or "role-cards-zh".

    Raises KeyError with near names, MissingData where the file is not here, and MalformedData naming file and place.
    """
    if name not in _SOURCES:
        raise KeyError(f"no profiles {name!r}; did you mean {nearest(name, _SOURCES)}?")
    folder, file, read = _SOURCES[name]
    path = find(root() / folder, file)
    if path is None:
        raise MissingData(f"{file} is not in {root() / folder}: get it with `insula data get`, or set INSULA_DATA")
    return list(read(path))


def sources() -> tuple[str, ...]:
    """The names of all profiles that can be read."""
    return tuple(_SOURCES)


def of_person(person: Person) -> Profile:
    """A seeded person, to be played by a model: the same problem and the same hidden intention."""
    problem = person.problem
    known = {1: "a little", 2: "somewhat", 3: "clearly", 4: "badly", 5: "as badly as can be"}
    who = (
        f"You feel {known[min(5, max(1, round(person.intensity)))]} about it, and write about {person.words:.0f} words."
    )
    scene = " ".join([problem.title + ".", *problem.tells])
    opens = problem.opens[person.seed % len(problem.opens)]
    return Profile(person.id, who, scene, _HINTS.get(person.intention, person.intention), "en", opens, "seeded")


def _sage(path: Path) -> Iterator[Profile]:
    for number, line in lines(path):
        one = _record(path, f"line {number}", line, ("id", "player", "scene", "task", "first_talk"))
        yield Profile(one["id"], one["player"], one["scene"], one["task"], "zh", one["first_talk"], "sage")


def _cards(path: Path) -> Iterator[Profile]:
    with opened(path) as file:
        try:
            records: Any = json.load(file)
        except ValueError as error:
            raise MalformedData(f"{path}: no whole JSON ({error}): is the file cut short?") from None
    for number, found in enumerate(records if isinstance(records, list) else [records], 1):  # pyright: ignore
        card = json.dumps(found)
        one = _record(path, f"card {number}", card, ("base", "id", "language"))
        english = one["language"].lower().startswith("en")
        base = one["base"] if english or "base_biaozhu" not in one else one["base_biaozhu"]
        yield Profile(one["id"], base, "", HEARD, "en" if english else "zh", source="esc-eval")


def _record(path: Path, place: str, line: str, keys: tuple[str, ...]) -> dict[str, str]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise MalformedData(f"{path}, {place}: no JSON: {error}") from None
    if not isinstance(found, dict) or (missing := [key for key in keys if key not in found]):  # pyright: ignore
        what = f"without {missing[0]!r}" if isinstance(found, dict) else "no object"  # pyright: ignore
        raise MalformedData(f"{path}, {place}: {what}; another version of the file?")
    return {key: str(value) for key, value in found.items()}  # pyright: ignore


_SOURCES: Mapping[str, tuple[str, str, Callable[[Path], Iterator[Profile]]]] = {
    "sage": ("sage_profiles", "simulator_profile_withfirsttalk.jsonl", _sage),
    "role-cards-en": ("esc_eval_role_cards", "card_high_en.json", _cards),
    "role-cards-zh": ("esc_eval_role_cards", "card_high_zh.json", _cards),
}
